"""Bytes -> text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.data.formats.encoding import decode
from token_saliency.errors import DataError

ACCENTS = "text,label\ncafé “naïve” – 10 €,1\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_its_mark_is_read_without_a_note(encoding: str) -> None:
    assert decode(ACCENTS.encode(encoding), "'x'") == (ACCENTS, [])


def test_big_endian_utf16_with_a_mark_is_read() -> None:
    assert decode(b"\xfe\xff" + ACCENTS.encode("utf-16-be"), "'x'") == (ACCENTS, [])


def test_windows_text_is_read_with_a_note_that_names_the_line() -> None:
    text, notes = decode(ACCENTS.encode("cp1252"), "'x'")
    assert text == ACCENTS
    assert "cp1252 (line 2" in notes[0]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_any_utf8_text_comes_back(text: str) -> None:
    assert decode(text.encode(), "'x'") == (text, [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"text\nfine\nbi\0nary\n", "line 3 holds a NUL"),
        (ACCENTS.encode("utf-16-le"), "NUL byte: this is no text file, or UTF-16"),
        (b"text\n\x81\x8d\x8f\n", "line 2 is not UTF-8"),
        (b"\xff\xfea", "line 1 is not UTF-16"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        decode(data, "'x'")
