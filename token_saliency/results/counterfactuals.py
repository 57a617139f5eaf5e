"""Which words had to go before a decision changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from token_saliency.results.attributions import Word
from token_saliency.results.terms import Interval


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The words of one text that were taken away, strongest first, and what became of the decision.

    `removed` has the spans of the ORIGINAL text. `edit` is "delete" or "mask", `placeholder` what stands in place of
    each removed word ("" for a deletion). `steps` is the probability of the class `before` after 1, 2, ... removed
    words. `flipped` is False where no decision changed within `limit` words; `edited` is the last text that was tried.
    A text whose logits are nan or infinite has no class: `before` is None, and nothing was removed. One that loses its
    class on the way stays at the last text that had one.
    """

    row: str
    text: str
    text_pair: str | None
    label: str | None
    edited: str
    edited_pair: str | None
    removed: list[Word]
    edit: Literal["delete", "mask"]
    placeholder: str
    method: str
    order: Literal["attribution", "random"]
    limit: int
    before: str | None
    after: str | None
    probabilities_before: tuple[float, ...]
    probabilities_after: tuple[float, ...]
    flipped: bool
    steps: list[float]


@dataclass(frozen=True, slots=True)
class FlipPoint:
    """The share of rows whose decision had changed after at most `words` removed words: highlighted beside random ones.

    `gain` is the paired difference of the two shares.
    """

    words: int
    flipped: float
    interval: Interval
    random: float
    random_interval: Interval
    gain: float
    gain_interval: Interval


@dataclass(frozen=True, slots=True)
class FlipCurve:
    """How soon decisions change when highlighted words go, beside random words of the same texts (90% intervals)."""

    rows: int
    method: str
    edit: Literal["delete", "mask"]
    points: list[FlipPoint]
