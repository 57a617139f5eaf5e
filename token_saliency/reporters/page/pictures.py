"""Pictures on a page: data URIs alone, so that nothing is loaded, and nothing but a picture can be one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.results import AuditResult, EditedPicture

SHOWN = 8
_URI = re.compile(r"data:image/(?:jpeg|png);base64,[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True)
class PictureView:
    """An edited picture with what became of its prediction."""

    source: str
    row: str
    edit: str
    class_: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ExplainedPicture:
    """A picture with its map, and what is said beside it."""

    source: str
    name: str
    predicted: str
    target: str
    facts: tuple[str, ...]
    remarks: tuple[str, ...]


def picture_views(audit: AuditResult) -> list[PictureView]:
    """The edited pictures of an audit, as many as fit."""
    return [_view(one) for one in audit.pictures[:SHOWN]]


def source_of(uri: str) -> str:
    """The data URI of a picture; anything else is nothing."""
    return uri if _URI.fullmatch(uri) else ""


def _view(one: EditedPicture) -> PictureView:
    done = "taken from a picture of another class" if one.operator == "exchange" else f"replaced ({one.operator})"
    return PictureView(
        source=source_of(one.strip),
        row=one.row,
        edit=f"{one.item} {done}",
        class_=one.class_,
        label=one.label or "",
        before=numbers.plain(one.before),
        after=numbers.plain(one.after),
    )


def safe_sources(pictures: Sequence[ExplainedPicture]) -> list[ExplainedPicture]:
    """Those whose source is a picture."""
    return [one for one in pictures if source_of(one.source)]
