"""What attribution, intervention and association say of an audit together."""

from __future__ import annotations

from token_saliency.reporters.summary import decisive
from token_saliency.results import AttributionShare, AuditResult


def of_pictures(audit: AuditResult) -> bool:
    """Whether the audit is one of pictures: its effects are about what was predicted, whatever that was."""
    return any(finding.class_ == "the predicted class" for finding in audit.intervention)


def triad(audit: AuditResult) -> str:
    """What attribution, intervention and association say together."""
    finding = decisive(audit)
    if finding is None or finding.verdict in ("INCONCLUSIVE", "ERROR"):
        return "The edits did not decide, so the other two signals stay hints."
    if finding.verdict == "PASS":
        return _unmoved(audit)
    return _moved(audit) + (_BLIND if audit.attribution is not None and not _lights_up(audit.attribution) else "")


_BLIND = " The colours do not show it: the attribution method is blind to it here."


CLEAR_Z = 3.0
"""An association that is seen at a glance."""


def _moved(audit: AuditResult) -> str:
    if of_pictures(audit):
        return "Edits move the decision; whether these places go with the label in the data was not measured."
    if audit.association is None:
        return "Edits move the decision; the labels of these rows cannot say where that comes from."
    if _goes_with_labels(audit):
        return (
            "Edits move the decision, and in the data these tokens go with the label: it looks like a learned shortcut."
        )
    return "Edits move the decision, but the labels of these rows do not explain why."


def _unmoved(audit: AuditResult) -> str:
    if _goes_with_labels(audit):
        return "In the data these tokens go with the label, but edits do not move the decision beyond the margin."
    if audit.attribution is not None and _lights_up(audit.attribution):
        return "The colours stand out here, but edits do not move the decision: an alarm that decides nothing."
    return f"Neither edits nor {'maps point at these places' if of_pictures(audit) else 'data point at these tokens'}."


def _goes_with_labels(audit: AuditResult) -> bool:
    """The pooled association is beyond chance, or that of an item which the decisive finding names."""
    if audit.association is None:
        return False
    named = (finding.between or ()) if (finding := decisive(audit)) else ()
    strong = any(item.item in named and abs(item.z) > CLEAR_Z for item in audit.association.items)
    return audit.association.interval[0] > 0 or strong


def _lights_up(share: AttributionShare) -> bool:
    return share.interval[0] > 1
