"""Error rates and coverage of stopping, on simulated answers: no model, the judge of the package, thousands of audits.

    python -m benchmarks.planted.simulated_looks [--runs 200] [--sizes 120 400 1000] [--worlds NAME ...] [--out FILE]

An audit deletes three items; their documents' effects are drawn from a world, their truth is nothing, the margin, or
two margins. Each audit is judged on all edits at once, and on those that are asked look by look: what is decided asks
no more, nor what the rest could hardly decide. The last world is of rare events: few documents move, by all that they
can, and a sample may hold none of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.planted.tables import Bar, at_least, at_most, bars_table, page, table, write_page
from token_saliency.auditing.audit import Audit, EditRule, Entry, Find, Judge, Lexicon
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.judging import shifts
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import by_looks
from token_saliency.auditing.judging.verdicts import audit_verdict
from token_saliency.auditing.stopping import Stopping
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.stats.estimate import Floats

Draw = Callable[[np.random.Generator, int, float], Floats]
ITEMS = ("alpha", "beta", "gamma")
MARGIN = Judge().margin
BEFORE = 0.8
SIZES = (120, 400, 1000)
TRUTHS = (0.0, 0.5, 1.0, 1.5, 2.0)
"""In margins."""


def _normal(rng: np.random.Generator, n: int, mean: float) -> Floats:
    return mean + 0.05 * rng.standard_normal(n)


def _skewed(rng: np.random.Generator, n: int, mean: float) -> Floats:
    """Most documents lie above the mean, a few far below."""
    return np.asarray(np.maximum(mean + 0.06 * (1 - rng.exponential(size=n)), -0.2 + mean))


def _heavy(rng: np.random.Generator, n: int, mean: float) -> Floats:
    return np.asarray(mean + np.clip(0.03 * rng.standard_t(2, n), -0.19, 0.19))


def _documents(rng: np.random.Generator, n: int, mean: float) -> Floats:
    """Five rows a document, half of the variance its own."""
    own = np.repeat(rng.standard_normal(-(-n // 5)), 5)[:n]
    return np.asarray(mean + 0.035 * (own + rng.standard_normal(n)))


def _both_ways(rng: np.random.Generator, n: int, mean: float) -> Floats:
    """A signed mean of nothing: half move up and half down, by `mean` each."""
    return np.asarray(mean * rng.choice([-1.0, 1.0], n) + 0.01 * rng.standard_normal(n))


def _rare(rng: np.random.Generator, n: int, mean: float) -> Floats:
    """So few documents move by .75 that the mean is as asked; the rest do not."""
    return np.asarray(0.75 * (rng.random(n) < mean / 0.75) + 0.001 * rng.standard_normal(n))


WORLDS: Mapping[str, Draw] = {
    "normal": _normal,
    "skewed": _skewed,
    "heavy tails": _heavy,
    "five rows a document": _documents,
    "both ways": _both_ways,
    "rare": _rare,
}


def _audit() -> Audit:
    return Audit(
        name="simulated", code="SIM", title="Simulated", why="", advice="", expectation="irrelevant", items="fixed",
        level="error", find=Find("lexicon", Lexicon([Entry(item) for item in ITEMS])),
        edit=EditRule("delete", ("delete",)), judge=Judge(), cases=(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """Of a world: the signed mean, the mean size and the share of flips beyond the control's."""

    shift: float
    moved: float
    flips: float

    def beyond(self, claim: str) -> float:
        """How far beyond its margin what the claim is about lies."""
        return (abs(self.shift) if claim == "shift" else max(self.moved, self.flips)) - MARGIN


def truth_of(draw: Draw, mean: float, seed: int = 0) -> Truth:
    """By a million draws."""
    rng = np.random.default_rng(seed)
    real, control = draw(rng, 1_000_000, mean), _control(rng, 1_000_000)
    signed = mean if draw not in (_both_ways,) else 0.0
    if draw in (_skewed, _heavy):
        signed = float(real.mean())
    flips = float((BEFORE - real < 0.5).mean() - (BEFORE - control < 0.5).mean())
    return Truth(signed, float(np.abs(real).mean() - np.abs(control).mean()), flips)


def _control(rng: np.random.Generator, n: int) -> Floats:
    return 0.02 * rng.standard_normal(n)


def _pair(p: float) -> tuple[float, float]:
    return round(1 - p, 6), round(p, 6)


