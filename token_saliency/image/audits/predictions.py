"""What the model says of pictures, of rows and of edited ones, and where it looks; a few pictures at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np
from PIL import Image

from token_saliency.auditing.evidence.asking import OnProgress
from token_saliency.auditing.regions import SEVERAL
from token_saliency.data.cells import listed
from token_saliency.drawing.facts import ROUGH
from token_saliency.errors import DataError, ModelError
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.audits.edits import Seen, small
from token_saliency.image.audits.rows import ImageRow, content_key, look_key
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.pixels.pictures import counted, losses
from token_saliency.stats.sampling import content_hash
from token_saliency.store.blocks import Memory, OnBlock, Predicted, Spent, key_of

EXPLAINED = 60
"""Rows whose attribution is looked at: it nominates, and a mean over so many is near enough."""
AT_ONCE = 32
DIGITS = 6
ANSWERS_DIFFER = 1e-3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Maps:
    """Attributions by row id and their `method`; `notes` say why it is not the one that was wanted.

    They are kept in memory alone: a resumed run computes them again, which takes a pass or a few a picture.
    """

    of: dict[str, ImageAttribution]
    method: str
    notes: list[str]
    spent: Spent


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is drawn when the model is to answer; the same `key`, the same picture."""

    key: str
    make: Callable[[], Image.Image]


@dataclass(slots=True)
class PictureAnswers:
    """The classifier, the answers that are there already, and who is told of new ones."""

    classifier: ImageClassifier
    memory: Memory
    on_block: OnBlock
    tell: OnProgress
    notes: list[str] = field(default_factory=list)
    """What was left out, for the warnings of the report."""
    stop: Exception | None = None
    """What `on_block` raised to stop the run: no fault of the audit that was under way."""

    def seen(self, rows: Sequence[ImageRow], limit: int | None, seed: int, *, redact: bool = False) -> list[Seen]:
        """Distinct pictures in the order of their hash, each with its prediction; what cannot be read is counted."""
        distinct, notes = distinct_pictures(rows, redact=redact)
        several = self.classifier.head.kind == "multi_label_classification"
        self.notes += [*notes, *[SEVERAL] * several]
        kept = sorted(distinct, key=lambda key: content_hash(seed, key))[:limit]
        if not kept:
            raise DataError("There are no pictures at all to audit: check the folder or the CSV.")
        found = [distinct[key] for key in kept]
        _require_own_names([one.row for one in found])
        clusters = np.unique([one.cluster for one in found], return_inverse=True)[1].tolist()
        asked = [Picture(key, partial(small, one.row)) for key, one in zip(kept, found, strict=True)]
        self._recheck(asked)
        answers = self.probabilities(asked, "predict")
        box = self.classifier.sight.box
        return [
            Seen(
                own.row,
                key,
                cluster,
                int(np.argmax(p)),
                tuple(map(float, p)),
                size,
                box(size, own.kind) or (0, 0, *size),
            )
            for key, own, cluster, p in zip(kept, found, clusters, answers, strict=True)
            for size in [own.size]
        ]

    def probabilities(self, pictures: Sequence[Picture], stage: str) -> np.ndarray:
        """[n, C], rounded. A picture that was answered before is neither drawn nor put to the model again."""
        missing = list(
            {key_of(one.key): one for one in pictures if key_of(one.key) not in self.memory.predictions}.values()
        )
        done = len(pictures) - len(missing)
        for some in _batches(missing):
            before = Spent.so_far(self.classifier.meter)
            found = self.classifier.predict([one.make() for one in some]).probabilities.round(DIGITS)
            block = Predicted(
                tuple(key_of(one.key) for one in some), found, Spent.so_far(self.classifier.meter) - before
            )
            self.memory.add(block)
            done += len(some)
            self.tell(stage, done, len(pictures))
            self._hand_on(block)
        answers = [self.memory.predictions[key_of(one.key)] for one in pictures]
        return np.array(answers).reshape(len(pictures), len(self.classifier.labels))

    def _hand_on(self, block: Predicted) -> None:
        try:
            self.on_block(block)
        except Exception as error:
            self.stop = error
            raise

    def _recheck(self, pictures: Sequence[Picture]) -> None:
        """Answers of an earlier, stopped run must be those that the model gives now; ModelError where they are not."""
        known = [one for one in pictures if key_of(one.key) in self.memory.predictions][:AT_ONCE]
        if not known:
            return
        found = self.classifier.predict([one.make() for one in known]).probabilities
        earlier = np.array([self.memory.predictions[key_of(one.key)] for one in known])
        if earlier.shape != found.shape or np.abs(found - earlier).max() > ANSWERS_DIFFER:
            raise ModelError(
                "The model answers otherwise than when this run was begun, so its finished part cannot be used: "
                "start over with --no-resume."
            )

    def maps(self, rows: Sequence[Seen], method: str, baseline: str, seed: int) -> Maps:
        """Attributions of the first rows; a method that the model does not admit is a note, not an end."""
        some, notes, before = rows[:EXPLAINED], list[str](), Spent.so_far(self.classifier.meter)
        try:
            found = self._explained(some, method, baseline, seed)
        except ModelError as error:
            method, notes = "gradient", [f"{error} Attribution shares are of 'gradient' instead."]
            found = self._explained(some, method, baseline, seed)
        if rough := sum(ROUGH in one.notes for one in found):
            notes.append(f"{rough} of {len(found)} maps did not reach their tolerance (scores are rougher).")
        own = {seen.row.id: one for seen, one in zip(some, found, strict=True)}
        return Maps(own, method, notes, Spent.so_far(self.classifier.meter) - before)

    def _explained(self, rows: Sequence[Seen], method: str, baseline: str, seed: int) -> list[ImageAttribution]:
        found: list[ImageAttribution] = []
        for some in _batches(rows):
            pictures = [small(seen.row) for seen in some]
            found += self.classifier.explain(pictures, method, baseline=baseline, seed=seed)
            self.tell("explain", len(found), len(rows))
        return found


