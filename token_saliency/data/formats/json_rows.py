"""JSON and JSON Lines -> frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pandas as pd

from token_saliency.data.cells import listed, one_line
from token_saliency.data.items import columns_frame, items_frame
from token_saliency.errors import DataError


def loads(text: str) -> Any:
    """As `json.loads`. ValueError where an object has a key twice: which of the two counts, nobody could tell."""
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has a key twice: rename or remove one")
    return found


def parse_jsonl(text: str, where: str) -> pd.DataFrame:
    """One object a line; only line feeds end a line, for texts may hold every other separator. Or one array of them."""
    if text.lstrip().startswith("["):
        with suppress(ValueError, RecursionError):
            return _frame(loads(text), where)
    return items_frame(list(_objects(text, where)), where)


def _objects(text: str, where: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            item = loads(line)
        except (ValueError, RecursionError) as error:
            reason = f"{where} line {number} is no whole JSON object ({one_line(error)})"
            raise DataError(f"{reason}: the file may be cut; write it again, one object a line.") from None
        if not isinstance(item, dict):
            raise DataError(f'{where} line {number} is {_kind(item)}, not an object such as {{"text": "..."}}.')
        yield item


def parse_json(text: str, where: str) -> pd.DataFrame:
    """Rows, {"data": rows} or columns; also JSON Lines under the wrong suffix."""
    try:
        content = loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return parse_jsonl(text, where)
        raise DataError(f"{where} is not JSON ({one_line(error)}): it may be cut; write it again.") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is not JSON that can be read ({one_line(error)}): write it again.") from None
    return _frame(content, where)


def _frame(content: Any, where: str) -> pd.DataFrame:
    if isinstance(content, dict):
        rows = content.get("data")
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return items_frame(rows, where)
        if content and all(isinstance(column, list | dict) for column in content.values()):
            return columns_frame(content, where)
    if isinstance(content, list):
        return items_frame(content, where)
    raise DataError(f'{where} holds {_kind(content)}: it needs a list of objects, {{"data": [...]}} or columns.')


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {listed(value, 5)}" if value else "an empty object"
    return {list: "a list", str: "a string", type(None): "null", bool: "a truth value"}.get(type(value), "a number")
