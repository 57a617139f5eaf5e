"""Coloured texts as an HTML fragment with its own styles, for a notebook cell or somebody else's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.colour import Scale, scale_of
from token_saliency.drawing.coloured_text import Strong, TextView, attribution_texts, attribution_words
from token_saliency.drawing.facts import attribution_facts, attribution_remarks, class_name
from token_saliency.drawing.inputs import ScoredText
from token_saliency.drawing.pages import environment

_LONGEST_TEXT = 20_000
_FRAGMENTS = 40


@dataclass(frozen=True, slots=True)
class AttributionView:
    """An explained text as a page shows it."""

    predicted: str
    target: str
    facts: list[str]
    remarks: list[str]
    texts: list[TextView]
    strongest: list[Strong]


def render_fragment(attribution: ScoredText) -> str:
    """One coloured text with its own styles, for a notebook cell or a page of somebody else."""
    return render_fragments([attribution])


def render_fragments(attributions: Sequence[ScoredText]) -> str:
    """Coloured texts on one scale, with one legend; a long list says how many it leaves out."""
    shown = attributions[:_FRAGMENTS]
    scale = scale_of(word.score for one in shown for word in one.words)
    views = [attribution_view(one, scale, _LONGEST_TEXT // max(1, len(shown))) for one in shown]
    template = environment().get_template("attribution.html.j2")
    top, more = numbers.plain(scale.top, 2), len(attributions) - len(shown)
    return template.render(views=views, styles=_INLINE, top=top, signed=scale.signed, more=more)


def attribution_view(attribution: ScoredText, scale: Scale, limit: int) -> AttributionView:
    """An attribution in words and colours."""
    return AttributionView(
        predicted=class_name(attribution.predicted),
        target=class_name(attribution.target),
        facts=attribution_facts(attribution),
        remarks=attribution_remarks(attribution),
        texts=attribution_texts(attribution, scale, limit),
        strongest=attribution_words(attribution, scale),
    )


def _inline(level: int) -> str:
    red, green, blue = (214, 106, 10) if level > 0 else (38, 104, 196)
    line = "solid" if level > 0 else "dashed"
    strength = 0.10 + 0.12 * abs(level)
    return f"background:rgba({red},{green},{blue},{strength:.2f});border-bottom:2px {line} rgb({red},{green},{blue})"


_INLINE = {level: _inline(level) for level in range(-5, 6) if level}
