"""An audit whose items fall into strata, taken apart: each axis is judged as if it were alone, and shares the alpha."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import Audit, Contrast, Lexicon
from token_saliency.auditing.edits.by_axis import entries_of, strata_of
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.per_term import others
from token_saliency.auditing.judging.verdicts import worst
from token_saliency.results import Edit, Finding, Verdict


def by_stratum(case: Case) -> list[Case]:
    """One case for every stratum that was edited; the case itself where its audit has none."""
    if not case.audit.edit.strata:
        return [case]
    names = strata_of(case.audit)
    parts = [_part(case, name) for name in names]
    tested = [part for part in parts if part.edits]
    missing = [part.stratum for part in parts if not part.edits]
    if missing and tested:
        case.notes.append(f"No row has a slot for these axes, so they were not run: {', '.join(missing)}.")
    return [replace(part, families=len(tested)) for part in tested]


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
            notes.append(f"{part.stratum}: {verdict_of(own)} ({_slots(part.edits)}; {_rests_on(own)}).")
    return notes


def weakness(parts: Sequence[Case], findings: Sequence[Finding]) -> str:
    """A sentence to add where something passed on its magnitude alone; empty where nothing did."""
    alone = [part for part in parts if _claims(f for f in findings if _belongs(part, f)) == {"magnitude"}]
    if not alone:
        return ""
    named = ", ".join(part.stratum for part in alone)
    where = f" for {named}" if named else ""
    return f" It rests on magnitude alone{where}: two halves of the items may differ by twice as much."


def _rests_on(own: Sequence[Finding]) -> str:
    """The claims that were judged, in words."""
    claims = _claims(own)
    if claims == {"magnitude"}:
        return "by magnitude alone"
    terms = {finding.between[0] for finding in own if finding.claim == "shift" and finding.between}
    named = [f"{len(terms)} terms of the rows, each against the others"] if terms else []
    return ", ".join([*named, *sorted(claims - {"shift"})]) or "no claim could be made"


def _claims(findings: Iterable[Finding]) -> set[str]:
    return {finding.claim for finding in findings if finding.judged}


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """The worst of them."""
    return worst(finding.verdict for finding in findings if finding.judged)


def _belongs(part: Case, finding: Finding) -> bool:
    groups = {group for contrast in part.audit.contrasts for group in contrast.groups}
    if not part.stratum:
        return True
    between = finding.between or ("", "")
    if finding.claim == "shift":
        return between[1] == others(part.stratum)
    return between[0].startswith(f"{part.stratum} terms") or set(between) <= groups


def _slots(edits: Sequence[Edit]) -> str:
    slots = {(edit.row, edit.slot) for edit in edits if not edit.placebo}
    put = sum(1 for _, (start, end) in slots if start == end)
    return f"{len(slots) - put} slots of its own terms, {put} before words for persons"
