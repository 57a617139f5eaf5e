"""Puts texts to the classifier in blocks of similar length, and never asks what was answered before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from token_saliency.errors import ModelError, TextError, withheld
from token_saliency.results import Attribution, Example, ModelInfo, Predictions
from token_saliency.stats.estimate import Floats
from token_saliency.store.blocks import Explained, Key, Memory, OnBlock, Predicted, Spent, Text, Traced, cut, key_of
from token_saliency.store.trace import Trace, trace_of

OnProgress = Callable[[str, int, int], None]
"""Told the stage, what is done of it, and all there is to do."""


def silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def counter(on_progress: OnProgress, stage: str, total: int, done: int = 0) -> Callable[[int], None]:
    """Takes what was newly done, and tells the sum; what was done before is told at once."""
    if done:
        on_progress(stage, done, total)

    def advance(newly: int) -> None:
        nonlocal done
        done += newly
        on_progress(stage, min(done, total), total)

    return advance


PROBABILITY_DIGITS = 6

BATCH_TOKENS = 512
"""For classifiers that do not say how many tokens they take at once."""
PREDICTED_BATCHES = 32
"""A block of predictions fills so many batches: a few seconds of work, and at most one batch that is not full."""
EXPLAINED_BATCHES = 2
"""A row costs up to forty predictions: a block of two batches is what a stopped run may lose."""
COUNTED = 1000
"""Texts whose tokens are counted at a time: what a tokenizer returns is large."""
CHARACTERS_A_TOKEN = 3
"""Only for sorting and cutting: counting the tokens of every edited text would cost a twentieth of the run."""

RECHECKED = 32
ANSWERS_DIFFER = 1e-3


class MeterLike(Protocol):
    """Counters that only grow."""

    forward: int
    backward: int

    @property
    def tokens(self) -> int: ...


class Classifier(Protocol):
    """What an audit asks of a classifier."""

    @property
    def labels(self) -> list[str]: ...
    @property
    def info(self) -> ModelInfo: ...
    @property
    def default_method(self) -> str: ...
    @property
    def meter(self) -> MeterLike: ...
    def predict(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> Predictions: ...
    def count_tokens(self, texts: Any) -> list[int]: ...
    def explain(
        self,
        texts: Any,
        method: Any = ...,
        target: Any = ...,
        *,
        labels: Any = ...,
        baseline: str | None = ...,
        seed: int = ...,
        options: Any = ...,
        predictions: Predictions | None = ...,
        progress: Callable[[int], None] | None = None,
    ) -> list[Attribution]: ...


@dataclass(frozen=True, slots=True)
class How:
    """How rows are explained; `samples`: roughly, by so many random gradients. `thorough`: by more of them."""

    method: str
    target: str
    baseline: str | None
    seed: int
    samples: int | None = None
    thorough: bool = False


@dataclass(slots=True)
class Answers:
    """The classifier with a memory: `asked` is what this process spent, `memory.spent` what the whole run did."""

    classifier: Classifier
    memory: Memory
    on_block: OnBlock
    on_progress: OnProgress
    asked: Spent = field(default_factory=Spent)
    salt: str = ""
    """Tells the answers of another classifier with the same memory apart: the hash of its prompt."""

    def _key(self, text: Text) -> Key:
        return key_of(text, self.salt) if self.salt else key_of(text)

    def probabilities(self, stage: str, texts: Sequence[Text], names: Sequence[str] = ()) -> Floats:
        """Class probabilities [n, C] in the order of the texts; equal texts are asked once.

        An error about one text calls it by its name, where `names` has one for each.
        """
        keyed = {self._key(text): text for text in texts}
        missing = self.missing(texts)
        advance = counter(self.on_progress, stage, len(keyed), len(keyed) - len(missing))
        limit = self._batch_tokens * PREDICTED_BATCHES * CHARACTERS_A_TOKEN
        for block in cut(missing, [_characters(text) for text in missing], limit):
            try:
                self._predict(block, advance)
            except TextError as error:
                if not names:
                    raise
                raise error.named(names[list(texts).index(block[error.at])]) from error.__cause__
        return np.array([self.memory.predictions[self._key(text)] for text in texts])

    def missing(self, texts: Sequence[Text]) -> list[Text]:
        """The distinct texts without an answer."""
        return [text for key, text in {self._key(t): t for t in texts}.items() if key not in self.memory.predictions]

    def count_tokens(self, texts: Sequence[Text]) -> list[int]:
        """How many ids the model sees of each text."""
        parts = (texts[start : start + COUNTED] for start in range(0, len(texts), COUNTED))
        return [count for part in parts for count in self.classifier.count_tokens(part)]

    def _predict(self, texts: Sequence[Text], advance: Callable[[int], None]) -> None:
        before = Spent.so_far(self.classifier.meter)
        found = self.classifier.predict(texts, progress=advance).probabilities
        keys = tuple(map(self._key, texts))
        self._finished(
            Predicted(keys, np.round(found, PROBABILITY_DIGITS), Spent.so_far(self.classifier.meter) - before)
        )

    def traces(self, stage: str, rows: Sequence[Example], how: How) -> dict[str, Trace]:
        """The attribution of every row, by its id; their predictions are known."""
        keys = {row.id: _trace_key(row, how) for row in rows}
        missing = self.untraced(rows, how)
        advance = counter(self.on_progress, stage, len(rows), len(rows) - len(missing))
        sizes = self.count_tokens([text_of(row) for row in missing])
        for block in cut(missing, sizes, self._batch_tokens * EXPLAINED_BATCHES):
            try:
                self._explain(block, how, advance)
            except TextError as error:
                raise error.named(f"{row_called(block[error.at].id)}, some words left out,") from error.__cause__
        return {row_id: self.memory.traces[key] for row_id, key in keys.items()}

    def untraced(self, rows: Sequence[Example], how: How) -> list[Example]:
        """The rows without an attribution of this kind."""
        return [row for row in rows if _trace_key(row, how) not in self.memory.traces]

    def _explain(self, rows: Sequence[Example], how: How, advance: Callable[[int], None]) -> None:
        before = Spent.so_far(self.classifier.meter)
        found = self.classifier.explain(
            [text_of(row) for row in rows],
            how.method,
            how.target,
            labels=[row.label for row in rows] if how.target == "label" else None,
            baseline=how.baseline,
            seed=how.seed,
            options=None if how.samples is None else {"samples": how.samples},
            predictions=self._known([text_of(row) for row in rows]),
            progress=advance,
        )
        explained = Explained(found[0].output, found[0].baseline, found[0].signed)
        keys = tuple(_trace_key(row, how) for row in rows)
        self._finished(
            Traced(keys, tuple(map(trace_of, found)), explained, Spent.so_far(self.classifier.meter) - before)
        )

    def _known(self, texts: Sequence[Text]) -> Predictions:
        """What the model said of the texts; it is not asked again."""
        found = np.array([self.memory.predictions[key_of(text)] for text in texts])
        names = self.classifier.labels
        return Predictions(np.full_like(found, np.nan), found, [names[int(i)] for i in found.argmax(1)])

    def recheck(self, texts: Sequence[Text]) -> None:
        """Asks a few texts again that an earlier run has answered; ModelError where the answers are others."""
        known = [text for text in texts if key_of(text) in self.memory.predictions][:RECHECKED]
        if not known:
            return
        before = Spent.so_far(self.classifier.meter)
        found = self.classifier.predict(known).probabilities
        self.asked += Spent.so_far(self.classifier.meter) - before
        earlier = np.array([self.memory.predictions[key_of(text)] for text in known])
        if not _alike(earlier, found):
            raise ModelError(
                "The model answers otherwise than when this run was begun, so its finished part cannot be used: "
                "start over with --no-resume."
            )

    def _finished(self, block: Predicted | Traced) -> None:
        self.memory.add(block)
        self.asked += block.spent
        self.on_block(block)

    @property
    def _batch_tokens(self) -> int:
        return int(getattr(self.classifier, "batch_tokens", None) or BATCH_TOKENS)


def answers_of(classifier: Classifier, memory: Memory, on_block: OnBlock, on_progress: OnProgress) -> Answers:
    """The classifier with this memory; one that is paid for every answer (an endpoint) keeps each by itself."""
    if keeps := getattr(classifier, "keeps", None):
        keeps(memory.paid, on_block)
    return Answers(classifier, memory, on_block, on_progress)


def _alike(one: Floats, other: Floats) -> bool:
    """To a rounding; what was no number is none again."""
    return one.shape == other.shape and np.allclose(one, other, rtol=0, atol=ANSWERS_DIFFER, equal_nan=True)


def row_called(id: str) -> str:
    """A row in a message; its id may be a name or an address."""
    return "a row (its id is not shown, for the run is redacted)" if withheld() else f"row {id!r}"


class Readable(Protocol):
    """A row, or an edited one."""

    @property
    def text(self) -> str: ...
    @property
    def text_pair(self) -> str | None: ...


def text_of(row: Readable) -> Text:
    """What the model reads of a row: its text, or both texts."""
    return row.text if row.text_pair is None else (row.text, row.text_pair)


def _trace_key(row: Example, how: How) -> Key:
    target = row.label if how.target == "label" else how.target
    return key_of(text_of(row), how.method, how.baseline, how.seed, how.samples, target)


def _characters(text: Text) -> int:
    return len(text) if isinstance(text, str) else len(text[0]) + len(text[1])


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `run_audits` under the names that the report gives them, in its order."""

    method: str
    target: str
    baseline: str | None
    rows_limit: int | None
    edits: int
    seed: int
    fail_on: str
    cluster: str | None
    audits: tuple[str, ...]
    redact: bool = False
    allow_inconclusive: bool = False
    discovery: bool = True
    on_doubt: str = "note"
    exhaustive: bool = False

    @property
    def how(self) -> How:
        """How rows are explained."""
        return How(self.method, self.target, self.baseline, self.seed, thorough=self.exhaustive)
