"""One audit as the page shows it: plain values, ready to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Axis, Bar, axis_of
from token_saliency.drawing.colour import Scale
from token_saliency.drawing.safe import distinct, slug
from token_saliency.reporters import summary as reading
from token_saliency.reporters.page.pictures import SHOWN, PictureView, picture_views
from token_saliency.reporters.page.reproduce import Again
from token_saliency.reporters.page.samples import ExampleView, PairView, example_view, pair_view
from token_saliency.reporters.page.triad import triad
from token_saliency.reporters.page.view_parts import (
    ITEMS,
    SLICES,
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
from token_saliency.results import BLOCKING, AuditResult

UNFOLDED, PAIRS, EXAMPLES = 12, 10, 12


@dataclass(frozen=True, slots=True)
class Budget:
    """What one audit may put on the page; `text` is in characters of each coloured row."""

    text: int
    examples: int
    pairs: int
    items: int
    slices: int
    judged: int
    described: int


def budget_of(audits: Sequence[AuditResult]) -> Budget:
    """The page keeps under two megabytes: many audits or many coloured rows leave each of them less room.

    Hundreds of audits keep their sentence, their findings and one row and pair each.
    """
    each = max(1, len(audits))
    examples = min(EXAMPLES, max(1, 160 // each))
    coloured = sum(min(examples, len(audit.examples)) for audit in audits)
    return Budget(
        text=min(_LONGEST_TEXT, max(240, _COLOURED // max(1, coloured))),
        examples=examples,
        pairs=min(PAIRS, max(1, 400 // each)),
        items=min(ITEMS, max(3, 240 // each)),
        slices=min(SLICES, max(3, 480 // each)),
        judged=min(80, max(4, 240 // each)),
        described=min(40, max(1, 200 // each)),
    )


_COLOURED = 90_000
_LONGEST_TEXT = 2_400


@dataclass(frozen=True, slots=True)
class AuditView:
    """What the page says about one audit beside its record."""

    id: str
    record: AuditResult
    accepted: bool
    exploratory: bool
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
    judged_folded: list[FindingView]
    judged_more: int
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
    pictures: list[PictureView]
    pictures_more: int

    @property
    def raised(self) -> bool:
        """Whether the audit asks to be read at once."""
        return self.record.verdict in BLOCKING["warn"]


_EXPECTATIONS = {
    "irrelevant": "should not matter",
    "necessary": "should matter, but not suffice",
    "exploratory": "explored: reported, and decides nothing",
}
_ITEMS = {"sample": "a sample of a larger population", "fixed": "exactly these strings"}
_LEVELS = {"off": "off", "warn": "at most a warning", "error": "can fail the run"}


def audit_view(audit: AuditResult, shared: Axis, scale: Scale, budget: Budget, again: Again, images: bool) -> AuditView:
    """One audit; the axis `shared` is that of all audits. `images`: its rows are pictures."""
    id_ = slug(audit.name)
    ordered = sorted(audit.intervention, key=reading.severity)
    judged, described = [f for f in ordered if f.judged], [f for f in ordered if not f.judged]
    shown_judged, shown_described = judged[: budget.judged], described[: budget.described]
    axis = axis_of(list(map(measured, [*shown_judged, *shown_described])))
    main = reading.decisive(audit)
    margin = main.margin if main else 0.0
    lines = [finding_view(finding, axis, id_, audit.reason) for finding in shown_judged]
    return AuditView(
        id=id_,
        record=audit,
        accepted=reading.accepted(audit),
        exploratory=reading.exploratory(audit),
        expectation=_EXPECTATIONS[audit.expectation],
        items=_ITEMS[audit.items],
        level=_LEVELS[audit.level],
        margin=f"±{margin:g}" if main else "",
        coverage=_coverage(audit, images),
        reading=triad(audit),
        main=finding_view(main, shared, id_, "") if main else None,
        sizes=sizes(main) if main else [],
        axis=axis,
        judged=lines[:UNFOLDED],
        judged_folded=lines[UNFOLDED:],
        judged_more=max(0, len(judged) - budget.judged),
        described=[finding_view(finding, axis, id_, audit.reason) for finding in shown_described],
        described_more=max(0, len(described) - budget.described),
        share=share_view(audit.attribution, images) if audit.attribution else None,
        association=association_view(audit.association, budget.items) if audit.association else None,
        worst_items=item_lines(audit.worst_items, margin, budget.items),
        slices=slice_lines(audit.by_slice, margin, budget.slices),
        pairs=_pairs(audit, id_, budget, again),
        pairs_more=max(0, len(audit.pairs) - budget.pairs),
        examples=_examples(audit, id_, scale, budget, again),
        examples_more=max(0, len(audit.examples) - budget.examples),
        pictures=picture_views(audit),
        pictures_more=max(0, len(audit.pictures) - SHOWN),
    )


def _pairs(audit: AuditResult, audit_id: str, budget: Budget, again: Again) -> list[PairView]:
    shown = audit.pairs[: budget.pairs]
    ids = distinct([slug(audit_id, "pair", pair.row, pair.operator, pair.item) for pair in shown])
    return [pair_view(pair, id_, again.pair(pair), again.live(pair.row)) for pair, id_ in zip(shown, ids, strict=True)]


def _examples(audit: AuditResult, audit_id: str, scale: Scale, budget: Budget, again: Again) -> list[ExampleView]:
    shown = audit.examples[: budget.examples]
    ids = distinct([slug(audit_id, "row", example.row) for example in shown])
    return [
        example_view(one, scale, budget.text, id_, again.example(one), again.live(one.row))
        for one, id_ in zip(shown, ids, strict=True)
    ]


def _coverage(audit: AuditResult, pictures: bool) -> list[tuple[str, str]]:
    """What the audit looked for and found; nothing of that kind where it puts something in and the rows hold none."""
    seen = audit.coverage
    if not (seen.rows or seen.spans) and audit.intervention:
        return []
    if pictures:
        return [(numbers.count(seen.rows), "picture edited" if seen.rows == 1 else "pictures edited")]
    return [
        (numbers.count(seen.rows), "row with a hit" if seen.rows == 1 else "rows with a hit"),
        (numbers.count(seen.spans), "place" if seen.spans == 1 else "places"),
        (numbers.count(seen.items), "distinct item" if seen.items == 1 else "distinct items"),
    ]
