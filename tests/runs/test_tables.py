"""rows.parquet and edits.parquet: streamed, exact, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from token_saliency.errors import DataError, OptionError
from token_saliency.results import Edit, ScoredRow, Token
from token_saliency.store import read_edits, read_rows, write_edits, write_rows
from token_saliency.store.evidence import read_evidence

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 2**40)
TOKENS = st.builds(Token, TEXT, WHOLE, WHOLE, st.booleans(), NUMBER, st.integers(0, 1))
ROWS = st.builds(
    ScoredRow,
    id=TEXT,
    text=TEXT,
    text_pair=st.none() | TEXT,
    label=st.none() | TEXT,
    predicted=TEXT,
    probabilities=st.lists(NUMBER, max_size=4).map(tuple),
    tokens=st.lists(TOKENS, max_size=4).map(tuple),
    completeness_error=st.none() | NUMBER,
    evaluations=WHOLE,
    truncated=WHOLE,
    metadata=st.dictionaries(TEXT, TEXT, max_size=3),
)
PROBABILITIES = st.lists(NUMBER, max_size=3).map(tuple)
EDITS = st.builds(
    Edit, TEXT, TEXT, TEXT, st.tuples(WHOLE, WHOLE), TEXT, TEXT, st.booleans(), TEXT, st.none() | TEXT, PROBABILITIES,
    PROBABILITIES, st.integers(0, 3), st.integers(0, 1),
)  # fmt: skip
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)


def row(id_: str = "r1", text: str = "a text") -> ScoredRow:
    token = Token("a", 0, 1, False, 0.25)
    return ScoredRow(id_, text, None, "positive", "negative", (0.75, 0.25), (token,), 0.01, 9, 0, {"source": "x"})


def edit() -> Edit:
    return Edit("r1", "names", "swap", (0, 4), "Mary", "John", False, "John came.", None, (0.2, 0.8), (0.3, 0.7))


@SAME_FOLDER
@given(st.lists(ROWS, max_size=8), st.integers(1, 5))
def test_rows_are_read_back_unchanged(tmp_path: Path, rows: list[ScoredRow], group: int) -> None:
    assert write_rows(rows, tmp_path / "rows.parquet", group) == len(rows)
    assert list(read_rows(tmp_path / "rows.parquet")) == rows


@SAME_FOLDER
@given(st.lists(EDITS, max_size=8), st.integers(1, 5))
def test_edits_are_read_back_unchanged(tmp_path: Path, edits: list[Edit], group: int) -> None:
    assert write_edits(edits, tmp_path / "edits.parquet", group) == len(edits)
    assert list(read_edits(tmp_path / "edits.parquet")) == edits


def test_columns_have_the_names_of_the_public_face(tmp_path: Path) -> None:
    write_rows([row()], tmp_path / "rows.parquet")
    write_edits([edit()], tmp_path / "edits.parquet")
    rows = set(pq.read_schema(tmp_path / "rows.parquet").names)
    edits = set(pq.read_schema(tmp_path / "edits.parquet").names)
    wanted = "id text label predicted probabilities tokens starts ends scores completeness_error evaluations truncated"
    assert set(wanted.split()) <= rows
    assert {"audit", "operator", "item", "placebo", "text", "before", "after"} <= edits


def test_rows_are_taken_one_group_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    write_rows((row(str(i)) for i in range(10)), file, group=4)
    assert pq.ParquetFile(file).metadata.num_row_groups == 3
    assert [each.id for each in read_rows(file)] == [str(i) for i in range(10)]


def test_a_stream_that_breaks_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    def broken() -> Iterator[ScoredRow]:
        yield row("new")
        raise KeyboardInterrupt

    file = tmp_path / "rows.parquet"
    write_rows([row("old")], file)
    with pytest.raises(KeyboardInterrupt):
        write_rows(broken(), file, group=1)
    assert [each.id for each in read_rows(file)] == ["old"]
    assert [each.name for each in tmp_path.iterdir()] == ["rows.parquet"]


def test_lone_surrogates_keep_their_place(tmp_path: Path) -> None:
    write_rows([row(text="a\ud800b")], tmp_path / "rows.parquet")
    assert next(read_rows(tmp_path / "rows.parquet")).text == "a\ufffdb"


def test_a_missing_cut_or_foreign_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    with pytest.raises(DataError, match=r"There is no rows\.parquet"):
        list(read_rows(file))
    write_rows([row()], file)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError, match="Cannot read") as caught:
        list(read_rows(file))
    assert "\n" not in str(caught.value)
    pq.write_table(pa.table({"id": ["r1"], "text": ["x"]}), file)
    with pytest.raises(DataError, match="lacks the columns text_pair"):
        list(read_rows(file))


@pytest.mark.parametrize("classes", [["positive", "good"], ["negative", "positive", "neutral"], ["negative"]], ids=str)
def test_rows_of_other_classes_than_the_report_are_one_clear_line(tmp_path: Path, classes: list[str]) -> None:
    write_rows([row()], tmp_path / "rows.parquet")
    write_edits([edit()], tmp_path / "edits.parquet")
    with pytest.raises(DataError, match=r"rows\.parquet holds predictions of other classes than the report"):
        read_evidence(tmp_path, classes, 0)
    assert list(read_evidence(tmp_path, ["positive", "negative"], 0).rows) == ["r1"]


@pytest.mark.parametrize("change", [{"look": 99}, {"look": -1}, {"after": (0.1, 0.2, 0.7)}, {"slot": (9, 3)}], ids=str)
def test_edits_of_no_run_are_one_clear_line(tmp_path: Path, change: dict[str, Any]) -> None:
    write_rows([row()], tmp_path / "rows.parquet")
    write_edits([edit(), replace(edit(), **change)], tmp_path / "edits.parquet")
    with pytest.raises(DataError, match=r"edits\.parquet holds edits that no run can have asked"):
        read_evidence(tmp_path, ["positive", "negative"], 0)


@pytest.mark.parametrize("column", ["predicted", "probabilities", "scores", "spans", "metadata", "cluster"])
def test_a_value_that_every_row_has_is_missed(tmp_path: Path, column: str) -> None:
    file = tmp_path / "rows.parquet"
    write_rows([row()], file)
    whole = pq.read_table(file)
    broken = [None] if column in ("scores", "probabilities") else None
    pq.write_table(pa.Table.from_pylist([whole.to_pylist()[0] | {column: broken}], schema=whole.schema), file)
    with pytest.raises(DataError, match=rf"Cannot read .*the column {column} lacks values"):
        list(read_rows(file))


def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OptionError, match="Cannot write"):
        write_edits([edit()], tmp_path / "file" / "edits.parquet")


def test_a_flipped_bit_in_a_table_is_found_wherever_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    write_rows([row(str(n), f"text number {n * 7919}") for n in range(200)], file)
    whole, same = file.read_bytes(), list(read_rows(file))
    silent = []
    for place in range(4, len(whole) - 8, 97):
        damaged = bytearray(whole)
        damaged[place] ^= 16
        file.write_bytes(damaged)
        try:
            found = list(read_rows(file))
        except DataError:
            continue
        silent += [place] if found != same else []
    assert silent == []
