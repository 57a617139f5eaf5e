"""Whatever a caller has texts in -> a list of strings and pairs, one for each row and in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from token_saliency.errors import DataError
from token_saliency.results import Example
from token_saliency.text.encoding import Text, checked

Texts = Any
"""A text, a list, Series or array of texts or (text, text_pair) tuples, a frame or data set with a column of them."""


def given_texts(texts: Texts) -> list[Text]:
    """The texts; none is left out. DataError where a table has no column of texts, or an entry is no text."""
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, Iterable | Mapping):
        raise DataError(
            f"{type(texts).__name__} is no text: give a string, a list or Series of them, or a table with a column."
        )
    if _is_one_row(texts):
        return _of_table([texts])
    if isinstance(texts, Iterable) and not _is_table(texts):
        texts = list(texts)
        if not texts or (not isinstance(texts[0], Mapping | Example) and not hasattr(texts[0], "_asdict")):
            return checked(texts)
    return _of_table(texts)


def _is_one_row(texts: Texts) -> bool:
    """`{"text": ..., "text_pair": ...}`, as a pipeline takes one."""
    return isinstance(texts, Mapping) and bool(texts) and all(isinstance(cell, str) for cell in texts.values())


def _is_table(texts: Texts) -> bool:
    return isinstance(texts, Mapping) or hasattr(texts, "columns") or hasattr(texts, "column_names")


def _of_table(source: Any) -> list[Text]:
    from token_saliency.data.sources import read_source  # imports pandas

    if isinstance(source, Mapping) and hasattr(source, "column_names"):
        raise DataError(f"A {type(source).__name__} holds several splits ({', '.join(source)}): choose one of them.")
    table = read_source(source, None)
    if not len(table.frame.columns):
        return []
    columns = [table.frame[name] for name in _columns(table)]
    for column in columns:
        wrong = [row for row, cell in column.items() if not isinstance(cell, str)]
        if wrong:
            raise DataError(
                f"{table.where} row {wrong[0]} has no text in column {column.name!r}: leave such rows out first."
            )
    return columns[0].tolist() if len(columns) == 1 else list(zip(*columns, strict=True))


def _columns(table: Any) -> list[str]:
    from token_saliency.data.columns import find_columns

    try:
        found = find_columns(table, None, None, "")
    except DataError as error:
        names = [str(name) for name in table.frame.columns]
        raise DataError(
            f"{table.where} has no column, or several, with a usual name for the text; its columns: {names}. "
            f"Give the one that is meant, as in data[{names[0]!r}]."
        ) from error
    return [found.text, *([found.text_pair] if found.text_pair else [])]
