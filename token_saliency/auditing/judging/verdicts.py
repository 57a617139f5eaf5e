"""The rules of evidence: from estimates to verdicts, and from verdicts to an exit code.

FAIL          |effect| is shown to exceed the margin (or the noise, where that is larger), and to exceed its
              matched control by more than half the margin
PASS          the whole interval lies inside +-margin; of a movement that of the flips inside theirs as well
WARN          an effect is there and exceeds its control, but is shown neither to exceed the margin nor to stay inside;
              of a movement the output or the decisions, whichever is not shown to stay inside
INCONCLUSIVE  anything else: the sample cannot tell. Not significant is never PASS.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Judge
from token_saliency.errors import unknown
from token_saliency.results import BLOCKING, VERDICTS, AuditResult, Claim, Finding, Flips, Interval, Level, Verdict
from token_saliency.stats.estimate import Estimate, holm
from token_saliency.stats.looks import documents_to_pass

NOTHING, OTHERS, CONTROL_WORDS = "nothing", "the others", "control words"
"""What a deleted item is compared with in `between`, a sub-group, and all items of a sample."""


Held = tuple[Estimate, float, float]
"""An estimate, the margin inside which it must lie to PASS, and the bar that it must exceed to FAIL. Of several the
first must lie inside, and one of the others."""


@dataclass(frozen=True, slots=True)
class ClaimEstimate:
    """The estimate of one claim about one class: what a verdict rests on, and what a `Finding` is made of.

    `p` tests a zero effect and `p_margin` |effect| <= max(margin, noise), both before the corrections for several
    claims; `beyond_control` is the lower bound of |effect| - |control|. `resolvable` is false where so few items or
    rows can never reject. `one_sided`: only an effect above zero can be a fault, and both p are of an effect above.
    `must_move`: none is one, for what is exchanged must be read. `edits` counts the edited texts behind the estimate,
    `controls` the control edits beside them; where items are a sample, the control items. `look`: the last that brought
    it edits, 0 where all came at once. `held`: what its tests rest on, and against which margins. `documents`: how
    many lent an edit, where others have yet to (inf: none has). `parted`: into how many sorts the places that they may
    fill part the items, where it is that which leaves too few ways to split them.
    """

    claim: Claim
    between: tuple[str, str] | None
    class_index: int
    operator: str
    effect: float
    control: float | None
    interval: Interval
    beyond_control: float | None
    p: float
    p_margin: float
    flip_rate: float
    placebo_flip_rate: float | None
    rows: int
    items: int
    smallest_detectable: float
    resolvable: bool
    by_row: Mapping[str, float]
    one_sided: bool = False
    flips: Flips | None = None
    must_move: bool = False
    edits: int = 0
    controls: int = 0
    look: int = 0
    held: tuple[Held, ...] = ()
    documents: float = math.inf
    parted: int = 0


CATALOGUE = 15
"""Alpha is shared by the audits of the full catalogue, whether they run or not: adding one changes no other."""

ALPHA = 0.05
AUDIT_ALPHA = ALPHA / CATALOGUE
"""The one-sided level of every interval and every test inside one audit."""

EXIT_OK, EXIT_FINDINGS, EXIT_ERROR, EXIT_UNDECIDED, EXIT_INTERRUPTED = 0, 1, 2, 5, 130


MOST_DRAWS = 200_000
"""More permutations than the last look needs are made for an earlier one up to this number."""


def draws(claims: int, alpha: float = AUDIT_ALPHA) -> int:
    """How many permutations a family of `claims` needs for its smallest p to be able to reject."""
    needed = [math.ceil(20 * max(claims, 1) / level) for level in (AUDIT_ALPHA, alpha)]
    return max(needed[0], min(needed[1], MOST_DRAWS))


def corrected(family: Sequence[float]) -> list[float]:
    """p after Holm over the claims of one audit and the fixed share of the catalogue."""
    return [min(1.0, CATALOGUE * p) for p in holm(list(family))]


def judge(estimate: ClaimEstimate, rule: Judge, p_adjusted: float, p_margin_adjusted: float) -> Verdict:
    """The verdict of one claim. Worst first: a claim that fails is not saved by a narrower rule below."""
    if not _sufficient(estimate, rule) or rare_unseen(estimate, rule):
        return "INCONCLUSIVE"
    excess = _excess(estimate, rule)
    if estimate.must_move:
        return _read(estimate, rule, shown=p_adjusted <= ALPHA and excess > 0.5)
    if p_margin_adjusted <= ALPHA and excess > 0.5:
        return "FAIL"
    if _inside(estimate, rule):
        return "INCONCLUSIVE" if outmoved(estimate, rule) else "PASS"
    return "WARN" if p_adjusted <= ALPHA and _excess(estimate, rule, undecided=True) > 0 else "INCONCLUSIVE"


def _read(estimate: ClaimEstimate, rule: Judge, *, shown: bool) -> Verdict:
    """What must move the output is a fault where it is shown to move next to nothing."""
    if _inside(estimate, rule):
        return "FAIL"
    return "PASS" if shown else "INCONCLUSIVE"


def _excess(estimate: ClaimEstimate, rule: Judge, *, undecided: bool = False) -> float:
    """The lower bound beyond the control, in margins; of a movement that of the output or of the decision.

    Of the `undecided` only that which is not shown to stay inside its margin.
    """
    if estimate.beyond_control is None:
        return -math.inf
    flips, excess = estimate.flips, _in_margins(estimate.beyond_control, rule.margin)
    if flips is None:
        return excess
    parts = [(excess, estimate.interval[1] < rule.margin)]
    parts.append((_in_margins(flips.interval[0], flips.margin), flips.interval[1] < flips.margin))
    return max((lower for lower, inside in parts if not (undecided and inside)), default=-math.inf)


def _in_margins(bound: float, margin: float) -> float:
    return bound / margin if margin > 0 else math.copysign(math.inf, bound) if bound else 0.0


def _inside(estimate: ClaimEstimate, rule: Judge) -> bool:
    """Whether the whole interval, and that of the flips, stay within what is allowed."""
    low, high = estimate.interval
    within = estimate.flips is None or estimate.flips.interval[1] < estimate.flips.margin
    return within and (estimate.one_sided or -rule.margin < low) and high < rule.margin


def outmoved(estimate: ClaimEstimate, rule: Judge) -> bool:
    """Whether the controls of a movement are shown to move by more than the edit and its margin.

    Beside them any edit looks still, so that to stay below its margin says nothing.
    """
    if estimate.claim != "movement" or estimate.must_move:
        return False
    flips = estimate.flips
    return estimate.interval[1] < -rule.margin or (flips is not None and flips.interval[1] < -flips.margin)


def rare_unseen(estimate: ClaimEstimate, rule: Judge) -> bool:
    """Whether nothing moves, but in few documents: they may hold none of the rare ones that would move all the way."""
    return estimate.documents < documents_to_pass(rule.margin) and _inside(estimate, rule)


def _sufficient(estimate: ClaimEstimate, rule: Judge) -> bool:
    return estimate.rows >= rule.min_rows and estimate.resolvable and all(map(math.isfinite, estimate.interval))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; with none there is nothing that could be decided."""
    found = set(verdicts)
    return next((verdict for verdict in VERDICTS if verdict in found), "INCONCLUSIVE")


