"""`--redact`: no word of the rows in any file, log, message or temporary file, however the command ends."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Command
from token_saliency.data import load_rows, parse_label_map
from token_saliency.engines.messages import opened, replied
from token_saliency.errors import TextError, TokenSaliencyError, command_line, withholding
from token_saliency.reporters import REPORTERS
from token_saliency.text.classifier import TextClassifier

VOCABULARY = [f"{a}{b}{c}ux" for a in ("zor", "vel", "quam") for b in ("bli", "tro", "kne") for c in ("pha", "dwo")]
IDS = [f"{word}@{word}.example" for word in VOCABULARY]
LABELLED = ("--text", "said", "--label", "stars", "--id", "who")
MAPPED = (*LABELLED, "--label-map", "good=positive,bad=negative")


def write_rows(file: Path, *, labels: tuple[str, str] = ("good", "bad"), count: int = 90) -> Path:
    """Planted words in texts, ids, metadata and splits; names and marks that word lists hold stand beside them."""
    words = [(VOCABULARY[i % 18], VOCABULARY[(5 * i + 1) % 18], VOCABULARY[(7 * i + 2) % 18]) for i in range(count)]
    rows = [
        {
            "who": f"{i}{IDS[i % 18]}",
            "said": f"Linda {a} said the {b} film was {c}, number {i}{'!' if i % 2 else '.'}",
            "stars": labels[i % 2],
            "town": VOCABULARY[i % 3],
        }
        for i, (a, b, c) in enumerate(words)
    ]
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def found_in(content: str) -> list[str]:
    return [word for word in VOCABULARY if word in content.lower()]


def leaks(folder: Path, *said: str) -> list[tuple[str, str]]:
    """Where a planted word stands: files (tables are unpacked, names count) and what was printed."""
    places = [("printed", text) for text in said]
    for file in (path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes().decode("latin-1")
        if file.suffix == ".parquet":
            content = repr(pq.read_table(file).to_pylist())
        places.append((file.name, f"{file.relative_to(folder)} {content}"))
    return [(place, word) for place, content in places for word in found_in(content)]


@pytest.fixture
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("secret") / "rows.csv")


@pytest.fixture
def words(leaning: Path, data: Path) -> list[object]:
    audits = ("--audits", "names,punctuation", "--edits", 200, "--method", "gradient_x_input", "--redact", "--quiet")
    return ["audit", leaning / "my-model", data, *MAPPED, *audits]


def test_no_planted_word_in_any_format_again_compared_or_mended(
    command: Command, words: list[object], tmp_path: Path, own_temp: Path
) -> None:
    assert own_temp.is_dir()
    ended = [command(*words[:-1], "--out", "run", "--format", ",".join(REPORTERS), "--cluster", "town")]
    ended.append(command(*words, "--out", "other", "--seed", 1))
    ended.append(command("audit", "--from", "run", "--margin", "0.3", "--out", "again"))
    ended.append(command("compare", "run", "other", "--out", "compared"))
    ended.append(command("render", "run", "--format", "terminal"))

    assert [one.code for one in ended if one.code not in (0, 1, 5)] == [], [one.err for one in ended]
    assert leaks(tmp_path, *(one.out + one.err for one in ended)) == []
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["dataset"]["rows_used"] == 90


def _wrong(folder: Path) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Inputs that go wrong so that a message would quote them."""
    rows = pd.read_csv(write_rows(folder / "rows.csv"))
    twice = rows.assign(who=IDS[0])
    twice.to_csv(folder / "twice.csv", index=False)
    rows.assign(stars=rows.town).to_csv(folder / "labels.csv", index=False)
    rows.assign(split=rows.town).to_csv(folder / "splits.csv", index=False)
    rows.to_csv(folder / "headless.csv", index=False, header=False)
    rows.assign(said=rows.said.map(lambda cell: [cell])).to_json(folder / "lists.jsonl", orient="records", lines=True)
    lines = (folder / "rows.csv").read_text()
    (folder / "quotes.csv").write_text(lines + f'"{VOCABULARY[0]} never closed,{VOCABULARY[1]}\n')
    (folder / "wide.csv").write_text(lines + ",".join(VOCABULARY) + "\n")
    (folder / "cut.jsonl").write_text(f'{{"said": "{VOCABULARY[0]}", "stars": "go')
    (folder / "keys.json").write_text(json.dumps({VOCABULARY[0]: VOCABULARY[1]}))
    (folder / "uneven.json").write_text(json.dumps({"said": VOCABULARY[:3], VOCABULARY[4]: VOCABULARY[:2]}))
    (folder / "latin.csv").write_bytes(lines.encode() + b"1,\x81 " + VOCABULARY[0].encode() + b",good,x\n")
    (folder / "nul.csv").write_bytes(lines.encode() + b"1,\x00 " + VOCABULARY[0].encode() + b",good,x\n")
    yield "twice.csv", MAPPED
    yield "labels.csv", LABELLED
    yield "labels.csv", (*LABELLED, "--label-map", "good=positive")
    yield "splits.csv", MAPPED
    yield "splits.csv", (*MAPPED, "--split", "test")
    for name in ("headless.csv", "quotes.csv", "wide.csv", "latin.csv", "nul.csv", "lists.jsonl", "cut.jsonl"):
        yield name, MAPPED
    for name in ("keys.json", "uneven.json", "headless.csv", "rows.csv"):
        yield name, ()


