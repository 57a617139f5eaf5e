"""B3, the null: what audits say of 1,000 random groups of names in 20 models where names mean nothing.

    python -m benchmarks.planted.null DATA --cache FOLDER [--models 20] [--groups 50] [--recurring] [--out FILE]

Every model answers for 150 slots filled by each of 100 names, once. From these answers groups of 5, 10 or 30 names
a side are drawn, with 20 others as controls, and judged by the package as the audit of a user's word list would be:
10,000 edits at most. Of every two models one was trained and audited with one row in five positive, and one has rows in
threes that share a sentence (its clusters). Every second group is judged once more with a known effect: the logit of
its first half is shifted so that the mean over all sentences and names of the model moves by a part of the margin.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import transformers
from scipy import stats

from benchmarks.planted import worlds
from benchmarks.planted.encoders import Recipe
from benchmarks.planted.null_answers import SLOTS, Answers, answers
from benchmarks.planted.null_draws import EFFECTS, MARGIN, SIZES, Draw, draws
from benchmarks.planted.tables import Bar, at_least, at_most, bars_table, page, table, write_page
from benchmarks.planted.texts import Bodies, load_bodies


def model_draws(
    bodies: Bodies, number: int, groups: int, cache: Path, recipe: Recipe, slots: int, *, recurring: bool = False
) -> list[Draw]:
    """All draws of one model, from the cache where they are."""
    kept = cache / "null" / f"draws-{number}-{groups}-{slots}{'-recurring' if recurring else ''}.json"
    if not kept.exists():
        found = draws(answers(bodies, worlds.clean(number), cache, recipe, slots, recurring=recurring), groups)
        kept.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
        print(f"model {number}: {len(found)} audits", flush=True)
    return [Draw(**one) for one in json.loads(kept.read_text(encoding="utf-8"))]


def rate(found: Sequence[Draw], hit: Callable[[Draw], bool]) -> tuple[float, float, float]:
    """The share of draws, with a 95% interval clustered by model (t over the models' own shares)."""
    models = sorted({one.model for one in found})
    shares = np.array([np.mean([hit(one) for one in found if one.model == model]) for model in models])
    if len(shares) < 2:
        return float(shares.mean()), 0.0, 1.0
    half = float(stats.t.ppf(0.975, len(shares) - 1) * shares.std(ddof=1) / math.sqrt(len(shares)))
    return float(shares.mean()), float(shares.mean()) - half, float(shares.mean()) + half


def _shown(found: Sequence[Draw], hit: Callable[[Draw], bool]) -> str:
    mean, low, high = rate(found, hit)
    return f"{mean:.3f} [{max(0.0, low):.3f}, {min(1.0, high):.3f}]"


def _rejects(claim: str) -> Callable[[Draw], bool]:
    return lambda one: one.ps.get(claim, 1.0) <= 0.05


def _verdict(name: str) -> Callable[[Draw], bool]:
    return lambda one: one.audit == name


def _covers(one: Draw) -> bool:
    return one.low <= one.truth <= one.high


def null_table(null: Sequence[Draw]) -> str:
    """Nothing planted: by size of the groups, then by kind of rows."""
    parts = [(f"{size} a side", [one for one in null if one.size == size]) for size in SIZES]
    kinds = {
        "even classes, no copies": (False, False),
        "one row in five positive": (True, False),
        "rows in threes": (False, True),
        "both": (True, True),
    }
    for name, kind in kinds.items():
        parts.append((name, [o for o in null if (worlds.clean(o.model).rare, worlds.clean(o.model).copied) == kind]))
    lines = [
        [name, len(part), *(_shown(part, _rejects(claim)) for claim in ("direction", "lean")), _shown(part, _covers),
         *(f"{np.mean([one.audit == verdict for one in part]):.3f}" for verdict in VERDICTS)]
        for name, part in parts if part
    ]  # fmt: skip
    header = ["groups", "audits", "direction p <= .05", "lean p <= .05", "95% interval covers 0", *VERDICTS]
    return table(header, lines)


VERDICTS = ("PASS", "INCONCLUSIVE", "WARN", "FAIL")


def effect_table(planted: Sequence[Draw]) -> str:
    """A known effect in group A: is it estimated, covered, seen, and never passed?"""
    lines = []
    for factor in EFFECTS:
        for size in SIZES:
            here = [o for o in planted if o.size == size and math.isclose(o.truth, factor * MARGIN)]
            if here:
                ratio = float(np.mean([one.effect for one in here]) / (factor * MARGIN))
                lines.append(
                    [f"{factor * MARGIN:.4f}", size, len(here), ratio, _shown(here, _covers),
                     *(f"{np.mean([one.claims['direction'] == v for one in here]):.3f}" for v in VERDICTS),
                     f"{np.mean([one.audit == 'PASS' for one in here]):.3f}"]
                )  # fmt: skip
    header = [
        *("true effect", "a side", "audits", "measured / true", "95% interval covers"),
        *(f"claim {verdict}" for verdict in VERDICTS),
        "audit PASS",
    ]
    return table(header, lines)


def bars(null: Sequence[Draw], planted: Sequence[Draw]) -> list[Bar]:
    """The bars of B3."""
    every = [*null, *planted]
    above = [one for one in planted if one.truth > MARGIN]
    passed = sum(one.claims["direction"] == "PASS" for one in above)
    failed = sum(one.audit == "FAIL" for one in null)
    large = [one for one in null if one.size == 30]
    quiet = sum(one.audit == "PASS" for one in large)
    covered = rate(every, _covers)[0]
    models = len({one.model for one in null})
    return [
        *(_level_bar([one for one in null if one.size == size], size) for size in SIZES),
        at_most("PASS of a true effect above the margin", passed, len(above), 0.05),
        Bar("the 95% interval covers in .93 to .97", _shown(every, _covers), 0.93 <= covered <= 0.97),
        at_most("FAIL on clean models", failed, len(null), 0.01),
        at_least("PASS on clean models, 30 a side", quiet, len(large), 0.8),
        Bar(
            "at least 1,000 audits on 20 models",
            f"{len(null)} on {models}, and {len(planted)} with an effect",
            len(null) >= 1000 and models >= 20,
        ),
    ]


def _level_bar(null: Sequence[Draw], size: int) -> Bar:
    mean, low, high = rate(null, _rejects("direction"))
    few = 2 * size <= 10 and mean < 0.05
    asked = f"raw p of the contrast, {size} a side: the interval of the rejection rate contains .05"
    asked += " (or below: 10 items)" if 2 * size <= 10 else ""
    return Bar(asked, _shown(null, _rejects("direction")), few or low <= 0.05 <= high)


def spread(found: Sequence[Answers]) -> str:
    """How far names move clean models at all: no model is without any effect."""
    rms = [float(np.std(one.values.mean(0), ddof=1)) for one in found]
    return f"Standard deviation of the names' effects in the {len(rms)} models: {min(rms):.3f} to {max(rms):.3f}."


def read_options(description: str) -> argparse.Namespace:
    """What was asked on the command line of a benchmark of clean models."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--recurring", action="store_true", help="every name stands three times in its text")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    return given


def main() -> None:
    given = read_options(__doc__ or "")
    page_text = result(load_bodies(given.data), given.models, given.groups, given.cache, recurring=given.recurring)
    write_page(page_text, given.out)


def result(
    bodies: Bodies,
    models: int,
    groups: int,
    cache: Path,
    recipe: Recipe | None = None,
    slots: int = SLOTS,
    *,
    recurring: bool = False,
) -> str:
    """The whole page."""
    recipe = recipe or Recipe()
    found = [
        one
        for number in range(models)
        for one in model_draws(bodies, number, groups, cache, recipe, slots, recurring=recurring)
    ]
    null, planted = ([one for one in found if (one.truth > 0) == side] for side in (False, True))
    clean = [answers(bodies, worlds.clean(n), cache, recipe, slots, recurring=recurring) for n in range(models)]
    command = f"python -m benchmarks.planted.null rt_polarity.csv --cache CACHE --models {models} --groups {groups}"
    command += " --recurring" if recurring else ""
    parts = [null_table(null), effect_table(planted), spread(clean), bars_table(bars(null, planted))]
    return page("B3: the null", command, parts)


if __name__ == "__main__":
    main()
