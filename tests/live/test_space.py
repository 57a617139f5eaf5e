"""The rows of a run, the folder for a Space, and what the command says where it cannot serve."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command, command
from tests.live.conftest import HOSTILE
from token_saliency.errors import DataError, OptionError
from token_saliency.live.space import exported, rows_of

__all__ = ["command"]
needs_gradio = pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason="gradio is not installed")


def test_the_rows_of_a_run_are_found_by_id(finished: Path) -> None:
    rows = rows_of(finished)

    assert set(rows) == {"first", "<b>", "last"}
    assert rows["<b>"].text == HOSTILE
    assert rows_of(finished / "report.json") == rows


def test_a_redacted_run_has_no_text_to_open(finished: Path, tmp_path: Path) -> None:
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    report["settings"]["redact"] = True
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")

    with pytest.raises(DataError, match="--redact"):
        rows_of(tmp_path)


def test_without_gradio_one_line_says_what_to_install(
    command: Command, leaning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)  # as where it is not installed
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # put back afterwards
    ended = command("live", leaning / "my-model")

    assert ended.code == 2
    assert ended.error.endswith("gradio is not installed, and this needs it: pip install 'token-saliency[live]'.")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("", encoding="utf-8")
    with pytest.raises(OptionError, match="not empty"):
        exported(tmp_path, "owner/name", None, None)


@needs_gradio
def test_the_folder_has_what_a_space_needs(command: Command, leaning: Path, finished: Path, tmp_path: Path) -> None:
    prompt = tmp_path / "own.toml"
    prompt.write_text("", encoding="utf-8")
    ended = command("live", leaning / "my-model", finished, "--prompt", prompt, "--export", "space")
    space = tmp_path / "space"
    found = {one.relative_to(space).as_posix() for one in space.rglob("*")}

    assert ended.code == 0, ended.err
    assert {"app.py", "requirements.txt", "README.md", "model/config.json", "run/rows.parquet", "prompt.toml"} <= found
    app = (space / "app.py").read_text(encoding="utf-8")
    assert "['model', 'run', '--prompt', 'prompt.toml']" in app
    compile(app, "app.py", "exec")
    header = (space / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    assert "sdk: gradio\n" in header
    assert "app_file: app.py\n" in header
    assert (space / "requirements.txt").read_text(encoding="utf-8").startswith("token-saliency[live]==")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
