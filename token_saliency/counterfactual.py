"""Counterfactuals: take the most highlighted words away, one after another, until the decision changes.

All texts move together: one step is one call of the model over every text whose decision still stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.evidence.asking import PROBABILITY_DIGITS, Classifier, OnProgress, counter, silent
from token_saliency.data import Rows, load_rows
from token_saliency.errors import DataError, OptionError, is_whole, unknown
from token_saliency.results import Attribution, Counterfactual, Example, FlipCurve, Predictions, Word
from token_saliency.stats.flips import curve_of
from token_saliency.stats.sampling import generator

EditName = Literal["delete", "mask"]
Order = Literal["attribution", "random"]
Text = str | tuple[str, str]
Progress = Callable[[int], None]

SCORE_DIGITS = 6
_STAGES: dict[Order, str] = {"attribution": "highlighted words", "random": "random words"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of every row. `placeholder` None is the mask token for the edit "mask", nothing for "delete"."""

    method: str = "integrated_gradients"
    edit: EditName = "delete"
    placeholder: str | None = None
    max_words: int = 10
    baseline: str | None = None
    seed: int = 0


def counterfactuals(
    classifier: Classifier,
    rows: Any,
    *,
    method: str | None = None,
    edit: EditName = "delete",
    placeholder: str | None = None,
    max_words: int = 10,
    baseline: str | None = None,
    seed: int = 0,
) -> list[Counterfactual]:
    """One counterfactual a row, in the order of the rows (anything that `run_audits` takes: texts, Examples, a frame).

    The words go in the order of their score for the predicted class, at most `max_words`; one word always stays, for
    an empty text flips anything. `edit="mask"` puts `placeholder` (default: the mask token) in place of each, "delete"
    nothing. Raises OptionError for values that do not exist, DataError for rows that cannot be read.
    """
    ask = Ask(method or classifier.default_method, edit, placeholder, max_words, baseline, seed)
    return study(classifier, _examples(classifier, rows), ask, control=False)[0]


def flip_curve(
    classifier: Classifier,
    rows: Any,
    *,
    method: str | None = None,
    edit: EditName = "delete",
    placeholder: str | None = None,
    max_words: int = 10,
    baseline: str | None = None,
    seed: int = 0,
) -> FlipCurve:
    """The share of rows flipped after 1, 2, ... `max_words` words, beside random words of the same rows.

    The options are those of `counterfactuals`.
    """
    ask = Ask(method or classifier.default_method, edit, placeholder, max_words, baseline, seed)
    curve = study(classifier, _examples(classifier, rows), ask)[1]
    if curve is None:
        raise DataError("A flip curve needs rows that have a class; there are none.")
    return curve


def study(
    classifier: Classifier,
    examples: Sequence[Example],
    ask: Ask,
    *,
    control: bool = True,
    on_progress: OnProgress | None = None,
) -> tuple[list[Counterfactual], FlipCurve | None]:
    """Counterfactuals and, with the control, their curve: explained once, walked twice."""
    _check(classifier, ask)
    put, tell = _placeholder(classifier, ask), on_progress or silent
    if not examples:
        return [], None
    texts = [_input(row.text, row.text_pair) for row in examples]
    explained = classifier.explain(
        texts,
        ask.method,
        "predicted",
        baseline=ask.baseline,
        seed=ask.seed,
        progress=counter(tell, "explain", len(texts)),
    )
    answers = _answers(classifier.predict(texts))
    rows = list(zip(examples, explained, answers, strict=True))

    def walked(order: Order) -> list[Counterfactual]:
        chains = [_Chain(row, _ordered(one, order, ask), first) for row, one, first in rows]
        edit = _Edit(ask.edit, put)
        _walk(classifier, chains, edit, ask.max_words, counter(tell, _STAGES[order], ask.max_words))
        return [chain.result(edit, ask, order) for chain in chains]

    found = walked("attribution")
    return found, curve_of(found, walked("random")) if control else None


# --- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edit:
    """The operator, and what it puts in place of a word."""

    operator: EditName
    item: str


def _check(classifier: Classifier, ask: Ask) -> None:
    if ask.edit not in ("delete", "mask"):
        raise unknown("edit", ask.edit, ("delete", "mask"))
    if not is_whole(ask.max_words, 1):
        raise OptionError(f"max_words must be at least 1, not {ask.max_words!r}.")
    if len(classifier.labels) < 2:
        raise OptionError("This model has one output and no classes: there is no decision that could flip.")


