"""One audit as the page shows it: plain values, ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass

from token_saliency.reporters import numbers, reading
from token_saliency.reporters.charts import Axis, Bar, axis_of
from token_saliency.reporters.colour import Scale
from token_saliency.reporters.pictures import SHOWN, PictureView, picture_views
from token_saliency.reporters.safe import slug
from token_saliency.reporters.samples import ExampleView, PairView, example_view, pair_view
from token_saliency.reporters.view_parts import (
    AssociationView,
    FindingView,
    Lines,
    ShareView,
    association_view,
    finding_view,
    item_lines,
    measured,
    share_view,
    sizes,
    slice_lines,
)
from token_saliency.results import AuditResult

DESCRIBED, PAIRS, EXAMPLES = 40, 10, 12


@dataclass(frozen=True, slots=True)
class AuditView:
    """Everything that the page says about one audit."""

    id: str
    name: str
    code: str
    title: str
    verdict: str
    accepted: bool
    reason: str
    advice: str
    why: str
    expectation: str
    items: str
    level: str
    margin: str
    coverage: list[tuple[str, str]]
    reading: str
    main: FindingView | None
    sizes: list[Bar]
    axis: Axis
    judged: list[FindingView]
    described: list[FindingView]
    described_more: int
    share: ShareView | None
    association: AssociationView | None
    worst_items: Lines
    slices: Lines
    pairs: list[PairView]
    pairs_more: int
    examples: list[ExampleView]
    examples_more: int
    notes: list[str]
    pictures: list[PictureView]
    pictures_more: int


_EXPECTATIONS = {
    "irrelevant": "should not matter",
    "necessary": "should matter, but not suffice",
    "exploratory": "explored, never judged",
}
_ITEMS = {"sample": "a sample of a larger population", "fixed": "exactly these strings"}
_LEVELS = {"off": "off", "warn": "at most a warning", "error": "can fail the run"}


def audit_view(audit: AuditResult, summary_axis: Axis, scale: Scale, limit: int) -> AuditView:
    """One audit; `summary_axis` is shared by all audits, `limit` cuts each coloured text."""
    id_ = slug(audit.name)
    ordered = sorted(audit.intervention, key=reading.severity)
    judged, described = [f for f in ordered if f.judged], [f for f in ordered if not f.judged]
    axis = axis_of([measured(finding) for finding in [*judged, *described[:DESCRIBED]]])
    main = reading.decisive(audit)
    margin = main.margin if main else 0.0
    return AuditView(
        id=id_,
        name=audit.name,
        code=audit.code,
        title=audit.title,
        verdict=audit.verdict,
        accepted=reading.accepted(audit),
        reason=audit.reason,
        advice=audit.advice,
        why=audit.why,
        expectation=_EXPECTATIONS[audit.expectation],
        items=_ITEMS[audit.items],
        level=_LEVELS[audit.level],
        margin=f"±{margin:g}" if main else "",
        coverage=_coverage(audit),
        reading=reading.triad(audit),
        main=finding_view(main, summary_axis, id_, "") if main else None,
        sizes=sizes(main) if main else [],
        axis=axis,
        judged=[finding_view(finding, axis, id_, audit.reason) for finding in judged],
        described=[finding_view(finding, axis, id_, audit.reason) for finding in described[:DESCRIBED]],
        described_more=max(0, len(described) - DESCRIBED),
        share=share_view(audit.attribution) if audit.attribution else None,
        association=association_view(audit.association) if audit.association else None,
        worst_items=item_lines(audit.worst_items, margin),
        slices=slice_lines(audit.by_slice, margin),
        pairs=[pair_view(pair) for pair in audit.pairs[:PAIRS]],
        pairs_more=max(0, len(audit.pairs) - PAIRS),
        examples=[example_view(example, scale, limit) for example in audit.examples[:EXAMPLES]],
        examples_more=max(0, len(audit.examples) - EXAMPLES),
        notes=audit.notes,
        pictures=picture_views(audit),
        pictures_more=max(0, len(audit.pictures) - SHOWN),
    )


def _coverage(audit: AuditResult) -> list[tuple[str, str]]:
    seen = audit.coverage
    return [
        (numbers.count(seen.rows), "row with a hit" if seen.rows == 1 else "rows with a hit"),
        (numbers.count(seen.spans), "place" if seen.spans == 1 else "places"),
        (numbers.count(seen.items), "distinct item" if seen.items == 1 else "distinct items"),
    ]
