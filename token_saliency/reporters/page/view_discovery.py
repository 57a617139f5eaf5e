"""What nobody listed, as the page shows it: the sentence, the numbers, the edits that tested it."""

from __future__ import annotations

from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Axis, Whisker, axis_of, whisker
from token_saliency.drawing.safe import distinct, slug
from token_saliency.reporters.page.reproduce import Again
from token_saliency.reporters.page.samples import PairView, pair_view
from token_saliency.reporters.page.view_parts import measured
from token_saliency.results import Discovered, RunRecord

SUSPECTS, PAIRS = 20, 3


@dataclass(frozen=True, slots=True)
class SuspectView:
    """One suspect; `reason` says why it was looked at and what the edits showed."""

    id: str
    item: str
    kind: str
    class_: str
    operator: str
    confirmed: bool
    listed: str
    chart: Whisker
    effect: str
    interval: str
    control: str
    p_adjusted: str
    flips: str
    rows: str
    reason: str
    suspicion: str
    because: list[str]
    pairs: list[PairView]


@dataclass(frozen=True, slots=True)
class DiscoveryView:
    """The section: what it came to in a sentence, the confirmed suspects, and the others."""

    summary: str
    axis: Axis
    confirmed: list[SuspectView]
    others: list[SuspectView]
    more: int


def discovery_view(report: RunRecord, again: Again) -> DiscoveryView:
    """The suspects of a report that has some."""
    ranked = sorted(
        report.discovery, key=lambda one: (not one.confirmed, -(one.suspicion or 0.0), -abs(one.effect), one.item)
    )
    shown = ranked[:SUSPECTS]
    axis = axis_of([measured(one) for one in shown])
    ids = distinct([slug("suspect", one.kind, one.item, one.class_) for one in shown])
    views = [_suspect(one, axis, id_, again) for one, id_ in zip(shown, ids, strict=True)]
    return DiscoveryView(
        summary=_summary(report),
        axis=axis,
        confirmed=[view for view in views if view.confirmed],
        others=[view for view in views if not view.confirmed],
        more=max(0, len(ranked) - SUSPECTS),
    )


def _summary(report: RunRecord) -> str:
    confirmed = sum(one.confirmed for one in report.discovery)
    nominated = numbers.count(len(report.discovery), "suspect")
    return (
        f"{nominated} nominated by colours and labels on one half of the rows; edits on the other half confirmed "
        f"{confirmed or 'none'}. What moves the output by the margin stands first, the likeliest to be spurious "
        "(suspicion, 0 to 1) in front: whether one is, is for a person to say."
    )


def _suspect(one: Discovered, axis: Axis, id_: str, again: Again) -> SuspectView:
    pairs = one.pairs[:PAIRS]
    ids = distinct([slug(id_, "pair", pair.row) for pair in pairs])
    return SuspectView(
        id=id_,
        item=one.item,
        kind=one.kind,
        class_=one.class_,
        operator=one.operator,
        confirmed=one.confirmed,
        listed=one.listed or "",
        chart=whisker(measured(one), axis),
        effect=numbers.signed(one.effect),
        interval=numbers.interval(one.interval),
        control="–" if one.control is None else numbers.signed(one.control),
        p_adjusted=numbers.p_value(one.p_adjusted),
        flips=numbers.percent(one.flip_rate),
        rows=numbers.count(one.rows),
        reason=one.reason,
        suspicion="" if one.suspicion is None else f"{one.suspicion:.2f}",
        because=list(one.reasons),
        pairs=[
            pair_view(pair, each, again.pair(pair), again.live(pair.row)) for pair, each in zip(pairs, ids, strict=True)
        ],
    )
