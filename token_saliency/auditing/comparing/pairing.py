"""What two finished runs have in common: rows by their text, edits by all that was asked, classes by their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.region_audits import of_pictures
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.outcome import cases_of
from token_saliency.errors import DataError
from token_saliency.report import Report
from token_saliency.results import Edit, ScoredRow
from token_saliency.store.evidence import Evidence

Kind = Literal["models", "rows", "both"]
SAME_ANSWER = 1e-4
"""Probabilities nearer than this are the same answer on another machine or in another batch."""

Probabilities = tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """A finished run, read back."""

    folder: str
    report: Report
    evidence: Evidence

    @property
    def rows(self) -> Mapping[str, ScoredRow]:
        """The rows by id."""
        return self.evidence.rows

    @property
    def classes(self) -> Sequence[str]:
        """What the answers are about: the classes of the model, of pictures the predicted one and any other."""
        return self.evidence.classes

    @cached_property
    def by_text(self) -> dict[tuple[str, str | None], str]:
        """The id of each row by its texts, which no two rows of a run share."""
        return {(row.text, row.text_pair): row.id for row in self.rows.values()}

    def case(self, audit: Audit) -> Case:
        """All that the run knows for one audit."""
        return cases_of(self.evidence, [audit])[audit.name]


@dataclass(frozen=True)
class Pairing:
    """Two runs, and the rows that both have: id in A -> id in B."""

    a: Run
    b: Run
    common: Mapping[str, str]

    @cached_property
    def order(self) -> list[int]:
        """Where each class of A stands among those of B."""
        return [self.b.classes.index(name) for name in self.a.classes]

    @cached_property
    def same_model(self) -> bool:
        """The same name, and the same answers where both were asked about the same row."""
        first, second = self.a.report.model, self.b.report.model
        return (first.id, first.revision) == (second.id, second.revision) and all(
            np.allclose(
                self.a.rows[ours].probabilities, self.ordered(self.b.rows[theirs].probabilities), atol=SAME_ANSWER
            )
            for ours, theirs in self.common.items()
        )

    @property
    def same_rows(self) -> bool:
        """Whether every row of either run is in the other."""
        return len(self.common) == len(self.a.rows) == len(self.b.rows)

    @property
    def kind(self) -> Kind:
        """What differs: the model, the rows, or both."""
        if self.same_rows:
            return "models"
        return "rows" if self.same_model else "both"

    @property
    def paired(self) -> bool:
        """Two models are compared on the rows that both have; one model on other rows has nothing to pair."""
        return self.kind != "rows"

    def ordered(self, probabilities: Sequence[float]) -> Probabilities:
        """Probabilities of B in the order of A's classes."""
        return tuple(probabilities[place] for place in self.order)

    def joint(self, audit: Audit) -> Joint:
        """The edits of one audit that were put to both models."""
        theirs = {self._key(edit, edit.row): edit for edit in self.b.evidence.edits if edit.audit == audit.name}
        found = []
        asked = [edit for edit in self.a.evidence.edits if edit.audit == audit.name]
        for edit in asked:
            twin = theirs.get(self._key(edit, self.common.get(edit.row)))
            if twin is not None:
                found.append((edit, replace(edit, before=self.ordered(twin.before), after=self.ordered(twin.after))))
        rows = [self.a.rows[row_id] for row_id in self.common]
        return Joint(self.a.evidence, audit, rows, found, max(len(asked), len(theirs)))

    @staticmethod
    def _key(edit: Edit, row: str | None) -> tuple[object, ...]:
        return row, edit.operator, edit.slot, edit.item, edit.placebo, edit.text, edit.text_pair


@dataclass(frozen=True)
class Joint:
    """The edits of one audit with the answers of both models, on the rows, spans, labels and clusters of A."""

    evidence: Evidence
    audit: Audit
    rows: Sequence[ScoredRow]
    edits: Sequence[tuple[Edit, Edit]]
    asked: int

    def case(self, weight_a: float, weight_b: float) -> Case:
        """The case of a model that answers `weight_a` x A + `weight_b` x B: for claims linear in the answers."""

        def mixed(first: Probabilities, second: Probabilities) -> Probabilities:
            return tuple(weight_a * p + weight_b * q for p, q in zip(first, second, strict=True))

        edits = [
            replace(ours, before=mixed(ours.before, theirs.before), after=mixed(ours.after, theirs.after))
            for ours, theirs in self.edits
        ]
        mixture = Evidence.of(self.rows, edits, self.evidence.classes, self.evidence.seed)
        return cases_of(mixture, [self.audit])[self.audit.name]


def paired(a: Run, b: Run) -> Pairing:
    """The rows that both runs have. DataError where two runs cannot be compared at all."""
    if of_pictures(a.report) != of_pictures(b.report):
        raise DataError("One run is of pictures, the other of texts: compare two runs of one kind.")
    first, second = a.report.model.labels, b.report.model.labels
    if sorted(first) != sorted(second):
        raise DataError(
            f"The two models have other classes ({', '.join(first)} and {', '.join(second)}): "
            "compare models that answer the same question, or name the classes alike in id2label."
        )
    common = {row: b.by_text[text] for text, row in a.by_text.items() if text in b.by_text}
    found = Pairing(a, b, common)
    if not common and not found.same_model:
        raise DataError(_nothing_shared(a, b))
    return found


def _nothing_shared(a: Run, b: Run) -> str:
    if bool(a.report.settings.get("redact")) != bool(b.report.settings.get("redact")):
        return "One of the runs is redacted, so that no row is found in the other: redact both, or none."
    return (
        f"The runs have no row in common, and the models {a.report.model.id} and {b.report.model.id} are not the same: "
        "audit both models on the same rows, or the same model on both."
    )
