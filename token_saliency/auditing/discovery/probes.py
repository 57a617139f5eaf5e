"""Where suspects are looked for, and the edits that put them to the test."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from token_saliency.auditing.audit import Match
from token_saliency.auditing.discovery.nominate import Halves, Nominee, Traces, nominees
from token_saliency.auditing.discovery.pairs import SINGLE, words_of_pair
from token_saliency.auditing.discovery.profiles import Profile, company_of, profile
from token_saliency.auditing.discovery.spread import PLAIN, said_without, way_without
from token_saliency.auditing.discovery.suspects import KINDS, NAMED, Kind, Suspect
from token_saliency.auditing.edits.operators import everywhere, swap
from token_saliency.auditing.edits.request import control_words, planned_edit
from token_saliency.auditing.evidence.asking import text_of
from token_saliency.auditing.judging.case import judged_classes
from token_saliency.results import Edit, Example, ScoredRow, Span
from token_saliency.stats.sampling import cluster_keys, content_hash, in_first_half

ROWS_A_NOMINEE = 60
"""Rows of the second half in which a nominee is put to the test, at most."""

FILLERS = 10
"""Ordinary words of the nearest frequency: one of them, by hash, fills the slots of a row."""

USUAL_LETTERS = 5
"""Letters of a word, where a control must be as large as what is written anew."""

DISCOVERY = "discovery:"
"""Edits of a kind of suspect are filed under this and the kind; no file of an audit has a colon in its name."""

OPERATORS = ("delete", "swap", "rewrite")
"""Taken out, an ordinary word in its place, or said without it."""

UNLABELLED = "discovery: the rows have few labels or none, so suspects were nominated by the PREDICTED class."

BY_ATTRIBUTION = "discovery: no two classes to tell apart, so suspects were nominated by attribution alone."


class Deciding(Protocol):
    """Any classifier with the classes of the audited one: its decisions are all that is asked."""

    def predict(self, texts: Any) -> Any:
        """See `TextClassifier.predict`."""


def filed_under(kind: Kind) -> str:
    """The name under which the edits of a kind are kept."""
    return f"{DISCOVERY}{kind}"


SHOWN: Mapping[str, frozenset[str]] = {
    filed_under(kind): frozenset(map(str.lower, NAMED)) if kind == "pattern" else frozenset() for kind in KINDS
}
"""What of the suspects is no text of a row, by the name that their edits are filed under."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """Both halves of the rows; `budget` is the largest number of edited texts."""

    halves: Halves
    budget: int
    seed: int

    def nominated(self, traces: Traces) -> Nomination:
        """The nominees and their edits; without traces a guess at both, from association alone."""
        found: list[Nominee] = []
        planned: list[Edit] = []
        for nominee in nominees(self.halves, traces):
            edits = self._edits(nominee)
            if len(planned) + len(edits) > self.budget:
                break
            found.append(nominee)
            planned += edits
        return Nomination(found, planned, self.halves.labelled)

    def profiled(self, nomination: Nomination, second: Deciding | None) -> Nomination:
        """With what the rows of both halves, and a second model, say of each nominee: before texts are redacted."""
        own = self.halves
        company = company_of([*own.first, *own.second], None if own.labelled else own.heads)
        found = [
            profile(company, one.suspect, own.at(0, one.suspect) | own.at(1, one.suspect), own.classes[one.class_index])
            for one in nomination.nominees
        ]
        return replace(nomination, profiles=self._followed(nomination, found, second) if second else found)

    def _followed(self, nomination: Nomination, found: Sequence[Profile], second: Deciding) -> list[Profile]:
        """How often the second model decides otherwise without the suspect."""
        edits = [edit for edit in nomination.planned if edit.operator != "swap" and not edit.placebo]
        rows = {row.id: row for row in self.halves.second}
        texts = [*(text_of(rows[edit.row]) for edit in edits), *map(text_of, edits)]
        decided = np.array(second.predict(texts).probabilities).argmax(1) if texts else np.zeros(0)
        turned = decided[: len(edits)] != decided[len(edits) :]
        by_suspect: dict[tuple[str, str], list[bool]] = {}
        for edit, other in zip(edits, turned.tolist(), strict=True):
            by_suspect.setdefault((edit.audit, edit.item), []).append(other)
        asked = [by_suspect.get((filed_under(one.suspect.kind), one.suspect.item)) for one in nomination.nominees]
        return [
            replace(each, second=float(np.mean(flips))) if flips else each
            for each, flips in zip(found, asked, strict=True)
        ]

    def _edits(self, nominee: Nominee) -> list[Edit]:
        at = self.halves.at(1, nominee.suspect)
        rows = [row for row in self.halves.second if row.id in at]
        rows.sort(key=lambda row: content_hash(self.seed, row.text, row.text_pair))
        fewest = sorted(rows, key=lambda row: len(at[row.id]))[: ROWS_A_NOMINEE // 2]  # the smallest changes of a text
        chosen = {row.id for row in fewest}  # and rows as they come, for what decides only where it stands twice
        rows = [*fewest, *(row for row in rows if row.id not in chosen)]
        fillers = self._fillers(nominee) if nominee.suspect.kind == "word" else []
        return [edit for row in rows[:ROWS_A_NOMINEE] for edit in self._row_edits(nominee, row, at[row.id], fillers)]

    def _row_edits(self, nominee: Nominee, row: Example, places: Sequence[Span], fillers: Sequence[str]) -> list[Edit]:
        real = [Match(start, end, nominee.suspect.item) for start, end in places]
        control = self._control(row, real)
        fillers = sorted(fillers, key=lambda word: content_hash(self.seed, row.text, word))
        sides = [(real, False), *([(control, True)] if control else [])]
        away = way_without(nominee.suspect.item)
        planned = [_planned(nominee, away, row, spans, "", placebo) for spans, placebo in sides]
        if nominee.suspect.kind == "pair":
            return [*planned, *self._singles(nominee, row, real, control)]
        for spans, placebo in sides if fillers else []:
            standing = {row.text[span.start : span.end].lower() for span in spans}
            item = next((word for word in fillers if word not in standing), None)
            if item:
                planned.append(_planned(nominee, "swap", row, spans, item, placebo))
        return planned

    def _singles(self, nominee: Nominee, row: Example, real: Sequence[Match], control: Sequence[Match]) -> list[Edit]:
        """Each word of a pair away by itself, and each half of the control."""
        first = set(self.halves.places[1][words_of_pair(nominee.suspect)[0]][row.id])
        apart = [[m for m in real if ((m.start, m.end) in first) is side] for side in (True, False)]
        halves = [control[: len(apart[0])], control[len(apart[0]) :]] if len(control) == len(real) else []
        return [
            _planned(nominee, operator, row, spans, "", placebo)
            for sides, placebo in ((apart, False), (halves, True))
            for operator, spans in zip(SINGLE, sides, strict=False)
        ]

    def _control(self, row: Example, real: Sequence[Match]) -> list[Match]:
        """As many ordinary words of the row as the suspect has, the nearest in length, outside every audited span.

        Beside what is said otherwise: as many letters as are written anew, of any words, for all may be.
        """
        pieces = [piece for span in real for piece in row.text[span.start : span.end].split()]
        letters, count = sum(map(len, pieces)), max(1, len(pieces))
        plain = any(span.item in PLAIN for span in real)
        count = max(1, letters // USUAL_LETTERS) if plain else count
        wanted = USUAL_LETTERS if plain else letters / count
        taken = [*([] if plain else real), *(Match(s.start, s.end, s.item) for s in self.halves.heads[row.id].spans)]
        found = control_words(row.text, taken, self.halves.ordinary)
        found.sort(key=lambda m: (abs(m.end - m.start - wanted), content_hash(self.seed, row.text, m.start)))
        return sorted(found[:count], key=lambda match: match.start)

    def _fillers(self, nominee: Nominee) -> list[str]:
        """Ordinary words that are about as frequent in the first half."""
        item, rows = nominee.suspect.item, nominee.rows
        far = {word: abs(math.log(n / rows)) for word, n in self.halves.ordinary.items() if word != item}
        return sorted(far, key=lambda word: (round(far[word], 6), content_hash(word)))[:FILLERS]


@dataclass(frozen=True, slots=True)
class Nomination:
    """The nominees, what the model is to be asked about them, and whether labels took part."""

    nominees: list[Nominee]
    planned: list[Edit]
    labelled: bool
    profiles: Sequence[Profile] = ()

    def renamed(self, name: Callable[[str, str], str]) -> Nomination:
        """The same nominees under the names that `name` gives to (filed under, item): where words are redacted."""
        kinds = [(one, one.suspect.kind) for one in self.nominees]
        named = [replace(one, suspect=Suspect(kind, name(filed_under(kind), one.suspect.item))) for one, kind in kinds]
        return replace(self, nominees=named)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of how the nominees were found."""
        if self.nominees and all(one.z is None for one in self.nominees):
            return [BY_ATTRIBUTION]
        return [] if self.labelled or not self.nominees else [UNLABELLED]


def hunt(
    rows: Sequence[Example],
    heads: Mapping[str, ScoredRow],
    classes: Sequence[str],
    *,
    cluster: str | None,
    budget: int,
    seed: int,
) -> Hunt:
    """The rows in two halves, by their document clusters."""
    first = {row.id: in_first_half(seed, key) for row, key in zip(rows, cluster_keys(rows, cluster), strict=True)}
    sides = [[row for row in rows if first[row.id] is side] for side in (True, False)]
    return Hunt(Halves(sides[0], sides[1], heads, classes, judged_classes(heads.values(), classes)), budget, seed)


def _planned(nominee: Nominee, operator: str, row: Example, spans: Sequence[Match], item: str, placebo: bool) -> Edit:
    """All spans of the row are edited; the slot reaches from the first to the last. Filed under the suspect."""
    text = everywhere(swap if operator == "swap" else said_without, row.text, spans, item)
    slot = min(span.start for span in spans), max(span.end for span in spans)
    suspect = nominee.suspect
    return planned_edit(filed_under(suspect.kind), operator, row, slot, suspect.item, text, placebo=placebo)
