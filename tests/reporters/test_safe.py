"""Characters that hide, re-order or command something are made visible or harmless."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.drawing.safe import cut, defused, distinct, in_quotes, one_line, printable, shortened, slug, visible

ANY_TEXT = st.text(st.characters())
BIDI = {chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@given(ANY_TEXT)
def test_visible_text_holds_nothing_that_hides_or_reorders(text: str) -> None:
    shown = visible(text)
    assert not {char for char in shown if unicodedata.category(char) in ("Cc", "Cs")} - {"\t", "\n"}
    assert not BIDI & set(shown)
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "Mn"])))
def test_visible_leaves_ordinary_text_alone(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "[ESC][31mred[BEL]"),
        ("a\x00b\x7fc", "a[NUL]b[DEL]c"),
        ("\u202eexe.txt\u202c", "[RLO]exe.txt[PDF]"),
        ("a\ud800b", "a\ufffdb"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("👩‍👧 ok", "👩‍👧 ok"),
        ("igno\u00adre\u2060\u2063\ufff9", "igno[SHY]re[WJ][U+2063][U+FFF9]"),
        ("hi\U000e0068\U000e007f", "hi[U+E0068][U+E007F]"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ok",) * 2,
    ],
)
def test_visible_names_what_it_found(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY_TEXT)
def test_printable_text_is_one_line_that_no_log_obeys(text: str) -> None:
    shown = printable(text)
    assert "\n" not in shown
    assert "::" not in shown
    assert not re.search(r"##\w*\[", shown)


@given(ANY_TEXT)
def test_defusing_keeps_every_offset(text: str) -> None:
    assert len(defused(text)) == len(text)


def test_white_space_of_a_line_is_folded() -> None:
    assert one_line(" a \n\n b\t c ") == "a b c"


def test_cutting_says_how_much_is_left_out() -> None:
    assert cut("abcdef", 4) == ("abcd", 2)
    assert cut("abc", 4) == ("abc", 0)
    assert shortened("abcdef", 4) == "abc…"


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_link_name_is_plain(one: str, two: str) -> None:
    assert re.fullmatch(r"[a-z0-9_-]{1,120}", slug(one, two))


def test_link_names_tell_marks_apart() -> None:
    assert slug("punctuation", "!", ".") == "punctuation-_21-_2e"
    assert slug("names", None, "lean") == "names-lean"
    assert slug("") == "x"


def test_long_link_names_differ_where_their_ends_do() -> None:
    assert slug("a" * 200 + "b") != slug("a" * 200 + "c")
    assert len(slug("a" * 200)) == 120


def test_repeated_link_names_are_counted() -> None:
    assert list(distinct(["a", "b", "a", "a"])) == ["a", "b", "a--2", "a--3"]


@pytest.mark.parametrize(
    ("text", "curly", "straight"),
    [("susan", "“susan”", '"susan"'), ("“susan”", "“susan”", "“susan”"), ("“", '"“"', '"“"'), ('"', '“"”', "'\"'")],
)
def test_what_stands_in_quotes_is_quoted_once(text: str, curly: str, straight: str) -> None:
    assert (in_quotes(text), in_quotes(text, '""')) == (curly, straight)