def _placeholder(classifier: Classifier, ask: Ask) -> str:
    if ask.edit == "delete":
        if ask.placeholder is not None:
            raise OptionError("A deletion leaves nothing behind: choose the edit mask to put a placeholder there.")
        return ""
    if ask.placeholder == "":
        raise OptionError("An empty placeholder is a deletion: name one that is seen, or choose the edit delete.")
    mask = getattr(getattr(classifier, "tokenizer", None), "mask_token", None)
    found = mask if ask.placeholder is None else ask.placeholder
    if not found:
        raise OptionError("This model has no mask token: name a placeholder, or choose the edit delete.")
    return str(found)


def _examples(classifier: Classifier, rows: Any) -> list[Example]:
    return rows.examples if isinstance(rows, Rows) else load_rows(rows, labels=classifier.labels).examples


def _ordered(attribution: Attribution, order: Order, ask: Ask) -> list[Word]:
    """The words that may go, in the order in which they go. One word always stays."""
    if order == "attribution":
        words = sorted(attribution.words, key=_precedence)
    else:
        drawn = generator(ask.seed, "counterfactual control", attribution.text, attribution.text_pair)
        words = [attribution.words[place] for place in drawn.permutation(len(attribution.words))]
    return words[: min(ask.max_words, max(0, len(words) - 1))]


def _precedence(word: Word) -> tuple[float, int, int]:
    """Strongest for the class first; scores that differ in the last digits alone stand in the order of the text."""
    score = word.score if math.isfinite(word.score) else -math.inf
    return (-round(score, SCORE_DIGITS), word.segment, word.start)


# --- the walk -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """`label` None, and no probabilities, where the model answers with no numbers."""

    label: str | None
    probabilities: tuple[float, ...]


@dataclass(slots=True)
class _Chain:
    """One row on its way: the words in their order, and an answer for each word that has gone."""

    row: Example
    words: list[Word]
    first: _Answer
    answers: list[_Answer] = field(default_factory=list)
    lost: bool = False
    """The next text has no class: it is no flip, and nothing is known beyond it."""

    @property
    def last(self) -> _Answer:
        return self.answers[-1] if self.answers else self.first

    @property
    def flipped(self) -> bool:
        return self.last.label != self.first.label

    def open(self) -> bool:
        known = self.first.label is not None and not self.lost
        return known and len(self.answers) < len(self.words) and not self.flipped

    def take(self, answer: _Answer) -> None:
        """The answer to the text without one more word."""
        if answer.label is None:
            self.lost = True
        else:
            self.answers.append(answer)

    def text(self, gone: int, edit: _Edit) -> tuple[str, str | None]:
        """The row without its first `gone` words."""
        words, pair = self.words[:gone], self.row.text_pair
        return _without(self.row.text, words, 0, edit), None if pair is None else _without(pair, words, 1, edit)

    def result(self, edit: _Edit, ask: Ask, order: Order) -> Counterfactual:
        row, first, gone = self.row, self.first, len(self.answers)
        edited, edited_pair = self.text(gone, edit)
        at = int(np.argmax(first.probabilities)) if first.probabilities else 0
        return Counterfactual(
            row=row.id,
            text=row.text,
            text_pair=row.text_pair,
            label=row.label,
            edited=edited,
            edited_pair=edited_pair,
            removed=self.words[:gone],
            edit=ask.edit,
            placeholder=edit.item,
            method=ask.method,
            order=order,
            limit=ask.max_words,
            before=first.label,
            after=self.last.label,
            probabilities_before=first.probabilities,
            probabilities_after=self.last.probabilities,
            flipped=self.flipped,
            steps=[answer.probabilities[at] for answer in self.answers],
        )


def _walk(classifier: Classifier, chains: Sequence[_Chain], edit: _Edit, limit: int, progress: Progress) -> None:
    """Takes one more word from every open chain, asks the model about all of them at once, and so on."""
    for gone in range(1, limit + 1):
        moving = [chain for chain in chains if chain.open()]
        if moving:
            texts = [_input(*chain.text(gone, edit)) for chain in moving]
            for chain, answer in zip(moving, _answers(classifier.predict(texts)), strict=True):
                chain.take(answer)
        progress(1)


def _without(text: str, words: Sequence[Word], segment: int, edit: _Edit) -> str:
    """From the last word to the first, so that the spans in front stay where they are."""
    for word in sorted((word for word in words if word.segment == segment), key=lambda word: -word.start):
        text = OPERATORS[edit.operator](text, Match(word.start, word.end, word.text), edit.item)
    return text


def _answers(predictions: Predictions) -> list[_Answer]:
    rounded = np.round(predictions.probabilities, PROBABILITY_DIGITS)
    return [
        _Answer(name, () if name is None else tuple(map(float, p)))
        for name, p in zip(predictions.labels, rounded, strict=True)
    ]


def _input(text: str, pair: str | None) -> Text:
    return text if pair is None else (text, pair)
