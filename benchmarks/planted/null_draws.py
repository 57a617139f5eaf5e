"""Random groups of names that mean nothing, judged as an audit would judge them; a known effect can be added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from benchmarks.planted.null_answers import Answers, Floats
from benchmarks.planted.texts import LABELS
from token_saliency.auditing.audit import Audit, Contrast, EditRule, Entry, Find, Judge, Lexicon, Match
from token_saliency.auditing.judging.case import Case, table
from token_saliency.auditing.judging.contrasts import direction
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.results import Edit, ScoredRow
from token_saliency.stats import crossed as cr

EDITS = 10_000
CONTROLS = 20
SIZES = (5, 10, 30)
"""Names a group."""
EFFECTS = (0.5, 1.01, 1.5, 2.0)
"""Added effects in units of the margin."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One audit of two random groups.

    `low`, `high`: the 95% interval of the contrast between them; `covered`: does the wider one of the report hold
    the truth; `claims`, `ps`: verdict and raw p by claim; `audit`: the verdict of the whole.
    """

    model: int
    size: int
    truth: float
    effect: float
    low: float
    high: float
    p: float
    claims: dict[str, str]
    ps: dict[str, float]
    audit: str
    covered: bool


def draws(answers: Answers, count: int, edits: int = EDITS) -> list[Draw]:
    """Every group as it is, and every second one once more with a known effect added to its first half."""
    asked = groups(count)
    return [_judged(drawn(answers, *one, edits), answers.world.number, one[1], one[2]) for one in asked]


def groups(count: int) -> list[tuple[int, int, float]]:
    """Number, size and true effect of each of these."""
    found = []
    for number in range(count):
        size = SIZES[number % len(SIZES)]
        effect = EFFECTS[number // (2 * len(SIZES)) % len(EFFECTS)]
        targets = (0.0, effect) if number % 2 else (0.0,)
        found += [(number, size, target * MARGIN) for target in targets]
    return found


MARGIN = Judge().margin


def drawn(
    answers: Answers, number: int, size: int, target: float, edits: int = EDITS, *, both_ways: bool = False
) -> Case:
    """The answers of one of the groups as the case of an audit.

    `both_ways`: the first half lifts every second sentence and lowers the others, so that it moves the answers by
    `target` and their mean by next to nothing.
    """
    rng = np.random.default_rng([answers.world.number, number])
    order = rng.permutation(len(answers.names))
    a, b, controls = order[:size], order[size : 2 * size], order[2 * size : 2 * size + CONTROLS]
    slots = np.sort(rng.permutation(len(answers.values))[: edits // (2 * size + CONTROLS)])
    values = answers.values[slots]
    if both_ways:
        values[:, a] = shifted(values[:, a], moving_shift(answers, target) * signs(answers.docs[slots])[:, None])
    else:
        values[:, a] = shifted(values[:, a], logit_shift(answers.population, target))
    return _case(answers, values, slots, (a, b, controls), rng)


def _judged(case: Case, model: int, size: int, truth: float) -> Draw:
    seen = table(case, "swap", placebo=False)
    assert seen is not None, "every draw has slots"
    split = direction(case, seen)[0]
    estimate = cr.contrast(cr.comparable(seen.of_class(split.class_index)), split.left, split.right)
    low, high = estimate.interval(0.025)
    result = judge_case(case)
    finding = next(one for one in result.intervention if one.claim == "direction")
    return Draw(
        model=model,
        size=size,
        truth=truth,
        effect=estimate.effect,
        low=low,
        high=high,
        p=finding.p,
        claims={one.claim: one.verdict for one in result.intervention},
        ps={one.claim: one.p for one in result.intervention},
        audit=result.verdict,
        covered=finding.interval[0] <= truth <= finding.interval[1],
    )


def signs(docs: NDArray[np.int64]) -> Floats:
    """Up or down, by document [slots]."""
    return np.where(docs % 2 == 0, 1.0, -1.0)


def moving_shift(answers: Answers, target: float) -> float:
    """The shift of the logit, up and down, at which the names of all slots lie `target` farther apart than they did,
    half of them being shifted: distances from their mean in the slot, as an audit that knew every name would see."""
    half, up = np.arange(len(answers.names)) % 2 == 0, signs(answers.docs)[:, None]
    before = _apart(answers.values)

    def excess(shift: float) -> float:
        return _apart(np.where(half, shifted(answers.values, shift * up), answers.values)) - before

    return float(optimize.brentq(lambda shift: excess(shift) - target, 0.0, 10.0)) if target > 0 else 0.0


def _apart(values: Floats) -> float:
    return float(np.abs(values - values.mean(1, keepdims=True)).mean())


def shifted(p: Floats, shift: float | Floats) -> Floats:
    """Probabilities with `shift` added to their logits."""
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(1 / (1 + (1 - kept) / kept * np.exp(-shift)))


def logit_shift(population: Floats, target: float) -> float:
    """The shift of the logit that moves the mean probability of the population by `target` (bisection)."""
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        moved = float((shifted(population, middle) - population).mean())
        low, high = (middle, high) if moved < target else (low, middle)
    return (low + high) / 2 if target > 0 else 0.0


def _case(
    answers: Answers,
    values: Floats,
    slots: NDArray[np.int64],
    groups: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    rng: np.random.Generator,
) -> Case:
    """The stored answers as the case of an audit; which name stood in a row is drawn, since it tells nothing."""
    a, b, controls = groups
    both = [*a, *b]
    home = rng.choice(both, size=len(slots))
    rows = [f"{slot}" for slot in slots]
    heads = {
        row: _head(row, answers, slot, float(values[i, home[i]]))
        for i, (row, slot) in enumerate(zip(rows, slots, strict=True))
    }
    edits = [
        _edit(
            row, answers.names[home[i]], answers.names[t], float(values[i, t]), heads[row], placebo=t not in set(both)
        )
        for i, row in enumerate(rows)
        for t in [*both, *controls]
    ]
    spans = {row: [Match(0, 1, answers.names[home[i]])] for i, row in enumerate(rows)}
    cluster = {row: int(answers.docs[slot]) for row, slot in zip(rows, slots, strict=True)}
    audit = _audit([answers.names[t] for t in a], [answers.names[t] for t in b])
    return Case(audit, heads, spans, edits, LABELS, cluster, answers.world.number)


def _pair(p: float) -> tuple[float, float]:
    return round(1 - p, 6), round(p, 6)


def _head(row: str, answers: Answers, slot: int, p: float) -> ScoredRow:
    return ScoredRow(row, "x", None, LABELS[bool(answers.positive[slot])], LABELS[p > 0.5], _pair(p))


def _edit(row: str, original: str, item: str, p: float, head: ScoredRow, *, placebo: bool) -> Edit:
    return Edit(row, "null", "swap", (0, 1), original, item, placebo, item, None, head.probabilities, _pair(p))


def _audit(a: Sequence[str], b: Sequence[str]) -> Audit:
    """What a user would write for two groups of names, with controls that go with nothing."""
    entries = [Entry(item, groups={"group": group}) for group, items in (("A", a), ("B", b)) for item in items]
    return Audit(
        name="null",
        code="NUL",
        title="Random groups",
        why="",
        advice="",
        expectation="irrelevant",
        items="sample",
        level="error",
        find=Find("lexicon", Lexicon(entries)),
        edit=EditRule("swap", ("swap",)),
        judge=Judge(),
        cases=(),
        contrasts=(Contrast("group", (("A", "B"),)),),
    )
