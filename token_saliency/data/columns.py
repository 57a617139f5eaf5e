"""Which columns hold the text, its pair, the label and the id: by their usual names, or as the caller says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

from token_saliency.data.cells import listed, plain_name, quoted
from token_saliency.data.table import Table
from token_saliency.errors import DataError, OptionError, option

_A_SENTENCE = 4
"""Words of a name that is none."""
TEXT = (
    "text",
    "sentence",
    "content",
    "review",
    "reviewtext",
    "reviewbody",
    "comment",
    "commenttext",
    "commentbody",
    "message",
    "body",
    "tweet",
    "tweettext",
    "post",
    "utterance",
    "document",
    "headline",
    "article",
    "abstract",
    "input",
    "query",
    "phrase",
)
LABEL = (
    "label",
    "labels",
    "labelid",
    "goldlabel",
    "target",
    "class",
    "category",
    "sentiment",
    "polarity",
    "intent",
    "y",
)
PAIRS = (
    ("premise", "hypothesis"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("texta", "textb"),
    ("sentencea", "sentenceb"),
    ("question", "sentence"),
    ("question", "passage"),
    ("text", "textpair"),
)
"""Names without case, spaces, `_` and `-`."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Column names of a table; `label` is None for unlabelled rows."""

    text: str
    text_pair: str | None
    label: str | None
    notes: tuple[str, ...] = ()


def find_columns(table: Table, text: str | None, text_pair: str | None, label: str | None) -> Columns:
    """The caller's columns, else the usual ones. DataError where a column is missing or two would do.

    `label=""` asks for unlabelled rows.
    """
    names = list(table.frame.columns)
    label_column = None if label == "" else _label(names, label, table.where)
    pair = None if text or text_pair else _usual_pair(names)
    if pair is not None:
        note = f"Columns {quoted(pair[0])} and {quoted(pair[1])} are read as text and text pair."
        return Columns(*pair, label_column, (note,))
    text_column = _named(names, text, "text", table.where) if text else _text(names, text_pair, table.where)
    pair_column = _named(names, text_pair, "text_pair", table.where) if text_pair else None
    return Columns(text_column, pair_column, label_column)


def column_name(asked: str, given: object) -> str | None:
    """The name of a column that a caller gave; a number names one of a frame without names."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, bool) or not isinstance(given, Integral):
        nothing = "; label='' leaves the labels out" if asked == "label" else ""
        raise OptionError(f"{asked} is the name of a column, not {given!r}{nothing}.")
    return str(given)


def find_named(table: Table, name: str, asked: str) -> str:
    """The column that the option `asked` names."""
    return _named(list(table.frame.columns), name, asked, table.where)


def _text(names: Sequence[str], text_pair: str | None, where: str) -> str:
    found = [name for name in _usual(names, TEXT) if name != text_pair]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"{where} has several columns that may hold the text: {listed(found)}; "
            f"choose one with {option('text', 'COL')}."
        )
    raise DataError(
        f"{where} has no column with a usual name for the text; its columns: {listed(names)}. "
        f"Name it with {option('text', 'COL')}{_headless(names)}."
    )


def _headless(names: Sequence[str]) -> str:
    """A sentence is no name of a column: then the first row was taken for them."""
    sentence = any(len(name.split()) >= _A_SENTENCE for name in names)
    return ", or write a line of column names at its top" if sentence else ""


def _label(names: Sequence[str], label: str | None, where: str) -> str | None:
    if label is not None:
        return _named(names, label, "label", where)
    found = _usual(names, LABEL)
    if len(found) > 1:
        raise DataError(
            f"{where} has several columns that may hold the label: {listed(found)}; "
            f"choose one with {option('label', 'COL')}."
        )
    return found[0] if found else None


def _usual_pair(names: Sequence[str]) -> tuple[str, str] | None:
    """The one well-known pair whose columns are both there, if no other column could be the text."""
    found = []
    for left, right in PAIRS:
        left_found, right_found = _usual(names, (left,)), _usual(names, (right,))
        if len(left_found) == len(right_found) == 1:
            found.append((left_found[0], right_found[0]))
    if len(found) != 1 or any(name not in found[0] for name in _usual(names, TEXT)):
        return None
    return found[0]


def _named(names: Sequence[str], name: str, asked: str, where: str) -> str:
    """The column of exactly that name, else the only one that differs in case or separators."""
    if name in names:
        return name
    same = _usual(names, (plain_name(name),))
    if len(same) == 1:
        return same[0]
    raise DataError(f"{where} has no column {quoted(name)} ({option(asked)}); its columns: {listed(names)}.")


def _usual(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The columns with a known name, in the order of the known names."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(plain_name(name), []).append(name)
    return [name for usual in known for name in found.get(usual, [])]
