"""The sentence of a claim: what was measured, and what follows or is missing. True of the numbers that it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from token_saliency.auditing.audit import ANY, Audit, Judge
from token_saliency.auditing.judging.case import (
    PICTURES,
    bounded,
    class_name,
    output_of,
    plain,
    things_of,
    unit_of,
)
from token_saliency.auditing.judging.contrasts import ONE_ANOTHER, without_pole
from token_saliency.auditing.judging.shifts import quoted
from token_saliency.auditing.judging.verdicts import (
    ALPHA,
    AUDIT_ALPHA,
    CONTROL_WORDS,
    NOTHING,
    OTHERS,
    ClaimEstimate,
    outmoved,
    rare_unseen,
)
from token_saliency.auditing.spans.registry import kinds
from token_saliency.drawing.safe import in_quotes
from token_saliency.results import Flips, Verdict
from token_saliency.stats.estimate import Estimate
from token_saliency.stats.looks import documents_to_pass, told

_TOO_FEW = "can be split in too few ways"
_PARTED = "stand in different sorts of places"
_FEW_DOCUMENTS = "too few documents (near copies count as one)"
_FEW_LOOKS = "too few different ones (near copies count as one)"
_SHARED = "specific to this group"
_UNCONTROLLED = "there is no control to compare with"
_OUTMOVED = "the controls move it by more than the edit does"
_NO_ROWS = "other words of the class differ by so much that no number of rows would do."
HELPS = {
    _NO_ROWS: "Read the edited pairs; more rows do not help",
    _PARTED: "Give it rows with places that other items may fill as well; more of the same rows do not help",
    _TOO_FEW: "Give it other items, by a longer list or by rows that hold others; more of the same rows do not help",
    _FEW_DOCUMENTS: "Give it rows of other documents; more copies of the same do not help",
    _FEW_LOOKS: "Give it other pictures; more copies of the same do not help",
    _SHARED: "Read the edited pairs beside their controls: what both move is the matter, and more rows do not help",
    _OUTMOVED: "Read the controls among the edited pairs: what they change decides too, and more rows do not help",
    _UNCONTROLLED: "Name label-irrelevant `controls` in its [edit]; more rows do not help",
}
"""What to do where it is not rows that are missing, by what the reason says."""


def sentence(audit: Audit, classes: Sequence[str], draft: ClaimEstimate, verdict: Verdict, p_margin: float) -> str:
    """The reason of a finding; `p_margin` is corrected for all claims."""
    threshold = Threshold(audit.judge, unit_of(classes), p_margin, things_of(audit))
    return f"{_measured(audit, classes, draft)} {_concluded(draft, verdict, threshold)}"


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a claim is held against, in the unit of its effect; `p_margin` is corrected for all claims."""

    rule: Judge
    unit: str
    p_margin: float
    things: str

    @property
    def margin(self) -> str:
        """The margin as it is written."""
        return f"{self.rule.margin:g}{self.unit}"


def _measured(audit: Audit, classes: Sequence[str], draft: ClaimEstimate) -> str:
    """The estimate in words: what was done, effect, interval, control, n."""
    between, where = plain(draft.between)
    draft = replace(draft, between=between)
    name, group = class_name(classes, draft.class_index), audit.title.lower()
    moved, unit = output_of(classes, draft.class_index), unit_of(classes)
    if audit.edit.strata and between and draft.claim in ("lean", "magnitude"):
        group = without_pole(between[0])
    subject = {
        "lean": _lean_subject(draft, group, name, moved),
        "magnitude": f"exchanging {group} for one another moves {moved} typically by",
        "direction": f"{group} of {' in place of those of '.join(f'“{side}”' for side in draft.between or ())} "
        f"move {moved} by",
        "shift": _shift_subject(audit, draft, moved),
        "movement": _movement_subject(audit, draft, moved, group),
    }[draft.claim]
    sign = "z" if draft.claim in ("magnitude", "movement") else "+z"
    control = "no control" if draft.control is None else f"control {draft.control:{sign}.3f}"
    n = f"{draft.rows:,} {things_of(audit)}" + (f", {draft.items} items" if draft.items > 1 else "")
    n += f" against {draft.controls:,} control{'' if draft.controls == 1 else 's'}" if draft.controls else ""
    n += f"; {look}" if (look := told(draft.look)) else ""
    low, high = bounded(draft.interval, classes)
    interval = f"[{low:{sign}.3f}, {high:{sign}.3f}]"
    flipped = _flipped(draft.flips, draft.flip_rate, draft.placebo_flip_rate) if draft.flips else ""
    subject = f"{where}, {subject}".strip(", ")
    return f"{subject[0].upper()}{subject[1:]} {draft.effect:{sign}.3f}{unit} {interval} ({control}; {n}){flipped}."


def _lean_subject(draft: ClaimEstimate, group: str, name: str, moved: str) -> str:
    if draft.operator != "swap" and draft.between:
        told = "told apart on other rows, moves"
        return f"the presence of {draft.between[0]} against that of {draft.between[1]}, {told} {moved} by"
    return f"{group} that go with {name} in the labels, against those that go against it, move {moved} by"


