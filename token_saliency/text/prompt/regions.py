"""The regions of a whole prompt: instruction (all that is none of the others), examples, row, the answer's cue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from token_saliency.results import Attribution
from token_saliency.text.encoding import Text
from token_saliency.text.prompt.prompt import Prompt
from token_saliency.text.prompt.rendering import Template, template_of

Region = tuple[str, int, int]
"""Its name and its characters [start, end) of the whole string."""


@dataclass(frozen=True, slots=True)
class WrittenPrompt:
    """A whole prompt and its regions, in their order."""

    string: str
    regions: list[Region]


def written_of(template: Template, text: Text, prompt: Prompt, tokenizer: Any) -> WrittenPrompt:
    """The prompt around a row; its examples are what it has more than the same prompt without them."""
    rendered = template(text)
    whole, at, found = rendered.string, 0, list[Region]()
    if prompt.examples:
        start, end = _more(whole, template_of(prompt.changed(examples=[]), tokenizer)(text).string)
        found += [("instruction", 0, start), ("examples", start, end)]
        at = end
    for place in rendered.places:
        found += [("instruction", at, place.start), ("row", place.start, place.end)]
        at = place.end
    cue = len(whole) - len(prompt.answer) if whole.endswith(prompt.answer) else len(whole)
    return WrittenPrompt(whole, [*found, ("instruction", at, max(at, cue)), ("answer", max(at, cue), len(whole))])


def _more(whole: str, bare: str) -> tuple[int, int]:
    """Characters [start, end) without which `whole` is `bare`, as far left as may be; none where it is not so."""
    same = next((i for i, (a, b) in enumerate(zip(whole[::-1], bare[::-1], strict=False)) if a != b), len(bare))
    start = len(bare) - same
    end = len(whole) - same
    return (start, end) if whole[:start] == bare[:start] else (0, 0)


def region_shares(attribution: Attribution, regions: Sequence[Region]) -> dict[str, float]:
    """The share of all |scores| that lies on each region; a token belongs where it ends."""
    total = sum(abs(token.score) for token in attribution.tokens) or 1.0
    shares = {name: 0.0 for name, _, _ in regions}
    for token in attribution.tokens:
        own = next((name for name, start, end in regions if start < token.end <= end), None)
        if own is not None:
            shares[own] += abs(token.score) / total
    return shares