def simulated(world: str, rows: int, mean: float, seed: int) -> Case:
    """One audit's answers, in blocks; each item stands in every row."""
    rng, audit, names = np.random.default_rng([seed, rows]), _audit(), [str(row) for row in range(rows)]
    heads = {row: ScoredRow(row, "x", None, None, "b", _pair(BEFORE)) for row in names}
    edits = []
    for item in ITEMS:
        both = WORLDS[world](rng, rows, mean), _control(rng, rows)
        edits += [
            Edit(row, audit.name, "delete", (0, 1), item, item, bool(kind), item, None, _pair(BEFORE),
                 _pair(float(np.clip(BEFORE - effect, 0, 1))))
            for kind, effects in enumerate(both) for row, effect in zip(names, effects, strict=True)
        ]  # fmt: skip
    cluster = {row: n // 5 if world == "five rows a document" else n for n, row in enumerate(names)}
    blocks = in_blocks(edits, {audit.name: audit}, [Example(row, f"row {row}") for row in names], seed)
    return Case(audit, heads, {row: [] for row in names}, blocks, ("a", "b"), cluster, seed)


@dataclass(frozen=True, slots=True)
class Result:
    """One audit one way: wrong verdicts of any of its claims, and its own (`found`: FAIL, `sound`: PASS); how many
    intervals hold their truth; edits asked."""

    failed: bool
    passed: bool
    decided: bool
    found: bool
    sound: bool
    covered: int
    claims: int
    asked: float


def result_of(case: Case, truth: Truth, planned: int) -> Result:
    """Against the truth. A truth at the margin exceeds it in no way, and does not lie inside it."""
    standing = [one for one in by_looks(case)[1].values() if one.judged]
    verdict = audit_verdict([one.finding for one in standing], "error")
    seen = [(one.finding, truth.beyond(one.draft.claim)) for one in standing]
    covered = [
        f.interval[0] - 1e-6 <= (truth.shift if f.claim == "shift" else truth.moved) <= f.interval[1] + 1e-6
        for f, _ in seen
    ]
    return Result(
        failed=any(f.verdict == "FAIL" and beyond <= 1e-6 for f, beyond in seen),
        passed=any(f.verdict == "PASS" and beyond >= -1e-6 for f, beyond in seen),
        decided=all(f.verdict in ("PASS", "FAIL") for f, _ in seen),
        found=verdict == "FAIL",
        sound=verdict == "PASS",
        covered=sum(covered),
        claims=len(covered),
        asked=len(case.edits) / planned,
    )


def in_looks(case: Case) -> Case:
    """The case with the edits that are asked, look by look."""
    stopping, found = Stopping({case.audit.name: case.audit}, case.edits), list[Edit]()
    looks = sorted({edit.look for edit in case.edits})
    for look in looks:
        found += stopping.asks([edit for edit in case.edits if edit.look == look])
        if look != looks[-1]:
            stopping.judge({case.audit.name: replace(case, edits=found, notes=[])}, look)
    return replace(case, edits=found, notes=[])


def cell(world: str, rows: int, factor: float, runs: int) -> list[tuple[Result, Result]]:
    """Audits of one world both ways: all at once, and look by look."""
    mean = factor * MARGIN
    truth, found = truth_of(WORLDS[world], mean), []
    for seed in range(runs):
        case = simulated(world, rows, mean, seed)
        whole = replace(case, edits=[replace(edit, look=0) for edit in case.edits], notes=[])
        found.append((result_of(whole, truth, len(case.edits)), result_of(in_looks(case), truth, len(case.edits))))
    return found


def _line(name: str, rows: int, factor: float, pairs: Sequence[tuple[Result, Result]]) -> list[list[object]]:
    lines: list[list[object]] = []
    for side, said in enumerate(("all at once", "looks")):
        own = [pair[side] for pair in pairs]
        rates = [float(np.mean([getattr(one, what) for one in own])) for what in RATES]
        covers = sum(one.covered for one in own) / sum(one.claims for one in own)
        joint = float(np.mean([one.covered == one.claims for one in own]))
        asked = float(np.median([one.asked for one in own])) if side else 1.0
        lines.append([name, rows, f"{factor:g}", said, len(own), *rates, covers, joint, asked])
    return lines


RATES = ("failed", "passed", "decided", "found", "sound")
HEADER = ("world", "rows", "truth / margin", "way", "audits", "false FAIL", "false PASS", "all claims decided",
          "audit FAIL", "audit PASS", "intervals cover", "all six cover", "median share of edits")  # fmt: skip


def page_of(found: Mapping[tuple[str, int, float], Sequence[tuple[Result, Result]]], command: str) -> str:
    """The table, and the bars over all cells."""
    lines = [line for key, pairs in found.items() for line in _line(*key, pairs)]
    looks = {key: [pair[1] for pair in pairs] for key, pairs in found.items()}
    clean = [one for (_, _, factor), own in looks.items() if not factor for one in own]
    near = [one for (_, _, factor), own in looks.items() if factor for one in own]
    failed, wrong = sum(one.failed for one in clean), sum(one.failed for one in near)
    worst = max((float(np.mean([one.passed for one in own])), key) for key, own in looks.items())
    every = [*clean, *near]
    covered, claims = sum(one.covered for one in every), sum(one.claims for one in every)
    passed = sum(one.passed for one in every)
    pairs = [pair for own in found.values() for pair in own]
    power = [sum(getattr(pair[side], what) for pair in pairs) for what in ("found", "sound") for side in (0, 1)]
    opposite = sum((a.found and b.sound) or (a.sound and b.found) for a, b in pairs)
    bars = [
        at_most("looks: FAIL where nothing is", failed, len(clean), 0.01),
        at_most("looks: FAIL of what does not exceed its margin", wrong, len(near), 0.05),
        at_most("looks: PASS of what is not inside", passed, len(every), 0.05),
        Bar("the same in the worst cell", f"{worst[0]:.3f}: {', '.join(map(str, worst[1]))}", worst[0] <= 0.05),
        at_least("looks: audits that FAIL, of those that do on all edits", power[1], power[0], 0.95),
        at_least("looks: audits that PASS, of those that do on all edits", power[3], power[2], 0.9),
        Bar("no audit goes from FAIL to PASS or back", f"{opposite} of {len(pairs)}", opposite == 0),
        at_least("looks: intervals cover (asked: .9933)", covered, claims, 0.98),
    ]
    return page("Stopping, simulated", command, [table(HEADER, lines), bars_table(bars)])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    cells = [(world, rows, factor) for world in given.worlds for rows in given.sizes for factor in TRUTHS]
    with patch.object(shifts, "draws", return_value=500):  # of all verdicts only WARN rests on the random signs
        found = {key: cell(*key, given.runs) for key in cells}
    sizes = " ".join(map(str, given.sizes))
    command = f"python -m benchmarks.planted.simulated_looks --runs {given.runs} --sizes {sizes}"
    write_page(page_of(found, command), given.out)


if __name__ == "__main__":
    main()
