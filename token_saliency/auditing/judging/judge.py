"""From a case to a verdict: every claim of every operator, the corrections, the sentence that says why.

Pure: the same answers of the model give the same result, whether it just ran or was read back from a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from token_saliency.auditing.audit import PICTURE_EDITS, Audit, Match
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.evidence.dependent_rows import together
from token_saliency.auditing.judging import descriptives
from token_saliency.auditing.judging.by_axis import by_stratum, ripe, weakness
from token_saliency.auditing.judging.case import (
    Case,
    asked_of_rows,
    bounded,
    class_name,
    decides,
    named,
    table,
    without_tokens,
)
from token_saliency.auditing.judging.claims import shown
from token_saliency.auditing.judging.claims.advice import advice_on, nothing_found
from token_saliency.auditing.judging.claims.beside import beside, notes_on, undecided
from token_saliency.auditing.judging.claims.groups import named_groups
from token_saliency.auditing.judging.claims.named_terms import named_shifts
from token_saliency.auditing.judging.claims.ordinary import beside_words
from token_saliency.auditing.judging.claims.outliers import movers, outliers
from token_saliency.auditing.judging.claims.prospects import stopped
from token_saliency.auditing.judging.claims.subgroups import subgroups
from token_saliency.auditing.judging.contrasts import contrasts, magnitude
from token_saliency.auditing.judging.movement import movement
from token_saliency.auditing.judging.over_sufficiency import over_sufficiency
from token_saliency.auditing.judging.shifts import paired_shift, region_shift, swapped_shift
from token_saliency.auditing.judging.verdicts import (
    AUDIT_ALPHA,
    CATALOGUE,
    ClaimEstimate,
    audit_verdict,
    corrected,
    judge,
)
from token_saliency.auditing.judging.wording import sentence
from token_saliency.results import AuditResult, Coverage, Finding, Verdict
from token_saliency.stats.looks import WHOLE, last_of, level

DECLARED = ("name", "code", "title", "why", "expectation", "items", "level")
"""What a result takes over from the definition of its audit."""

CLAIMS: dict[tuple[str, str], tuple[Callable[[Case, str], list[ClaimEstimate]], ...]] = {
    ("swap", "sample"): (
        contrasts,
        named_shifts,
        named_groups,
        outliers,
        movers,
        beside_words,
        magnitude,
        movement,
    ),
    ("swap", "fixed"): (swapped_shift, over_sufficiency, movement),
    **{
        (name, items): (paired_shift, subgroups, movement)
        for name in OPERATORS
        if name != "swap"
        for items in ("sample", "fixed")
    },
    **{(name, "fixed"): (region_shift,) for name in PICTURE_EDITS},
}
"""Which claims an operator can make about a sample of items or about fixed ones."""


def judge_case(case: Case) -> AuditResult:
    """The result of one audit."""
    case = asked_of_rows(case)
    parts, standing = by_looks(without_tokens(case))
    drafts, findings = [one.draft for one in standing.values()], [one.finding for one in standing.values()]
    case.notes.extend(notes_on(case, parts, findings))
    verdict = audit_verdict(findings, case.audit.level)
    reason, advice = explained(case, findings, verdict)
    if verdict == "PASS":
        reason += weakness(parts, findings) + (left := undecided(case, findings))[0]
        verdict, advice = ("INCONCLUSIVE", left[1]) if left[0] else (verdict, advice)
    sliced = leading_claim(drafts, findings)
    if sliced:
        case.notes.extend(together(case.rows, case.cluster, sliced.by_row))
    tables = [(part, table(part, case.audit.edit.judge, placebo=False)) for part in parts]
    items = [line for part, answers in tables if answers for line in descriptives.item_effects(part, answers)]
    return result_of(
        case.audit,
        verdict=verdict,
        reason=reason,
        advice=advice,
        coverage=replace(coverage(case.held), rows_served=len(_served(case))),
        attribution=descriptives.attribution_share(case),
        intervention=findings,
        association=descriptives.association(case),
        by_slice=descriptives.slices(case.rows, case.cluster, sliced) if sliced else [],
        worst_items=descriptives.largest(descriptives.as_found(items, findings, case.audit.edit.judge)),
        examples=shown.examples(case),
        pairs=shown.random_pairs(case),
        notes=[*case.audit.notes, *case.notes],
    )


Key = tuple[str, int, str, tuple[str, str] | None]
"""Claim, class, operator, and what is compared."""


def claim_key(draft: ClaimEstimate) -> Key:
    """What a draft is about."""
    return draft.claim, draft.class_index, draft.operator, draft.between


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim after the looks so far: its estimate at the last that brought it edits, and what follows."""

    draft: ClaimEstimate
    judged: bool
    finding: Finding

    @property
    def decided(self) -> bool:
        """Whether it stands, whatever else is asked."""
        return self.judged and self.finding.verdict in ("FAIL", "PASS")


Standings = Mapping[Key, Standing]
NOTHING_YET: Standings = {}


def by_looks(case: Case) -> tuple[list[Case], Standings]:
    """The strata of the case, and its claims after all looks that its edits tell of."""
    looks, standing = sorted({edit.look for edit in case.edits}) or [WHOLE], NOTHING_YET
    for look in looks[:-1]:
        part = replace(case, edits=[edit for edit in case.edits if edit.look <= look], notes=[])
        with suppress(Exception):  # what an early look cannot judge the last one does, or is an ERROR
            standing = looked_at(part, parts_at(part, look), standing, look)
    parts = parts_at(case, looks[-1], last=True)
    return parts, looked_at(case, parts, standing, looks[-1])


