"""The HTML page: one file, no network, and nothing in it that a row, a label or a file name could make run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import escape

from token_saliency.drawing.colour import Scale, scale_of
from token_saliency.drawing.fragments import attribution_view
from token_saliency.drawing.pages import page
from token_saliency.reporters import summary
from token_saliency.reporters.page.pictures import ExplainedPicture, safe_sources
from token_saliency.reporters.page.view import Legend, legend_of, page_view
from token_saliency.results import DISCLAIMER, Attribution, RunRecord

_LONGEST_TEXT = 20_000
_MOST_PICTURES = 100


def render(report: RunRecord) -> str:
    """The whole page of a report."""
    pictures = any(audit.pictures for audit in report.audits.values())
    things = f"{summary.thing(report)}s"
    return page("report.html.j2", pictures=pictures, things=things, page=page_view(report), report=report)


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


def framed(report: RunRecord) -> str:
    """The page inside a frame of its own without scripts, for a notebook: no style leaks out, nothing runs."""
    return (
        f'<iframe sandbox="" title="token-saliency report" srcdoc="{escape(render(report))}" '
        'style="width:100%;height:80vh;border:1px solid #8886;border-radius:6px"></iframe>'
    )


def _legend(attributions: Sequence[Attribution], scale: Scale) -> Legend:
    said = {
        name: ", ".join(dict.fromkeys(str(getattr(one, name)) for one in attributions if getattr(one, name)))
        for name in ("method", "output", "baseline")
    }
    return legend_of(scale, said)
