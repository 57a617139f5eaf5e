"""What nobody listed: nominated on one half of the rows, confirmed by edits on the other half.

A confirmed suspect meets what WARN asks of a claim: a zero effect is rejected (Benjamini-Hochberg over the nominees),
and the effect exceeds that of the same edit on ordinary words of the same row at its lower bound; or it moves the
output, whichever way, by half the margin more than they do. A word must do so when it is deleted AND when an ordinary
word of like frequency takes its place. It is descriptive and gates nothing: `suspicion` says how likely it is spurious,
and whether it is one is for a person to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from token_saliency.auditing.audit import Judge
from token_saliency.auditing.discovery.nominate import MIN_ROWS, Nominee
from token_saliency.auditing.discovery.pairs import beyond_each
from token_saliency.auditing.discovery.probes import OPERATORS, Nomination, filed_under
from token_saliency.auditing.discovery.profiles import Profile
from token_saliency.auditing.discovery.suspects import KINDS, Kind
from token_saliency.auditing.discovery.suspicion import Shown, suspicion
from token_saliency.auditing.judging.case import judged_classes, output_of, unit_of
from token_saliency.auditing.judging.claims.shown import edited_pair
from token_saliency.auditing.judging.shifts import ShiftTest, presence_shifts
from token_saliency.auditing.judging.verdicts import ALPHA, AUDIT_ALPHA, ClaimEstimate
from token_saliency.results import Discovered, Edit, EditedPair, ScoredRow
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import content_hash

SHOWN_PAIRS = 3

PAIRS = filed_under("pair")
JUDGE = Judge(min_rows=MIN_ROWS)


def discovered(
    nomination: Nomination, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> list[Discovered]:
    """Every nominee that could be tested, the confirmed ones first, then by p."""
    edits = together(edits)
    estimates = effects_of(heads, edits, classes, seed)
    profiles: Sequence[Profile | None] = nomination.profiles or [None] * len(nomination.nominees)
    tested = [
        (one, said, found)
        for one, said in zip(nomination.nominees, profiles, strict=True)
        if (found := estimates[one.suspect.kind].get((one.suspect.item, one.class_index), []))
    ]
    if not tested:
        return []
    answers = by_suspect(edits)
    own = [answers[filed_under(one.suspect.kind), one.suspect.item] for one, *_ in tested]
    moved = [moved_by(one, mine, heads) for (one, *_), mine in zip(tested, own, strict=True)]
    each = zip(tested, moved, strict=True)
    adjusted = stats.false_discovery_control([1.0 if one.let_go else _p(found, far) for (one, _, found), far in each])
    results = []
    for (one, said, found), mine, far, p in zip(tested, own, moved, adjusted, strict=True):
        shown = _discovered(one, found, far, float(p), classes, nomination.labelled)
        shown = replace(shown, pairs=_pairs(one, shown.operator, heads, mine, classes, seed))
        results.append(_suspected(shown, said, Shown(shown.effect, one.class_index, mine)))
    return sorted(results, key=_order)


def _order(one: Discovered) -> tuple[object, ...]:
    """The confirmed first, of these what moves by the margin, the likeliest to be spurious in front."""
    return (
        not one.confirmed,
        not one.large,
        -(one.suspicion or 0.0),
        one.p_adjusted,
        -abs(one.effect),
        one.kind,
        one.item,
    )


def together(edits: Iterable[Edit]) -> list[Edit]:
    """The edits with one for each three of a pair of words."""
    listed = list(edits)
    others = (edit for edit in listed if edit.audit != PAIRS)
    return [*others, *beyond_each(edit for edit in listed if edit.audit == PAIRS)]


def by_suspect(edits: Iterable[Edit]) -> dict[tuple[str, str], list[Edit]]:
    """By what they are filed under, and the item."""
    found: dict[tuple[str, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        found[edit.audit, edit.item].append(edit)
    return found


def _suspected(one: Discovered, said: Profile | None, shown: Shown) -> Discovered:
    if said is None:
        return one
    value, reasons = suspicion(said, shown)
    return replace(one, suspicion=value, reasons=tuple(reasons))


def effects_of(
    heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> dict[Kind, dict[tuple[str, int], list[ClaimEstimate]]]:
    """Of each kind, by item and class: one estimate for each way of editing."""
    return {kind: _estimates(filed_under(kind), heads, edits, classes, seed) for kind in KINDS}


def _estimates(
    name: str, heads: Mapping[str, ScoredRow], edits: Sequence[Edit], classes: Sequence[str], seed: int
) -> dict[tuple[str, int], list[ClaimEstimate]]:
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


Movement = tuple[st.Estimate, str]


def moved_by(
    one: Nominee, edits: Sequence[Edit], heads: Mapping[str, ScoredRow], *, alone: bool = False
) -> Movement | None:
    """How far its edits move the output, whichever way, beyond those of ordinary words; the weaker of the two.

    What pushes half of the rows up and half down has no mean. `alone`: before anything is asked of ordinary words.
    """
    found: list[Movement] = []
    for operator in OPERATORS:
        sizes: dict[bool, dict[str, float]] = {True: {}, False: {}}
        for edit in edits:
            if edit.operator == operator:
                sizes[edit.placebo][edit.row] = abs(edit.before[one.class_index] - edit.after[one.class_index])
        rows = sorted(sizes[False] if alone else sizes[True].keys() & sizes[False].keys())
        if len(rows) >= MIN_ROWS:
            beyond = np.array([sizes[False][row] - (0.0 if alone else sizes[True][row]) for row in rows])
            docs = np.array([heads[row].cluster for row in rows], dtype=np.int64)
            found.append((st.clustered_mean(beyond, docs), operator))
    return min(found, key=lambda each: each[0].effect, default=None)


def _shown_to_move(moved: Movement | None) -> bool:
    return moved is not None and moved[0].interval(AUDIT_ALPHA)[0] > JUDGE.margin / 2


def _p(drafts: Sequence[ClaimEstimate], moved: Movement | None) -> float:
    """Of two questions, a mean and a movement: the better answered, for two."""
    shift = max(draft.p for draft in drafts)
    return shift if moved is None else min(1.0, 2 * min(shift, moved[0].p_above(0.0)))


def _discovered(
    nominee: Nominee,
    drafts: Sequence[ClaimEstimate],
    moved: Movement | None,
    p_adjusted: float,
    classes: Sequence[str],
    labelled: bool,
) -> Discovered:
    """What the weaker of its edits shows."""
    weakest = _weakest(drafts)
    missing = _missing(drafts, moved, p_adjusted, unit_of(classes))
    measured = _measured(classes, weakest, moved, nominee.suspect.kind)
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
        p=_p(drafts, moved),
        moves=None if moved is None else moved[0].effect,
        p_adjusted=p_adjusted,
        rows=weakest.rows,
        margin=JUDGE.margin,
        confirmed=missing is None,
        reason=f"{_nominated(nominee, name, labelled)} {measured} {_concluded(missing, nominee.let_go)}",
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


def _measured(classes: Sequence[str], draft: ClaimEstimate, moved: Movement | None, kind: Kind) -> str:
    against = AGAINST[draft.operator]
    subject = "its presence moves"
    if kind == "pair":
        subject, against = "both together, beyond what each does alone, move", "deleting each and both"
    control = "no control" if draft.control is None else f"ordinary words {draft.control:+z.3f}"
    low, high = draft.interval
    effect = f"{draft.effect:+z.3f}{unit_of(classes)} [{low:+z.3f}, {high:+z.3f}]"
    moves = f"{subject} {output_of(classes, draft.class_index)} by {effect}"
    far = f" Whichever way, it moves it {moved[0].effect:+z.3f}{unit_of(classes)} more than they do." if moved else ""
    return f"On {draft.rows} other rows {moves}, by {against} ({control}).{far}"


AGAINST = {"delete": "deleting it", "swap": "putting an ordinary word in its place", "rewrite": "saying it plainly"}

LEAST = 0.2
"""The part of the margin below which an effect is not worth a look."""


def _missing(drafts: Sequence[ClaimEstimate], moved: Movement | None, p_adjusted: float, unit: str) -> str | None:
    """What a confirmation lacks; None where nothing is missing."""
    rule, fewest = JUDGE, min(draft.rows for draft in drafts)
    if fewest < rule.min_rows:
        return f"{fewest} rows, {rule.min_rows} are needed"
    if p_adjusted > ALPHA:
        return "an effect is not shown after the correction for all suspects"
    if len({draft.effect > 0 for draft in drafts if draft.interval[0] * draft.interval[1] > 0}) > 1:
        return "deleting it and putting an ordinary word in its place move the output in opposite directions"
    if _shown_to_move(moved):
        return None
    if not all(draft.beyond_control is not None and draft.beyond_control > 0 for draft in drafts):
        return "it is not shown to exceed ordinary words"
    if min(abs(draft.effect) for draft in drafts) < LEAST * rule.margin:
        return f"an effect below {LEAST * rule.margin:g}{unit} is not worth a look"
    if len({draft.effect > 0 for draft in drafts}) > 1:
        return "deleting it and putting an ordinary word in its place move the output in opposite directions"
    return None


def _concluded(missing: str | None, let_go: bool) -> str:
    if missing is None:
        return "Confirmed: whether it should count is for a person to say."
    return f"Not confirmed: {missing}.{' It asked no more: the rest could hardly change that.' if let_go else ''}"


def _pairs(
    nominee: Nominee,
    operator: str,
    heads: Mapping[str, ScoredRow],
    edits: Sequence[Edit],
    classes: Sequence[str],
    seed: int,
) -> tuple[EditedPair, ...]:
    """A few edits to judge by eye, drawn by hash."""
    own = [edit for edit in edits if edit.operator == operator and not edit.placebo]
    own.sort(key=lambda edit: content_hash(seed, edit.text))  # not of the row, whose id is its place in the file
    return tuple(edited_pair(heads[edit.row], edit, classes, nominee.class_index) for edit in own[:SHOWN_PAIRS])
