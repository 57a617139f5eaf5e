"""Several baselines of one text: how far they agree, in words, in JSON and on a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from token_saliency.drawing import numbers
from token_saliency.drawing.terminal_tokens import print_attribution
from token_saliency.reporters.page import html
from token_saliency.results import Attribution, BaselineComparison


def agreement_line(comparison: BaselineComparison) -> str:
    """`The baselines rank the tokens alike: mask and pad +0.91, ... (Spearman; 1 is the same order)`."""
    pairs = [f"{one.first} and {one.second} {_number(one.spearman)}" for one in comparison.agreement]
    mean = f"; mean {_number(comparison.mean_agreement)}" if len(pairs) > 1 else ""
    return f"Rank agreement of the baselines over the tokens (Spearman, 1 is the same order): {', '.join(pairs)}{mean}."


def print_comparison(comparison: BaselineComparison, console: Console) -> None:
    """Each baseline's colours one below the other, then how far they agree."""
    for attribution in comparison.attributions.values():
        print_attribution(attribution, console)
    console.print(numbers.ascii_sign(agreement_line(comparison)), highlight=False, soft_wrap=True)


def comparisons_json(comparisons: Sequence[BaselineComparison]) -> str:
    """A list with one object a text: its attributions by baseline, and the agreement of each pair of them."""
    return json.dumps(numbers.finite_or_null([asdict(one) for one in comparisons]), indent=2, allow_nan=False) + "\n"


def comparisons_html(comparisons: Sequence[BaselineComparison], title: str = "Coloured tokens") -> str:
    """A page with every attribution on one scale; the agreement stands with the last one of each text."""
    attributions, remarks = list[Attribution](), dict[int, list[str]]()
    for one in comparisons:
        attributions += one.attributions.values()
        remarks[len(attributions) - 1] = [agreement_line(one)]
    return html.render_attributions(attributions, title, "", remarks)


def _number(value: float | None) -> str:
    return "undefined" if value is None else numbers.signed(value, 2)