def _movement_subject(audit: Audit, draft: ClaimEstimate, moved: str, group: str) -> str:
    """Whatever is done, either way and beyond the control."""
    beyond = "" if draft.control is None else ", beyond the control,"
    if audit.items == "sample" and draft.operator == "swap":
        if draft.between and draft.between[1] != ONE_ANOTHER and not draft.between[0].endswith(" terms"):
            item, peers = draft.between
            return f"{in_quotes(item)} in place of {peers} moves {moved}, up or down{beyond} by"
        if audit.edit.strata and draft.between:
            group = draft.between[0]
        return f"exchanging {group} for one another moves {moved}, up or down{beyond} by"
    if draft.between and draft.between[1] == OTHERS:
        return (
            f"the presence of {draft.between[0]}, told apart on other rows, moves {moved}, up or down{beyond} by more "
            "than that of the others: by"
        )
    return f"{_shift_subject(audit, draft, moved).removesuffix(' by')}, up or down{beyond} by"


def _flipped(flips: Flips, rate: float, placebo: float | None) -> str:
    control = "no control" if placebo is None else f"control {placebo:.0%}"
    low, high = (f"{100 * bound:z.0f}" for bound in flips.interval)
    return (
        f" and changes {rate:.0%} of the decisions ({control}; {100 * flips.excess:z.0f} points more [{low}, {high}])"
    )


def _shift_subject(audit: Audit, draft: ClaimEstimate, moved: str) -> str:
    item, other = draft.between or ("", "")
    if other == CONTROL_WORDS:
        return f"{item} in place of {other} move {moved} by"
    if audit.edit.strata or (audit.items == "sample" and draft.operator == "swap"):
        return f"{in_quotes(item)} in place of {other} moves {moved} by"
    described = kinds(audit.find)
    named = f"any of the {audit.title.lower()}" if item == ANY else quoted(item, described)
    if other == NOTHING:
        return f"the presence of {named} moves {moved} by"
    return f"{named} in place of {quoted(other, described)} moves {moved} by"


def _concluded(draft: ClaimEstimate, verdict: Verdict, bar: Threshold) -> str:
    if rare_unseen(draft, bar.rule):
        return f"Not decided: it stays inside, but an early PASS takes {documents_to_pass(bar.rule.margin)} documents."
    if draft.claim == "movement":
        return _movement_concluded(draft, verdict, bar)
    if verdict == "INCONCLUSIVE":
        return _missing(draft, bar)
    inside = "The interval stays below" if draft.one_sided else "The whole interval lies inside"
    return {
        "FAIL": f"The effect exceeds the margin of {bar.margin} and its matched control.",
        "WARN": f"The effect is real and exceeds its control, but {_short_of_failing(draft, bar)}.",
        "PASS": f"{inside} the margin of {'' if draft.one_sided else '±'}{bar.margin}.",
    }[verdict]


def _movement_concluded(draft: ClaimEstimate, verdict: Verdict, bar: Threshold) -> str:
    """Of the output and of the decisions, which of them goes too far, or how many rows would show that neither does."""
    parts = [("the output", draft.effect, draft.interval, bar.rule.margin, f"the margin of {bar.margin}")]
    if (flips := draft.flips) is not None:
        allowed = f"the {flips.margin:.0%} of decisions that may change"
        parts.append(("the decision", flips.excess, flips.interval, flips.margin, allowed))
    over = [(name, said) for name, _, (low, _), limit, said in parts if low > limit]
    if draft.must_move and verdict in ("FAIL", "PASS"):
        below = " and ".join(said for *_, said in parts)
        return f"So it is not read: both stay below {below}." if verdict == "FAIL" else "So it is read, as it must be."
    if verdict == "FAIL":
        which = " and ".join(f"{name} by more than {said}" for name, said in over)
        return f"Whichever way, it moves {which}."
    if verdict == "PASS":
        return f"Both stay below {' and '.join(said for *_, said in parts)}."[0 if len(parts) > 1 else 5 :].capitalize()
    if verdict == "WARN":
        beyond = " or ".join(said for *_, said in parts) + (" after the correction for all claims" if over else "")
        return f"It moves more than its control, but is not shown to exceed {beyond}."
    if draft.rows < bar.rule.min_rows:
        return f"Not decided: {draft.rows:,} {bar.things}, {bar.rule.min_rows} are needed."
    if outmoved(draft, bar.rule):
        return f"Not decided: {_OUTMOVED}, so that beside them nothing is seen."
    if draft.control is None and over:
        return f"Not decided: {_UNCONTROLLED}; name label-irrelevant `controls` in its [edit]."
    _, effect, (_, high), limit, said = max(parts, key=lambda part: (part[2][1] - part[3]) / max(part[3], 1e-9))
    times = ((high - effect) / (limit - effect)) ** 2 if effect < limit else math.inf
    more = f"about {math.ceil(draft.rows * times):,} {bar.things}" if times < 100 else f"many more {bar.things}"
    return f"Not decided: the interval reaches beyond {said}; {more} would do."


