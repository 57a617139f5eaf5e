"""B3 with stopping: error rates and coverage where claims stop at an eighth, a quarter or a half, beside those without.

    python -m benchmarks.planted.null_looks DATA --cache FOLDER [--models 20] [--groups 50] [--out FILE]

The groups and answers are those of `null.py`, each judged twice: on all edits at once, and look by look. Of all
verdicts only WARN rests on permutations: 4,000 of them serve both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from unittest.mock import patch

import numpy as np

from benchmarks.planted import worlds
from benchmarks.planted.null import VERDICTS, read_options
from benchmarks.planted.null_answers import Answers, answers
from benchmarks.planted.null_draws import EFFECTS, MARGIN, drawn, groups
from benchmarks.planted.simulated_looks import in_looks
from benchmarks.planted.tables import Bar, bars_table, page, share, table, write_page
from benchmarks.planted.texts import load_bodies
from token_saliency.auditing.edits.blocks import in_blocks
from token_saliency.auditing.judging import contrasts
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.results import Example
from token_saliency.stats.looks import SHARES


@dataclass(frozen=True, slots=True)
class Way:
    """One audit one way: verdicts, whether each interval of `direction` holds the truth, the share of edits asked."""

    truth: float
    verdict: str
    claims: dict[str, str]
    covered: bool
    asked: float


def ways(found: Answers, count: int) -> list[tuple[Way, Way]]:
    """Every group of one model both ways."""
    pairs = []
    for number, size, truth in groups(count):
        case = drawn(found, number, size, truth)
        pairs.append((_way(case, truth, len(case.edits)), _way(in_looks(_in_blocks(case)), truth, len(case.edits))))
    return pairs


def _in_blocks(case: Case) -> Case:
    rows = [Example(row, f"row {row}") for row in case.rows]
    return replace(case, edits=in_blocks(case.edits, {case.audit.name: case.audit}, rows, case.seed), notes=[])


def _way(case: Case, truth: float, planned: int) -> Way:
    result = judge_case(case)
    split = next(finding for finding in result.intervention if finding.claim == "direction")
    covered = split.interval[0] - 1e-9 <= truth <= split.interval[1] + 1e-9
    return Way(
        truth, result.verdict, {f.claim: f.verdict for f in result.intervention}, covered, len(case.edits) / planned
    )


def _lines(pairs: Sequence[tuple[Way, Way]], name: str) -> list[list[object]]:
    lines = []
    for side, said in enumerate(("all at once", f"looks at {', '.join(f'{one:g}' for one in SHARES)}")):
        own = [pair[side] for pair in pairs]
        counts = [sum(one.verdict == verdict for one in own) for verdict in VERDICTS]
        split = [sum(one.claims["direction"] == verdict for one in own) for verdict in ("PASS", "FAIL")]
        moved = sum(one.claims.get("movement") == "FAIL" for one in own)
        row = [name, said, len(own), *counts, *split, moved, share(sum(one.covered for one in own), len(own))]
        lines.append([*row, f"{np.median([one.asked for one in own]):.2f}"])
    return lines


def result(pairs: Sequence[tuple[Way, Way]], command: str) -> str:
    """The page."""
    lines = _lines([pair for pair in pairs if pair[0].truth == 0], "nothing planted")
    for factor in EFFECTS:
        here = [pair for pair in pairs if np.isclose(pair[0].truth, factor * MARGIN)]
        lines += _lines(here, f"{factor:g} margins") if here else []
    header = ["truth", "way", "audits", *(f"audit {v}" for v in VERDICTS), "direction PASS", "direction FAIL"]
    header += ["movement FAIL", "interval covers", "median share of edits"]
    null = [pair[1] for pair in pairs if pair[1].truth == 0]
    above = [pair[1] for pair in pairs if pair[1].truth > MARGIN]
    swapped = sum({pair[0].verdict, pair[1].verdict} == {"FAIL", "PASS"} for pair in pairs)
    failed, passed = sum(w.verdict == "FAIL" for w in null), sum(w.claims["direction"] == "PASS" for w in above)
    covered = sum(pair[1].covered for pair in pairs)
    bars = [
        Bar("with looks: FAIL on clean models <= .01", share(failed, len(null)), failed <= 0.01 * len(null)),
        Bar("with looks: PASS of a true effect <= .05", share(passed, len(above)), passed <= 0.05 * len(above)),
        Bar("with looks: intervals cover >= .98", share(covered, len(pairs)), covered >= 0.98 * len(pairs)),
        Bar("no audit goes from FAIL to PASS or back", f"{swapped} of {len(pairs)}", swapped == 0),
    ]
    return page("B3 with stopping", command, [table(header, lines), bars_table(bars)])


def main() -> None:
    given = read_options(__doc__ or "")
    bodies = load_bodies(given.data)
    command = "python -m benchmarks.planted.null_looks rt_polarity.csv --cache CACHE"
    command += f" --models {given.models} --groups {given.groups}"
    pairs = []
    for number in range(given.models):
        with patch.object(contrasts, "draws", return_value=4000):
            pairs += ways(answers(bodies, worlds.clean(number), given.cache), given.groups)
        print(f"model {number}: {len(pairs)} audits", flush=True)
    write_page(result(pairs, command), given.out)


if __name__ == "__main__":
    main()
