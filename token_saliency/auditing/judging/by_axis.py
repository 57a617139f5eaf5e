"""An audit whose items fall into strata, taken apart: each axis is judged as if it were alone, and shares the alpha."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.audit import IN_SECOND, Audit, Contrast, Lexicon
from token_saliency.auditing.edits.by_axis import entries_of, free_rows, strata_of
from token_saliency.auditing.edits.swaps import FEW, MENTIONS_FOR_LEAN
from token_saliency.auditing.judging.case import Case, CrossedAnswers, by_text, plain, table
from token_saliency.auditing.judging.verdicts import CONTROL_WORDS, ClaimEstimate, worst
from token_saliency.results import Finding, Verdict
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

FAMILIAR_AT_LEAST = 6
"""So many terms of the rows are enough to leave aside those that only the list knows."""

CONTROLS_AT_LEAST = 3
HELD_AT_LEAST = 10


def others(stratum: str) -> str:
    """What a named term is compared with."""
    return f"other {stratum} terms"


def in_rows(case: Case) -> list[str]:
    """The items that the rows themselves hold where another may stand, some rows each."""
    rows = free_rows(case.audit, case.spans)
    return sorted(item for item, count in rows.items() if count >= MENTIONS_FOR_LEAN)


def familiar(case: Case, answers: CrossedAnswers) -> CrossedAnswers:
    """Of a stratum the items that the rows hold, where they are enough: the lists reach far beyond them."""
    held = in_rows(case)
    kept = [j for j, item in enumerate(answers.items) if item in held]
    return answers if not case.stratum or len(kept) < FAMILIAR_AT_LEAST else only(answers, kept)


def closed(case: Case, answers: CrossedAnswers) -> CrossedAnswers | None:
    """The items that are judged one by one; None where the stratum is no short list in these rows.

    Of two terms each fills the other's places alone: terms that the rows do not hold stand beside them there.
    """
    held, fewest = in_rows(case), case.audit.judge.min_rows
    documents = set().union(*(case.homes[item] for item in held))
    if not case.stratum or not 2 <= len(held) < FEW or len(documents) < fewest:
        return None
    known = [item for item in answers.items if item in held]
    beside = [item for item in answers.items if item not in held][: max(0, FAMILIAR_AT_LEAST - len(known))]
    found = _crossing(answers, known, fewest) or _crossing(answers, [*known, *beside], fewest)
    return found if found and {*found.items} & {*held} else None


def _crossing(answers: CrossedAnswers, items: Sequence[str], fewest: int) -> CrossedAnswers | None:
    """Those of the items that have rows enough in which they stand beside others of them, as two of two never do."""
    left, kept = answers, [j for j, item in enumerate(answers.items) if item in items]
    while len(kept) > 1:
        left = only(left, kept)
        beside = replace(left, used=left.used & (left.used.sum(1, keepdims=True) > 1))  # each against others of them
        kept = [j for j in range(len(left.items)) if _stands_in(beside, j, fewest)]
        if len(kept) == len(left.items):
            return left
    return None


def ripe(case: Case) -> bool:
    """Whether each term of a short list has the rows to be judged: until then the axis is not judged otherwise."""
    held, fewest = in_rows(case), case.audit.judge.min_rows
    documents = set().union(*(case.homes[item] for item in held))
    answers = table(case, case.audit.edit.judge, placebo=False)
    if answers is None or not case.stratum or not 2 <= len(held) < FEW or len(documents) < fewest:
        return True
    terms = closed(case, answers)
    return terms is not None and len(terms.items) >= sum(item in held for item in answers.items)


def only(answers: CrossedAnswers, kept: list[int]) -> CrossedAnswers:
    """The table of some of its items."""
    return replace(
        answers,
        items=[answers.items[j] for j in kept],
        values=answers.values[:, kept],
        flipped=answers.flipped[:, kept],
        used=answers.used[:, kept],
    )


def rows_of(answers: CrossedAnswers, j: int) -> set[str]:
    return {row for (row, _), inside in zip(answers.slots, answers.used[:, j], strict=True) if inside}


def _stands_in(answers: CrossedAnswers, j: int, rows: int) -> bool:
    """Whether the item has slots in so many rows, not all of one document."""
    return len(rows_of(answers, j)) >= rows and len(np.unique(answers.docs[answers.used[:, j]])) > 1


@dataclass(frozen=True, slots=True)
class Usual:
    """How far a word for persons typically lies from others of its kind, and how far the farthest of many terms may."""

    typical: float | None
    farthest: float
    words: int = 0


def usual_of(controls: CrossedAnswers | None, index: int, terms: int, alpha: float) -> Usual:
    """Of as many words as there are terms; the spread of a few words is itself uncertain, hence Student's t."""
    if controls is None or len(controls.items) < CONTROLS_AT_LEAST:
        return Usual(None, 0.0)
    words = len(controls.items)
    spread = float(np.nanstd(cr.comparable(controls.of_class(index)).item_means, ddof=1))
    one = st.Estimate(0.0, spread * math.sqrt(terms / (terms - 1)), words - 1)
    return Usual(one.se, one.quantile(1 - alpha) * one.se, words)


def by_stratum(case: Case) -> list[Case]:
    """One case for either text of pairs and every stratum that was edited; the case itself where there is one."""
    tested = [part for side in by_text(case) for part in _strata(side)]
    return [replace(part, families=len(tested)) for part in tested]


