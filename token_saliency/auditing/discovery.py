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

from token_saliency.auditing.audit import Audit, EditRule, Find, Judge, Match
from token_saliency.auditing.case import Case, Draft
from token_saliency.auditing.edits import delete, swap
from token_saliency.auditing.evidence import edited_pair
from token_saliency.auditing.nomination import MIN_ROWS, Halves, Nominee, Traces, nominees
from token_saliency.auditing.placebos import control_words
from token_saliency.auditing.planning import PlannedEdit
from token_saliency.auditing.sampling import cluster_keys, content_hash, in_first_half
from token_saliency.auditing.shifts import deleted_shift
from token_saliency.auditing.suspects import FINDERS, PATTERNS, Kind, Suspect
from token_saliency.auditing.verdicts import ALPHA
from token_saliency.results import Discovered, Edit, EditedPair, Example, ScoredRow

ROWS_A_NOMINEE = 100
"""Rows of the second half in which a nominee is put to the test, at most."""

FILLERS = 10
"""Ordinary words of the nearest frequency: one of them, by hash, fills the slots of a row."""

SHOWN_PAIRS = 3

JUDGE = Judge(min_rows=MIN_ROWS)

DISCOVERY = "discovery:"
"""Edits of a kind of suspect are filed under this and the kind; no file of an audit has a colon in its name."""

OPERATORS = ("delete", "swap")

UNLABELLED = "discovery: the rows have few labels or none, so suspects were nominated by the PREDICTED class."


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
        planned: list[PlannedEdit] = []
        for nominee in nominees(self.halves, traces):
            edits = self._edits(nominee)
            if len(planned) + len(edits) > self.budget:
                break
            found.append(nominee)
            planned += edits
        return Nomination(found, planned, self.halves.labelled)

    def _edits(self, nominee: Nominee) -> list[PlannedEdit]:
        at = self.halves.places[1][nominee.suspect]
        rows = [row for row in self.halves.second if row.id in at]
        rows.sort(key=lambda row: (len(at[row.id]), content_hash(self.seed, row.text, row.text_pair)))
        fillers = self._fillers(nominee) if nominee.suspect.kind == "word" else []
        return [edit for row in rows[:ROWS_A_NOMINEE] for edit in self._row_edits(nominee, row, fillers)]

    def _row_edits(self, nominee: Nominee, row: Example, fillers: Sequence[str]) -> list[PlannedEdit]:
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
    planned: list[PlannedEdit]
    labelled: bool

    def renamed(self, name: Callable[[str, str], str]) -> Nomination:
        """The same nominees under the names that `name` gives to (filed under, item): where words are redacted."""
        kinds = [(one, one.suspect.kind) for one in self.nominees]
        named = [replace(one, suspect=Suspect(kind, name(filed_under(kind), one.suspect.item))) for one, kind in kinds]
        return replace(self, nominees=named)

    @property
    def notes(self) -> list[str]:
        """What a reader must know of how the nominees were found."""
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
    judged = _case("word", heads, [], classes, seed).judged_classes
    return Hunt(Halves(sides[0], sides[1], heads, classes, judged), budget, seed)


def _planned(
    nominee: Nominee, operator: str, row: Example, spans: Sequence[Match], item: str, placebo: bool
) -> PlannedEdit:
    """All spans of the row are edited; the slot reaches from the first to the last. Filed under the suspect."""
    text = row.text
    for span in sorted(spans, key=lambda one: -one.start):
        text = delete(text, span) if operator == "delete" else swap(text, span, item)
    slot = min(span.start for span in spans), max(span.end for span in spans)
    suspect = nominee.suspect
    return PlannedEdit(
        filed_under(suspect.kind), operator, row.id, slot, row.text[slice(*slot)], suspect.item, placebo, text,
        row.text_pair,
    )  # fmt: skip


# --- confirmation ---------------------------------------------------------------------------------------------------