@dataclass(frozen=True, slots=True)
class Read:
    """A row with what was found when its picture was opened; `cluster` is that of its copies."""

    row: ImageRow
    cluster: str
    size: tuple[int, int]
    kind: str
    losses: tuple[str, ...]


def distinct_pictures(rows: Sequence[ImageRow], *, redact: bool = False) -> tuple[dict[str, Read], list[str]]:
    """Each picture once, by its content; notes say what could not be read, or not wholly. DataError where none can."""
    distinct, unread = dict[str, Read](), list[DataError]()
    for row in rows:
        try:
            picture = small(row)
        except DataError as error:
            unread.append(error)
            continue
        key = content_key(picture)
        if key not in distinct or _precedence(row) < _precedence(distinct[key].row):
            own = picture.size, picture.mode, losses(picture)
            distinct[key] = Read(row, row.cluster or look_key(picture), *own)
    if unread and not distinct:
        raise DataError(f"None of {len(rows)} pictures can be read.") if redact else unread[0]
    notes = counted([one.losses for one in distinct.values()])
    if unread:
        told = f"{len(unread)} of {len(rows)} pictures cannot be read and are left out"
        notes.append(told + ("." if redact else f": {unread[0]}"))
    return distinct, notes


def _require_own_names(rows: Sequence[ImageRow]) -> None:
    """DataError where two pictures have one id: their answers would be taken for one another's."""
    ids = Counter(row.id for row in rows)
    twice = [name for name, count in ids.items() if count > 1]
    if twice:
        raise DataError(f"Several pictures are called {listed(twice[:1])}: give each an id of its own.")


def _precedence(row: ImageRow) -> tuple[str, str]:
    return row.label or "", row.id


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
