"""The canonical format: `RunRecord` written out as JSON, from which every other format can be made again."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from pydantic import TypeAdapter

from token_saliency.errors import DataError
from token_saliency.results import RunRecord

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: RunRecord) -> str:
    """Canonical JSON: fields in their order, finite numbers only, a line end at the end."""
    return canonical(adapter(), report, {"settings": report.settings}, "report")


def canonical(adapter: TypeAdapter[Any], value: Any, free: dict[str, Any], kind: str) -> str:
    """The JSON of plain data; `free` are its parts without a declared type. DataError names what is not finite."""
    record = adapter.dump_python(value, mode="json", by_alias=True, fallback=_plain)
    for place in chain(_not_finite(record, kind), _not_finite(free, kind)):
        raise DataError(
            f"{place} is not a finite number, so the {kind} cannot be written; this is a defect: report it."
        )
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    return _SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", text) + "\n"


@functools.cache
def adapter() -> TypeAdapter[RunRecord]:
    """What reads and writes a RunRecord; built when first asked for, since it takes a while."""
    return TypeAdapter(RunRecord)


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays, wherever they slipped into the plain data, as what they stand for."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _not_finite(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield place
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _not_finite(part, f"{place}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _not_finite(part, f"{place}[{index}]")
