"""The boundary: whatever happens, one line and the right exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from token_saliency import __main__, __version__
from token_saliency.errors import DataError

REPOSITORY = Path(__file__).resolve().parents[1]


def raising(error: BaseException) -> object:
    def app(*_: object, **__: object) -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (DataError("No rows. Give some."), "error: No rows. Give some."),
        (PermissionError(13, "Permission denied", "x.csv"), "error: Cannot use 'x.csv': Permission denied."),
        (OSError(28, "No space left on device"), "error: There is no space left to write to. Free some"),
        (ZeroDivisionError("by\nzero"), "error: unexpected ZeroDivisionError: by zero. Set TOKEN_SALIENCY_DEBUG=1"),
        (ImportError("/x.so: failed to map segment from shared object"), "error: There is not enough memory."),
        (MemoryError(), "error: There is not enough memory. Give fewer --rows, a smaller --batch-tokens"),
    ],
)
def test_every_exception_is_one_line_and_exit_code_2(
    error: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "app", raising(error))

    assert __main__.run(["audit"]) == 2
    written = capsys.readouterr().err
    assert written.startswith(line)
    assert written.count("\n") == 1


def test_debug_shows_the_traceback_and_keeps_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "app", raising(ZeroDivisionError("by zero")))
    monkeypatch.setenv("TOKEN_SALIENCY_DEBUG", "1")

    assert __main__.run(["audit"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(__main__, "app", raising(KeyboardInterrupt()))

    assert __main__.run(["audit"]) == 130
    assert capsys.readouterr().err == "error: interrupted; nothing was written.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["audit"], "Missing argument 'MODEL'"),
        (["audit", "model", "rows.csv", "--no-such-option"], "No such option: --no-such-option"),
        (["audit", "model", "rows.csv", "--seed", "x"], "Invalid value for '--seed'"),
        (
            ["audit", "model", "rows.csv", "--fail-on", "never ever"],
            "Invalid value for '--fail-on': 'never ever' is not one of",
        ),
        (["no-such-command"], "No such command 'no-such-command'"),
        (["audti"], "Did you mean 'audit'? Try 'token-saliency --help'"),
        (["list", "planets"], "Invalid value for 'audits|methods|formats': 'planets' is not one of"),
    ],
)
def test_usage_errors_are_one_line_that_points_at_the_help(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert __main__.run(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert line.endswith("--help'.")


def test_no_command_shows_the_help_and_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.run([]) == 2
    assert "Usage: token-saliency" in capsys.readouterr().out


def test_version_and_help_succeed(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.run(["--version"]) == 0
    assert __main__.run(["--help"]) == 0
    assert f"token-saliency {__version__}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--help"], ["audit", "--help"], ["list"], ["list", "methods"], ["list", "audits"]])
def test_quick_commands_do_not_import_torch(words: list[str]) -> None:
    script = (
        "import sys\nfrom token_saliency.__main__ import run\n"
        f"code = run({words!r})\n"
        "heavy = sorted({'torch', 'transformers', 'datasets', 'pandas', 'scipy'} & set(sys.modules))\n"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=REPOSITORY, check=False)

    assert done.returncode == 0, done.stderr


def test_python_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "token_saliency", "--version"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )

    assert done.stdout == f"token-saliency {__version__}\n"


def test_a_reader_that_goes_away_leaves_no_traceback() -> None:
    line = f"{sys.executable} -m token_saliency audit --help | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=REPOSITORY, check=False)

    assert done.stderr == ""


def test_a_reader_that_goes_away_is_never_told_as_findings() -> None:
    line = f"{sys.executable} -m token_saliency list methods | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=REPOSITORY, check=False)

    assert (done.returncode, done.stderr) == (2, "")


def test_a_program_that_is_ended_from_inside_is_never_told_as_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "app", raising(SystemExit(1)))

    assert __main__.run(["list"]) == 2
    assert "something that was loaded ended the program with 1" in capsys.readouterr().err


def test_a_terminal_without_the_characters_is_no_reason_to_fail() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "token_saliency", "audit", "--rows", "\N{SNOWMAN}", "model", "rows.csv"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("error: --rows '\\u2603'")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("list methods", 0), ("list planets", 2)])
def test_a_closed_stream_changes_no_exit_code(words: str, code: int, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m token_saliency {words} {closed}"], cwd=REPOSITORY, check=False
    )

    assert done.returncode == code
