"""The regions of a whole prompt: the instruction (all that is none of the others), the row, the cue of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.results import Attribution
from token_saliency.text.encoding import Text
from token_saliency.text.prompt.rendering import Template

Region = tuple[str, int, int]
"""Its name and its characters [start, end) of the whole string."""


@dataclass(frozen=True, slots=True)
class WrittenPrompt:
    """A whole prompt and its regions, in their order."""

    string: str
    regions: list[Region]


def written_of(template: Template, text: Text, answer: str) -> WrittenPrompt:
    """The prompt around a row; `answer` is the beginning of the reply, where it has one."""
    rendered = template(text)
    whole, at, found = rendered.string, 0, list[Region]()
    for place in rendered.places:
        found += [("instruction", at, place.start), ("row", place.start, place.end)]
        at = place.end
    cue = max(at, len(whole) - len(answer) if answer and whole.endswith(answer) else len(whole))
    return WrittenPrompt(whole, [*found, ("instruction", at, cue), ("answer", cue, len(whole))])


def region_shares(attribution: Attribution, regions: Sequence[Region]) -> dict[str, float]:
    """The share of all |scores| that lies on each region; a token belongs where it ends."""
    total = sum(abs(token.score) for token in attribution.tokens) or 1.0
    shares = {name: 0.0 for name, _, _ in regions}
    for token in attribution.tokens:
        own = next((name for name, start, end in regions if start < token.end <= end), None)
        if own is not None:
            shares[own] += abs(token.score) / total
    return shares
