"""Compares two finished runs: has a reliance grown from A to B? No model is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.audit import EXCHANGE, Audit
from token_saliency.auditing.comparing.growth import (
    SMALL,
    ChangeRule,
    Growth,
    claim_key,
    decide,
    paired_growth,
    unpaired_growth,
    worst,
)
from token_saliency.auditing.comparing.pairing import Pairing, Run, paired
from token_saliency.auditing.comparing.predictions import compared_predictions
from token_saliency.auditing.comparing.wording import audit_reason, claim_reason, notes_of
from token_saliency.auditing.definitions.reader import audit_files, configured
from token_saliency.auditing.definitions.region_audits import definitions_of, home_of, of_pictures
from token_saliency.auditing.judging.by_axis import by_stratum
from token_saliency.auditing.judging.case import ANY_CLASS, NO_CLASS, class_name
from token_saliency.auditing.judging.contrasts import contrasts
from token_saliency.auditing.judging.judge import alpha_note
from token_saliency.auditing.judging.verdicts import (
    EXIT_ERROR,
    EXIT_FINDINGS,
    EXIT_OK,
    EXIT_UNDECIDED,
    corrected,
    gates,
)
from token_saliency.auditing.regions import against_predicted
from token_saliency.auditing.spans.label_words import bound
from token_saliency.errors import DataError, OptionError, option
from token_saliency.report import load_report
from token_saliency.results import (
    CHANGES,
    DISCLAIMER,
    SCHEMA_VERSION,
    Change,
    ComparedAudit,
    ComparedClaim,
    Comparison,
    Finding,
    Side,
    Tool,
)
from token_saliency.store.evidence import read_evidence


def compare_runs(
    a: Path | str, b: Path | str, *, audits_dir: Path | str | None = None, command: str = ""
) -> Comparison:
    """Compares the run directories `a` (before) and `b` (after); audits of your own are read from `audits_dir`.

    Two models on the same rows are compared edit by edit, one model on other rows estimate by estimate.
    Raises DataError where the runs have no classes, rows or audits in common, OptionError for an unknown audit.
    """
    return compare(read_run(a), read_run(b), audits_dir=audits_dir, command=command)


def read_run(path: Path | str) -> Run:
    """A finished run with its rows and edits. DataError where a file of it is missing."""
    place = Path(path) if Path(path).is_dir() else Path(path).parent
    report = load_report(path)
    seed = int(report.settings.get("seed", 0))
    evidence = read_evidence(place, report.model.labels, seed)
    return Run(str(path), report, against_predicted(evidence) if of_pictures(report) else evidence)


def compare(a: Run, b: Run, *, audits_dir: Path | str | None = None, command: str = "") -> Comparison:
    """The comparison of two runs that were read already."""
    pairing = paired(a, b)
    notes = notes_of(pairing)
    audits = [_audit(pairing, audit, notes) for audit in _definitions(pairing, audits_dir)]
    deciding = [audit for audit in audits if audit.gates] or audits
    return Comparison(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        kind=pairing.kind,
        a=_side(a),
        b=_side(b),
        settings=_settings(b, audits_dir),
        change=worst((audit.change for audit in deciding), CHANGES),
        exit_code=exit_code(deciding),
        predictions=compared_predictions(pairing),
        audits=audits,
        warnings=notes,
    )


def exit_code(deciding: Sequence[ComparedAudit]) -> int:
    """2 where an audit crashed in either run, 1 where one is worse, 5 where nothing was decided."""
    if any("ERROR" in (audit.verdict_a, audit.verdict_b) for audit in deciding):
        return EXIT_ERROR
    changes = {audit.change for audit in deciding}
    if "worse" in changes:
        return EXIT_FINDINGS
    return EXIT_UNDECIDED if changes <= {"undecided"} else EXIT_OK


def _side(run: Run) -> Side:
    report = run.report
    return Side(run.folder, report.created, report.model, report.dataset, report.verdict)


def _settings(b: Run, audits_dir: Path | str | None) -> dict[str, Any]:
    return {
        "audits_dir": None if audits_dir is None else str(audits_dir),
        "audits": b.report.settings.get("audits", {}),
        "smallest_growth": f"{SMALL:g} of the margin",
        "statistics": alpha_note(),
    }


# --- audits ------------------------------------------------------------------------------------------


def _definitions(pairing: Pairing, audits_dir: Path | str | None) -> list[Audit]:
    """The audits that both runs have, with the margins of B."""
    first, second = pairing.a.report, pairing.b.report
    audits_dir = home_of(second, audits_dir) or home_of(first, audits_dir)
    names = [name for name in first.audits if name in second.audits]
    if not names:
        raise DataError(
            f"The runs have no audit in common ({', '.join(first.audits) or 'none'} and "
            f"{', '.join(second.audits) or 'none'}): run the same audits on both."
        )
    missing = [name for name in names if name not in audit_files(audits_dir) and not of_pictures(first)]
    if missing:
        raise OptionError(
            f"The definition of {', '.join(missing)} is not here: name its folder with {option('audits_dir')}."
        )
    own: Mapping[str, Mapping[str, Any]] = second.settings.get("audits", {})
    loaded = definitions_of(second, names, audits_dir).values()
    return [configured(bound(audit, first.model.labels), own.get(audit.name, {})) for audit in loaded]


def _audit(pairing: Pairing, audit: Audit, notes: list[str]) -> ComparedAudit:
    first, second = pairing.a.report.audits[audit.name], pairing.b.report.audits[audit.name]
    crashed = "ERROR" in (first.verdict, second.verdict)
    growths = [] if crashed else _growths(pairing, audit, notes)
    claims = _claims(pairing, audit, growths, notes)
    change = worst((claim.change for claim in claims if claim.judged), CHANGES)
    return ComparedAudit(
        name=audit.name,
        title=audit.title,
        verdict_a=first.verdict,
        verdict_b=second.verdict,
        change=change,
        reason=audit_reason(claims, change, crashed=crashed),
        claims=claims,
        gates=gates(second) and audit.level == "error",
    )


def _growths(pairing: Pairing, audit: Audit, notes: list[str]) -> list[Growth]:
    if not pairing.paired:
        return _unpaired(pairing, audit)
    joint = pairing.joint(audit)
    if audit.edit.judge == EXCHANGE and len(joint.edits) < joint.asked:
        notes.append(
            f"{audit.name}: the models predict other classes, so pictures took over from other ones: the estimates are "
            "compared, without pairs."
        )
        return _unpaired(pairing, audit)
    if len(joint.edits) < joint.asked:
        notes.append(
            f"{audit.name}: {len(joint.edits):,} of {joint.asked:,} edits were put to both models; "
            "the effects are those of these edits."
        )
    return paired_growth(joint)


def _unpaired(pairing: Pairing, audit: Audit) -> list[Growth]:
    """Claim by claim from both reports; the items of B take sides in `lean` as the labels of A have it."""
    first, second = (_found(run, audit, pairing) for run in (pairing.a, pairing.b))
    leaning = {key: finding for key, finding in first.items() if finding.claim == "lean"}
    drafts = {}
    if leaning:
        sources = {part.stratum: part for part in by_stratum(pairing.a.case(audit))}
        parts = by_stratum(pairing.b.case(audit))
        cases = [replace(part, labels_from=sources[part.stratum]) for part in parts if part.stratum in sources]
        found = (draft for case in cases for draft in contrasts(case, audit.edit.judge))
        drafts = {claim_key(draft): draft for draft in found if draft.claim == "lean"}
    others = {key: finding for key, finding in second.items() if finding.claim != "lean"}
    return [
        unpaired_growth(finding, (others | drafts)[key], key[1])
        for key, finding in first.items()
        if key in others or key in drafts
    ]


def _found(run: Run, audit: Audit, pairing: Pairing) -> dict[Any, Finding]:
    """The findings by what they are about, classes in the order of A."""
    labels = list(pairing.a.classes)
    findings = list(run.report.audits[audit.name].intervention)
    if len(labels) == 2 and list(run.classes) != labels and len({f.class_ for f in findings}) == 1:
        findings = [_mirrored(finding, labels) for finding in findings]
    places = {name: place for place, name in enumerate(labels)} | {ANY_CLASS: NO_CLASS}
    return {
        (finding.claim, places[finding.class_], finding.operator, finding.between): finding
        for finding in findings
        if finding.class_ in places
    }


def _mirrored(finding: Finding, labels: Sequence[str]) -> Finding:
    """The finding about the other class of a binary model; poles turn round with the class, so a lean stays."""
    other = labels[1 - labels.index(finding.class_)] if finding.class_ in labels else finding.class_
    if finding.claim not in ("shift", "direction"):
        return replace(finding, class_=other)
    low, high = finding.interval
    return replace(finding, class_=other, effect=-finding.effect, interval=(-high, -low))


def _claims(pairing: Pairing, audit: Audit, growths: Sequence[Growth], notes: list[str]) -> list[ComparedClaim]:
    """Holm over the judged claims, as in an audit; a descriptive one is corrected alone and decides nothing."""
    first, second = (_found(run, audit, pairing) for run in (pairing.a, pairing.b))
    known = [growth for growth in growths if growth.key in first and growth.key in second]
    judged = [growth for growth in known if second[growth.key].judged]
    adjusted = dict(zip((g.key for g in judged), corrected([g.p for g in judged]), strict=True))
    adjusted |= {g.key: corrected([g.p])[0] for g in known if not second[g.key].judged}
    notes += _left_out(audit, first, second, {growth.key for growth in known})
    return [_claim(pairing, audit, growth, adjusted[growth.key], first, second) for growth in known]


def _left_out(audit: Audit, first: Iterable[Any], second: Iterable[Any], known: set[Any]) -> list[str]:
    missing = sorted({str(key[0]) for key in [*first, *second] if key not in known and key[2] == audit.edit.judge})
    return [f"{audit.name}: {claim} was not compared for every class or item of both runs." for claim in missing]


def _claim(
    pairing: Pairing,
    audit: Audit,
    growth: Growth,
    p_adjusted: float,
    first: Mapping[Any, Finding],
    second: Mapping[Any, Finding],
) -> ComparedClaim:
    bar = ChangeRule(audit.judge.margin, audit.judge.min_rows, first[growth.key].verdict, second[growth.key].verdict)
    change: Change = decide(growth, p_adjusted, bar)
    return ComparedClaim(
        claim=growth.claim,
        between=growth.between,
        class_=class_name(pairing.a.classes, growth.class_index),
        operator=growth.operator,
        judged=second[growth.key].judged,
        effect_a=growth.effect_a,
        effect_b=growth.effect_b,
        verdict_a=bar.verdict_a,
        verdict_b=bar.verdict_b,
        difference=growth.size,
        interval=growth.interval,
        p=growth.p,
        p_adjusted=p_adjusted,
        rows=growth.rows,
        items=growth.items,
        margin=bar.margin,
        paired=growth.paired,
        change=change,
        reason=claim_reason(growth, change, bar, class_name(pairing.a.classes, growth.class_index)),
    )
