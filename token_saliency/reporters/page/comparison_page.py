"""A comparison as a page: the head of a report, and both effects of every claim on one axis."""

from __future__ import annotations

from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Axis, Measured, Whisker, axis_of, whisker
from token_saliency.drawing.pages import page
from token_saliency.drawing.safe import slug
from token_saliency.reporters.comparison import exchanged_said, headline, predictions_said, suspect_said
from token_saliency.reporters.page.view import flattened
from token_saliency.reporters.summary import thing
from token_saliency.results import Change, ComparedAudit, ComparedClaim, Comparison, Side

_AS_VERDICT: dict[Change, str] = {"worse": "fail", "undecided": "inconclusive", "better": "pass", "same": "pass"}
"""The colour and sign of a change: those of the verdict that it is nearest to."""


@dataclass(frozen=True, slots=True)
class SideView:
    """One of the two runs."""

    name: str
    model: str
    data: str
    verdict: str
    created: str
    folder: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A line of the table of claims: the two effects as a bar from A to B, and the change with its interval."""

    change: str
    look: str
    judged: bool
    claim: str
    class_: str
    operator: str
    between: tuple[str, str] | None
    chart: Whisker
    from_x: float
    to_x: float
    effects: str
    difference: str
    interval: str
    verdicts: str
    p_adjusted: str
    rows: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """One audit."""

    id: str
    title: str
    change: str
    look: str
    verdicts: str
    reason: str
    gates: bool
    effects: Axis
    changes: Axis
    claims: list[ClaimView]


def render_html(comparison: Comparison) -> str:
    """The whole page of a comparison."""
    one = thing(comparison)
    return page(
        "comparison.html.j2",
        title=f"{comparison.change}: {comparison.a.model.id} and {comparison.b.model.id}",
        change=comparison.change,
        look=_AS_VERDICT[comparison.change],
        headline=headline(comparison),
        things=f"{one}s",
        sides=[_side(name, run, one) for name, run in comparison.sides()],
        predictions=predictions_said(comparison.predictions, one) if comparison.predictions else "",
        proof=[exchanged_said(found, one) for found in comparison.exchanged],
        suspects=[(one.change, suspect_said(one)) for one in comparison.suspects if not one.listed],
        audits=[_audit(audit) for audit in comparison.audits],
        warnings=comparison.warnings,
        settings=list(flattened(comparison.settings)),
        disclaimer=comparison.disclaimer,
        command=comparison.command,
        written=f"{numbers.moment(comparison.created)} by {comparison.tool.name} {comparison.tool.version}",
        exit_code=comparison.exit_code,
    )


def _side(name: str, side: Side, one: str) -> SideView:
    data = f"{side.dataset.id}, {numbers.count(side.dataset.rows_used, one)}"
    return SideView(name, side.model.id, data, side.verdict, numbers.moment(side.created), side.folder)


def _audit(audit: ComparedAudit) -> ComparedView:
    claims = sorted(audit.claims, key=lambda claim: (not claim.judged, claim.change != audit.change))
    changes = axis_of([_measured(claim) for claim in claims])
    effects = axis_of([_measured(claim, effect) for claim in claims for effect in (claim.effect_a, claim.effect_b)])
    return ComparedView(
        id=slug(audit.name),
        title=audit.title,
        change=audit.change,
        look=_AS_VERDICT[audit.change],
        verdicts=f"{audit.verdict_a} → {audit.verdict_b}",
        reason=audit.reason,
        gates=audit.gates,
        effects=effects,
        changes=changes,
        claims=[_claim(claim, effects, changes, audit.reason) for claim in claims],
    )


def _measured(claim: ComparedClaim, effect: float | None = None) -> Measured:
    """The change with its interval, or one of the two effects."""
    if effect is None:
        return Measured(claim.difference, claim.interval, claim.margin)
    return Measured(effect, (effect, effect), claim.margin)


def _claim(claim: ComparedClaim, effects: Axis, changes: Axis, said: str) -> ClaimView:
    return ClaimView(
        change=claim.change,
        look=_AS_VERDICT[claim.change],
        judged=claim.judged,
        claim=claim.claim,
        class_=claim.class_,
        operator=claim.operator,
        between=claim.between,
        chart=whisker(_measured(claim), changes),
        from_x=effects.x(claim.effect_a),
        to_x=effects.x(claim.effect_b),
        effects=f"{numbers.signed(claim.effect_a)} → {numbers.signed(claim.effect_b)}",
        difference=numbers.signed(claim.difference),
        interval=numbers.interval(claim.interval),
        verdicts=f"{claim.verdict_a} → {claim.verdict_b}",
        p_adjusted=numbers.p_value(claim.p_adjusted),
        rows=numbers.count(claim.rows),
        how="paired" if claim.paired else "not paired",
        reason="" if claim.reason == said else claim.reason,
    )
