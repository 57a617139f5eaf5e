"""Of a large file only the sample is kept, and it is the sample that reading everything gives."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from token_saliency.data import load_rows
from token_saliency.data.formats import chunks, draw
from token_saliency.errors import DataError
from token_saliency.stats import sampling
from token_saliency.stats.sampling import sample_rows

LABELS = ["neg", "pos"]


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some hundred rows are drawn from as those of millions are."""
    for name, value in (("LARGE_ROWS", 100), ("LARGE_BYTES", 100), ("CHUNK", 97)):
        monkeypatch.setattr(chunks, name, value)
    monkeypatch.setattr(draw, "CHUNK", 97)


@pytest.fixture(params=[100, 50_000])
def drawn_quickly(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the quick hash, of more than a hundred rows, or by the other."""
    for module in (draw, sampling):
        monkeypatch.setattr(module, "LARGE_ROWS", request.param)


def frame() -> pd.DataFrame:
    own = random.Random(1)
    texts: list[str | None] = ["", None, "N/A", ' said, "so" ', "line\nbreak", "ünï"]
    rows = [own.choice(texts) if i % 7 == 0 else f"text {own.randrange(500)} and" for i in range(900)]
    return pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(900)],
            "text": rows,
            "label": [own.choice(["neg", "pos", "neutral", "n/a"]) for _ in rows],
            "topic": [own.choice("abc") for _ in rows],
            "split": [own.choice(["train", "test"]) for _ in rows],
        }
    )


def written(folder: Path, kind: str, rows: pd.DataFrame) -> Path:
    file = folder / f"rows.{kind}"
    if kind == "parquet":
        rows.to_parquet(file)
    elif kind == "csv":
        rows.to_csv(file, index=False)
    else:
        rows.to_json(file, orient="records", lines=True)
    return file


@pytest.mark.usefixtures("drawn_quickly")
@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "jsonl.gz"])
@pytest.mark.parametrize("asked", [{"label_map": {"neutral": ""}}, {"label_map": {"neutral": "pos"}, "split": "train"}])
def test_the_sample_is_that_of_reading_everything(kind: str, asked: dict[str, Any], tmp_path: Path) -> None:
    file = written(tmp_path, kind, frame())
    whole, some = load_rows(file, labels=LABELS, **asked), load_rows(file, labels=LABELS, limit=60, seed=3, **asked)

    assert some.drawn
    assert len(some.examples) < 120 < len(whole.examples)
    assert sample_rows(some.examples, 60, 3) == sample_rows(whole.examples, 60, 3)
    assert (some.seen, some.split, some.notes[:-1]) == (whole.seen, whole.split, whole.notes[:-1])
    assert some.notes[-1].startswith("The 60 texts that were drawn stand in ")


def test_pairs_are_drawn_as_of_reading_everything(tmp_path: Path, drawn_quickly: None) -> None:  # noqa: ARG001
    rows = pd.DataFrame(
        {"text": [f"text {i % 40}" for i in range(600)], "text_pair": [f"{i % 150}" for i in range(600)]}
    )
    file = written(tmp_path, "parquet", rows)
    whole, some = load_rows(file, labels=LABELS), load_rows(file, labels=LABELS, limit=60)

    assert some.drawn
    assert len({(row.text, row.text_pair) for row in some.examples}) == 60
    assert sample_rows(some.examples, 60, 0) == sample_rows(whole.examples, 60, 0)


def test_a_label_that_is_no_class_is_an_error_though_its_row_was_not_drawn(tmp_path: Path) -> None:
    rows = pd.DataFrame({"text": [f"text {i}" for i in range(500)], "label": ["neg"] * 499 + ["odd"]})
    with pytest.raises(DataError, match="odd"):
        load_rows(written(tmp_path, "parquet", rows), labels=LABELS, limit=10)


def test_numbers_are_read_by_all_rows_and_not_by_those_that_were_drawn(tmp_path: Path) -> None:
    """A lone 0 says that the numbers count from 0."""
    rows = pd.DataFrame({"text": [f"text {i}" for i in range(500)], "label": [1, 2] * 249 + [0, 1]})
    file = written(tmp_path, "parquet", rows)
    some = load_rows(file, labels=["a", "b", "c"], limit=10)
    assert {row.label for row in some.examples} <= {"b", "c", "a"}
    assert {row.id: row.label for row in some.examples}.items() <= {
        row.id: row.label for row in load_rows(file, labels=["a", "b", "c"]).examples
    }.items()


def test_a_data_set_of_the_library_is_drawn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import Dataset

    from token_saliency.data import hub

    monkeypatch.setattr(hub, "LARGE_ROWS", 100)
    data = Dataset.from_pandas(frame().drop(columns="split"))
    data.save_to_disk(str(tmp_path / "saved"))
    asked: dict[str, Any] = {"labels": LABELS, "label_map": {"neutral": ""}}
    some = load_rows(tmp_path / "saved", limit=60, **asked)
    assert some.drawn
    assert sample_rows(some.examples, 60, 0) == sample_rows(load_rows(data, **asked).examples, 60, 0)


@pytest.mark.parametrize("text", ["text,label\na,neg\n" * 60 + 'b,"neg\n', "text,label\n" + "a,neg,x\n" * 90])
def test_a_broken_file_is_the_error_of_reading_everything(text: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(DataError, match="line"):
        load_rows(tmp_path / "rows.csv", labels=LABELS, limit=10)
