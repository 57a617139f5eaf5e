"""The parts of one audit's section: findings, items, slices, attribution share, association."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Axis, Bar, Measured, Whisker, axis_of, balance_bars, bars_from_left, whisker
from token_saliency.drawing.safe import slug
from token_saliency.reporters import summary
from token_saliency.reporters.page.triad import CLEAR_Z
from token_saliency.results import Association, AttributionShare, Discovered, Finding, ItemEffect, SliceEffect

ITEMS, SLICES, CLASSES = 20, 24, 12

_MEANINGS = {
    "shift": "how far the edit moves it on average",
    "direction": "one group against the other",
    "lean": "items pull along the label they go with",
    "magnitude": "how far items differ, direction aside",
    "movement": "how far it moves it up or down, beyond the control",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A line of the table of findings."""

    id: str
    verdict: str
    claim: str
    class_: str
    operator: str
    between: tuple[str, str] | None
    meaning: str
    chart: Whisker
    effect: str
    interval: str
    control: str
    p: str
    p_adjusted: str
    flips: str
    rows: str
    items: str
    smallest: str
    reason: str
    accepted: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a smaller chart: an item, or a slice of the rows."""

    name: str
    class_: str
    chart: Whisker
    effect: str
    interval: str
    rows: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one table, on one axis, and how many were left out."""

    lines: list[LineView]
    class_: str
    axis: Axis
    more: int


@dataclass(frozen=True, slots=True)
class ShareView:
    """How much of the attribution lies on the audited tokens, beside what their length expects."""

    share: str
    lift: str
    interval: str
    rows: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class AssociationView:
    """How the audited tokens go with the labels."""

    pooled: str
    interval: str
    bars: list[Bar]
    classes_more: int
    items: list[tuple[str, str, str, str]]
    more: int


def measured(finding: Finding | Discovered) -> Measured:
    """What a chart needs of a finding, or of a suspect."""
    return Measured(finding.effect, finding.interval, finding.margin, finding.control)


def finding_view(finding: Finding, axis: Axis, audit_id: str, said: str) -> FindingView:
    """One finding; its reason is left out where it was `said` already."""
    control = "–" if finding.control is None else numbers.signed(finding.control)
    flips = numbers.percent(finding.flip_rate)
    if finding.placebo_flip_rate is not None:
        flips += f" (control {numbers.percent(finding.placebo_flip_rate)})"
    return FindingView(
        id=slug(audit_id, finding.claim, finding.class_, finding.operator, *(finding.between or ())),
        verdict=finding.verdict,
        claim=finding.claim,
        class_=finding.class_ or "",
        operator=finding.operator,
        between=finding.between,
        meaning=_MEANINGS[finding.claim],
        chart=whisker(measured(finding), axis),
        effect=numbers.signed(finding.effect),
        interval=numbers.interval(finding.interval),
        control=control,
        p=numbers.p_value(finding.p),
        p_adjusted=numbers.p_value(finding.p_adjusted),
        flips=flips,
        rows=numbers.count(finding.rows),
        items=numbers.count(finding.items),
        smallest=numbers.plain(finding.smallest_detectable),
        reason="" if finding.reason == said else finding.reason,
        accepted=summary.acceptance(finding.known) if finding.known else "",
    )


def sizes(finding: Finding) -> list[Bar]:
    """Bars for the size of the effect beside the control and the margin."""
    effect = abs(finding.effect)
    if finding.claim == "movement":  # its effect is what lies beyond the control
        effect = max(0.0, finding.effect + (finding.control or 0.0))
    parts = [("these edits", effect), ("margin", finding.margin)]
    if finding.control is not None:
        parts.insert(1, ("control edits", abs(finding.control)))
    return bars_from_left(parts, numbers.plain)


_TOKENS = "on these tokens", "expected by length", "on control tokens"
_PLACES = "on these places", "expected by size", "on control places"


def share_view(share: AttributionShare, of_pictures: bool) -> ShareView:
    """`of_pictures`: shares of places of a picture, not of tokens."""
    here, expected, control = _PLACES if of_pictures else _TOKENS
    shares = [(here, share.share), (expected, share.expected_share)]
    if share.placebo_share is not None:
        shares.append((control, share.placebo_share))
    return ShareView(
        share=numbers.percent(share.share),
        lift=f"{numbers.plain(share.lift, 2)}×",
        interval=numbers.interval(share.interval, 2).replace("+", ""),
        rows="" if share.rows is None else numbers.count(share.rows, "picture" if of_pictures else "row"),
        bars=bars_from_left(shares, numbers.percent),
    )


def association_view(association: Association, limit: int = ITEMS) -> AssociationView:
    """At most `limit` of its items, the clearest first."""
    ranked_classes = _clearest(association.by_class)
    ranked = sorted(association.items, key=lambda item: (-abs(item.z), item.item))
    return AssociationView(
        pooled=numbers.signed(association.pooled_z, 1),
        interval=numbers.interval(association.interval, 1),
        bars=balance_bars(ranked_classes[:CLASSES], full=CLEAR_Z),
        classes_more=max(0, len(ranked_classes) - CLASSES),
        items=[(i.item, i.class_, numbers.signed(i.z, 1), numbers.count(i.rows)) for i in ranked[:limit]],
        more=max(0, len(ranked) - limit),
    )


def _clearest(by_class: Mapping[str, float]) -> list[tuple[str, float]]:
    """All classes in their order, or where they are many the clearest first."""
    classes = list(by_class.items())
    return classes if len(classes) <= CLASSES else sorted(classes, key=lambda one: -abs(one[1]))


def item_lines(items: Sequence[ItemEffect], margin: float, limit: int = ITEMS) -> Lines:
    """The items that move most, at most `limit` of them."""
    shown = items[:limit]
    axis = axis_of([Measured(one.effect, one.interval, margin) for one in shown])
    classes = {one.class_ for one in shown}
    common = classes.pop() if len(classes) == 1 else ""
    lines = [
        _line(one.item, "" if common else one.class_, Measured(one.effect, one.interval, margin), axis, one.mentions)
        for one in shown
    ]
    return Lines(lines, common, axis, max(0, len(items) - limit))


def slice_lines(slices: Sequence[SliceEffect], margin: float, limit: int = SLICES) -> Lines:
    """At most `limit` slices, in their order."""
    shown = slices[:limit]
    axis = axis_of([Measured(one.effect, one.interval, margin) for one in shown])
    lines = [_line(one.name, "", Measured(one.effect, one.interval, margin), axis, one.rows) for one in shown]
    return Lines(lines, "", axis, max(0, len(slices) - limit))


def _line(name: str, class_: str, estimate: Measured, axis: Axis, rows: int) -> LineView:
    return LineView(
        name,
        class_,
        whisker(estimate, axis),
        numbers.signed(estimate.effect),
        numbers.interval(estimate.interval),
        numbers.count(rows),
    )
