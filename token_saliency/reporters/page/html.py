"""The HTML page: one file, no network, and nothing in it that a row, a label or a file name could make run."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from token_saliency.drawing import numbers
from token_saliency.drawing.colour import Scale, scale_of
from token_saliency.drawing.facts import attribution_facts, attribution_remarks
from token_saliency.drawing.safe import shortened, visible
from token_saliency.reporters import summary
from token_saliency.reporters.page.pictures import POLICY, ExplainedPicture, safe_sources
from token_saliency.reporters.page.samples import Strong, TextView, attribution_texts, attribution_words
from token_saliency.reporters.page.view import Legend, legend_of, page_view
from token_saliency.resources import shipped
from token_saliency.results import DISCLAIMER, Attribution, Report

_LONGEST_TEXT = 20_000
_FRAGMENTS = 40
_MOST_PICTURES = 100


@dataclass(frozen=True, slots=True)
class AttributionView:
    """An explained text as a page shows it."""

    predicted: str
    target: str
    facts: list[str]
    remarks: list[str]
    texts: list[TextView]
    strongest: list[Strong]


def render(report: Report) -> str:
    """The whole page of a report."""
    pictures = any(audit.pictures for audit in report.audits.values())
    return page("report.html.j2", pictures=pictures, things=f"{summary.thing(report)}s", page=page_view(report))


def render_pictures(views: Sequence[ExplainedPicture], title: str, command: str) -> str:
    """A page of pictures with their maps, bounded: what `image explain --html` writes."""
    shown = safe_sources(views)[:_MOST_PICTURES]
    more = len(views) - len(shown)
    return page(
        "image_explain.html.j2",
        pictures=True,
        title=title,
        command=command,
        disclaimer=DISCLAIMER,
        views=shown,
        more=more,
    )


def render_attributions(
    attributions: Sequence[Attribution], title: str, command: str, remarks: Mapping[int, list[str]] | None = None
) -> str:
    """A page of coloured texts on one scale: what `explain --html` writes. `remarks` are more of them, by number."""
    scale = scale_of(word.score for one in attributions for word in one.words)
    limit = max(400, _LONGEST_TEXT * 20 // max(20, len(attributions)))
    views = [attribution_view(one, scale, limit) for one in attributions]
    for at, more in (remarks or {}).items():
        views[at].remarks.extend(more)
    legend = _legend(attributions, scale)
    return page("explain.html.j2", title=title, command=command, disclaimer=DISCLAIMER, views=views, legend=legend)


def render_fragment(attribution: Attribution) -> str:
    """One coloured text with its own styles, for a notebook cell or a page of somebody else."""
    return render_fragments([attribution])


def render_fragments(attributions: Sequence[Attribution]) -> str:
    """Coloured texts on one scale, with one legend; a long list says how many it leaves out."""
    shown = attributions[:_FRAGMENTS]
    scale = scale_of(word.score for one in shown for word in one.words)
    views = [attribution_view(one, scale, _LONGEST_TEXT // max(1, len(shown))) for one in shown]
    template = environment().get_template("attribution.html.j2")
    top, more = numbers.plain(scale.top, 2), len(attributions) - len(shown)
    return template.render(views=views, styles=_INLINE, top=top, signed=scale.signed, more=more)


def framed(report: Report) -> str:
    """The page inside a frame of its own without scripts, for a notebook: no style leaks out, nothing runs."""
    return (
        f'<iframe sandbox="" title="token-saliency report" srcdoc="{escape(render(report))}" '
        'style="width:100%;height:80vh;border:1px solid #8886;border-radius:6px"></iframe>'
    )


def attribution_view(attribution: Attribution, scale: Scale, limit: int) -> AttributionView:
    """An attribution in words and colours."""
    return AttributionView(
        predicted=attribution.predicted,
        target=attribution.target,
        facts=attribution_facts(attribution),
        remarks=attribution_remarks(attribution),
        texts=attribution_texts(attribution, scale, limit),
        strongest=attribution_words(attribution, scale),
    )


@functools.cache
def environment() -> Environment:
    """Templates with escaping on; a name that the view lacks is an error, and every string is made visible."""
    made = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["brief"] = brief
    return made


def brief(text: str, limit: int = 80) -> str:
    """A filter for names, which nobody reads beyond some length."""
    return shortened(text, limit)


def _visible(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def page(template: str, *, pictures: bool = False, **values: Any) -> str:
    """A whole page of a template, with styles, script and a policy that lets nothing else in.

    `pictures`: those that stand in the page itself are let in as well.
    """
    css, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    if pictures:
        policy += f"; {POLICY}"
    made = environment().get_template(template)
    return made.render(css=Markup(css), script=Markup(script), policy=policy, **values) + "\n"


@functools.cache
def _asset(name: str) -> str:
    return (shipped("templates") / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _legend(attributions: Sequence[Attribution], scale: Scale) -> Legend:
    said = {
        name: ", ".join(dict.fromkeys(str(getattr(one, name)) for one in attributions if getattr(one, name)))
        for name in ("method", "output", "baseline")
    }
    return legend_of(scale, said)


def _inline(level: int) -> str:
    red, green, blue = (214, 106, 10) if level > 0 else (38, 104, 196)
    line = "solid" if level > 0 else "dashed"
    strength = 0.10 + 0.12 * abs(level)
    return f"background:rgba({red},{green},{blue},{strength:.2f});border-bottom:2px {line} rgb({red},{green},{blue})"


_INLINE = {level: _inline(level) for level in range(-5, 6) if level}
