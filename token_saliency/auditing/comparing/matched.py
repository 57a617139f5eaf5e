"""The findings of two runs, matched by what they are about, and how each has grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from token_saliency.auditing.audit import EXCHANGE, Audit
from token_saliency.auditing.comparing.growth import Growth, paired_growth, unpaired_growth
from token_saliency.auditing.comparing.pairing import Pairing, Run
from token_saliency.auditing.judging.by_axis import by_stratum
from token_saliency.auditing.judging.case import ANY_CLASS, NO_CLASS, named
from token_saliency.auditing.judging.contrasts import contrasts
from token_saliency.auditing.judging.judge import claim_key
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Finding


def growths_of(pairing: Pairing, audit: Audit, notes: list[str]) -> list[Growth]:
    """How far each claim of the audit has grown: edit by edit where the runs pair, else by their estimates."""
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
    first, second = (found_by_key(run, audit, pairing) for run in (pairing.a, pairing.b))
    leaning = {key: finding for key, finding in first.items() if finding.claim == "lean"}
    drafts: dict[Any, ClaimEstimate] = {}
    if leaning:
        sources = {(part.part, part.stratum): part for part in by_stratum(pairing.a.case(audit))}
        for part in by_stratum(pairing.b.case(audit)):
            if (source := sources.get((part.part, part.stratum))) is None:
                continue
            found = contrasts(replace(part, labels_from=source), audit.edit.judge)
            leans = [replace(draft, between=named(part, draft.between)) for draft in found if draft.claim == "lean"]
            drafts |= {claim_key(draft): draft for draft in leans}
    others = {key: finding for key, finding in second.items() if finding.claim != "lean"}
    return [
        unpaired_growth(finding, (others | drafts)[key], key[1])
        for key, finding in first.items()
        if key in others or key in drafts
    ]


def found_by_key(run: Run, audit: Audit, pairing: Pairing) -> dict[Any, Finding]:
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
