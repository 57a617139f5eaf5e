"""Rows with names and marks, and classifiers that are plain functions of the text: their true effects are known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.results import Edit, Example, ScoredRow, Token
from token_saliency.stats.sampling import clusters, sample_rows

Probability = Callable[[str], float]

GROUP_A = (
    "Linda",
    "Susan",
    "Karen",
    "Nancy",
    "Betty",
    "Donna",
    "Carol",
    "Sharon",
    "Laura",
    "Sarah",
    "Jessica",
    "Deborah",
)
GROUP_B = (
    "Kevin",
    "Brian",
    "Edward",
    "Ronald",
    "Anthony",
    "Donald",
    "Kenneth",
    "Steven",
    "Gary",
    "Timothy",
    "Larry",
    "Eric",
)

_GOOD = ("splendid", "delightful", "brilliant", "charming")
_BAD = ("dreadful", "boring", "clumsy", "tedious")
_THINGS = ("film", "meal", "concert", "novel", "hotel", "journey", "lecture", "garden")


def reviews(count: int, *, correlated: bool, labelled: bool = True, seed: int = 0) -> list[Example]:
    """Reviews by named people. Where `correlated`, group A goes with positive in 80% of the rows, as does `!`."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        positive = number % 2 == 0
        aligned, marked = (draw.random() < 0.8, draw.random() < 0.8) if correlated else (draw.random() < 0.5,) * 2
        name = draw.choice(GROUP_A if aligned == positive else GROUP_B)
        mark = "!" if marked == positive else "."
        word = draw.choice(_GOOD if positive else _BAD)
        text = f"{name} said the {draw.choice(_THINGS)} of day {number} was {word}, in every way{mark}"
        rows.append(Example(str(number), text, label=("negative", "positive")[positive] if labelled else None))
    return rows


def sentiment(text: str) -> float:
    """A clean classifier: only sentiment words count (and the number in the text adds a little variety)."""
    score = sum(word in text for word in _GOOD) - sum(word in text for word in _BAD)
    return 1 / (1 + math.exp(-(score + (hash_of(text) - 0.5) * 0.02)))


def leaning(text: str) -> float:
    """A classifier that also leans on names of group A (about .2) and on a final `!` (about .2)."""
    lean = 0.45 * sum(name in text for name in GROUP_A) - 0.45 * sum(name in text for name in GROUP_B)
    logit = math.log(sentiment(text) / (1 - sentiment(text)))
    return 1 / (1 + math.exp(-(logit + lean + (0.9 if "!" in text else 0.0))))


def hash_of(text: str) -> float:
    """A number in [0, 1) that looks random and belongs to the text."""
    return random.Random(text).random()


def answered(
    audit: Audit, rows: Sequence[Example], probability: Probability, *, edits: int = 3000, seed: int = 0
) -> Case:
    """The case of one audit with the answers of a function in place of a model."""
    sampled = sample_rows(rows, None, seed)
    spans = {row.id: row_spans(row, audit) for row in sampled}
    planned = plan(Request(audit, sampled, spans, edits, seed, lambda texts: [len(text) for text in texts]))
    scored = {row.id: scored_row(row, probability) for row in sampled}
    both = {row.id: row.probabilities for row in scored.values()}
    asked = [
        Edit(
            e.row, e.audit, e.operator, e.slot, e.original, e.item, e.placebo, e.text, e.text_pair,
            both[e.row], pair_of(probability(e.text)),
        )
        for e in planned
    ]  # fmt: skip
    groups = dict(zip([row.id for row in sampled], clusters(sampled, None).tolist(), strict=True))
    return Case(audit, scored, spans, asked, ["negative", "positive"], groups, seed)


def scored_row(row: Example, probability: Probability) -> ScoredRow:
    """The row with its prediction; every word has a score, so that shares can be computed."""
    tokens, at = [], 0
    for word in row.text.split():
        start = row.text.index(word, at)
        at = start + len(word)
        tokens.append(Token(word, start, at, False, 2.0 if word in (*GROUP_A, *GROUP_B) else 1.0))
    p = pair_of(probability(row.text))
    return ScoredRow(
        row.id, row.text, row.text_pair, row.label, ("negative", "positive")[p[1] > 0.5], p, tuple(tokens),
        metadata=row.metadata,
    )  # fmt: skip


def pair_of(p: float) -> tuple[float, float]:
    """Both class probabilities, rounded as the runner rounds them."""
    return round(1 - p, 6), round(p, 6)


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The functions above, for tests: with importlib imports a conftest cannot be imported by name."""
    return SimpleNamespace(
        answered=answered,
        reviews=reviews,
        sentiment=sentiment,
        leaning=leaning,
        hash_of=hash_of,
        groups={"A": GROUP_A, "B": GROUP_B},
    )


@pytest.fixture(scope="session")
def names() -> Audit:
    """The shipped audit of given names."""
    return load_audits(["names"])["names"]


@pytest.fixture(scope="session")
def punctuation() -> Audit:
    """The shipped audit of punctuation."""
    return load_audits(["punctuation"])["punctuation"]
