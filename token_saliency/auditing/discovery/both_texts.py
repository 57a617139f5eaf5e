"""Suspects of pairs of texts: each of both texts is searched by itself, as if it were the only one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from token_saliency.auditing.audit import IN_SECOND
from token_saliency.auditing.discovery.nominate import Traces
from token_saliency.auditing.discovery.probes import Deciding, Hunt, Nomination, hunt
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.auditing.planning import turned, turned_back
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.store.trace import Trace


@dataclass(frozen=True, slots=True)
class Hunts:
    """One of the texts and, where rows are pairs, one of the second texts."""

    sides: Sequence[Hunt]

    @property
    def nominating(self) -> set[str]:
        """The rows whose attributions say who is suspected."""
        return set[str]().union(*(one.halves.explained for one in self.sides))

    def planned(self) -> list[Edit]:
        """A guess at the edits, from association alone."""
        return _joined([one.nominated({}) for one in self.sides]).planned

    def nomination(self, traces: Traces, second: Deciding | None) -> Nomination:
        """The nominees of both, their edits, and what the rows and a second model say of each."""
        found = []
        for part, one in enumerate(self.sides):
            own = traces if len(self.sides) == 1 else {row: _of_text(trace, part) for row, trace in traces.items()}
            asked = _Turned(second) if part and second else second
            found.append(one.profiled(one.nominated(own), asked))
        return _joined(found)


def hunts(rows: Sequence[Example], heads: Mapping[str, ScoredRow], classes: Sequence[str], **given: Any) -> Hunts:
    """See `hunt`."""
    paired = [row for row in rows if row.text_pair is not None]
    if not paired:
        return Hunts([hunt(rows, heads, classes, **given)])
    sides = enumerate((rows, [turned(row) for row in paired]))
    own = [(side, {row.id: _head(heads[row.id], row, part) for row in side}) for part, side in sides]
    return Hunts([hunt(side, found, classes, **given) for side, found in own])


@dataclass(frozen=True, slots=True)
class _Turned:
    """A second model that is asked about turned pairs."""

    model: Deciding

    def predict(self, texts: Any) -> Any:
        return self.model.predict([(second, first) for first, second in texts])


def _head(head: ScoredRow, row: Example, part: int) -> ScoredRow:
    spans = tuple(replace(span, part=0) for span in head.spans if span.part == part)
    return replace(head, text=row.text, text_pair=row.text_pair, spans=spans)


def _of_text(trace: Trace, part: int) -> Trace:
    tokens = trace.tokens[trace.tokens["segment"] == part].copy()
    tokens["segment"] = 0
    return replace(trace, tokens=tokens)


def _joined(found: Sequence[Nomination]) -> Nomination:
    """What was found in second texts is named so, and its edits are turned back."""
    first, *others = found
    for one in others:
        named = [replace(n, suspect=Suspect(n.suspect.kind, n.suspect.item + IN_SECOND)) for n in one.nominees]
        edits = [replace(turned_back(edit), item=edit.item + IN_SECOND) for edit in one.planned]
        profiles = [*first.profiles, *one.profiles]
        first = replace(first, nominees=[*first.nominees, *named], planned=[*first.planned, *edits], profiles=profiles)
    return first
