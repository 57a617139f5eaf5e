"""Files that are made to hang, to fill the memory, or to mean two things: one clear line."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from token_saliency.data import load_rows
from token_saliency.data.formats import chunks, readers

Refusal = Callable[..., str]
Write = Callable[..., Path]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes with names there")
@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet", "rows.jsonl"])
def test_a_pipe_or_device_is_not_waited_for(tmp_path: Path, refusal: Refusal, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert "no ordinary file" in refusal(tmp_path / name)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/dev/zero")
    assert "no ordinary file" in refusal(tmp_path / name)


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress])
def test_a_file_that_unpacks_without_end_is_refused(
    packed: Callable[[bytes], bytes], write: Write, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("rows.csv.gz", packed(b"text\n" + b"fine\n" * 20_000))
    assert len(load_rows(file, labels=["a", "b"]).examples) == 20_000
    monkeypatch.setattr(readers, "UNPACKED", 100_000)
    assert "unpacks to more than" in refusal(file)


@pytest.mark.parametrize(("head", "kind"), [(b"PK\x03\x04", "zip archive"), (b"\x28\xb5\x2f\xfd", "zstd file")])
def test_an_archive_in_a_file_of_rows_is_named(head: bytes, kind: str, write: Write, refusal: Refusal) -> None:
    assert f"is a {kind} inside: unpack it" in refusal(write("rows.csv", head + b"text\nfine\n"))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "large.jsonl"])
def test_a_key_that_stands_twice_is_not_guessed_at(
    name: str, write: Write, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = '{"text": "first", "text": "second"}'
    if name.startswith("large"):
        monkeypatch.setattr(chunks, "LARGE_BYTES", 1)
    file = write(name, f"[{twice}]" if name.endswith(".json") else f'{{"text": "fine"}}\n{twice}\n')
    assert "a key twice" in refusal(file)


def test_a_folder_of_files_is_read_without_bars_in_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"text": ["a", "b"], "label": ["x", "y"]}).to_csv(tmp_path / "train.csv", index=False)
    assert len(load_rows(tmp_path, labels=["x", "y"]).examples) == 2
    assert capfd.readouterr().err == ""
