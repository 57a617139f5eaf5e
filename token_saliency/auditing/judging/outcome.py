"""From the evidence of a run to its verdicts: a pure function, whether a model just ran or its files were read back.

A fresh run, `audit --from`, calibration and the audits of pictures all go through `judge`; comparisons take the same
evidence apart into the same cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from token_saliency.auditing.audit import Audit, Match, behind
from token_saliency.auditing.evidence.dependent_rows import TOGETHER
from token_saliency.auditing.judging.calibration import NOT_CALIBRATED, calibration
from token_saliency.auditing.judging.case import Case, by_text
from token_saliency.auditing.judging.judge import crashed, judge_case
from token_saliency.auditing.judging.verdicts import EXIT_OK, EXIT_UNDECIDED, exit_code, report_verdict
from token_saliency.errors import WITHHELD, AuditError
from token_saliency.results import AuditResult, Calibration, Edit, Verdict
from token_saliency.store.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Policy:
    """What the options of a run say of its ending: which verdicts fail it, and whether error messages may be shown."""

    fail_on: str = "fail"
    allow_inconclusive: bool = False
    redact: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of every audit, and what follows for the run as a whole."""

    audits: dict[str, AuditResult]
    policy: Policy
    calibration: Calibration | None = None
    doubts: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the audits that may fail a run."""
        return report_verdict(self.audits.values())

    @property
    def exit_code(self) -> int:
        """See `ending`."""
        return ending(self.audits.values(), self.policy.fail_on, allow_inconclusive=self.policy.allow_inconclusive)

    @property
    def notes(self) -> list[str]:
        """See `claim_notes`."""
        return claim_notes(self.audits)


def judge(
    evidence: Evidence,
    audits: Iterable[Audit],
    policy: Policy,
    *,
    broken: Mapping[str, AuditResult] | None = None,
    by: Callable[[Case], AuditResult] = judge_case,
    calibrated: bool = True,
) -> Outcome:
    """The results of the audits, in their order; one that crashes is an ERROR of its own and stops no other.

    `broken` holds the results of audits that could not even be planned. `by` judges one audit. Where `calibrated`, the
    controls of the audits that ran say how often this run would have raised a false alarm.
    """
    known, results = broken or {}, dict[str, AuditResult]()
    cases = cases_of(evidence, audits)
    for name, case in cases.items():
        results[name] = known[name] if name in known else _judged(case, policy, by)
    if not calibrated:
        return Outcome(results, policy)
    # cases of their own: judging leaves notes in a case
    sound = [case.audit for name, case in cases.items() if results[name].verdict != "ERROR"]
    found = calibration(part for case in cases_of(evidence, sound).values() for part in by_text(case))
    return Outcome(results, policy, found, [] if found else [NOT_CALIBRATED])


def _judged(case: Case, policy: Policy, by: Callable[[Case], AuditResult]) -> AuditResult:
    try:
        return by(case)
    except Exception as error:  # reported as ERROR with its message, exit code 2
        return failed(case.audit, error, redact=policy.redact)


def cases_of(evidence: Evidence, audits: Iterable[Audit]) -> dict[str, Case]:
    """The evidence by audit: what each of them found in the rows, and the answers to its own edits."""
    listed = list(audits)
    heads = evidence.rows.heads
    spans: dict[str, dict[str, list[Match]]] = {audit.name: {row_id: [] for row_id in heads} for audit in listed}
    second: dict[str, dict[str, list[Match]]] = {audit.name: {} for audit in listed}
    unseen: dict[str, set[str]] = {audit.name: set() for audit in listed}
    edits: dict[str, list[Edit]] = {audit.name: [] for audit in listed}
    for row_id, row in heads.items():
        for span in row.spans:
            match = Match(span.start, span.end, span.item, span.kind)
            if span.audit in spans and span.part:
                second[span.audit].setdefault(row_id, []).append(match)
            elif span.audit in spans and span.start < behind(row.text):
                spans[span.audit][row_id].append(match)
            elif span.audit in spans:
                unseen[span.audit].add(row_id)
    for edit in evidence.edits:
        if edit.audit in edits:
            edits[edit.audit].append(edit)
    clusters = {row_id: row.cluster for row_id, row in heads.items()}
    classes, seed = evidence.classes, evidence.seed
    return {
        audit.name: Case(
            audit,
            evidence.rows,
            spans[audit.name],
            edits[audit.name],
            classes,
            clusters,
            seed,
            second=second[audit.name],
            unseen=frozenset(unseen[audit.name]),
        )
        for audit in listed
    }


def failed(audit: Audit, error: Exception, *, redact: bool) -> AuditResult:
    """The result of an audit that could not run."""
    return crashed(audit, AuditError(f"{type(error).__name__}, {WITHHELD}.") if redact else error)


def ending(results: Iterable[AuditResult], fail_on: str, *, allow_inconclusive: bool) -> int:
    """The exit code of the run."""
    code = exit_code(list(results), fail_on)
    return EXIT_OK if code == EXIT_UNDECIDED and allow_inconclusive else code


def claim_notes(results: Mapping[str, AuditResult]) -> list[str]:
    """What was not run, and rows that are no documents of their own, for the warnings of the report."""
    told = ("not run", TOGETHER)
    return [
        f"{name}: {note}" for name, result in results.items() for note in result.notes if any(t in note for t in told)
    ]
