"""B2, dose-response: how weak may a planted shortcut be, and `run_audits` still finds it? And is .5 left alone?

    python -m benchmarks.planted.dose DATA --cache FOLDER [--seeds 10] [--weak-seeds 20] [--out FILE]

Every model carries three shortcuts of the same dose at once: the group of a name (60 names, one in 60% of rows),
`!` and a prompt prefix, each drawn by itself given the label. From .8 on the names have models of their own (`names
alone`): beside two other shortcuts of that strength a model may leave them unused. The audits stop at looks, as those
of a user do. The true effects are measured by intervention on fresh rows that neither training nor the audit has seen.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import transformers

from benchmarks.planted import own_audits, worlds
from benchmarks.planted.encoders import Recipe, accuracy
from benchmarks.planted.tables import Bar, bars_table, page, share, table, write_page
from benchmarks.planted.texts import Bodies, load_bodies
from token_saliency.auditing.run import run_audits
from token_saliency.report import Report
from token_saliency.results import Example, Finding
from token_saliency.text.classifier import TextClassifier

FRESH = {"names": 60, "mark": 500, "prefix": 500}
"""Fresh rows for the true effect of each; every one of the 60 names fills the rows for names."""
ALONE = "names alone"
ALONE_FROM = 0.8
FLAGGED = ("WARN", "FAIL")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one audit of one model said of one shortcut. `claim` is the claim about it, `audit` the whole audit.

    `true` is the effect on fresh rows and `error` its standard error.
    """

    dose: float
    seed: int
    shortcut: str
    true: float
    error: float
    effect: float
    low: float
    high: float
    claim: str
    audit: str


@dataclass(frozen=True, slots=True)
class Setting:
    """The rows, the cache, and how large the audits are (tests make them small)."""

    bodies: Bodies
    cache: Path
    rows: int = 1000
    edits: int = 10_000
    recipe: Recipe = field(default_factory=Recipe)


def outcomes(setting: Setting, dose: float, seed: int, *, alone: bool = False) -> list[Outcome]:
    """The three shortcuts of one model, from the cache where they are known."""
    kept = setting.cache / "dose" / f"{dose}-{seed}-{setting.rows}-{setting.edits}{'-alone' * alone}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        found = _outcomes(setting, worlds.dose(setting.bodies, dose, seed, alone=alone), seed)
        kept.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
    return [Outcome(**one) for one in json.loads(kept.read_text(encoding="utf-8"))]


def _outcomes(setting: Setting, world: worlds.Dose, seed: int) -> list[Outcome]:
    model = worlds.dosed_encoder(setting.bodies, world, seed, setting.cache, setting.recipe)
    rows = worlds.dosed_rows(world, setting.bodies.audited, seed)
    report = audited(model, rows, world, setting, seed)
    fresh = worlds.dosed_rows(world, setting.bodies.fresh, seed)
    random.Random(seed).shuffle(fresh)
    truth = true_effects(model, fresh, world)
    print(f"dose {world.share} seed {seed}: accuracy {accuracy(model, rows):.3f}", flush=True)
    found = [_outcome(report, world.share, seed, name, truth[name]) for name in ASKED]
    return [replace(found[0], shortcut=ALONE)] if world.alone else found


def audited(model: TextClassifier, rows: Sequence[Example], world: worlds.Dose, setting: Setting, seed: int) -> Report:
    """The audits of the three shortcuts, as a user would run them (the shipped one for punctuation)."""
    folder = setting.cache / "dose" / f"audits-{seed}"
    own_audits.word_list(folder, "groups", {"A": world.a, "B": world.b}, world.others)
    own_audits.deleted_pattern(folder, "prefix", f"^{worlds.PREFIX}", worlds.PREFIX)
    return run_audits(
        model,
        list(rows),
        ["groups", "punctuation", "prefix"],
        audits_dir=folder,
        rows_limit=setting.rows,
        edits=setting.edits,
        seed=seed,
        method="gradient",
        discovery=False,
    )


def _direction(finding: Finding) -> bool:
    return finding.claim == "direction"


def _bang(finding: Finding) -> bool:
    return finding.judged and finding.between == ("!", ".")


def _judged(finding: Finding) -> bool:
    return finding.judged


ASKED: dict[str, tuple[str, Callable[[Finding], bool]]] = {
    "names": ("groups", _direction),
    "mark": ("punctuation", _bang),
    "prefix": ("prefix", _judged),
}
"""The audit of each shortcut and its claim about it."""


def _outcome(report: Report, dose: float, seed: int, shortcut: str, true: tuple[float, float]) -> Outcome:
    name, wanted = ASKED[shortcut]
    audit = report.audits[name]
    finding = next((one for one in audit.intervention if wanted(one)), None)
    if finding is None:
        return Outcome(dose, seed, shortcut, *true, 0.0, -1.0, 1.0, "INCONCLUSIVE", audit.verdict)
    low, high = finding.interval
    return Outcome(dose, seed, shortcut, *true, finding.effect, low, high, finding.verdict, audit.verdict)


