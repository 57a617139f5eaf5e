"""What a comparison concludes, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from token_saliency.auditing.comparing.growth import ChangeRule, Growth
from token_saliency.auditing.comparing.pairing import Pairing
from token_saliency.auditing.definitions.region_audits import of_pictures
from token_saliency.auditing.judging.case import plain
from token_saliency.auditing.judging.contrasts import ONE_ANOTHER, without_pole
from token_saliency.auditing.judging.shifts import quoted
from token_saliency.auditing.judging.verdicts import NOTHING
from token_saliency.results import Change, ComparedClaim, RunRecord

ASKED = ("seed", "edits", "cluster", "rows_limit")
"""Settings that decide which edits a run asked: where they differ, fewer are in both."""

_CLAIMS = {
    "lean": "the lean of items towards the label they go with",
    "magnitude": "the typical effect of exchanging items",
    "movement": "the movement, up or down and beyond the control, by exchanging items",
}


def claim_reason(growth: Growth, change: Change, bar: ChangeRule, class_name: str) -> str:
    """The two effects, the growth with its interval, and what follows."""
    n = f"{growth.rows} {bar.things}" + (f", {growth.items} items" if growth.items > 1 else "")
    how = "paired" if growth.paired else "not paired"
    if growth.spread is not None:
        how += f"; between trainings of a side it spreads by {growth.spread:.3f}"
    moved = f"{growth.effect_a:+z.3f} in A and {growth.effect_b:+z.3f} in B"
    size = f"{growth.size:+z.3f} [{growth.interval[0]:+z.3f}, {growth.interval[1]:+z.3f}]"
    return (
        f"On {class_name}, {_subject(growth)} is {moved}: its size changes by {size} ({how}; {n}). "
        f"{_concluded(growth, change, bar)}"
    )


def _subject(growth: Growth) -> str:
    if growth.between is None:
        return _CLAIMS.get(growth.claim, f"the {growth.claim}")
    between, where = plain(growth.between)
    if where:
        own = None if growth.between[1] == ONE_ANOTHER else between
        return f"{_subject(replace(growth, between=own))}{where}"
    left, right = growth.between
    if growth.claim == "movement":
        return f"the movement, up or down and beyond the control, by {quoted(left)} in place of {quoted(right)}"
    if growth.claim == "lean":
        return f"the lean of {without_pole(left)} towards the label they go with"
    if growth.claim == "magnitude":
        return f"the typical effect of exchanging {left}"
    if growth.claim == "direction":
        return f"the effect of items of “{left}” against those of “{right}”"
    if right == NOTHING:
        return f"the effect of the presence of {quoted(left)}"
    return f"the effect of {quoted(left)} in place of {quoted(right)}"


def _concluded(growth: Growth, change: Change, bar: ChangeRule) -> str:
    if change == "undecided":
        return _missing(growth, bar)
    inside = growth.interval[0] > -bar.margin
    return {
        "worse": "The reliance has grown, and B does not pass.",
        "better": "The reliance has shrunk, and A did not pass.",
        "same": f"The whole interval lies inside the margin of ±{bar.margin:g}."
        if inside
        else "It has not grown, for the whole interval lies below 0.",
    }[change]


def _missing(growth: Growth, bar: ChangeRule) -> str:
    if growth.rows < bar.min_rows:
        return f"Not decided: {growth.rows} {bar.things} are compared, {bar.min_rows} are needed."
    if not growth.resolvable and growth.claim == "shift":
        return f"Not decided: the {growth.rows} {bar.things} stand in too few documents to reject anything."
    if not growth.resolvable:
        return f"Not decided: {growth.items} items can be split in too few ways to reject anything."
    low, high = growth.interval
    if not low <= 0 <= high and not (low > bar.smallest or high < -bar.smallest):
        return f"Not called a change: it is not shown to exceed {bar.smallest:g}, the least that counts here."
    if low <= 0 <= high:
        more = f"more {bar.things} " + ("and more items" if growth.items > 1 else "or edits")
        return f"Not decided: the interval reaches beyond ±{bar.margin:g}; {more} would do."
    return "Not decided: the change is not shown after the corrections for all claims, or is one between two passes."


def audit_reason(claims: Sequence[ComparedClaim], change: Change, *, crashed: bool) -> str:
    """The sentence of the claim that decided."""
    if crashed:
        return "Nothing was compared: the audit crashed in one of the runs."
    deciding = [claim for claim in claims if claim.judged and claim.change == change]
    if not deciding:
        return "Nothing was compared: no judged claim was estimated in both runs."
    return max(deciding, key=lambda claim: abs(claim.difference)).reason


def gone_reason(before: str, claims: Sequence[ComparedClaim]) -> str:
    """A was red and B passes: every claim of B lies inside its margin, whatever the pairs can tell of each change."""
    better = [claim for claim in claims if claim.judged and claim.change == "better"]
    own = max(better, key=lambda claim: abs(claim.difference)).reason + " " if better else ""
    return f"{own}A is {before}, and in B every judged claim is shown to lie inside its margin."


def notes_of(pairing: Pairing) -> list[str]:
    """What differs between the runs besides the models, for whoever reads the comparison."""
    first, second = pairing.a.report, pairing.b.report
    notes = [*_about_prompts(first, second), *_about_rows(pairing), *_about_settings(first.settings, second.settings)]
    for name in dict.fromkeys([*first.audits, *second.audits]):
        if name not in first.audits or name not in second.audits:
            notes.append(f"{name}: not compared, for only {'A' if name in first.audits else 'B'} ran it.")
    return notes


_SHORT_PARTS = ("kind", "chat", "score", "calibrate")


def _about_prompts(first: RunRecord, second: RunRecord) -> list[str]:
    """The texts of two prompts that differ; the edits of a prompt are paired where both prompts have them."""
    a, b = first.prompt, second.prompt
    if a is None or b is None:
        only = "" if a is b else f"Only {'B' if a is None else 'A'} asks with a prompt."
        return [only] if only else []
    if a.hash == b.hash:
        return [f"Both runs ask with the same prompt ({a.hash})."]
    parts = [key for key in a.parts | b.parts if a.parts.get(key) != b.parts.get(key)]
    short = [f"{key} is {a.parts.get(key)} in A and {b.parts.get(key)} in B" for key in parts if key in _SHORT_PARTS]
    said = "; ".join([*short, *(f"{key} differs" for key in parts if key not in _SHORT_PARTS)])
    shown = [("A", a), ("B", b)] if a.rendered != b.rendered else [("Each", a)]
    return [f"The prompts ({a.hash} and {b.hash}): {said}.", *(f"{name} asks: {one.rendered}" for name, one in shown)]


def _about_rows(pairing: Pairing) -> list[str]:
    a, b, common = pairing.a, pairing.b, len(pairing.common)
    things = "pictures" if of_pictures(a.report) else "rows"
    if pairing.kind == "both":
        held = f"A has {len(a.rows):,}, B {len(b.rows):,}"
        return [f"Only the {common:,} {things} that both runs have are compared ({held})."]
    if pairing.kind == "rows":
        shared = f"; {common:,} {things} are in both" if common else ""
        return [f"One model on other {things}: claims are compared by their estimates, without pairs{shared}."]
    relabelled = sum(a.rows[ours].label != b.rows[theirs].label for ours, theirs in pairing.common.items())
    notes = [f"{relabelled:,} {things} have another label in B: the labels of A are used."] if relabelled else []
    if pairing.same_model:
        notes.append(f"Both runs are of the same model on the same {things}.")
    return notes


def _about_settings(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterable[str]:
    for name in ASKED:
        if first.get(name) != second.get(name):
            yield f"{name} is {first.get(name)} in A and {second.get(name)} in B: what pairs is compared."
    ours, theirs = first.get("audits", {}), second.get("audits", {})
    for name in (name for name in ours if name in theirs and ours[name] != theirs[name]):
        yield f"{name}: other margin, level or min_rows in A than in B; those of B hold."
