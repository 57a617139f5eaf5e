"""Sentences that are made from the numbers of a report, the same ones in every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.safe import in_quotes
from token_saliency.errors import option
from token_saliency.results import (
    VERDICTS,
    AuditResult,
    Calibration,
    Canary,
    Comparison,
    Discovered,
    Finding,
    Known,
    KnownFinding,
    RunRecord,
    Validation,
    Verdict,
)

HEADLINES: dict[Verdict, str] = {
    "ERROR": "At least one audit could not run, so this is no pass.",
    "FAIL": "The decision changes with words that should not matter.",
    "WARN": "The decision changes somewhat with words that should not matter: look before you rely on this model.",
    "NOTE": "Nothing that was tested decides; what moved is noted.",
    "INCONCLUSIVE": "These rows could not decide.",
    "PASS": "Nothing that was tested changes the decision by more than the margin.",
}


_OF_PICTURES: dict[Verdict, str] = {
    "FAIL": "The decision changes with parts of the pictures that should not matter.",
    "WARN": "The decision changes somewhat with parts that should not matter: look before you rely on this model.",
    "INCONCLUSIVE": "These pictures could not decide.",
}


def thing(report: RunRecord | Comparison | Validation) -> str:
    """What the model decides about: a picture, or a row."""
    return "picture" if report.settings.get("kind") == "images" else "row"


def headline(report: RunRecord) -> str:
    """The first sentence of a report."""
    if not report.audits:
        return "No audit ran, so nothing can be said."
    if all(map(exploratory, report.audits.values())) and report.verdict == "INCONCLUSIVE":
        return "Only exploratory audits ran: they report, and nothing here decides."
    said = HEADLINES | (_OF_PICTURES if thing(report) == "picture" else {})
    raised = [audit for audit in report.audits.values() if audit.verdict == report.verdict and not exploratory(audit)]
    if report.verdict in ("FAIL", "WARN") and all(map(accepted, raised)):
        return f"{said[report.verdict]} All of it is accepted."
    return said[report.verdict] + ("" if report.verdict in ("ERROR", "FAIL", "WARN") else _unlisted(report))


_SUSPICIOUS = 0.7


def alarming(report: RunRecord) -> list[Discovered]:
    """What no audit of the run judges and edits confirmed beyond the margin, if it is likely to be spurious.

    Of marks, patterns, beginnings and endings, which say nothing by themselves, a lower suspicion does.
    """
    listed = {name for name, audit in report.audits.items() if not exploratory(audit)}
    return [
        one
        for one in suspects(report)
        if one.large
        and (one.suspicion or 0.0) >= (_SUSPICIOUS if one.kind in ("word", "pair") else 0.5)
        and one.listed not in listed
    ]


def _unlisted(report: RunRecord) -> str:
    found = alarming(report)
    if not found:
        return ""
    what = "one thing" if len(found) == 1 else f"{len(found)} things"
    return f" But edits of {what} that no audit judges move it, and may show a shortcut: see what was discovered."


def exploratory(audit: AuditResult) -> bool:
    """Whether the audit decides nothing: it reports, and the verdict of the run does not hang on it."""
    return audit.expectation == "exploratory"


def accepted(audit: AuditResult) -> bool:
    """Whether somebody has accepted every finding that the audit raises."""
    raised = [finding for finding in audit.intervention if finding.judged and finding.verdict in ("FAIL", "WARN")]
    return audit.verdict in ("FAIL", "WARN") and bool(raised) and all(finding.known for finding in raised)


def acceptance(known: Known) -> str:
    """`Accepted by the data team until 2027-06-30: the contract expires then.`"""
    until = f" until {known.expires}" if known.expires else ""
    return f"Accepted by {known.owner}{until}: {known.reason}"


def entry(known: KnownFinding) -> str:
    """One line of the file of accepted findings, in words."""
    between = f" {' against '.join(map(in_quotes, known.between))}" if known.between else ""
    finding = f"{known.audit}, {known.claim}{between} on {known.class_}"
    return f"{finding}: {acceptance(Known(known.reason, known.owner, known.expires))}"


def tally(audits: Iterable[AuditResult]) -> list[tuple[Verdict, int]]:
    """How many of the audits have each verdict, worst first, without zeros."""
    verdicts = [audit.verdict for audit in audits]
    return [(verdict, verdicts.count(verdict)) for verdict in VERDICTS if verdict in verdicts]


def worst_first(report: RunRecord) -> list[AuditResult]:
    """Those that decide, then the exploratory ones; worst verdict first, otherwise in the order of the run."""
    return sorted(report.audits.values(), key=lambda audit: (exploratory(audit), VERDICTS.index(audit.verdict)))


def decisive(audit: AuditResult) -> Finding | None:
    """The finding that stands for an audit: of the judged ones the worst, then the largest."""
    judged = [finding for finding in audit.intervention if finding.judged]
    return min(judged, key=severity, default=None)


def severity(finding: Finding) -> tuple[int, bool, float]:
    """Sorts findings, worst verdict and largest effect first; a movement after what says which way."""
    return VERDICTS.index(finding.verdict), finding.claim == "movement", -abs(finding.effect)


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a reader should look at first; `finding` is None where an audit has no estimate at all."""

    audit: AuditResult
    finding: Finding | None

    @property
    def accepted(self) -> bool:
        """Whether somebody has accepted this finding."""
        return self.finding is not None and self.finding.known is not None

    @property
    def verdict(self) -> Verdict:
        """That of the finding, never worse than what its audit came to (a level may cap it)."""
        worst = VERDICTS.index(self.audit.verdict)
        return VERDICTS[max(worst, VERDICTS.index(self.finding.verdict))] if self.finding else self.audit.verdict


