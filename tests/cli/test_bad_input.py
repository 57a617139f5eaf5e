"""Whatever is wrong with what a command is given: one clear line, exit code 2, nothing written."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
MODEL, ROWS = "<model>", "<rows>"

FILES: dict[str, bytes] = {
    "binary.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
    "cut.jsonl": b'{"text": "good", "label": "positive"}\n{"text": "go',
    "cut.json": b'[{"text": "good", "label": "positive"}, {"te',
    "list.jsonl": b'{"text": ["a", "b"], "label": "positive"}\n',
    "number.json": b"7\n",
    "bad.parquet": b"PAR1 this is no parquet PAR1",
    "empty.jsonl": b"",
    "blank.txt": b"\n \n\n",
    "header.tsv": b"text\tlabel\n",
    "uneven.csv": b"text,label\nfine,positive\nno, quotes, here,positive\n",
    "quotes.csv": b'text,label\n"never closed,positive\n',
    "broken.csv.gz": gzip.compress(b"text,label\ngood,positive\n")[:-12],
    "twice.csv": b"text,text\na,b\n",
    "thesis.docx": b"PK\x03\x04",
    "a-file": b"",
    "theirs/thesis.tex": b"",
    "no-model/readme.md": b"",
    "rows/readme.md": b"",
    "syntax/names.toml": b"name = [",
    "strange/names.toml": b'name = "names"\nexpectation = "maybe"\n',
    "no-run/readme.md": b"",
    "cut-run/report.json": b'{"schema_version": 1, "tool"',
    "strange-run/report.json": b'{"schema_version": 99}',
    "config/cut.toml": b"rows = ",
    "config/key.toml": b"rowz = 5\n",
    "config/value.toml": b'edits = "many"\n',
    "config/rows.toml": b"rows = 0\n",
    "config/audit.toml": b'[audit.nmaes]\nlevel = "error"\n',
    "config/level.toml": b'[audit.names]\nlevel = "loud"\n',
    "config/margin.toml": b"[audit.names]\nmargin = -1\n",
    "config/bytes.toml": b"\xff\xfe",
    "config/nested.toml": b"rows = " + b"[" * 5000,
    "config/long.toml": b"rows = " + b"9" * 5000,
    "nested/names.toml": b"name = " + b"[" * 5000,
    "nested-run/report.json": b"[" * 100_000,
    "huge-run/report.json": b'{"schema_version": 2, "cost": 1e999}',
    "nested.json": b"[" * 100_000,
    "nul.csv": b"text,label\nfine,positive\n\x00,positive\n",
    "cp1252.txt": "caf\xe9".encode("cp1252"),
}


def _audited(*more: str) -> list[str]:
    return ["audit", MODEL, ROWS, *more]


WRONG: dict[str, tuple[list[str], str]] = {
    "binary file": (["audit", MODEL, "binary.csv"], "binary.csv"),
    "cut JSON Lines": (["audit", MODEL, "cut.jsonl"], "line 2"),
    "cut JSON": (["audit", MODEL, "cut.json"], "cut.json"),
    "lists for texts": (["audit", MODEL, "list.jsonl"], "list"),
    "JSON that is no rows": (["audit", MODEL, "number.json"], "a number"),
    "bad Parquet": (["audit", MODEL, "bad.parquet"], "bad.parquet"),
    "empty file": (["audit", MODEL, "empty.jsonl"], "is empty"),
    "blank lines": (["audit", MODEL, "blank.txt"], "blank.txt"),
    "header only": (["audit", MODEL, "header.tsv"], "no rows"),
    "rows of other widths": (["audit", MODEL, "uneven.csv"], "line 3"),
    "quotes that never close": (["audit", MODEL, "quotes.csv"], "quotes"),
    "cut gzip": (["audit", MODEL, "broken.csv.gz"], "gzip"),
    "one column twice": (["audit", MODEL, "twice.csv"], "more than one column"),
    "a suffix that nobody reads": (["audit", MODEL, "thesis.docx"], "suffix"),
    "missing file": (["audit", MODEL, "missing.jsonl"], "not found"),
    "folder without rows": (["audit", MODEL, "rows"], "rows"),
    "no name at all": (["audit", MODEL, ""], "not found"),
    "a name that no system takes": (["audit", MODEL, "a" * 5000 + ".csv"], "not found"),
    "unknown split": (_audited("--split", "tset"), "tset"),
    "unknown method": (_audited("--method", "gradiant"), "Did you mean 'gradient'"),
    "unknown format": (_audited("--format", "html,htlm"), "Did you mean 'html'"),
    "unknown target": (_audited("--target", "positve"), "Did you mean 'positive'"),
    "unknown device": (_audited("--device", "abacus"), "abacus"),
    "unknown dtype": (_audited("--dtype", "float7"), "float7"),
    "unknown baseline": (_audited("--baseline", "nothing"), "'nothing' is not one of"),
    "unknown value of fail-on": (_audited("--fail-on", "always"), "'always' is not one of"),
    "unknown column": (_audited("--text", "txt"), "txt"),
    "zero rows": (_audited("--rows", "0"), "--rows"),
    "negative rows": (_audited("--rows", "-5"), "--rows"),
    "half a row": (_audited("--rows", "1.5"), "--rows"),
    "zero edits": (_audited("--edits", "0"), "--edits"),
    "negative edits": (_audited("--edits", "-1"), "--edits"),
    "negative seed": (_audited("--seed", "-1"), "--seed"),
    "no tokens in a batch": (_audited("--batch-tokens", "0"), "--batch-tokens"),
    "no room for text": (_audited("--max-length", "2"), "no room"),
    "label map without an arrow": (_audited("--label-map", "positive"), "positive"),
    "label map to no class": (_audited("--label-map", "positive=good"), "good"),
    "unknown audit": (_audited("--audits", "nmaes"), "Did you mean 'names'"),
    "empty name of an audit": (_audited("--audits", "names,,punctuation"), "empty name"),
    "audit that is no TOML": (_audited("--audits-dir", "syntax"), "names.toml"),
    "audit with a wrong value": (_audited("--audits-dir", "strange"), "names.toml"),
    "missing folder of audits": (_audited("--audits-dir", "nowhere"), "nowhere"),
    "folder of somebody else": (_audited("--out", "theirs"), "holds other files"),
    "a file for a folder": (_audited("--out", "a-file"), "is a file"),
    "a folder below a file": (_audited("--out", "a-file/run"), "a-file"),
    "configuration that is no TOML": (_audited("--config", "config/cut.toml"), "TOML"),
    "configuration of bytes": (_audited("--config", "config/bytes.toml"), "UTF-8"),
    "unknown key in the configuration": (_audited("--config", "config/key.toml"), "Did you mean `rows`"),
    "bad value in the configuration": (_audited("--config", "config/value.toml"), "line 1"),
    "zero rows in the configuration": (_audited("--config", "config/rows.toml"), "rows"),
    "unknown audit in the configuration": (_audited("--config", "config/audit.toml"), "Did you mean `names`"),
    "unknown level in the configuration": (_audited("--config", "config/level.toml"), "'loud'"),
    "margin below zero in the configuration": (_audited("--config", "config/margin.toml"), "line 2"),
    "nested configuration": (_audited("--config", "config/nested.toml"), "TOML"),
    "a number of 5000 digits in the configuration": (_audited("--config", "config/long.toml"), "TOML"),
    "nested audit": (_audited("--audits-dir", "nested"), "names.toml"),
    "a nested record in the folder": (_audited("--out", "nested-run"), "holds other files"),
    "rendering a nested record": (["render", "nested-run"], "nested-run"),
    "a record with a number that is none": (["render", "huge-run"], "no number"),
    "nested rows": (["audit", MODEL, "nested.json"], "nested.json"),
    "a NUL byte": (["audit", MODEL, "nul.csv"], "line 3 holds a NUL byte"),
    "missing configuration": (_audited("--config", "nowhere.toml"), "nowhere.toml"),
    "unknown column of clusters": (_audited("--cluster", "author"), "author"),
    "time below zero": (_audited("--max-minutes", "-1"), "--max-minutes"),
    "judging no run": (["audit", "--from", "no-run"], "no-run"),
    "judging a run that was cut": (["audit", "--from", "cut-run"], "cut-run"),
    "judging a run and asking a model": (_audited("--from", "cut-run"), "asks no model"),
    "no rows given": (["audit", MODEL], "'DATA'"),
    "missing model": (["audit", "./missing-model", ROWS], "missing-model"),
    "folder that is no model": (["audit", "no-model", ROWS], "no-model"),
    "broken config.json": (["audit", "broken-config", ROWS], "broken-config"),
    "config.json that is a list": (["audit", "list-config", ROWS], "list-config"),
    "config.json of an unknown model": (["audit", "unknown-type", ROWS], "unknown-type"),
    "missing tokenizer": (["audit", "no-tokenizer", ROWS], "tokenizer"),
    "broken tokenizer": (["audit", "broken-tokenizer", ROWS], "tokenizer"),
    "missing weights": (["audit", "no-weights", ROWS], "no-weights"),
    "cut weights": (["audit", "cut-weights", ROWS], "cut-weights"),
    "model without a head": (["audit", "no-head", ROWS], "head"),
    "weights of another size": (["audit", "other-size", ROWS], "other-size"),
    "run that is none": (["render", "no-run"], "no-run"),
    "run that was cut": (["render", "cut-run"], "cut-run"),
    "run of another schema": (["render", "strange-run"], "strange-run"),
    "missing run": (["render", "nowhere"], "nowhere"),
    "nothing to explain": (["explain", MODEL], "nothing to explain"),
    "texts that are no UTF-8": (["explain", MODEL, "--file", "cp1252.txt"], "UTF-8"),
    "a page below a file": (["explain", MODEL, "x", "--html", "a-file/page.html"], "a-file"),
    "a folder for a file of texts": (["explain", MODEL, "--file", "rows"], "rows"),
    "no text and no rows": (["counterfactual", MODEL], "--file"),
    "texts beside rows": (["counterfactual", MODEL, "x", "--file", ROWS], "not both"),
    "no words to take": (["counterfactual", MODEL, "x", "--max-words", "0"], "--max-words"),
    "a placeholder for nothing": (["counterfactual", MODEL, "x", "--placeholder", "_"], "edit mask"),
    "a placeholder that is nothing": (
        ["counterfactual", MODEL, "x", "--edit", "mask", "--placeholder", ""],
        "empty placeholder",
    ),
    "rows without a name": (["counterfactual", MODEL, "--file", ""], "not found"),
    "a CSV below a file": (["counterfactual", MODEL, "one two", "--csv", "a-file/out.csv"], "a-file"),
    "a CSV in place of a folder": (["counterfactual", MODEL, "one two", "--csv", "theirs"], "theirs"),
    "checking no model": (["check", "no-model"], "no-model"),
    "unknown registry": (["list", "planets"], "planets"),
    "demo in the folder of somebody else": (["demo", "--out", "theirs"], "holds other files"),
}


def _emptied(*names: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for name in names:
            (folder / name).unlink(missing_ok=True)

    return spoil


def _written(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: _discard((folder / name).write_bytes(content))


def _configured(**values: object) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text()) | values
        (folder / "config.json").write_text(json.dumps(config))

    return spoil


def _cut(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])


def _beheaded(folder: Path) -> None:
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder)
    model.save_pretrained(folder)


def _discard(_: object) -> None:
    """For lambdas."""


SPOILT: dict[str, Callable[[Path], None]] = {
    "broken-config": _written("config.json", b'{"model_type": "be'),
    "list-config": _written("config.json", b"[]"),
    "unknown-type": _configured(model_type="perceptron", architectures=["PerceptronForSequenceClassification"]),
    "no-tokenizer": _emptied("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"),
    "broken-tokenizer": _written("tokenizer.json", b'{"version": "1.0", "mod'),
    "no-weights": _emptied("model.safetensors"),
    "cut-weights": _cut,
    "no-head": _beheaded,
    "other-size": _configured(hidden_size=32),
}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, leaning: Path) -> Path:
    """A folder with everything that is wrong."""
    folder = tmp_path_factory.mktemp("spoilt")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    for name, spoil in SPOILT.items():
        spoil(Path(shutil.copytree(leaning / "my-model", folder / name)))
    return folder


def _everything(folder: Path) -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize(("words", "named"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_clear_line_with_exit_code_2_and_nothing_is_written(
    words: Sequence[str], named: str, command: Command, leaning: Path, spoilt: Path, tmp_path: Path
) -> None:
    shutil.copytree(spoilt, tmp_path, dirs_exist_ok=True)
    before = _everything(tmp_path)
    known = {MODEL: leaning / "my-model", ROWS: leaning / "held_out.csv"}

    ended = command(*(known.get(word, word) for word in words))

    assert ended.code == 2
    assert ended.error.startswith("error: ")
    assert not ended.error.startswith("error: unexpected")
    assert "Traceback" not in ended.error
    assert len(ended.error) < 1200
    assert named in ended.error
    assert ended.out == ""
    assert _everything(tmp_path) == before
