"""What one visitor asks of the model, without a page: a text explained, a word changed, methods side by side.

A desk holds what all visitors share, and nothing of any of them; what a visitor has asked is in the values returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from queue import LifoQueue
from typing import Any

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.reprompts import label_order
from token_saliency.auditing.edits.request import PLACEHOLDER
from token_saliency.auditing.evidence.asking import text_of
from token_saliency.auditing.spans.label_words import bound
from token_saliency.counterfactual import Ask, EditName, study
from token_saliency.engines.engine import cores
from token_saliency.errors import DataError, OptionError
from token_saliency.live.suggestions import RowEdits, Suggestion, by_hand, known_of
from token_saliency.results import Attribution, Counterfactual, Example, Word
from token_saliency.shared.options import chosen_baselines
from token_saliency.text.classifier import TextClassifier

LONGEST = 20_000
"""Characters of a text: beyond them nobody waits for an answer."""
KEPT_PROMPTS = 8
AT_A_TIME = 4
"""At most so many quick questions are answered at a time; what takes long has a place of its own."""
PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class LiveQuestion:
    """A text or a pair, and how it is to be explained; `template` and `system` are those of an edited prompt."""

    text: str
    text_pair: str | None = None
    method: str = ""
    baseline: str | None = None
    target: str | int = PREDICTED
    template: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A question with its answer: `probabilities` by class."""

    question: LiveQuestion
    attribution: Attribution
    probabilities: tuple[float, ...]

    @property
    def words(self) -> list[Word]:
        """The words that can be changed, in the order of the text."""
        return self.attribution.words


@dataclass(frozen=True, slots=True)
class Change:
    """A word changed: the probabilities before and after, and those of each control, in the order of the classes."""

    tried: Tried
    word: Word
    made: Suggestion
    label: str | None
    after: tuple[float, ...]
    controls: tuple[tuple[float, ...], ...]

    @property
    def question(self) -> LiveQuestion:
        """The changed text as a question of its own."""
        part = "text" if self.word.segment == 0 else "text_pair"
        return replace(self.tried.question, **{part: self.made.edited})


def room() -> int:
    """How many places a desk has on this machine."""
    return 1 + min(AT_A_TIME, cores())