def concerns(report: RunRecord, count: int = 3) -> list[Concern]:
    """What is not passed, worst first; of the classes of one claim only the largest. Exploratory audits never count."""
    audits = [audit for audit in report.audits.values() if not exploratory(audit)]
    found = [
        concern
        for audit in audits
        for concern in claims_of(audit)
        if concern.verdict != "PASS" and not concern.accepted
    ]
    found.sort(key=lambda one: (VERDICTS.index(one.verdict), -abs(one.finding.effect) if one.finding else -1.0))
    return found[:count]


def claims_of(audit: AuditResult) -> list[Concern]:
    """Every judged claim; of its classes the worst speaks, and an accepted one only where no other does."""
    largest: dict[tuple[object, ...], Finding] = {}
    judged = (each for each in audit.intervention if each.judged)
    for finding in sorted(judged, key=lambda each: (each.known is not None, *severity(each))):
        largest.setdefault((finding.claim, finding.between, finding.operator), finding)
    return [Concern(audit, finding) for finding in largest.values()] or [Concern(audit, None)]


def suspects(report: RunRecord) -> list[Discovered]:
    """What nobody listed and edits confirmed: beyond the margin first, of these the likeliest to be spurious."""
    found = [one for one in report.discovery if one.confirmed]
    return sorted(found, key=lambda one: (not one.large, -(one.suspicion or 0.0), -abs(one.effect), one.item))


def suspected(one: Discovered) -> str:
    """`suspicion 0.71: it is a name`; nothing in an older report."""
    return "" if one.suspicion is None else f"suspicion {one.suspicion:.2f}: {one.reasons[0] if one.reasons else ''}"


def calibrated(check: Calibration | None) -> list[str]:
    """What the run found where nothing was to be found, and where something was put there."""
    if check is None:
        return []
    low, high = check.interval
    groups = numbers.count(check.placebo_groups, "control group")
    said = [
        f"Flagged at {check.alpha:g}: {check.flagged} of {groups} of {check.audit}, all without an effect "
        f"(95% interval of that rate {low:.2f} to {high:.2f}). FAIL: {check.failed}."
    ]
    return said + ([_canary(check.canary)] if check.canary else [])


def doubts(report: RunRecord) -> list[str]:
    """What stands beside the verdict in every format; an older report holds only what its self-calibration says."""
    return [*report.doubts, *(said for said in distrusted(report.calibration) if said not in report.doubts)]


_CLASSES, _PAIRS = 6, 3


def accuracy(report: RunRecord) -> str:
    """`Accuracy 0.910 [0.862, 0.942] on 200 labelled rows: negative 95 of 104, positive 87 of 96.`"""
    found = report.performance
    if found is None:
        return f"Accuracy is not known: no {thing(report)} has a label that is a class of the model."
    some = [f"{name} {round(one.accuracy * one.rows):,} of {one.rows:,}" for name, one in found.by_class.items()]
    by_class = f": {', '.join(some)}" if len(some) <= _CLASSES else f" of {len(some)} classes"
    return (
        f"Accuracy {found.accuracy:.3f} [{found.interval[0]:.3f}, {found.interval[1]:.3f}] on "
        f"{numbers.count(found.rows, f'labelled {thing(report)}')}{by_class}."
    )


def confused(report: RunRecord) -> str:
    """`Most often taken for another: positive for negative 9, negative for positive 7.`; empty without errors."""
    found = report.performance
    counts = [
        (count, label, guess)
        for label, guesses in (found.confusion if found else {}).items()
        for guess, count in guesses.items()
        if guess != label
    ]
    worst = sorted(counts, key=lambda one: -one[0])[:_PAIRS]
    said = ", ".join(f"{label} for {guess} {count:,}" for count, label, guess in worst)
    return f"Most often taken for another: {said}." if said else ""


def distrusted(check: Calibration | None) -> list[str]:
    """Why the verdicts of this run deserve less trust than usual; empty where the self-calibration held."""
    if check is None:
        return []
    said = []
    if check.failed or check.interval[0] > check.alpha:
        groups = numbers.count(check.placebo_groups, "control group")
        said.append(
            f"{check.flagged} of {groups} without an effect were flagged and {check.failed} failed: "
            "this run may cry wolf."
        )
    if check.canary and not (check.canary.covered and check.canary.caught):
        said.append(f"A shift that was put there on purpose was not seen as it should be. {_canary(check.canary)}")
    return said


def _canary(canary: Canary) -> str:
    covered = "the interval holds it" if canary.covered else "the interval MISSES it"
    caught = "was a FAIL, as it should be" if canary.caught else f"was {canary.verdict_at_double}: NOT caught"
    return (
        f"A shift of {canary.margin:g} added to the answers measured {numbers.signed(canary.effect)} "
        f"{numbers.interval(canary.interval)} ({covered}); one of {2 * canary.margin:g} {caught}."
    )


def rows_used(report: RunRecord) -> str:
    """`test, 400 of 1,066 rows`."""
    data = report.dataset
    some = f"{data.rows_used:,} of {data.rows_seen:,} {thing(report)}s"
    rows = some if data.rows_used != data.rows_seen else f"all {data.rows_used:,} {thing(report)}s"
    return f"{data.split}, {rows}" if data.split else rows


def spared(report: RunRecord) -> str:
    """How many edits were asked, where some were not; else nothing."""
    asked, left = (int(report.settings.get(name) or 0) for name in ("edits_asked", "edits_spared"))
    said = f"{asked:,} of {asked + left:,} planned edits were asked: what is decided, or hardly can be, asks no more"
    return f"{said} ({option('exhaustive')} asks all)" if left else ""