def true_effects(model: TextClassifier, fresh: Sequence[Example], world: worlds.Dose) -> dict[str, tuple[float, float]]:
    """What each shortcut does on rows that nobody has used: plain means of differences, with their errors over rows."""
    slot = re.compile(rf"\b(?:{'|'.join([*world.a, *world.b, *world.others])})\b")
    texts = [row.text for row in fresh[: FRESH["names"]]]
    ends = [row.text.rstrip("!.") for row in fresh[: FRESH["mark"]]]
    prefixed = [row.text for row in fresh if row.text.startswith(worlds.PREFIX)][: FRESH["prefix"]]
    bare = [text.removeprefix(f"{worlds.PREFIX} ") for text in prefixed]
    return {
        "names": _difference(model, *([[slot.sub(n, t) for n in side] for t in texts] for side in (world.a, world.b))),
        "mark": _difference(model, [[text + "!"] for text in ends], [[text + "."] for text in ends]),
        "prefix": _difference(model, [[text] for text in prefixed], [[text] for text in bare]),
    }


def _difference(model: TextClassifier, left: list[list[str]], right: list[list[str]]) -> tuple[float, float]:
    """The mean over rows of the difference between two sets of variants of the row, and its standard error."""
    sides = []
    for variants in (left, right):
        answers = model.predict([text for row in variants for text in row]).probabilities[:, 1]
        sides.append(answers.reshape(len(variants), -1).mean(1))
    rows = sides[0] - sides[1]
    return float(rows.mean()), float(rows.std(ddof=1) / np.sqrt(len(rows)))


def agrees(one: Outcome) -> bool:
    """Whether the interval of the report, widened by the error of the true effect, holds it."""
    half = math.hypot((one.high - one.low) / 2, 2.71 * one.error)
    return abs(one.effect - one.true) <= half


def response(found: Sequence[Outcome]) -> str:
    """One line per dose and shortcut."""
    lines = []
    for dose in sorted({one.dose for one in found}):
        for shortcut in (*ASKED, ALONE):
            here = [one for one in found if (one.dose, one.shortcut) == (dose, shortcut)]
            if not here:
                continue
            flagged = [sum(getattr(one, of) in FLAGGED for one in here) for of in ("claim", "audit")]
            failed = [sum(getattr(one, of) == "FAIL" for one in here) for of in ("claim", "audit")]
            true = sorted(one.true for one in here)
            lines.append(
                [f"{dose:g}", shortcut, len(here), float(np.mean(true)), f"{true[0]:+z.3f} to {true[-1]:+z.3f}",
                 float(np.mean([one.effect for one in here])), sum(map(agrees, here)), *flagged, *failed,
                 sum(one.claim == "PASS" for one in here)]
            )  # fmt: skip
    header = [
        *("dose", "shortcut", "models", "true effect", "from, to", "measured", "interval agrees"),
        *("claim WARN or FAIL", "audit WARN or FAIL", "claim FAIL", "audit FAIL", "claim PASS"),
    ]
    return table(header, lines)


def bars(found: Sequence[Outcome]) -> list[Bar]:
    """The bars of B2. A shortcut is recalled where the audit is WARN or FAIL; of strong names those alone count."""
    found = [one for one in found if not (one.shortcut == "names" and one.dose >= ALONE_FROM)]
    null, weak = ([one for one in found if one.dose == dose] for dose in (0.5, 0.55))
    clear, strong = ([one for one in found if one.dose >= dose] for dose in (0.6, 0.7))
    false = sum(one.audit == "FAIL" for one in null)
    return [
        Bar("recall >= .95 from .6", *_reached(clear, FLAGGED, 0.95)),
        Bar("recall >= .80 at .55", *_reached(weak, FLAGGED, 0.80)),
        Bar("FAIL at >= .7 always", *_reached(strong, ("FAIL",), 1.0)),
        Bar("FAIL at .5 never in 20 seeds", share(false, len(null)), not false and len(null) >= 20 * len(ASKED)),
    ]


def _reached(found: Sequence[Outcome], verdicts: Sequence[str], least: float) -> tuple[str, bool]:
    hits = sum(one.audit in verdicts for one in found)
    return share(hits, len(found)), bool(found) and hits >= least * len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--weak-seeds", type=int, default=20, help="for a dose of .55")
    parser.add_argument("--null-seeds", type=int, default=20, help="for a dose of .5")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    setting = Setting(load_bodies(given.data), given.cache)
    seeds = {0.5: given.null_seeds, 0.55: given.weak_seeds}
    kept = [(d, seed) for seed in range(1000) for d in worlds.DOSES if seed < seeds.get(d, given.seeds)]
    found = [one for dose, seed in kept for one in outcomes(setting, dose, seed)]
    strong = [(dose, seed) for dose, seed in kept if dose >= ALONE_FROM]
    found += [one for dose, seed in strong for one in outcomes(setting, dose, seed, alone=True)]
    command = (
        f"python -m benchmarks.planted.dose {given.data.name} --cache CACHE --seeds {given.seeds} "
        f"--weak-seeds {given.weak_seeds} --null-seeds {given.null_seeds}"
    )
    write_page(page("B2: dose-response", command, [response(found), bars_table(bars(found))]), given.out)


if __name__ == "__main__":
    main()
