"""`load_rows`, from the source to the Examples."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from token_saliency.data import load_rows
from token_saliency.results import Example

NAMES = ["negative", "positive"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(lambda text: f"{text}.")
ROWS = st.lists(st.tuples(TEXTS, st.sampled_from(NAMES)), min_size=1, max_size=8)

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "::error file=x::y",
    "\x1b[31mred\x1b[0m",
    "nul \0 inside",
    "\u202eright to left",
    "x" * 20_000,
    "  spaces  ",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "=HYPERLINK('http://x')",
    "line\r\nbreak\rand\nmore\u2028\x85",
]


@given(rows=ROWS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_and_json_lines_give_back_what_was_written(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    frame = pd.DataFrame(rows, columns=["text", "label"], dtype=object)
    frame.to_csv(tmp_path / "rows.csv", index=False, lineterminator="\r\n")
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in frame.to_dict("records")))
    expected = [Example(str(n), text, label=label) for n, (text, label) in enumerate(rows, 1)]
    assert load_rows(tmp_path / "rows.csv", labels=NAMES).examples == expected
    assert load_rows(tmp_path / "rows.jsonl", labels=NAMES).examples == expected


def test_of_equal_texts_one_could_be_audited() -> None:
    rows = load_rows(["One day.", "One day.", "Another day."], labels=NAMES)
    assert (rows.seen, len(rows.examples), rows.there) == (3, 3, 2)


@pytest.mark.parametrize("source", ["jsonl", "frame", "dicts", "texts"])
def test_hostile_texts_come_through_unchanged(source: str, write: Callable[..., Path]) -> None:
    rows = [{"text": text} for text in HOSTILE]
    sources: dict[str, Any] = {
        "jsonl": write("rows.jsonl", "\n".join(json.dumps(row) for row in rows)),
        "frame": pd.DataFrame(rows),
        "dicts": rows,
        "texts": HOSTILE,
    }
    assert [example.text for example in load_rows(sources[source], labels=NAMES).examples] == HOSTILE


def test_lone_surrogates_are_replaced_one_for_one(write: Callable[..., Path]) -> None:
    path = write(
        "rows.jsonl", '{"text": "a\\ud800b", "id": "\\udfff", "kind": "\\ud801"}\n{"text": "c", "id": "2", "kind": "x"}'
    )
    first = load_rows(path, labels=NAMES).examples[0]
    assert (first.text, first.id, first.metadata) == ("a\ufffdb", "\ufffd", {"kind": "\ufffd"})
    assert load_rows(["a\udcffb"], labels=NAMES).examples[0].text == "a\ufffdb"


def test_columns_of_any_name_are_read(write: Callable[..., Path], refusal: Callable[..., str]) -> None:
    assert load_rows({"self": ["a"], "\ud800": ["b"], 7: ["c"]}, labels=NAMES, text="self").examples == [
        Example("1", "a")
    ]
    for content in ('[{"te\\ud800": "a"}]', '{"te\\ud800": ["a"]}', '{"te\\ud800": {"0": "a"}}'):
        assert "its columns: 'te\ufffd'" in refusal(write("rows.json", content))
    assert "its columns: none" in refusal([{}])


def test_hostile_names_and_labels_do_not_reach_a_message_raw(refusal: Callable[..., str]) -> None:
    evil = "\x1b[31m\u202e\n::error::" + "x" * 500
    for message in (
        refusal([{evil: "a"}]),
        refusal([{"text": "a", "label": evil}]),
        refusal([{"text": "a", "split": evil}], split=evil + "y"),
        refusal([{"text": "a"}], text=evil),
        refusal(evil),
    ):
        assert len(message) < 700


def test_an_id_column_that_names_each_row_once_gives_the_ids() -> None:
    assert [e.id for e in load_rows([{"id": 7.0, "text": "a"}, {"id": 9.0, "text": "b"}], labels=NAMES).examples] == [
        "7",
        "9",
    ]


@pytest.mark.parametrize("ids", [["x", "x"], ["x", None], ["x", ""]])
def test_ids_that_repeat_or_lack_give_way_to_row_numbers_with_a_note(ids: list[Any]) -> None:
    rows = load_rows([{"id": id, "text": "a"} for id in ids], labels=NAMES)
    assert [example.id for example in rows.examples] == ["1", "2"]
    assert any("'id' does not name each row once" in note for note in rows.notes)


def test_rows_keep_their_numbers_when_others_are_left_out() -> None:
    rows = load_rows([{"text": None}, {"text": "b"}], labels=NAMES)
    assert [example.id for example in rows.examples] == ["2"]


def test_columns_with_a_few_short_values_become_metadata() -> None:
    frame = pd.DataFrame(
        {
            "text": [f"text {n}" for n in range(60)],
            "label": [n % 2 for n in range(60)],
            "topic": ["films", "books"] * 30,
            "stars": [1.0, None, 2.0] * 20,
            "constant": ["same"] * 60,
            "many": [f"value {n}" for n in range(60)],
            "long": ["x" * 201, "y"] * 30,
            "lists": [[1], [2]] * 30,
        }
    )
    examples = load_rows(frame, labels=NAMES).examples
    assert dict(examples[0].metadata) == {"topic": "films", "stars": "1"}
    assert dict(examples[1].metadata) == {"topic": "books"}


def test_the_cluster_column_is_metadata_whatever_it_holds() -> None:
    rows = [{"text": "a", "Frame": f"frame {n} {'x' * 300}"} for n in range(60)]
    examples = load_rows(rows, labels=NAMES, cluster="Frame").examples
    assert [example.metadata["Frame"] for example in examples] == [row["Frame"] for row in rows]


def test_the_cluster_of_examples_is_their_metadata(refusal: Callable[..., str]) -> None:
    given = [Example("1", "a", metadata={"frame": "x"})]
    assert load_rows(given, labels=NAMES, cluster="frame").examples == given
    assert "'nope' (--cluster)" in refusal(given, cluster="nope")


def test_numbers_in_the_text_column_are_texts() -> None:
    assert [e.text for e in load_rows([{"text": 5}, {"text": 2.5}], labels=NAMES).examples] == ["5", "2.5"]


@pytest.mark.parametrize("value", [["a", "b"], {"a": 1}, b"a"])
def test_a_text_column_without_texts_is_refused(value: Any, refusal: Callable[..., str]) -> None:
    assert "not texts: choose another with --text COL" in refusal([{"text": value}])


def test_a_hundred_thousand_rows_are_read(write: Callable[..., Path]) -> None:
    lines = "".join(f'{n},"row {n}, with a comma",{n % 2},{n % 3}\n' for n in range(100_000))
    rows = load_rows(write("rows.csv", f"id,text,label,topic\n{lines}"), labels=NAMES)
    assert len(rows.examples) == 100_000
    assert rows.examples[-1] == Example("99999", "row 99999, with a comma", label="positive", metadata={"topic": "0"})


LIGHT = """
import sys
from token_saliency.data import load_rows
import pandas
load_rows([{"text": "a"}], labels=["x", "y"])
load_rows(pandas.DataFrame({"text": ["a"]}), labels=["x", "y"])
load_rows(sys.argv[1], labels=["x", "y"])
print(sorted({"torch", "transformers", "datasets"} & set(sys.modules)))
"""


def test_files_and_frames_need_neither_torch_nor_datasets(write: Callable[..., Path]) -> None:
    path = write("rows.csv", "text\nfine\n")
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"


def test_rows_that_repeat_a_text_are_counted_and_those_that_disagree_are_named() -> None:
    texts, labels = ["a", "a", "c", "c", "b"], ["positive", "negative", "positive", "positive", "positive"]
    (note,) = load_rows({"text": texts, "label": labels}, labels=NAMES).notes
    assert note.startswith("2 of 5 rows repeat the text of another one: each text counts once. 1 of the texts")
    (agreed,) = load_rows({"text": ["b", "b"], "label": ["positive"] * 2}, labels=NAMES).notes
    assert "several labels" not in agreed


def test_labels_that_are_left_out_on_demand_are_not_said_to_be_missing() -> None:
    (note,) = load_rows({"text": ["a"], "label": ["positive"], "other": [1]}, labels=NAMES, label="").notes
    assert note == "The labels are left out, as asked: what needs labels is not run."