def audit_verdict(findings: Iterable[Finding], level: Level) -> Verdict:
    """The worst judged claim; an audit at level `warn` never fails a build."""
    verdict = worst(finding.verdict for finding in findings if finding.judged)
    return "WARN" if verdict == "FAIL" and level == "warn" else verdict


def gates(audit: AuditResult) -> bool:
    """Exploratory audits are reported and never decide."""
    return audit.expectation != "exploratory"


def open_verdict(audit: AuditResult) -> Verdict:
    """The verdict without the findings that somebody has accepted: what may still turn a build red."""
    if not any(finding.known for finding in audit.intervention):
        return audit.verdict
    left = [finding for finding in audit.intervention if finding.judged and finding.known is None]
    return audit_verdict(left, audit.level) if left else "PASS"


def report_verdict(audits: Iterable[AuditResult]) -> Verdict:
    """The worst audit that gates."""
    return worst(audit.verdict for audit in audits if gates(audit))


def check_fail_on(fail_on: str) -> None:
    """OptionError with the values that there are."""
    if fail_on not in BLOCKING:
        raise unknown("value of fail-on", fail_on, BLOCKING)


def exit_code(audits: Sequence[AuditResult], fail_on: str) -> int:
    """2 beats 1 beats 5 beats 0: a check that did not run never looks like a pass; what is accepted fails nothing."""
    if any(audit.verdict == "ERROR" for audit in audits):
        return EXIT_ERROR
    if BLOCKING[fail_on].intersection(open_verdict(audit) for audit in audits if gates(audit)):
        return EXIT_FINDINGS
    asked = [audit for audit in audits if gates(audit)] or audits
    decided = any(audit.verdict != "INCONCLUSIVE" for audit in asked)
    return EXIT_OK if decided else EXIT_UNDECIDED
