"""What every format says of the prompt of a classifier."""

from __future__ import annotations

from token_saliency.drawing import numbers
from token_saliency.drawing.safe import printable, shortened
from token_saliency.results import EndpointUse, LabelCheck, RunRecord


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
    use = report.prompt.endpoint
    return [*lines, *(label_facts(check) if check else []), *(_endpoint_facts(use) if use else [])]


def _endpoint_facts(use: EndpointUse) -> list[str]:
    """What was paid for, and how sure the answers are."""
    said = [
        f"{use.url} (model {use.model}) gave {use.answers:,} answers; the last sitting sent {use.requests:,} requests, "
        f"{use.retries:,} of them again, with {use.prompt_tokens:,} tokens of prompts as the server counts them."
    ]
    if use.samples is not None:
        said.append(
            f"It gives no log-probabilities: probabilities are shares of {use.samples} sampled answers a text, whose "
            "noise is in the intervals."
        )
    if use.bounded:
        said.append(
            f"In {use.bounded:,} of {use.answers:,} answers a class is outside the returned tokens: it is reckoned "
            f"with at its bound, which moves no probability by more than {use.most_off:.3g}."
        )
    if use.unanswered:
        said.append(f"{use.unanswered:,} of {use.answers:,} answers name no class: they have no numbers.")
    return said


def prompt_line(report: RunRecord, limit: int = 1000) -> str:
    """Hash and text of the prompt on one line; nothing without a prompt."""
    found = report.prompt
    return "" if found is None else shortened(printable(f"The prompt ({found.hash}): {found.rendered}"), limit)


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