def _strata(case: Case) -> list[Case]:
    if not case.audit.edit.strata:
        return [case]
    parts = [_part(case, name) for name in strata_of(case.audit)]
    tested = [part for part in parts if part.edits and not _absent(part)] or [part for part in parts if part.edits]
    missing = [part for part in parts if part.stratum not in {one.stratum for one in tested}]
    if tested:
        case.notes.extend(_not_run(case, missing))
    return tested


def _not_run(case: Case, missing: Sequence[Case]) -> list[str]:
    """Why: hardly a row has a slot for the axis, or the rows hold it where no edit may touch it."""
    second = IN_SECOND if case.part else ""
    held = {part.stratum: _held(part) for part in missing}
    bare = ", ".join(name for name, rows in held.items() if rows < HELD_AT_LEAST)
    notes = [f"Hardly a row has a slot{second} for these axes, so they were not run: {bare}."] if bare else []
    return notes + [
        f"{name} was not run: {rows:,} rows hold a term of it{second}, and an edit may touch it in none of them."
        for name, rows in held.items()
        if rows >= HELD_AT_LEAST
    ]


def _held(part: Case) -> int:
    return sum(map(bool, part.spans.values()))


def _absent(part: Case) -> bool:
    """Whether hardly a row holds a term of the axis, and too few have a place for one to decide anything."""
    served = len({edit.row for edit in part.edits if not edit.placebo})
    return _held(part) < HELD_AT_LEAST and served < part.audit.judge.min_rows


def _part(case: Case, name: str) -> Case:
    """The items, spans and edits of one stratum, with the controls in the same slots; notes are shared."""
    entries = Lexicon(entries_of(case.audit, name))
    own = {entry.item for entry in entries}
    real = [edit for edit in case.edits if not edit.placebo and edit.item in own]
    slots = {(edit.row, edit.slot) for edit in real}
    controls = {
        (edit.row, edit.slot, edit.item): edit for edit in case.edits if edit.placebo and (edit.row, edit.slot) in slots
    }
    spans = {row: [match for match in matches if match.item in own] for row, matches in case.spans.items()}
    audit = replace(
        case.audit,
        title=f"{name} terms",
        find=replace(case.audit.find, lexicon=entries),
        contrasts=_own(case.audit, entries),
    )
    return replace(case, audit=audit, spans=spans, edits=[*real, *controls.values()], stratum=name)


def _own(audit: Audit, entries: Lexicon) -> tuple[Contrast, ...]:
    """The pairs of groups that the stratum holds."""
    found = []
    for contrast in audit.contrasts:
        pairs = tuple(pair for pair in contrast.between if all(contrast.members(entries, group) for group in pair))
        if pairs:
            found.append(replace(contrast, between=pairs))
    return tuple(found)


def stratum_notes(parts: Sequence[Case], findings: Sequence[Finding]) -> list[str]:
    """The verdict of every axis, how many of its slots were natural, and which claims it rests on."""
    notes = []
    for part in parts:
        if part.stratum:
            own = [finding for finding in findings if _belongs(part, finding)]
            notes.append(f"{part.called}: {verdict_of(own)} ({_slots(part)}; {_rests_on(own)}).")
    return notes


def weakness(parts: Sequence[Case], findings: Sequence[Finding]) -> str:
    """A sentence to add where something passed on its magnitude alone; empty where nothing did."""
    alone = [part for part in parts if _rests_on(f for f in findings if _belongs(part, f)) == _ALONE]
    if not alone:
        return ""
    named = ", ".join(filter(None, (part.called for part in alone)))
    where = f" for {named}" if named else ""
    return f" It rests on magnitude alone{where}: two halves of the items may differ by twice as much."


_ALONE = "by magnitude alone"


def _rests_on(found: Iterable[Finding]) -> str:
    """The claims that were judged, in words; a movement, or control words, stand beside any."""
    own = [one for one in found if one.claim != "movement" and (one.between or ("", ""))[1] != CONTROL_WORDS]
    claims = _claims(own)
    if claims == {"magnitude"}:
        return _ALONE
    terms = {finding.between[0] for finding in own if finding.claim == "shift" and finding.between}
    named = [f"{len(terms)} terms of the rows, each against the others"] if terms else []
    return ", ".join([*named, *sorted(claims - {"shift"})]) or "no claim could be made"


def _claims(findings: Iterable[Finding]) -> set[str]:
    return {finding.claim for finding in findings if finding.judged}


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The worst of them."""
    return worst(finding.verdict for finding in findings if finding.judged)


def _belongs(part: Case, finding: Finding) -> bool:
    here = bool(plain(finding.between)[1]) == bool(part.part)
    return here and (not part.stratum or axis_of(part.audit, finding) == part.stratum)


def axis_of(audit: Audit, claim: Finding | ClaimEstimate) -> str:
    """The axis that the claim is about, or the word of a class; "" where the audit has neither."""
    between = plain(claim.between)[0] or ("", "")
    if audit.edit.against:
        return between[0]
    for stratum in strata_of(audit) if audit.edit.strata else ():
        own = _own(audit, Lexicon(entries_of(audit, stratum)))
        groups = {group for contrast in own for group in contrast.groups}
        if between[1] == others(stratum) or between[0].startswith(f"{stratum} terms") or {*between} <= groups:
            return stratum
    return ""


def _slots(part: Case) -> str:
    slots = {(edit.row, edit.slot) for edit in part.edits if not edit.placebo}
    put = sum(1 for _, (start, end) in slots if start == end)
    held = f", which {holding} rows hold" if (holding := _held(part)) else ""
    return f"{len(slots) - put} slots of its own terms{held}, {put} before words for persons"
