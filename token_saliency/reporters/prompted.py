"""What every format says of the prompt of a classifier."""

from __future__ import annotations

from token_saliency.drawing import numbers
from token_saliency.results import LabelCheck, RunRecord


def prompted(report: RunRecord) -> list[str]:
    """What a reader must know of the prompt that the decisions rest on."""
    if report.prompt is None:
        return []
    parts, check = report.prompt.parts, report.prompt.labels
    lines = [f"A prompt makes the classifier ({parts['kind']}, {report.prompt.hash}): other words, other decisions."]
    if report.prompt.offset is not None:
        lines.append(
            "Batch-calibrated: each class less its mean over these rows, which is right where the classes are about "
            "equally frequent in them."
        )
    return [*lines, *(label_facts(check) if check else [])]


def label_facts(check: LabelCheck) -> list[str]:
    """How the label words fare, in sentences."""
    low, middle, _ = check.mass
    said = [
        f"Its label words get {numbers.percent(middle)} of the probability (median of {check.rows} rows; "
        f"5% of them less than {numbers.percent(low)}), and in {numbers.percent(check.no_label)} of rows the likeliest "
        "token begins none of them."
    ]
    if check.greedy is not None:
        said.append(f"Of {check.generated} written answers {numbers.percent(check.greedy)} name the predicted class.")
    return said
