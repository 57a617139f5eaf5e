"""What a process leaves half written goes: with it, where it can be asked to end, else with the next one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from token_saliency import __main__ as way_in
from token_saliency.store.files import is_stream, replaced, written_together

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


def test_parts_of_processes_that_are_no_more_go_with_the_next_write_and_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "page [1].html"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    theirs = [tmp_path / f".{page.name}.{word}.part" for word in (1, "abc", 10**30)]
    parts = [tmp_path / f".{page.name}.{ended.pid}.part", *theirs, tmp_path / f".other.html.{ended.pid}.part"]
    for part in parts:
        part.write_text("half a row")
    with replaced(page) as part:
        part.write_text("whole")
    assert page.read_text() == "whole"
    assert {file.name for file in tmp_path.iterdir()} == {page.name, *(part.name for part in parts[1:])}


def test_a_link_in_the_place_of_a_part_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("years of work")
    (tmp_path / f".page.html.{os.getpid()}.part").symlink_to(precious)
    with replaced(tmp_path / "page.html") as part:
        part.write_text("whole")
    assert (precious.read_text(), (tmp_path / "page.html").read_text()) == ("years of work", "whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_asked_to_end_leaves_no_part(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(_: list[str]) -> int:
        with replaced(tmp_path / "page.html") as part:
            part.write_text("half a row")
            os.kill(os.getpid(), number)
        return 0

    before = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        monkeypatch.setattr(way_in, "_dispatch", command)
        with pytest.raises(SystemExit) as ended:
            way_in.main()
    finally:
        signal.signal(number, before)
    assert ended.value.code == way_in.INTERRUPTED
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == "error: interrupted; nothing was written.\n"


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    """A report that is sent to /dev/stdout by one who may write into /dev must not become a file of that name."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        written_together({pipe: "all of it"})
        assert os.read(reader, 100) == b"all of it"
    finally:
        os.close(reader)

    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
    assert is_stream(Path("/dev/null"))
    assert all(is_stream(place) for place in map(Path, ("/dev/stdout", "/proc/self/fd/1")) if place.is_symlink())
    assert not is_stream(tmp_path / "report.json")