def _short_of_failing(draft: ClaimEstimate, bar: Threshold) -> str:
    """The reader sees the interval: where it lies beyond the margin, what else is not shown is named."""
    if draft.between and draft.between[1] == CONTROL_WORDS:
        return "that those words are neutral is not shown; no exchange for one another shows it"
    if bar.p_margin <= ALPHA:
        return f"not by half the margin of {bar.margin}"
    beyond = f"is not shown to exceed the margin of {bar.margin}"
    if not _lies_beyond(draft, bar.rule.margin):
        return beyond
    if draft.p_margin <= AUDIT_ALPHA:
        return f"{beyond} after the correction for all claims"
    return f"is not shown to exceed the noise of its controls, which is more than the margin of {bar.margin}"


def _lies_beyond(draft: ClaimEstimate, limit: float) -> bool:
    """Whether the whole interval does."""
    low, high = draft.interval
    return low > limit or (high < -limit and not draft.one_sided)


def _missing(draft: ClaimEstimate, bar: Threshold) -> str:
    """What would decide it: more rows, more items, or a control that does not move as much."""
    rule, limit = bar.rule, bar.rule.margin
    if draft.rows < rule.min_rows:
        return f"Not decided: {draft.rows:,} {bar.things}, {rule.min_rows} are needed."
    if not draft.resolvable and not told(draft.look):  # of a part of the edits items split in fewer ways
        return f"Not decided: {_unresolvable(draft, bar.things)}"
    if _lies_beyond(draft, limit):
        return f"Not decided: {_unexplained(draft, bar.things)}"
    size = draft.effect if draft.one_sided else abs(draft.effect)
    if draft.claim == "shift" and draft.control is not None and limit < size <= abs(draft.control):
        return f"Not decided: the matched control moves the output as much, so nothing is {_SHARED}."
    return f"Not decided: {_wanted(draft, bar, limit)}"


def _unresolvable(draft: ClaimEstimate, things: str) -> str:
    """Of which unit there are too few: the items of a sample, else the documents."""
    if draft.claim == "shift":
        if things == PICTURES:
            return f"the {draft.rows:,} pictures are {_FEW_LOOKS} to reject anything; more of others are needed."
        return f"the {draft.rows:,} rows stand in {_FEW_DOCUMENTS} to reject anything; more documents are needed."
    if draft.parted:
        return (
            f"the {draft.items} items {_PARTED} ({draft.parted}), and inside these they {_TOO_FEW} to reject anything; "
            "more items that may stand in the same places are needed."
        )
    return f"{draft.items} items {_TOO_FEW} to reject anything; more items are needed."


def _unexplained(draft: ClaimEstimate, things: str) -> str:
    """Why an effect whose interval lies beyond the margin is no finding."""
    if draft.beyond_control is None:
        return f"{_UNCONTROLLED}; name label-irrelevant `controls` in its [edit]."
    if draft.beyond_control <= 0 and draft.claim in ("lean", "direction"):
        return "random groups of the same items differ by about as much; it needs more rows and more items."
    if draft.beyond_control <= 0:
        control = abs(draft.control or 0.0)
        if draft.claim == "shift" and control < abs(draft.effect) / 2 and draft.controls < draft.rows:
            return f"{draft.controls:,} controls are too few to show that it exceeds them; more rows would lend more."
        return f"the matched control moves the output too, so the effect is not {_SHARED}."
    more = things if draft.claim == "shift" else "items"
    return f"after the correction for all claims an effect is not shown; it needs more {more}."


def _wanted(draft: ClaimEstimate, bar: Threshold, limit: float) -> str:
    """How much more data would do, where that can be said.

    Where the items are a sample their number limits the interval too: rows alone would not do.
    """
    margin, things = bar.margin, bar.things
    if draft.one_sided:
        more = _NO_ROWS if _spread_alone(draft) > limit else "more rows would do."
        return f"the interval reaches beyond {margin}; {more}"
    inside = limit - abs(draft.effect)
    half = (draft.interval[1] - draft.interval[0]) / 2
    sample = draft.claim != "shift"
    more = "more rows and more items" if sample else f"more {things}"
    if inside < 0:
        return f"the effect lies beyond ±{margin}, but its interval does not: it needs {more}."
    if inside == 0 or half / inside > 10:
        return f"the effect is so near the margin of ±{margin} that it needs many {more}."
    times = (half / inside) ** 2
    items = f" with {math.ceil(draft.items * times)} items" if sample else ""
    return f"the interval reaches beyond ±{margin}; about {math.ceil(draft.rows * times):,} {things}{items} would do."


def _spread_alone(draft: ClaimEstimate) -> float:
    """The upper bound of an over-sufficiency were there rows without end: other words of the class still differ."""
    others = draft.items - 1
    spread = Estimate(draft.effect, (draft.control or 0.0) * math.sqrt(1 + 1 / others), others - 1)
    return spread.interval(AUDIT_ALPHA)[1]
