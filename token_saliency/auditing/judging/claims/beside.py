"""What is judged beside the main question of an audit: other marks, and the end of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.swaps import DELETED_ITEMS, mentions
from token_saliency.auditing.judging.by_axis import stratum_notes
from token_saliency.auditing.judging.case import Case, plain
from token_saliency.auditing.judging.descriptives import prompt_notes
from token_saliency.auditing.judging.shifts import quoted
from token_saliency.auditing.spans.registry import kinds
from token_saliency.results import Finding

SECOND_TEXTS = "Run it anew: the second texts are edited too by now."
ALONE = "Read the rows with these words; name other words of their class in an audit of your own (`synonyms`)."
OUTMOVED = "Read the controls among the edited pairs: what they change decides too, and more rows do not help."
SELDOM = "Read the rows with it, or audit more rows: fewer than a verdict needs read on without it."


def beside(audit: Audit, finding: Finding) -> bool:
    """Whether it is about what the rows cannot tell, beside the main question: no audit is undecided by that."""
    item = (plain(finding.between)[0] or ("", ""))[0]
    return audit.edit.beside(finding.operator, item) and finding.verdict == "INCONCLUSIVE"


def undecided(case: Case, findings: Iterable[Finding]) -> tuple[str, str]:
    """Why no PASS can be said of the whole though all that is judged passes, and what to do; empty where it can.

    Of an older run of pairs the second texts were not edited; a label word for which no other words of its class are
    found is compared with nothing, and may be all that decides; a mark that few rows may lose moves these all the same.
    """
    if len(case.unseen) >= case.audit.judge.min_rows:
        said = (
            f" That is said of the first texts: {len(case.unseen):,} of the second ones hold what is looked for as well"
        )
        return f"{said}, and no edit reaches them, so they are not decided.", SECOND_TEXTS
    if marks := _seldom_asked(case, findings):
        said = "; ".join(
            f"{quoted(item)} moves {_moved(one)} ({_asked(case, item, one)})" for item, one in marks.items()
        )
        few = any(one.claim != "movement" or one.effect > 0 for one in marks.values())
        why = "too few to decide" if few else "so that beside them nothing is seen"
        return f" That is not said of all: where it can be taken away, {said}, {why}.", SELDOM if few else OUTMOVED
    words = _compared_with_nothing(case, findings) if case.audit.edit.against else {}
    if not words:
        return "", ""
    said = "; ".join(f"“{word}” moves {_moved(one)} where it stands ({one.rows} rows)" for word, one in words.items())
    return (
        f" That is not said of all: {said}, and too few other words of its class are there to compare it with.",
        ALONE,
    )


def _asked(case: Case, item: str, one: Finding) -> str:
    """How many rows were asked, and of how many that hold the item."""
    held = mentions(case.spans)[item]
    return f"{one.rows} of the {held:,} rows that hold it" if held > one.rows else f"{one.rows} rows"


def _moved(one: Finding) -> str:
    if one.claim != "movement":
        return f"P({one.class_}) by {one.effect:+.3f}"
    less = " less than its controls" if one.effect < 0 else ""
    return f"the output by {abs(one.effect):.3f}{less}"


def _seldom_asked(case: Case, findings: Iterable[Finding]) -> dict[str, Finding]:
    """By item the largest effect, of what fewer rows tell than a verdict needs, that clearly matters all the same."""
    found: dict[str, Finding] = {}
    for one in findings:
        item = (plain(one.between)[0] or ("", ""))[0]
        more = abs(one.effect - (one.control or 0.0)) > case.audit.judge.margin or one.claim == "movement"
        if beside(case.audit, one) and _is_clear(case, one) and more:
            found[item] = max(one, found.get(item, one), key=_by_size)
    return found


def _by_size(one: Finding) -> tuple[bool, float]:
    return one.claim != "movement", abs(one.effect)


def _is_clear(case: Case, one: Finding) -> bool:
    low, high = one.interval
    return min(abs(low), abs(high)) > case.audit.judge.margin and low * high > 0


def _compared_with_nothing(case: Case, findings: Iterable[Finding]) -> dict[str, Finding]:
    """By word the largest effect of taking it away, of those that no judged claim is about and that clearly matter."""
    told = [(one.between[0], one) for one in findings if one.between]
    judged = {word for word, one in told if one.judged}
    found: dict[str, Finding] = {}
    for word, one in told:
        if (
            word not in judged
            and _is_clear(case, one)
            and (word not in found or abs(one.effect) > abs(found[word].effect))
        ):
            found[word] = one
    return found


def notes_on(case: Case, parts: Sequence[Case], findings: Sequence[Finding]) -> list[str]:
    """What is said of the audit beside its verdict: of each axis, of a prompt, of what could not be told."""
    return [*stratum_notes(parts, findings), *prompt_notes(case), *untold(case, findings), *unasked(case)]


def untold(case: Case, findings: Iterable[Finding]) -> list[str]:
    """Of each claim a note of what the rows hold too seldom to tell."""
    left: dict[str, dict[str, str]] = {}
    for one in findings:
        if beside(case.audit, one) and one.between:
            between, where = plain(one.between)
            item = (between or one.between)[0]
            said = f"{quoted(item, kinds(case.audit.find))}{where}"
            left.setdefault(one.claim, {})[said] = _asked(case, item, one)
    return [
        f"{claim} was not run for {', '.join(f'{item} ({asked})' for item, asked in items.items())}: "
        "the rows cannot tell."
        for claim, items in left.items()
    ]


def unasked(case: Case) -> list[str]:
    """Of what many rows hold and none may lose, as a mark that parts all that it stands between."""
    fewest, asked = case.audit.judge.min_rows, {edit.item for edit in case.edits if edit.operator == "delete"}
    often = sorted(mentions(case.spans).items(), key=lambda one: (-one[1], one[0]))[:DELETED_ITEMS]
    held = [(item, rows) for item, rows in often if rows >= fewest and case.audit.edit.beside("delete", item)]
    left = [(item, rows) for item, rows in held if item not in asked]
    said = [f"{quoted(item, kinds(case.audit.find))} (none of the {rows} rows reads without it)" for item, rows in left]
    return [f"shift was not run for {', '.join(said)}: the rows cannot tell."] if left else []