def parts_at(case: Case, look: int, *, last: bool = False) -> list[Case]:
    """The strata at the level of the look; before the last one those that can be judged as they will be then."""
    parts = by_stratum(replace(case, alpha=level(look, AUDIT_ALPHA)))
    return [part for part in parts if last or look == last_of(look) or ripe(part)]


def looked_at(case: Case, parts: Iterable[Case], earlier: Standings, look: int) -> Standings:
    """The claims after one look more. What is decided stands; so does an estimate to which no edit was added."""
    rows = {edit.row for edit in case.edits if not edit.placebo}
    copies = len({case.cluster[row] for row in rows}) / max(1, len(rows))
    late = look != last_of(look) and (case.audit.edit.judge, case.audit.items) != ("swap", "sample")
    drafts: dict[Key, tuple[ClaimEstimate, bool]] = {}
    for draft, judged in estimates_of(case.audit, parts):
        key = claim_key(draft)
        old = earlier.get(key)
        fresh = old is None or (not old.decided and old.draft.edits != draft.edits)
        there = _at(replace(draft, documents=copies * draft.rows if late else math.inf), look)
        drafts[key] = (there, judged) if fresh or old is None else (old.draft, old.judged)
    drafts |= {key: (old.draft, True) for key, old in earlier.items() if old.decided and key not in drafts}
    found = zip(drafts.items(), findings_of(case.audit, case.classes, list(drafts.values())), strict=True)
    return {
        key: old if (old := earlier.get(key)) and old.decided else Standing(*draft, finding)
        for (key, draft), finding in found
    }


def _at(draft: ClaimEstimate, look: int) -> ClaimEstimate:
    """With the p of its look: one that holds whenever one stops."""
    times = AUDIT_ALPHA / level(look, AUDIT_ALPHA)
    return replace(draft, p=min(1.0, times * draft.p), p_margin=min(1.0, times * draft.p_margin), look=look)


def estimates_of(audit: Audit, parts: Iterable[Case]) -> list[tuple[ClaimEstimate, bool]]:
    """Every claim of every operator about the case or its strata, and whether it is judged or descriptive."""
    return [
        (replace(estimate, between=named(part, estimate.between)), decides(part, estimate))
        for part in parts
        for operator in audit.edit.operators
        for claim in CLAIMS[operator, audit.items]
        for estimate in claim(part, operator)
    ]


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


def coverage(spans: Mapping[str, Sequence[Match]]) -> Coverage:
    """Rows with a span, spans, distinct items."""
    hits = [matches for matches in spans.values() if matches]
    return Coverage(len(hits), sum(map(len, hits)), len({match.item for matches in hits for match in matches}))


def _served(case: Case) -> set[str]:
    """The rows that lent an edit."""
    return {edit.row for edit in case.edits if edit.operator == case.audit.edit.judge and not edit.placebo}


def findings_of(audit: Audit, classes: Sequence[str], drafts: Sequence[tuple[ClaimEstimate, bool]]) -> list[Finding]:
    """Holm runs over the judged claims; a descriptive one is corrected alone and decides nothing."""
    judged = [draft for draft, is_judged in drafts if is_judged]
    zero, beyond = corrected([d.p for d in judged]), corrected([d.p_margin for d in judged])
    adjusted = {id(draft): pair for draft, pair in zip(judged, zip(zero, beyond, strict=True), strict=True)}
    alone = {id(d): (corrected([d.p])[0], corrected([d.p_margin])[0]) for d, is_judged in drafts if not is_judged}
    found = [_finding(audit, classes, draft, is_judged, *(adjusted | alone)[id(draft)]) for draft, is_judged in drafts]
    return [replace(one, judged=one.judged and not beside(audit, one)) for one in found]


def _finding(
    audit: Audit, classes: Sequence[str], draft: ClaimEstimate, judged: bool, p_adjusted: float, p_margin: float
) -> Finding:
    rule = audit.judge
    verdict = judge(draft, rule, p_adjusted, p_margin)
    return Finding(
        claim=draft.claim,
        between=draft.between,
        class_=class_name(classes, draft.class_index),
        operator=draft.operator,
        judged=judged,
        effect=draft.effect,
        control=draft.control,
        interval=bounded(draft.interval, classes),
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
        reason=sentence(audit, classes, draft, verdict, p_margin) + (stopped(draft, verdict, rule) if judged else ""),
        flips=draft.flips,
        edits=draft.edits,
        controls=draft.controls,
        look=draft.look,
    )


def explained(case: Case, findings: Sequence[Finding], verdict: Verdict) -> tuple[str, str]:
    """The sentence of the claim that decided, and what to do next."""
    judged = [finding for finding in findings if finding.judged]
    if not judged:
        return nothing_found(case, coverage(case.held))
    leading = _leading(judged)
    return leading.reason, advice_on(case, verdict, leading)


def _leading(judged: Sequence[Finding]) -> Finding:
    """The largest of the claims with the worst verdict: the one that decided. A movement does where no other did."""
    raw = audit_verdict(judged, "error")
    worst = [finding for finding in judged if finding.verdict == raw]
    return max(worst, key=lambda finding: (finding.claim != "movement", abs(finding.effect)))


def leading_claim(drafts: Sequence[ClaimEstimate], findings: Sequence[Finding]) -> ClaimEstimate | None:
    """The same among the claims that say something of single rows: the one that slices are cut from."""
    by_row = [(f, d) for d, f in zip(drafts, findings, strict=True) if f.judged and d.by_row]
    if not by_row:
        return None
    leading = _leading([finding for finding, _ in by_row])
    return next(draft for finding, draft in by_row if finding is leading)


def alpha_note() -> str:
    """How sure the intervals are, for the settings of the report."""
    return f"intervals at {1 - 2 * AUDIT_ALPHA:.4f} (alpha 0.05 shared by a catalogue of {CATALOGUE} audits)"
