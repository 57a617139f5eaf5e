"""What nobody listed: nominated on one half of the rows, confirmed by edits on the other half.

A confirmed suspect meets what WARN asks of a claim: a zero effect is rejected (Benjamini-Hochberg over the nominees),
and the effect exceeds that of the same edit on ordinary words of the same row by more than half the margin at its lower
bound. A word must do so when it is deleted AND when an ordinary word of like frequency takes its place. It is
descriptive and gates nothing: whether a confirmed suspect is spurious is for a person to say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from scipy import stats

from token_saliency.auditing.audit import Judge, Match
from token_saliency.auditing.discovery.nominate import MIN_ROWS, Halves, Nominee, Traces, nominees
from token_saliency.auditing.discovery.suspects import FINDERS, PATTERNS, Kind, Suspect
from token_saliency.auditing.edits.operators import delete, swap
from token_saliency.auditing.edits.request import control_words, planned_edit
from token_saliency.auditing.judging.case import judged_classes, output_of, unit_of
from token_saliency.auditing.judging.descriptives import edited_pair
from token_saliency.auditing.judging.shifts import ShiftTest, presence_shifts
from token_saliency.auditing.judging.verdicts import ALPHA, ClaimEstimate
from token_saliency.results import Discovered, Edit, EditedPair, Example, ScoredRow
from token_saliency.stats.sampling import cluster_keys, content_hash, in_first_half

ROWS_A_NOMINEE = 100
"""Rows of the second half in which a nominee is put to the test, at most."""

FILLERS = 10
"""Ordinary words of the nearest frequency: one of them, by hash, fills the slots of a row."""

DISCOVERY = "discovery:"
"""Edits of a kind of suspect are filed under this and the kind; no file of an audit has a colon in its name."""

OPERATORS = ("delete", "swap")

UNLABELLED = "discovery: the rows have few labels or none, so suspects were nominated by the PREDICTED class."

BY_ATTRIBUTION = "discovery: no two classes to tell apart, so suspects were nominated by attribution alone."


def filed_under(kind: Kind) -> str:
    """The name under which the edits of a kind are kept."""
    return f"{DISCOVERY}{kind}"


SHOWN: Mapping[str, frozenset[str]] = {
    filed_under(kind): frozenset(map(str.lower, PATTERNS)) if kind == "pattern" else frozenset() for kind in FINDERS
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

    def _edits(self, nominee: Nominee) -> list[Edit]:
        at = self.halves.places[1][nominee.suspect]
        rows = [row for row in self.halves.second if row.id in at]
        rows.sort(key=lambda row: (len(at[row.id]), content_hash(self.seed, row.text, row.text_pair)))
        fillers = self._fillers(nominee) if nominee.suspect.kind == "word" else []
        return [edit for row in rows[:ROWS_A_NOMINEE] for edit in self._row_edits(nominee, row, fillers)]

    def _row_edits(self, nominee: Nominee, row: Example, fillers: Sequence[str]) -> list[Edit]:
        real = [Match(start, end, "") for start, end in self.halves.places[1][nominee.suspect][row.id]]
        control = self._control(row, real)
        fillers = sorted(fillers, key=lambda word: content_hash(self.seed, row.text, word))
        sides = [(real, False), *([(control, True)] if control else [])]
        planned = [_planned(nominee, "delete", row, spans, "", placebo) for spans, placebo in sides]
        for spans, placebo in sides if fillers else []:
            standing = {row.text[span.start : span.end].lower() for span in spans}
            item = next((word for word in fillers if word not in standing), None)
            if item:
                planned.append(_planned(nominee, "swap", row, spans, item, placebo))
        return planned

    def _control(self, row: Example, real: Sequence[Match]) -> list[Match]:
        """As many ordinary words of the row as the suspect has, the nearest in length, outside every audited span."""
        pieces = [piece for span in real for piece in row.text[span.start : span.end].split()]
        wanted = sum(map(len, pieces)) / max(1, len(pieces))
        taken = [*real, *(Match(s.start, s.end, s.item) for s in self.halves.heads[row.id].spans)]
        found = control_words(row.text, taken, self.halves.ordinary)
        found.sort(key=lambda m: (abs(m.end - m.start - wanted), content_hash(self.seed, row.text, m.start)))
        return sorted(found[: max(1, len(pieces))], key=lambda match: match.start)

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
    text = row.text
    for span in sorted(spans, key=lambda one: -one.start):
        text = delete(text, span) if operator == "delete" else swap(text, span, item)
    slot = min(span.start for span in spans), max(span.end for span in spans)
    suspect = nominee.suspect
    return planned_edit(filed_under(suspect.kind), operator, row, slot, suspect.item, text, placebo=placebo)


SHOWN_PAIRS = 3

JUDGE = Judge(min_rows=MIN_ROWS)


def discovered(
    nomination: Nomination, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> list[Discovered]:
    """Every nominee that could be tested, the confirmed ones first, then by p."""
    estimates = {kind: _estimates(filed_under(kind), heads, edits, classes, seed) for kind in FINDERS}
    tested = [
        (one, estimates[one.suspect.kind].get((one.suspect.item, one.class_index), [])) for one in nomination.nominees
    ]
    tested = [(one, found) for one, found in tested if found]
    if not tested:
        return []
    adjusted = stats.false_discovery_control([max(draft.p for draft in found) for _, found in tested])
    results = [
        replace(
            _discovered(one, found, float(p), classes, nomination.labelled),
            pairs=_pairs(one, _weakest(found).operator, heads, edits, classes, seed),
        )
        for (one, found), p in zip(tested, adjusted, strict=True)
    ]
    return sorted(results, key=lambda one: (not one.confirmed, one.p_adjusted, -abs(one.effect), one.kind, one.item))


def _estimates(
    name: str, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> dict[tuple[str, int], list[ClaimEstimate]]:
    """By item and class: one estimate for each way of editing."""
    own = [edit for edit in edits if edit.audit == name]
    judged = judged_classes(heads.values(), classes)
    test = ShiftTest({row_id: head.cluster for row_id, head in heads.items()}, JUDGE.margin, 1, (seed, name))
    found: dict[tuple[str, int], list[ClaimEstimate]] = {}
    for operator in OPERATORS:
        for estimate in presence_shifts(own, operator, judged, test):
            found.setdefault(((estimate.between or ("",))[0], estimate.class_index), []).append(estimate)
    return found


def _weakest(drafts: Sequence[ClaimEstimate]) -> ClaimEstimate:
    return min(drafts, key=lambda draft: (abs(draft.effect), draft.operator))


def _discovered(
    nominee: Nominee, drafts: Sequence[ClaimEstimate], p_adjusted: float, classes: Sequence[str], labelled: bool
) -> Discovered:
    """What the weaker of its edits shows."""
    weakest = _weakest(drafts)
    missing = _missing(drafts, p_adjusted, unit_of(classes))
    name = classes[nominee.class_index]
    return Discovered(
        item=nominee.suspect.item,
        kind=nominee.suspect.kind,
        class_=name,
        share=nominee.share,
        expected_share=nominee.expected,
        z=nominee.z,
        operator=weakest.operator,
        effect=weakest.effect,
        control=weakest.control,
        interval=weakest.interval,
        flip_rate=weakest.flip_rate,
        p=max(draft.p for draft in drafts),
        p_adjusted=p_adjusted,
        rows=weakest.rows,
        margin=JUDGE.margin,
        confirmed=missing is None,
        reason=f"{_nominated(nominee, name, labelled)} {_measured(classes, weakest)} {_concluded(missing)}",
        listed=nominee.listed,
        pairs=(),
    )


def _nominated(nominee: Nominee, name: str, labelled: bool) -> str:
    said = [f"Nominated on {nominee.rows} rows"]
    if nominee.share is not None and nominee.expected is not None:
        said.append(f"with {nominee.share:.2f} of the attribution on {nominee.expected:.2f} of the tokens")
    if nominee.z is not None:
        said.append(f"and z = {nominee.z:+z.1f} for {'the label' if labelled else 'the PREDICTED class'} {name}")
    return f"{' '.join(said)}."


def _measured(classes: Sequence[str], draft: ClaimEstimate) -> str:
    against = "deleting it" if draft.operator == "delete" else "putting an ordinary word in its place"
    control = "no control" if draft.control is None else f"ordinary words {draft.control:+z.3f}"
    low, high = draft.interval
    effect = f"{draft.effect:+z.3f}{unit_of(classes)} [{low:+z.3f}, {high:+z.3f}]"
    moves = f"its presence moves {output_of(classes, draft.class_index)} by {effect}"
    return f"On {draft.rows} other rows {moves}, by {against} ({control})."


def _missing(drafts: Sequence[ClaimEstimate], p_adjusted: float, unit: str) -> str | None:
    """What a confirmation lacks; None where nothing is missing."""
    rule, fewest = JUDGE, min(draft.rows for draft in drafts)
    if fewest < rule.min_rows:
        return f"{fewest} rows, {rule.min_rows} are needed"
    if not all(draft.beyond_control is not None and draft.beyond_control > rule.margin / 2 for draft in drafts):
        return f"it is not shown to exceed ordinary words by more than {rule.margin / 2:g}{unit}"
    if len({draft.effect > 0 for draft in drafts}) > 1:
        return "deleting it and putting an ordinary word in its place move the output in opposite directions"
    return None if p_adjusted <= ALPHA else "an effect is not shown after the correction for all suspects"


def _concluded(missing: str | None) -> str:
    return f"Not confirmed: {missing}." if missing else "Confirmed: whether it should count is for a person to say."


def _pairs(
    nominee: Nominee,
    operator: str,
    heads: Mapping[str, ScoredRow],
    edits: Sequence[Edit],
    classes: Sequence[str],
    seed: int,
) -> tuple[EditedPair, ...]:
    """A few edits to judge by eye, drawn by hash."""
    suspect, name = nominee.suspect, filed_under(nominee.suspect.kind)
    own = [e for e in edits if (e.audit, e.item, e.operator) == (name, suspect.item, operator) and not e.placebo]
    own.sort(key=lambda edit: content_hash(seed, edit.text))  # not of the row, whose id is its place in the file
    return tuple(edited_pair(heads[edit.row], edit, classes, nominee.class_index) for edit in own[:SHOWN_PAIRS])
