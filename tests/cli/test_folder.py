from __future__ import annotations

import json
from pathlib import Path

import pytest

from token_saliency.cli.running import folder
from token_saliency.errors import OptionError


def test_a_missing_folder_is_free_and_is_not_created_yet(tmp_path: Path) -> None:
    folder.claim(tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_an_empty_folder_is_free(tmp_path: Path) -> None:
    folder.claim(tmp_path)


def test_a_folder_with_an_earlier_run_may_be_written_again(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps({"tool": {"name": "token-saliency"}}))
    (tmp_path / "report.html").touch()

    folder.claim(tmp_path)


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"tool": "token-saliency"}', '{"tool": {"name": "pip"}}'])
def test_a_folder_with_somebody_elses_report_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)

    with pytest.raises(OptionError, match="--out"):
        folder.claim(tmp_path)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(OptionError, match="holds other files"):
        folder.claim(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").touch()

    with pytest.raises(OptionError, match="is a file"):
        folder.claim(tmp_path / "run")


@pytest.mark.parametrize("place", ["run", "a/run", "a/b/run"])
def test_a_place_that_takes_no_files_is_refused_before_the_work(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda where, _: where != tmp_path)  # root may write anywhere

    with pytest.raises(OptionError, match="Nothing can be written"):
        folder.claim(tmp_path / place)


def test_a_file_needs_a_folder_that_is_none_but_a_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "dangling").symlink_to("nowhere")

    folder.claim_file(tmp_path / "new" / "page.html")
    folder.claim_file(tmp_path / "notes.txt")
    for wrong in (tmp_path, tmp_path / "notes.txt" / "page.html", tmp_path / "dangling" / "page.html"):
        with pytest.raises(OptionError, match="folder"):
            folder.claim_file(wrong)


@pytest.mark.parametrize(
    ("margin", "said"),
    [("0.3", "a run that was judged again with another margin. "), (None, "a run that was judged again. ")],
)
def test_a_run_that_was_judged_again_is_told_as_one(margin: str | None, said: str, tmp_path: Path) -> None:
    asked = {"margin": margin, "judged_again": True}
    record = {"tool": {"name": "token-saliency"}, "settings": {"asked": asked}}
    (tmp_path / "report.json").write_text(json.dumps(record))

    with pytest.raises(OptionError) as refused:
        folder.is_complete(tmp_path, {"margin": None})

    assert said in str(refused.value)