class Desk:
    """A classifier with the audits whose panels are offered, and the rows of a finished run by id.

    `places` questions are answered at a time, where the model can be had more than once: its copies share its weights.
    """

    def __init__(
        self, classifier: Any, audits: Sequence[Audit], rows: Mapping[str, Example] | None = None, places: int = 1
    ) -> None:
        self.classifier = classifier
        several = isinstance(classifier, TextClassifier) and classifier.prompt is None
        self.places = places if several and next(classifier.model.parameters()).device.type == "cpu" else 1
        self._free: LifoQueue[Any] = LifoQueue()
        for one in [classifier, *(classifier.copy(weights=False) for _ in range(1, self.places))]:
            self._free.put(one)
        self.labels: list[str] = list(classifier.labels)
        self.audits = [bound(one, self.labels) for one in audits if one.find.matcher not in ("prompt", "segments")]
        self.rows = rows or {}
        self.mask = getattr(getattr(classifier, "tokenizer", None), "mask_token", None) or PLACEHOLDER
        self._prompted = lru_cache(KEPT_PROMPTS)(self._with_prompt)

    @property
    def label_orders(self) -> dict[str, str]:
        """The template of the prompt with the labels in each other order, where it lists them."""
        prompt = getattr(self.classifier, "prompt", None)
        return {} if prompt is None else {name: one.template for name, one in label_order(prompt, {}).items()}

    @property
    def baselines(self) -> list[str]:
        """The baselines that the model has a token for, those of `explain_baselines`."""
        tokenizer = getattr(self.classifier, "tokenizer", None)
        return [] if tokenizer is None else list(chosen_baselines(None, tokenizer))

    def row(self, name: str) -> Example:
        """A row of the finished run. DataError where there is none."""
        if name not in self.rows:
            raise DataError(f"There is no row {name!r} in this run." if self.rows else "No finished run was given.")
        return self.rows[name]

    def ask(self, question: LiveQuestion) -> Tried:
        """The text explained: the very call of `explain` and `predict`. OptionError where there is nothing to ask."""
        if not question.text.strip() and not (question.text_pair or "").strip():
            raise OptionError("Type or paste a text first.")
        if max(len(question.text), len(question.text_pair or "")) > LONGEST:
            raise OptionError(
                f"This page takes texts of at most {LONGEST:,} characters; use `explain --file` for more."
            )
        method = question.method or self.classifier.default_method
        with self._asked(question) as asked:
            seen = asked.predict([text_of(question)])
            how: dict[str, Any] = {"baseline": question.baseline, "predictions": seen}
            (attribution,) = asked.explain([text_of(question)], method, question.target, **how)
        return Tried(question, attribution, tuple(map(float, seen.probabilities[0])))

    def known(self, tried: Tried, segment: int = 0) -> RowEdits:
        """What the audits find in the text, or in the second one of a pair, and would do with it."""
        row = Example("live", (tried.question.text_pair or "") if segment else tried.question.text)
        return known_of(row, self.audits, self._under(tried.question, self.classifier).count_tokens, self.mask)

    def suggestions(self, tried: Tried, at: int, known: RowEdits | None = None) -> list[Suggestion]:
        """What the audits would put in place of the word."""
        word = self.word(tried, at)
        text, found = (tried.question.text_pair or "") if word.segment else tried.question.text, known
        found = found or self.known(tried, word.segment)
        return found.suggestions(text, (word.start, word.end))

    def change(self, tried: Tried, at: int, operator: str, item: str) -> Change:
        """One word swapped, deleted or masked, asked together with its controls."""
        word = self.word(tried, at)
        known = self.known(tried, word.segment)
        planned = {one.name: one for one in self.suggestions(tried, at, known)}
        if operator == "swap" and item in planned:
            made = planned[item]
        else:
            text = tried.question.text if word.segment == 0 else tried.question.text_pair or ""
            put = {"mask": self.mask, "delete": ""}.get(operator, item.strip())
            made = by_hand(operator, text, tried.words, word, put, known)
        changed = Change(tried, word, made, None, (), ())
        texts = [replace(changed, made=replace(made, edited=one)) for one in (made.edited, *made.controls)]
        with self._asked(tried.question) as asked:
            seen = asked.predict([text_of(one.question) for one in texts])
        after, *controls = (tuple(map(float, found)) for found in seen.probabilities)
        return replace(changed, label=seen.labels[0], after=after, controls=tuple(controls))

    def beside(self, tried: Tried, methods: Sequence[str], baselines: Sequence[str]) -> list[tuple[str, Attribution]]:
        """The same text by each method with its usual baseline, and by the chosen method from each baseline."""
        question = tried.question
        method = question.method or self.classifier.default_method
        ways = [(one, None) for one in methods if one != method] + [(method, one) for one in baselines]
        given: list[tuple[str, str | None]] = [(method, question.baseline), *ways]
        with self._asked(question) as asked:
            found = [asked.explain([text_of(question)], one, question.target, baseline=base)[0] for one, base in given]
        return [(f"{one.method}, {one.baseline}" if one.baseline else one.method, one) for one in found]

    def search(self, tried: Tried, edit: EditName = "delete") -> Counterfactual:
        """Which words must go until the decision changes."""
        question = tried.question
        ask = Ask(question.method or self.classifier.default_method, edit, baseline=question.baseline)
        with self._asked(question) as asked:
            return study(asked, [Example("live", question.text, question.text_pair)], ask, control=False)[0][0]

    def word(self, tried: Tried, at: int) -> Word:
        """The word at a place of the list. OptionError where there is none."""
        if not 0 <= at < len(tried.words):
            raise OptionError("Choose a word of the text first.")
        return tried.words[at]

    @contextmanager
    def _asked(self, question: LiveQuestion) -> Iterator[Any]:
        """The model under the prompt of the question, which nobody else asks meanwhile."""
        free = self._free.get()
        try:
            yield self._under(question, free)
        finally:
            self._free.put(free)

    def _under(self, question: LiveQuestion, classifier: Any) -> Any:
        return classifier if question.template is None else self._prompted(question.template, question.system or "")

    def _with_prompt(self, template: str, system: str) -> Any:
        """The same model under the visitor's prompt. OptionError where the prompt is wrong."""
        prompt = self.classifier.prompt.changed(template=template, system=system)
        return self.classifier if prompt == self.classifier.prompt else self.classifier.reprompted(prompt)
