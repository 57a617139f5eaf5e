"""Content decides whether two runs asked the same, wherever the files lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from token_saliency.store import differing, folder_hash, source_hash


def test_a_moved_folder_is_the_same_and_a_changed_file_is_not(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "w.bin").write_bytes(b"weights")
    assert folder_hash(tmp_path / "one") == folder_hash(tmp_path / "other")

    (tmp_path / "other" / "deep" / "w.bin").write_bytes(b"weightz")

    assert folder_hash(tmp_path / "one") != folder_hash(tmp_path / "other")
    assert folder_hash(tmp_path / "one", deep=False) == folder_hash(tmp_path / "other", deep=False)


def test_a_renamed_file_is_a_change_and_a_hidden_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    before = folder_hash(tmp_path)
    (tmp_path / ".cache").write_text("y")
    assert folder_hash(tmp_path) == before
    (tmp_path / "a").rename(tmp_path / "b")
    assert folder_hash(tmp_path) != before


def test_a_change_in_the_middle_of_a_very_large_file_is_another_file(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    with file.open("wb") as stream:
        stream.truncate(300 * 2**20)
    before = source_hash(file)
    with file.open("r+b") as stream:
        stream.seek(150 * 2**20)
        stream.write(b"x")
    assert source_hash(file) != before


@pytest.mark.parametrize("name", ["owner/name", "missing.csv", "a\0b", "x" * 5000])
def test_what_is_not_on_the_disk_has_no_content(name: str) -> None:
    assert source_hash(name) is None


def test_the_names_of_what_differs() -> None:
    assert differing({"seed": 0, "rows": "1"}, {"seed": 0, "rows": "2", "new": 1}) == ["new", "rows"]
    assert differing({"seed": 0}, {"seed": 0}) == []