def discovered(
    nomination: Nomination, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> list[Discovered]:
    """Every nominee that could be tested, the confirmed ones first, then by p."""
    cases = {kind: _case(kind, heads, edits, classes, seed) for kind in FINDERS}
    drafts = {kind: _drafts(case) for kind, case in cases.items()}
    tested = [
        (one, drafts[one.suspect.kind].get((one.suspect.item, one.class_index), [])) for one in nomination.nominees
    ]
    tested = [(one, found) for one, found in tested if found]
    if not tested:
        return []
    adjusted = stats.false_discovery_control([max(draft.p for draft in found) for _, found in tested])
    results = [
        _discovered(cases[one.suspect.kind], one, found, float(p), nomination.labelled)
        for (one, found), p in zip(tested, adjusted, strict=True)
    ]
    return sorted(results, key=lambda one: (not one.confirmed, one.p_adjusted, -abs(one.effect), one.kind, one.item))


def _case(kind: Kind, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int) -> Case:
    """The suspects of one kind in the form in which deletions are judged."""
    name = filed_under(kind)
    audit = Audit(
        name=name,
        code="DSC",
        title="Suspects",
        why="",
        advice="",
        expectation="exploratory",
        items="fixed",
        level="warn",
        find=Find(kind),
        edit=EditRule("", OPERATORS),
        judge=JUDGE,
        cases=(),
    )
    clusters = {row_id: head.cluster for row_id, head in heads.items()}
    return Case(audit, heads, {}, [edit for edit in edits if edit.audit == name], classes, clusters, seed)


def _drafts(case: Case) -> dict[tuple[str, int], list[Draft]]:
    """By item and class: one estimate for each way of editing."""
    found: dict[tuple[str, int], list[Draft]] = {}
    for operator in OPERATORS:
        for draft in deleted_shift(case, operator):
            found.setdefault(((draft.between or ("",))[0], draft.class_index), []).append(draft)
    return found


def _discovered(case: Case, nominee: Nominee, drafts: Sequence[Draft], p_adjusted: float, labelled: bool) -> Discovered:
    """What the weaker of its edits shows."""
    weakest = min(drafts, key=lambda draft: (abs(draft.effect), draft.operator))
    beyond = all(d.beyond_control is not None and d.beyond_control > case.audit.judge.margin / 2 for d in drafts)
    agreed = len({draft.effect > 0 for draft in drafts}) == 1
    enough = min(draft.rows for draft in drafts) >= case.audit.judge.min_rows
    confirmed = p_adjusted <= ALPHA and beyond and agreed and enough
    name = case.classes[nominee.class_index]
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
        margin=case.audit.judge.margin,
        confirmed=confirmed,
        reason=f"{_nominated(nominee, name, labelled)} {_measured(weakest, name)} {_concluded(confirmed, case)}",
        listed=nominee.listed,
        pairs=_pairs(case, nominee, weakest),
    )


def _nominated(nominee: Nominee, name: str, labelled: bool) -> str:
    said = [f"Nominated on {nominee.rows} rows"]
    if nominee.share is not None and nominee.expected is not None:
        said.append(f"with {nominee.share:.2f} of the attribution on {nominee.expected:.2f} of the tokens")
    if nominee.z is not None:
        said.append(f"and z = {nominee.z:+.1f} for {'the label' if labelled else 'the PREDICTED class'} {name}")
    return f"{' '.join(said)}."


def _measured(draft: Draft, name: str) -> str:
    against = "deleting it" if draft.operator == "delete" else "putting an ordinary word in its place"
    control = "no control" if draft.control is None else f"ordinary words {draft.control:+.3f}"
    low, high = draft.interval
    return (
        f"On {draft.rows} other rows its presence moves P({name}) by {draft.effect:+.3f} [{low:+.3f}, {high:+.3f}], "
        f"by {against} ({control})."
    )


def _concluded(confirmed: bool, case: Case) -> str:
    if confirmed:
        return "Confirmed: whether it should count is for a person to say."
    return f"Not confirmed: it is not shown to exceed ordinary words by more than {case.audit.judge.margin / 2:g}."


def _pairs(case: Case, nominee: Nominee, draft: Draft) -> tuple[EditedPair, ...]:
    """A few edits to judge by eye, drawn by hash."""
    own = [e for e in case.edits if e.item == nominee.suspect.item and e.operator == draft.operator and not e.placebo]
    own.sort(key=lambda edit: content_hash(case.seed, edit.row))
    index = nominee.class_index
    shown = ((edited_pair(case, edit), edit) for edit in own[:SHOWN_PAIRS])
    return tuple(
        replace(pair, class_=case.classes[index], before=edit.before[index], after=edit.after[index])
        for pair, edit in shown
    )
