"""What nobody listed: nominated on one half of the rows, confirmed by edits on the other half.

A confirmed suspect meets what WARN asks of a claim: a zero effect is rejected (Benjamini-Hochberg over the nominees),
and the effect exceeds that of the same edit on ordinary words of the same row by more than half the margin at its lower
bound. A word must do so when it is deleted AND when an ordinary word of like frequency takes its place. It is
descriptive and gates nothing: whether a confirmed suspect is spurious is for a person to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scipy import stats

from token_saliency.auditing.audit import Audit, EditRule, Find, Judge
from token_saliency.auditing.discovery.nominate import MIN_ROWS, Nominee
from token_saliency.auditing.discovery.probes import OPERATORS, Nomination, filed_under
from token_saliency.auditing.discovery.suspects import FINDERS, Kind
from token_saliency.auditing.judging.case import Case, Draft
from token_saliency.auditing.judging.descriptives import edited_pair
from token_saliency.auditing.judging.shifts import paired_shift
from token_saliency.auditing.judging.verdicts import ALPHA
from token_saliency.results import Discovered, Edit, EditedPair, ScoredRow
from token_saliency.stats.sampling import content_hash

SHOWN_PAIRS = 3

JUDGE = Judge(min_rows=MIN_ROWS)


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
        for draft in paired_shift(case, operator):
            found.setdefault(((draft.between or ("",))[0], draft.class_index), []).append(draft)
    return found


def _discovered(case: Case, nominee: Nominee, drafts: Sequence[Draft], p_adjusted: float, labelled: bool) -> Discovered:
    """What the weaker of its edits shows."""
    weakest = min(drafts, key=lambda draft: (abs(draft.effect), draft.operator))
    missing = _missing(case, drafts, p_adjusted)
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
        confirmed=missing is None,
        reason=f"{_nominated(nominee, name, labelled)} {_measured(case, weakest)} {_concluded(missing)}",
        listed=nominee.listed,
        pairs=_pairs(case, nominee, weakest),
    )


def _nominated(nominee: Nominee, name: str, labelled: bool) -> str:
    said = [f"Nominated on {nominee.rows} rows"]
    if nominee.share is not None and nominee.expected is not None:
        said.append(f"with {nominee.share:.2f} of the attribution on {nominee.expected:.2f} of the tokens")
    if nominee.z is not None:
        said.append(f"and z = {nominee.z:+z.1f} for {'the label' if labelled else 'the PREDICTED class'} {name}")
    return f"{' '.join(said)}."


def _measured(case: Case, draft: Draft) -> str:
    against = "deleting it" if draft.operator == "delete" else "putting an ordinary word in its place"
    control = "no control" if draft.control is None else f"ordinary words {draft.control:+z.3f}"
    low, high = draft.interval
    effect = f"{draft.effect:+z.3f}{case.unit} [{low:+z.3f}, {high:+z.3f}]"
    moves = f"its presence moves {case.output(draft.class_index)} by {effect}"
    return f"On {draft.rows} other rows {moves}, by {against} ({control})."


def _missing(case: Case, drafts: Sequence[Draft], p_adjusted: float) -> str | None:
    """What a confirmation lacks; None where nothing is missing."""
    rule, fewest = case.audit.judge, min(draft.rows for draft in drafts)
    if fewest < rule.min_rows:
        return f"{fewest} rows, {rule.min_rows} are needed"
    if not all(draft.beyond_control is not None and draft.beyond_control > rule.margin / 2 for draft in drafts):
        return f"it is not shown to exceed ordinary words by more than {rule.margin / 2:g}{case.unit}"
    if len({draft.effect > 0 for draft in drafts}) > 1:
        return "deleting it and putting an ordinary word in its place move the output in opposite directions"
    return None if p_adjusted <= ALPHA else "an effect is not shown after the correction for all suspects"


def _concluded(missing: str | None) -> str:
    return f"Not confirmed: {missing}." if missing else "Confirmed: whether it should count is for a person to say."


def _pairs(case: Case, nominee: Nominee, draft: Draft) -> tuple[EditedPair, ...]:
    """A few edits to judge by eye, drawn by hash."""
    own = [e for e in case.edits if e.item == nominee.suspect.item and e.operator == draft.operator and not e.placebo]
    own.sort(key=lambda edit: content_hash(case.seed, edit.text))  # not of the row, whose id is its place in the file
    index = nominee.class_index
    shown = ((edited_pair(case, edit), edit) for edit in own[:SHOWN_PAIRS])
    return tuple(
        replace(pair, class_=case.classes[index], before=edit.before[index], after=edit.after[index])
        for pair, edit in shown
    )
