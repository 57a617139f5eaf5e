"""B3 with stopping: error rates and coverage where claims stop at an eighth, a quarter or a half, beside those without.

    python -m benchmarks.planted.null_looks DATA --cache FOLDER [--models 20] [--groups 50] [--out FILE]

The groups are those of `null.py`, from twice as many slots, each judged twice: on all edits at once, and look by look.
Every second group of ten or thirty names a side is judged once more where it moves the answers both ways: up in every
second sentence, down in the others. Of all verdicts only WARN rests on permutations: 4,000 of them serve both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np

from benchmarks.planted import worlds
from benchmarks.planted.null import VERDICTS, read_options
from benchmarks.planted.null_answers import Answers, answers
from benchmarks.planted.null_draws import EFFECTS, MARGIN, SIZES, drawn, groups
from benchmarks.planted.simulated_looks import in_looks
from benchmarks.planted.tables import Bar, at_least, at_most, bars_table, page, share, table, write_page
from benchmarks.planted.texts import load_bodies
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.judging import contrasts
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.results import Example
from token_saliency.stats.looks import SHARES


@dataclass(frozen=True, slots=True)
class Way:
    """One audit one way: verdicts, whether the interval of the claim that is planted holds the truth, the share of
    edits asked."""

    planted: str
    truth: float
    verdict: str
    claims: dict[str, str]
    covered: bool
    asked: float


SLOTS = 300
SHIFTED, BOTH_WAYS = "direction", "movement"
"""The claim that is about what is planted."""


def ways(found: Answers, count: int) -> list[tuple[Way, Way]]:
    """Every group of one model both ways."""
    asked = [(SHIFTED, *one) for one in groups(count)]
    asked += [(BOTH_WAYS, n, size, truth) for _, n, size, truth in asked if truth > 0 and size > min(SIZES)]
    pairs = []
    for planted, number, size, truth in asked:
        case = drawn(found, number, size, truth, both_ways=planted == BOTH_WAYS)
        looked = in_looks(_in_blocks(case))
        pairs.append((_way(case, planted, truth, len(case.edits)), _way(looked, planted, truth, len(case.edits))))
    return pairs


def _in_blocks(case: Case) -> Case:
    rows = [Example(row, f"row {row}") for row in case.rows]
    return replace(case, edits=in_blocks(case.edits, {case.audit.name: case.audit}, rows, case.seed), notes=[])


def _way(case: Case, planted: str, truth: float, edits: int) -> Way:
    result = judge_case(case)
    asked = next(finding for finding in result.intervention if finding.claim == planted)
    covered = asked.interval[0] - 1e-9 <= truth <= asked.interval[1] + 1e-9
    claims: dict[str, str] = {one.claim: one.verdict for one in result.intervention}
    return Way(planted, truth, result.verdict, claims, covered, len(case.edits) / edits)


def _lines(pairs: Sequence[tuple[Way, Way]], name: str) -> list[list[object]]:
    lines = []
    for side, said in enumerate(("all at once", f"looks at {', '.join(f'{one:g}' for one in SHARES)}")):
        own = [pair[side] for pair in pairs]
        counts = [sum(one.verdict == verdict for one in own) for verdict in VERDICTS]
        split = [
            sum(one.claims[claim] == verdict for one in own)
            for claim in (SHIFTED, BOTH_WAYS)
            for verdict in ("PASS", "FAIL")
        ]
        row = [name, said, len(own), *counts, *split, share(sum(one.covered for one in own), len(own))]
        lines.append([*row, f"{np.median([one.asked for one in own]):.2f}"])
    return lines


def _bars(pairs: Sequence[tuple[Way, Way]], side: int) -> list[Bar]:
    said, own = ("all at once", "with looks")[side], [pair[side] for pair in pairs]
    null = [one for one in own if one.truth == 0]
    failed = sum(one.verdict == "FAIL" for one in null)
    found = [at_most(f"{said}: FAIL on clean models, movement included,", failed, len(null), 0.01)]
    for claim, what in ((SHIFTED, "effect"), (BOTH_WAYS, "movement")):
        above = [one for one in own if one.planted == claim and one.truth > MARGIN]
        passed = sum(one.claims[claim] == "PASS" for one in above)
        whole = sum(one.verdict == "PASS" for one in above)
        asked = f"{said}: PASS of a true {what} above its margin (the whole audit: {whole})"
        found.append(at_most(asked, passed, len(above), 0.05))
    covered = sum(one.covered for one in own)
    return [*found, at_least(f"{said}: intervals cover", covered, len(own), 0.98)]


def result(pairs: Sequence[tuple[Way, Way]], command: str) -> str:
    """The page."""
    lines = _lines([pair for pair in pairs if pair[0].truth == 0], "nothing planted")
    for planted, name in ((SHIFTED, "one way"), (BOTH_WAYS, "both ways")):
        for factor in EFFECTS:
            here = [one for one in pairs if one[0].planted == planted and np.isclose(one[0].truth, factor * MARGIN)]
            lines += _lines(here, f"{factor:g} margins {name}") if here else []
    header = ["truth", "way", "audits", *(f"audit {v}" for v in VERDICTS)]
    header += [f"{claim} {v}" for claim in (SHIFTED, BOTH_WAYS) for v in ("PASS", "FAIL")]
    header += ["interval covers", "median share of edits"]
    swapped = sum({pair[0].verdict, pair[1].verdict} == {"FAIL", "PASS"} for pair in pairs)
    bars = [*_bars(pairs, 0), *_bars(pairs, 1)]
    bars.append(Bar("no audit goes from FAIL to PASS or back", f"{swapped} of {len(pairs)}", swapped == 0))
    return page("B3 with stopping", command, [table(header, lines), bars_table(bars)])


def main() -> None:
    given = read_options(__doc__ or "")
    bodies = load_bodies(given.data)
    command = "python -m benchmarks.planted.null_looks rt_polarity.csv --cache CACHE"
    command += f" --models {given.models} --groups {given.groups}"
    pairs = []
    for number in range(given.models):
        with patch.object(contrasts, "draws", return_value=4000):
            pairs += ways(answers(bodies, worlds.clean(number), given.cache, slots=SLOTS), given.groups)
        print(f"model {number}: {len(pairs)} audits", flush=True)
    write_page(result(pairs, command), given.out)


if __name__ == "__main__":
    main()
