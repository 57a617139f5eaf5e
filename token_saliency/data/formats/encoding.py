"""Bytes -> text: the byte order mark decides, else UTF-8, else cp1252 with a note."""

from __future__ import annotations

import codecs

from token_saliency.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, where: str) -> tuple[str, list[str]]:
    """The text and notes. DataError for what is no text: undecodable bytes, or a NUL."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text, notes = data.decode(encoding), list[str]()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text, notes = (
            _windows(data, encoding, f"{where} line {line}"),
            [f"{where} was read as cp1252 (line {line} is not UTF-8)."],
        )
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{where} line {line} holds a NUL byte: this is no text file, or UTF-16 without its mark; save it as UTF-8."
        )
    return text, notes


def _windows(data: bytes, encoding: str, place: str) -> str:
    """What old Windows programs write; only a file without a mark can be that."""
    try:
        if encoding == "utf-8":
            return data.decode("cp1252")
    except UnicodeDecodeError:
        pass
    raise DataError(
        f"{place} is not {encoding.removesuffix('-sig').upper()} text, or no text file at all: save it as UTF-8."
    )
