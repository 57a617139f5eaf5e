"""HTML from templates: nothing in it that a row, a label or a file name could make run, and nothing is loaded."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from token_saliency.drawing.numbers import moment
from token_saliency.drawing.safe import in_quotes, shortened, visible
from token_saliency.resources import shipped

_PICTURES = "img-src data:"


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
    made.filters |= {"brief": brief, "moment": moment, "in_quotes": in_quotes}
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
        policy += f"; {_PICTURES}"
    made = environment().get_template(template)
    return made.render(css=Markup(css), script=Markup(script), policy=policy, **values) + "\n"


@functools.cache
def _asset(name: str) -> str:
    return (shipped("templates") / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
