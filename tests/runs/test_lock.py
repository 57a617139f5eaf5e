"""One run at a time in a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from token_saliency.errors import OptionError
from token_saliency.store import held

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
