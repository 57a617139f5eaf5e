from __future__ import annotations

import subprocess
import sys

import pytest

from token_saliency.__main__ import COULD_NOT_RUN
from token_saliency.cli.console import say_error, stdout


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[31mred", "a\nb", "a\r::error::x", "\x9b2J", "\u202etxt", "\x07", "::error::x", "##[group]x", "a\u2028b"],
)
def test_an_error_is_one_line_that_steers_nothing(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    say_error(hostile)

    written = capsys.readouterr().err
    assert written.startswith("error: ")
    assert written.count("\n") == 1
    assert not set(written[:-1]) & set("\x1b\x9b\x07\r\u202e\u2028")
    assert "::" not in written.removeprefix("error: ")
    assert "##[" not in written


def test_results_are_not_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    stdout().print("[bold]x[/bold] :smile:")

    assert capsys.readouterr().out == "[bold]x[/bold] :smile:\n"


def test_a_reader_that_goes_away_never_looks_like_a_finding() -> None:
    script = (
        "import os, sys\nfrom token_saliency import __main__\nfrom token_saliency.cli.console import stdout\n"
        "__main__.app = lambda *_, **__: [stdout().print('x' * 99) for _ in range(9999)]\n__main__.main()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        said = running.stderr.read()

    assert (running.returncode, said) == (COULD_NOT_RUN, b"")
