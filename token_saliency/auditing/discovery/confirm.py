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

from token_saliency.auditing.audit import Judge
from token_saliency.auditing.discovery.nominate import MIN_ROWS, Nominee
from token_saliency.auditing.discovery.probes import OPERATORS, Nomination, filed_under
from token_saliency.auditing.discovery.suspects import FINDERS
from token_saliency.auditing.judging.case import judged_classes, output_of, unit_of
from token_saliency.auditing.judging.claim_estimate import ClaimEstimate
from token_saliency.auditing.judging.descriptives import edited_pair
from token_saliency.auditing.judging.shifts import ShiftTest, presence_shifts
from token_saliency.auditing.judging.verdicts import ALPHA
from token_saliency.results import Discovered, Edit, EditedPair, ScoredRow
from token_saliency.stats.sampling import content_hash

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
