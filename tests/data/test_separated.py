"""CSV and TSV as they come."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from token_saliency.data.formats.separated import read_separated, sniff
from token_saliency.errors import DataError

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def cells(text: str, prefer: str = ",") -> list[list[str]]:
    frame, _ = read_separated(text, "'x.csv'", prefer)
    return [list(frame.columns), *frame.to_numpy().tolist()]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=12),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_csv_module_writes_comes_back_unchanged(
    rows: list[tuple[str, str]], delimiter: str, end: str, quoting: int
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([("id", "text", "label"), *((a, b, "end") for a, b in rows)])
    assert cells(file.getvalue())[1:] == [[a, b, "end"] for a, b in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_the_texts_are_full_of_the_others(delimiter: str) -> None:
    noise = "a, b; c, d | e\tf; g"
    lines = [["text", "label"], *([noise, "1"] for _ in range(5))]
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(lines)
    assert sniff(file.getvalue()) == delimiter


def test_unquoted_commas_do_not_hide_a_semicolon() -> None:
    assert cells("text;label\ngood, very good, the best;1\nbad, bad;0\n")[1] == ["good, very good, the best", "1"]


def test_a_header_that_holds_two_delimiters_is_decided_by_the_rows() -> None:
    assert cells("text;label, as given\na, b;1\nc;0\n")[0] == ["text", "label, as given"]


def test_a_single_column_needs_no_delimiter() -> None:
    assert cells('text\nfine\n"one, two"\n') == [["text"], ["fine"], ["one, two"]]


def test_a_text_longer_than_the_sample_that_is_sniffed_is_read() -> None:
    long = "word, " * 40_000
    limit = csv.field_size_limit()
    assert cells(f'text;label\n"{long}";1\n')[1] == [long, "1"]
    assert csv.field_size_limit() == limit


def test_line_breaks_and_doubled_quotes_inside_a_text_stay() -> None:
    assert cells('text,label\n"he said ""no""\r\nand left",0\n')[1] == ['he said "no"\r\nand left', "0"]


def test_blank_lines_are_skipped_and_an_empty_text_is_kept() -> None:
    assert cells('text\n\n""\n\nfine\n\n') == [["text"], [""], ["fine"]]


def test_empty_fields_behind_the_last_column_are_no_fields() -> None:
    assert cells("text,label\nfine,1,,\n")[1] == ["fine", "1"]


def test_a_surname_called_null_is_a_text() -> None:
    assert [row[0] for row in cells("text,label\nNull,1\nNA,0\nnan,0\n")[1:]] == ["Null", "NA", "nan"]


def test_bare_quotes_in_tabs_are_part_of_the_text() -> None:
    frame, notes = read_separated('sentence\tlabel\n"Great" film\t1\nso-called "art\t0\n', "'x.tsv'", "\t")
    assert frame["sentence"].tolist() == ['"Great" film', 'so-called "art']
    assert "quotes" in notes[0]


def test_two_bare_quotes_in_tabs_do_not_swallow_the_rows_between_them() -> None:
    assert len(cells('sentence\tlabel\n"Great film\t1\nbad film\t0\nthe end "\t0\n', "\t")) == 4


def test_a_quoted_text_in_tabs_may_hold_a_tab_and_a_line_break() -> None:
    assert cells('text\tlabel\n"a\tb\nc\nd"\t1\n', "\t")[1] == ["a\tb\nc\nd", "1"]


def test_backslash_escapes_are_read_where_plain_quoting_fails() -> None:
    frame, notes = read_separated('text,label\n"he said \\"no\\", twice",0\n', "'x.csv'")
    assert frame["text"].tolist() == ['he said "no", twice']
    assert "backslash" in notes[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text,label\nfine,1\ncut\n", "line 3 has 1 fields, the header has 2"),
        ("text,label\nfine,1\na, b,0\n", "line 3 has 3 fields"),
        ('text,label\n"never closed,1\nfine,0\n', "broken quotes"),
        ('text,label\nfine,1\n"a "b" c",0\n', "line 3: broken quotes"),
    ],
)
def test_a_broken_row_is_refused_by_its_line(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_separated(text, "'x.csv'")


def test_the_line_that_tells_excel_the_delimiter_is_no_header() -> None:
    expected = [["text", "label"], ["a, b, c", "1"]]
    assert cells("sep=;\r\ntext;label\r\na, b, c;1\r\n") == expected
    assert cells('SEP=,\ntext,label\n"a, b, c",1\n') == expected
    assert cells("sep=a,label\nx,1\n") == [["sep=a", "label"], ["x", "1"]]
    with pytest.raises(DataError, match="line 4 has 1 fields"):
        read_separated("sep=;\ntext;label\nfine;1\ncut\n", "'x.csv'")


def test_old_and_doubled_line_ends_are_line_ends() -> None:
    expected = [["text", "label"], ["a", "1"], ["b", "0"]]
    assert cells("text,label\ra,1\rb,0\r") == expected
    assert cells("text,label\r\r\na,1\r\r\nb,0\r\r\n") == expected
