from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.__main__ import run
from token_saliency.reporters import REPORTERS

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def finished(leaning: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a finished audit."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    words = ("audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "punctuation", "--edits", 500)
    assert run([*map(str, words), "--quiet", "--out", str(folder)]) == 1
    return folder


@pytest.mark.parametrize("name", REPORTERS)
def test_every_format_is_printed_or_written(name: str, command: Command, finished: Path, tmp_path: Path) -> None:
    printed = command("render", finished, "--format", name)
    written = command("render", finished, "--format", name, "--out", "again")

    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert "punctuation" in printed.out.lower()
    assert "punctuation" in (tmp_path / "again").read_text(encoding="utf-8").lower()


def test_the_report_rendered_again_is_the_report(command: Command, finished: Path) -> None:
    assert json.loads(command("render", finished, "--format", "json").out) == json.loads(
        (finished / "report.json").read_text(encoding="utf-8")
    )


def test_a_report_file_serves_as_well_as_its_folder(command: Command, finished: Path) -> None:
    assert command("render", finished / "report.json").out == command("render", finished).out


def test_a_terminal_gets_no_escapes_from_a_report_and_a_pipe_gets_every_byte(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = (finished / "report.json").read_text(encoding="utf-8")
    (tmp_path / "report.json").write_text(record.replace("held_out.csv", "a\u202e\x9bb.csv"), encoding="utf-8")

    shown = {}
    for terminal in (True, False):
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda terminal=terminal: terminal)
        monkeypatch.setattr("sys.stdout", stream)
        assert run(["render", str(tmp_path), "--format", "json"]) == 0
        shown[terminal] = stream.getvalue()

    assert not set("\u202e\x9b") & set(shown[True])
    assert json.loads(shown[False]) == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))


def test_no_model_is_loaded(finished: Path) -> None:
    script = (
        "import sys\nfrom token_saliency.__main__ import run\n"
        f"code = run(['render', {str(finished)!r}, '--format', 'html', '--out', {str(finished.parent / 'page')!r}])\n"
        "sys.exit(code or 'torch' in sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["missing-run"], "missing-run"),
        (["empty-run"], "empty-run"),
        (["broken-run"], "broken-run"),
        (["broken-run", "--format", "htlm"], "Did you mean 'html'"),
    ],
)
def test_what_is_wrong_is_one_clear_line(words: list[str], named: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty-run").mkdir()
    (tmp_path / "broken-run").mkdir()
    (tmp_path / "broken-run" / "report.json").write_text('{"schema_version": 1}')

    ended = command("render", *words)

    assert ended.code == 2
    assert named in ended.error
    assert "unexpected" not in ended.error


def test_rows_link_to_a_page_of_live_where_its_address_is_given(command: Command, finished: Path) -> None:
    plain = command("render", finished, "--format", "html").out
    linked = command("render", finished, "--format", "html", "--live", "http://127.0.0.1:7860/").out
    shown = json.loads((finished / "report.json").read_text(encoding="utf-8"))["audits"][0]["examples"][0]["row"]

    assert "?row=ID" in plain
    assert "/?row=" not in plain
    assert f'href="http://127.0.0.1:7860/?row={shown}"' in linked
    refused = command("render", finished, "--format", "html", "--live", "javascript:alert(1)")
    assert (refused.code, "--live takes an address" in refused.error) == (2, True)


def test_an_address_in_a_report_that_is_none_makes_no_link(command: Command, finished: Path, tmp_path: Path) -> None:
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    report["settings"]["live"] = "javascript:alert(1)//"
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")

    assert 'href="javascript' not in command("render", tmp_path, "--format", "html").out