def said_of(file: Path, more: tuple[object, ...], *, redact: bool) -> str:
    """The error that a command would end with."""
    given: dict[str, Any] = {
        str(name).strip("-").replace("-", "_"): value for name, value in zip(more[::2], more[1::2], strict=True)
    }
    mapping = parse_label_map(given.pop("label_map")) if "label_map" in given else None
    with command_line(), withholding(redact), pytest.raises(TokenSaliencyError) as caught:
        load_rows(file, labels=["negative", "positive"], label_map=mapping, **given)
    return str(caught.value)


def test_errors_of_wrong_rows_quote_none_of_them(tmp_path: Path) -> None:
    open_ones = 0
    for name, more in _wrong(tmp_path):
        shown, plain = (said_of(tmp_path / name, more, redact=redact) for redact in (True, False))

        assert found_in(shown.replace(str(tmp_path), "")) == [], (name, shown)
        assert name in shown
        open_ones += bool(found_in(plain))
    assert open_ones > 5  # what is withheld would have been there


def test_the_error_of_a_command_quotes_no_label(
    command: Command, words: list[object], data: Path, tmp_path: Path, own_temp: Path
) -> None:
    assert own_temp.is_dir()
    rows = pd.read_csv(data)
    rows.assign(stars=rows.town).to_csv(tmp_path.parent / "labels.csv", index=False)
    ended = command(*words[:2], tmp_path.parent / "labels.csv", *words[3:], "--out", "run")

    assert (ended.code, "no class of the model: (3, not shown with --redact)" in ended.error) == (2, True), ended.err
    assert leaks(tmp_path, ended.out, ended.err) == []


@pytest.mark.parametrize(("error", "debug"), [(RuntimeError, ""), (OSError, ""), (KeyError, "1"), (RuntimeError, "1")])
def test_what_a_model_says_of_a_row_is_not_told(
    command: Command,
    words: list[object],
    tmp_path: Path,
    own_temp: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    debug: str,
) -> None:
    assert own_temp.is_dir()

    def failing(_: object, texts: list[str], **__: object) -> None:
        raise error(f"cannot read {texts[0]}")

    monkeypatch.setattr(TextClassifier, "predict", failing)
    monkeypatch.setenv("TOKEN_SALIENCY_DEBUG", debug)
    ended = command(*words, "--out", "run")

    assert ended.code == 2
    assert error.__name__ in ended.err.splitlines()[-1]
    assert "redacted" in ended.err
    assert leaks(tmp_path, ended.out, ended.err) == []


def test_an_error_in_a_worker_process_tells_no_row() -> None:
    def failing() -> None:
        raise TextError(f"The model fails on {TextError.WHICH} ({VOCABULARY[0]})", 3, "text 3")

    with withholding(True), pytest.raises(TextError) as caught:
        opened(replied(failing))
    assert found_in(str(caught.value)) == []
    assert "text 3" in str(caught.value)
    with pytest.raises(TextError, match=VOCABULARY[0]):
        opened(replied(failing))


def test_a_validation_holds_and_quotes_no_row(
    command: Command, data: Path, leaning: Path, tmp_path: Path, own_temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_temp.is_dir()
    words = ("validate", leaning / "my-model", data, *MAPPED, "--rows", 20, "--train-steps", 1, "--method", "gradient")
    ended = [command(*words, "--out", "checked", "--redact")]
    pd.read_csv(data).assign(stars=lambda rows: rows.town).to_csv(tmp_path.parent / "towns.csv", index=False)
    ended.append(command(*words[:2], tmp_path.parent / "towns.csv", *words[3:], "--redact"))

    def failing(_: object, texts: list[str], **__: object) -> None:
        raise RuntimeError(f"cannot read {texts[0]}")

    monkeypatch.setattr(TextClassifier, "predict", failing)
    ended.append(command(*words, "--redact"))

    assert [one.code in (0, 1, 5) for one in ended] == [True, False, False], [one.err for one in ended]
    assert leaks(tmp_path, *(one.out + one.err for one in ended)) == []
    assert ended[-1].err.startswith("error: unexpected RuntimeError")
