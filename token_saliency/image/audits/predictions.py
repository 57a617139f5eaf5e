"""What the model says of pictures, of rows and of edited ones, and where it looks; a few pictures at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from PIL import Image

from token_saliency.auditing.evidence.progress import OnProgress
from token_saliency.errors import DataError, ModelError
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.audits.edits import Seen, small
from token_saliency.image.audits.rows import ImageRow, content_key, look_key
from token_saliency.image.classifier import ImageClassifier
from token_saliency.stats.sampling import content_hash

EXPLAINED = 60
"""Rows whose attribution is looked at: it nominates, and a mean over so many is near enough."""
AT_ONCE = 32
DIGITS = 6
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Maps:
    """Attributions by row id and their `method`; `notes` say why it is not the one that was asked for."""

    of: dict[str, ImageAttribution]
    method: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Asking:
    """The classifier, and who is told how far it is."""

    classifier: ImageClassifier
    tell: OnProgress

    def seen(self, rows: Sequence[ImageRow], limit: int | None, seed: int) -> list[Seen]:
        """Distinct pictures in the order of their hash, each with its prediction."""
        distinct: dict[str, tuple[ImageRow, str, tuple[int, int]]] = {}
        for row in rows:
            picture = small(row)
            key = content_key(picture)
            if key not in distinct or _precedence(row) < _precedence(distinct[key][0]):
                distinct[key] = row, row.cluster or look_key(picture), picture.size
        kept = sorted(distinct, key=lambda key: content_hash(seed, key))[:limit]
        if not kept:
            raise DataError("There are no pictures at all to audit: check the folder or the CSV.")
        found = [distinct[key] for key in kept]
        clusters = np.unique([cluster for _, cluster, _ in found], return_inverse=True)[1].tolist()
        answers = self.probabilities([partial(small, row) for row, _, _ in found], "predict")
        box = self.classifier.sight.box
        return [
            Seen(row, key, cluster, int(np.argmax(p)), tuple(map(float, p)), size, box(size) or (0, 0, *size))
            for key, (row, _, size), cluster, p in zip(kept, found, clusters, answers, strict=True)
        ]

    def probabilities(self, makers: Sequence[Callable[[], Image.Image]], stage: str) -> np.ndarray:
        """[n, C], rounded; pictures are drawn when they are asked."""
        parts, done = [np.zeros((0, len(self.classifier.labels)))], 0
        for some in _batches(makers):
            parts.append(self.classifier.predict([make() for make in some]).probabilities)
            done += len(some)
            self.tell(stage, done, len(makers))
        return np.asarray(np.concatenate(parts).round(DIGITS))

    def maps(self, rows: Sequence[Seen], method: str, baseline: str, seed: int) -> Maps:
        """Attributions of the first rows; a method that the model does not admit is a note, not an end."""
        some, notes = rows[:EXPLAINED], list[str]()
        try:
            found = self._explained(some, method, baseline, seed)
        except ModelError as error:
            method, notes = "gradient", [f"{error} Attribution shares are of 'gradient' instead."]
            found = self._explained(some, method, baseline, seed)
        return Maps({seen.row.id: one for seen, one in zip(some, found, strict=True)}, method, notes)

    def _explained(self, rows: Sequence[Seen], method: str, baseline: str, seed: int) -> list[ImageAttribution]:
        found: list[ImageAttribution] = []
        for some in _batches(rows):
            pictures = [small(seen.row) for seen in some]
            found += self.classifier.explain(pictures, method, baseline=baseline, seed=seed)
            self.tell("explain", len(found), len(rows))
        return found


def _precedence(row: ImageRow) -> tuple[str, str]:
    return row.label or "", row.id


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
