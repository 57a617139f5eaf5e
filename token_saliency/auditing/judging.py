"""From a case to a verdict: every claim of every operator, the corrections, the sentence that says why.

Pure: the same answers of the model give the same result, whether it just ran or was read back from a file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from token_saliency.auditing import evidence
from token_saliency.auditing.audit import ANY, Audit, Judge
from token_saliency.auditing.claims import CLAIMS, NOTHING, Case, Draft, table
from token_saliency.auditing.matchers import kinds
from token_saliency.auditing.planning import fills
from token_saliency.auditing.shifts import quoted
from token_saliency.auditing.stratified import by_stratum, stratum_notes, weakness
from token_saliency.auditing.verdicts import ALPHA, AUDIT_ALPHA, CATALOGUE, Evidence, audit_verdict, corrected, judge
from token_saliency.results import AuditResult, Coverage, Finding, Verdict

DECLARED = ("name", "code", "title", "why", "expectation", "items", "level")
"""What a result takes over from the definition of its audit."""

_TOO_FEW = "can be split in too few ways"
_OTHERS = "Give it other items, by a longer list or by rows that hold others of it; more of the same rows do not help"
"""What to do about too few of them."""


def judge_case(case: Case) -> AuditResult:
    """The result of one audit."""
    parts = by_stratum(case)
    drafts = [
        (draft, operator == case.audit.edit.judge)
        for part in parts
        for operator in case.audit.edit.operators
        for claim in CLAIMS[operator, case.audit.items]
        for draft in claim(part, operator)
    ]
    findings = findings_of(case, drafts)
    case.notes.extend(stratum_notes(parts, findings))
    verdict = audit_verdict(findings, case.audit.level)
    reason, advice = explained(case, findings, verdict)
    if verdict == "PASS":
        reason += weakness(parts, findings)
    leading = next((d for d, f in zip([d for d, _ in drafts], findings, strict=True) if f.judged and d.by_row), None)
    tables = [table(part, case.audit.edit.judge, placebo=False) for part in parts]
    items = [
        line
        for part, answers in zip(parts, tables, strict=True)
        if answers
        for line in evidence.item_effects(part, answers)
    ]
    return result_of(
        case.audit,
        verdict=verdict,
        reason=reason,
        advice=advice,
        coverage=coverage(case),
        attribution=evidence.attribution_share(case),
        intervention=findings,
        association=evidence.association(case),
        by_slice=evidence.slices(case, leading) if leading else [],
        worst_items=evidence.largest(items),
        examples=evidence.examples(case),
        pairs=evidence.random_pairs(case),
        notes=[*case.audit.notes, *case.notes],
    )


def crashed(audit: Audit, error: Exception) -> AuditResult:
    """The result of an audit that could not run: it never looks like a pass."""
    return result_of(
        audit,
        verdict="ERROR",
        reason=f"The audit could not run: {type(error).__name__}: {' '.join(str(error).split())}",
        advice="Nothing is known about this group until the error is mended; the exit code is 2.",
        coverage=Coverage(0, 0, 0),
        attribution=None,
        intervention=[],
        association=None,
        by_slice=[],
        worst_items=[],
        examples=[],
        pairs=[],
        notes=list(audit.notes),
    )


def result_of(audit: Audit, **measured: object) -> AuditResult:
    """A result with what the audit declares, and what was measured."""
    declared = {name: getattr(audit, name) for name in DECLARED}
    return AuditResult(**declared, **measured)  # type: ignore[arg-type]


def coverage(case: Case) -> Coverage:
    """Rows with a span, spans, distinct items."""
    hits = [matches for matches in case.spans.values() if matches]
    return Coverage(len(hits), sum(map(len, hits)), len(case.homes))


def findings_of(case: Case, drafts: Sequence[tuple[Draft, bool]]) -> list[Finding]:
    """Holm runs over the judged claims; a descriptive one is corrected alone and decides nothing."""
    judged = [draft for draft, is_judged in drafts if is_judged]
    zero, beyond = corrected([d.p for d in judged]), corrected([d.p_margin for d in judged])
    adjusted = {id(draft): pair for draft, pair in zip(judged, zip(zero, beyond, strict=True), strict=True)}
    alone = {id(d): (corrected([d.p])[0], corrected([d.p_margin])[0]) for d, is_judged in drafts if not is_judged}
    return [_finding(case, draft, is_judged, *(adjusted | alone)[id(draft)]) for draft, is_judged in drafts]


def _finding(case: Case, draft: Draft, judged: bool, p_adjusted: float, p_margin: float) -> Finding:
    rule = case.audit.judge
    verdict = judge(evidence_of(draft, rule), p_adjusted, p_margin)
    return Finding(
        claim=draft.claim,
        between=draft.between,
        class_=case.classes[draft.class_index],
        operator=draft.operator,
        judged=judged,
        effect=draft.effect,
        control=draft.control,
        interval=draft.interval,
        flip_rate=draft.flip_rate,
        placebo_flip_rate=draft.placebo_flip_rate,
        p=draft.p,
        p_adjusted=p_adjusted,
        p_margin=p_margin,
        rows=draft.rows,
        items=draft.items,
        margin=rule.margin,
        smallest_detectable=draft.smallest_detectable,
        verdict=verdict,
        reason=f"{_measured(case, draft)} {_concluded(draft, verdict, f'{rule.margin:g}{case.unit}', rule, p_margin)}",
    )


def evidence_of(draft: Draft, rule: Judge) -> Evidence:
    """What the verdict of a claim rests on."""
    return Evidence(
        effect=draft.effect,
        interval=draft.interval,
        p=draft.p,
        p_margin=draft.p_margin,
        beyond_control=draft.beyond_control,
        rows=draft.rows,
        margin=rule.margin,
        min_rows=rule.min_rows,
        resolvable=draft.resolvable,
        one_sided=draft.one_sided,
    )


def _measured(case: Case, draft: Draft) -> str:
    """The estimate in words: what was done, effect, interval, control, n."""
    name, group = case.classes[draft.class_index], case.audit.title.lower()
    moved, unit = case.output(draft.class_index), case.unit
    if case.audit.edit.strata and draft.between and draft.claim in ("lean", "magnitude"):
        group = draft.between[0].removesuffix(" of one pole")
    subject = {
        "lean": f"{group} that go with {name} in the labels, against those that go against it, move {moved} by",
        "magnitude": f"exchanging {group} for one another moves {moved} typically by",
        "direction": f"{group} of {' in place of those of '.join(f'“{side}”' for side in draft.between or ())} "
        f"move {moved} by",
        "shift": _shift_subject(case, draft, moved),
    }[draft.claim]
    sign = "z" if draft.claim == "magnitude" else "+z"
    control = "no control" if draft.control is None else f"control {draft.control:{sign}.3f}"
    n = f"{draft.rows} rows" + (f", {draft.items} items" if draft.items > 1 else "")
    interval = f"[{draft.interval[0]:{sign}.3f}, {draft.interval[1]:{sign}.3f}]"
    return f"{subject[0].upper()}{subject[1:]} {draft.effect:{sign}.3f}{unit} {interval} ({control}; {n})."


def _shift_subject(case: Case, draft: Draft, moved: str) -> str:
    item, other = draft.between or ("", "")
    if case.audit.edit.strata:
        return f"“{item}” in place of {other} moves {moved} by"
    described = kinds(case.audit.find)
    named = f"any of the {case.audit.title.lower()}" if item == ANY else quoted(item, described)
    if other == NOTHING:
        return f"the presence of {named} moves {moved} by"
    return f"{named} in place of {quoted(other, described)} moves {moved} by"


def _concluded(draft: Draft, verdict: Verdict, margin: str, rule: Judge, p_margin: float) -> str:
    if verdict == "INCONCLUSIVE":
        return _missing(draft, margin, rule)
    inside = "The interval stays below" if draft.one_sided else "The whole interval lies inside"
    short = "not by half the" if p_margin <= ALPHA else "is not shown to exceed the"
    counted = ", since the audit makes so many claims" if draft.p_margin <= AUDIT_ALPHA and p_margin > ALPHA else ""
    return {
        "FAIL": f"The effect exceeds the margin of {margin} and its matched control.",
        "WARN": f"The effect is real and exceeds its control, but {short} margin of {margin}{counted}.",
        "PASS": f"{inside} the margin of {'' if draft.one_sided else '±'}{margin}.",
    }[verdict]


def _missing(draft: Draft, margin: str, rule: Judge) -> str:
    """What would decide it: more rows, more items, or a control that does not move as much."""
    if draft.rows < rule.min_rows:
        return f"Not decided: {draft.rows} rows, {rule.min_rows} are needed."
    if not draft.resolvable:
        return f"Not decided: {draft.items} items {_TOO_FEW} to reject anything; more items are needed."
    if draft.p_margin <= AUDIT_ALPHA and draft.beyond_control is None:
        return "Not decided: there is no control to compare with; name label-irrelevant `controls` in its [edit]."
    if draft.p_margin <= AUDIT_ALPHA:
        return "Not decided: the matched control moves the output too, so the effect is not specific to this group."
    if draft.claim == "shift" and draft.control is not None and rule.margin < abs(draft.effect) <= abs(draft.control):
        return "Not decided: the matched control moves the output as much, so nothing is specific to this group."
    return f"Not decided: {_wanted(draft, margin, rule.margin)}"


def _wanted(draft: Draft, margin: str, limit: float) -> str:
    """How much more data would do, where that can be said.

    Where the items are a sample their number limits the interval too: rows alone would not do.
    """
    inside = limit - abs(draft.effect)
    half = (draft.interval[1] - draft.interval[0]) / 2
    sample = draft.claim != "shift"
    more = "more rows and more items" if sample else "more rows"
    if inside < 0:
        return f"the effect lies beyond ±{margin}, but its interval does not: it needs {more}."
    if inside == 0 or half / inside > 10:
        return f"the effect is so near the margin of ±{margin} that it needs many {more}."
    times = (half / inside) ** 2
    items = f" with {math.ceil(draft.items * times)} items" if sample else ""
    return f"the interval reaches beyond ±{margin}; about {math.ceil(draft.rows * times)} rows{items} would do."


def explained(case: Case, findings: Sequence[Finding], verdict: Verdict) -> tuple[str, str]:
    """The sentence of the claim that decided, and what to do next."""
    judged = [finding for finding in findings if finding.judged]
    if not judged:
        return _nothing_found(case)
    raw = audit_verdict(judged, "error")
    deciding = [finding for finding in judged if finding.verdict == raw]
    leading = max(deciding, key=lambda finding: abs(finding.effect))
    return leading.reason, _advice(case, verdict, leading)


def _advice(case: Case, verdict: Verdict, leading: Finding) -> str:
    if verdict == "INCONCLUSIVE":
        wanted = _OTHERS if _TOO_FEW in leading.reason else _short_of(case)
        return f"{wanted}: this sample could have seen {leading.smallest_detectable:.3f}."
    if verdict == "PASS":
        return f"Nothing to do. The sample could have seen an effect of {leading.smallest_detectable:.3f}."
    return case.audit.advice


def _short_of(case: Case) -> str:
    """What to give an undecided audit: edits where their number left rows out, else rows."""
    rule = case.audit.edit
    if not case.edits:  # pictures have no budget of edits
        return "Give it more rows (--rows)"
    if rule.judge != "swap" or rule.strata or rule.against:  # which rows these could have reached is not known here
        return "Give it more rows (--rows) or edits (--edits)"
    fitting = sum(any(map(fills(case.audit), matches)) for matches in case.spans.values())
    edited = len({edit.row for edit in case.edits if edit.operator == "swap" and not edit.placebo})
    if edited < fitting:
        return f"Raise --edits, which reached {edited} of the {fitting} rows that such a swap fits"
    return "Give it more rows (--rows, or more data), for all that such a swap fits were edited"


def _nothing_found(case: Case) -> tuple[str, str]:
    found = coverage(case)
    reason = (
        f"Nothing could be decided: {found.rows} of {len(case.rows)} rows {'holds' if found.rows == 1 else 'hold'} a "
        f"span of this group ({_count(found.spans, 'span')}, {_count(found.items, 'item')}), too few for any claim."
    )
    return reason, f"This is no sign of safety: give it rows that hold such spans. {' '.join(case.audit.notes[:1])}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def alpha_note() -> str:
    """How sure the intervals are, for the settings of the report."""
    return f"intervals at {1 - 2 * AUDIT_ALPHA:.4f} (alpha 0.05 shared by a catalogue of {CATALOGUE} audits)"
