"""What is said about an explained text, the same in a terminal and on a page."""

from __future__ import annotations

from token_saliency.drawing import numbers
from token_saliency.drawing.inputs import ScoredText

ROUGH = "The scores did not reach the tolerance: read them as rough."


def class_name(name: str | None) -> str:
    """The class, or that there is none: the logits are no numbers."""
    return "no class" if name is None else name


def attribution_facts(attribution: ScoredText) -> list[str]:
    """What was computed and how well, in short phrases."""
    value = f"{attribution.output} {numbers.signed(attribution.output_value, 2)}"
    if attribution.baseline_value is not None:
        value += f" (baseline {attribution.baseline}: {numbers.signed(attribution.baseline_value, 2)})"
    elif attribution.baseline is not None:
        value += f" (baseline {attribution.baseline})"
    facts = [value, attribution.method, numbers.count(attribution.evaluations, "evaluation")]
    if attribution.completeness_error is not None:
        facts.append(f"completeness error {numbers.percent(attribution.completeness_error)}")
    return facts


def attribution_remarks(attribution: ScoredText) -> list[str]:
    """What a reader has to know before believing the colours."""
    remarks = []
    if attribution.predicted is None:
        remarks.append("The logits of this text are nan or infinite: it has no class, and no word has a score.")
    elif not attribution.converged:
        remarks.append(ROUGH)
    if attribution.method == "expected_gradients":
        remarks.append("The scores are means over random draws: they sum to the change of the output only on average.")
    if attribution.truncated:
        cut = numbers.count(attribution.truncated, "character")
        remarks.append(f"{cut} at the end never reached the model: the text is longer than it can read.")
    if attribution.windows > 1:
        remarks.append(
            f"Read in {attribution.windows} overlapping windows: the output is that of their mean logits. Each token "
            "is scored in the window that holds most of its context; the baseline replaces it there, not elsewhere."
        )
    return remarks
