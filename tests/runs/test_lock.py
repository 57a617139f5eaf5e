"""One run at a time in a folder."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from token_saliency.errors import DataError, OptionError
from token_saliency.store import LOCK_FILE, held
from token_saliency.store.lock import require_at_rest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such locks there")


def test_the_second_start_says_who_is_there_and_touches_nothing(tmp_path: Path) -> None:
    with held(tmp_path):
        (tmp_path / "unfinished.journal").write_bytes(b"mine")
        with (
            pytest.raises(OptionError, match=rf"Another run is writing to .*process {os.getpid()} on .*since"),
            held(tmp_path),
        ):
            pytest.fail("two runs in one folder")
        assert (tmp_path / "unfinished.journal").read_bytes() == b"mine"
    with held(tmp_path):
        assert (tmp_path / "unfinished.journal").read_bytes() == b"mine"


def test_what_was_made_for_the_lock_alone_goes_and_what_holds_a_run_stays(tmp_path: Path) -> None:
    with held(tmp_path / "new"):
        pass
    assert not (tmp_path / "new").exists()
    with held(tmp_path / "run"):
        (tmp_path / "run" / "report.json").touch()
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["report.json"]


def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom pathlib import Path\nfrom token_saliency.store import held\n"
        f"with held(Path({str(tmp_path)!r})):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    with held(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path):
        raise ZeroDivisionError
    with held(tmp_path):
        pass


def test_every_spelling_of_a_folder_is_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("run", target_is_directory=True)
    with held(tmp_path / "run"):
        for other in ("run", "run/", "./run", "link", "run/../run", "link/."):
            with pytest.raises(OptionError, match="Another run is writing"), held(Path(other)):
                pytest.fail(f"two runs in one folder: {other}")


def test_a_link_or_pipe_in_the_place_of_the_lock_is_not_written_through(tmp_path: Path) -> None:
    precious, run = tmp_path / "precious.txt", tmp_path / "run"
    precious.write_text("years of work")
    run.mkdir()
    (run / LOCK_FILE).symlink_to(precious)
    with pytest.raises(OptionError, match="Cannot write"), held(run):
        pytest.fail("through a link")
    assert precious.read_text() == "years of work"
    (run / LOCK_FILE).unlink()
    os.mkfifo(run / LOCK_FILE)
    with pytest.raises(OptionError, match="no ordinary file"), held(run):
        pytest.fail("through a pipe")


def test_a_lock_that_is_held_elsewhere_on_a_network_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(OptionError, match="Another run is writing"), held(tmp_path):
        pytest.fail("two runs in one folder")


def test_who_reads_both_tables_is_told_of_a_run_that_writes_them(tmp_path: Path) -> None:
    require_at_rest(tmp_path)
    with held(tmp_path), pytest.raises(DataError, match=rf"A run is writing to .*process {os.getpid()}"):
        require_at_rest(tmp_path)
    (tmp_path / LOCK_FILE).touch()  # of a run that was killed
    require_at_rest(tmp_path)
