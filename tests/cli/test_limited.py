"""Where the system gives no more (files, memory, disk, names that are no text): one clear line, and no half report."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, report_in
from token_saliency.store import JOURNAL_FILE
from token_saliency.store.journal import Journal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and names as Linux has them")
REPOSITORY = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("limited.py")


@pytest.fixture(scope="module")
def ended(leaning: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """How the same command ended under each limit, and the folder of their runs."""
    folder = tmp_path_factory.mktemp("limited")
    words = [sys.executable, str(SCRIPT), str(leaning / "my-model"), str(leaning / "held_out.csv"), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout), folder


def test_sixty_four_open_files_are_enough(ended: tuple[dict[str, Any], Path]) -> None:
    code, out, err = ended[0]["files"]

    assert (code, err) == (1, "")
    assert "exit code 1" in out


@pytest.mark.parametrize("name", ["few-files", "memory", "more-memory", "file-size", "small-file-size"])
def test_a_limit_of_the_system_is_one_clear_line(ended: tuple[dict[str, Any], Path], name: str) -> None:
    code, out, err = ended[0][name]

    if code == 1 and name == "more-memory":
        assert "exit code 1" in out  # it was enough
        return
    if code < 0 and "memory" in name:  # a library in C++ ends the process by itself, and nothing can say more
        assert "bad_alloc" in err
        assert not (ended[1] / name / "report.json").exists()
        return
    err = "".join(line for line in err.splitlines(keepends=True) if not line.startswith("<jemalloc>"))  # Arrow's own
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("error: ")
    assert "unexpected" not in err
    assert "Traceback" not in err
    left = {path.name for path in (ended[1] / name).glob("*")} if (ended[1] / name).is_dir() else set()
    assert left <= {JOURNAL_FILE}


@pytest.mark.parametrize(
    "error", [SystemError("error return without exception set"), ImportError("built without support for the format")]
)
def test_without_memory_libraries_fail_in_their_own_words(
    command: Command, leaning: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    def full(*_: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr("token_saliency.cli.audit.chosen_files", fails)
    words = ["audit", leaning / "my-model", leaning / "held_out.csv", "--quiet"]
    assert "unexpected" in command(*words).error
    monkeypatch.setattr("mmap.mmap", full)
    ended = command(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error.startswith("error: There is not enough memory")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_disk_that_takes_no_more_ends_in_one_line_and_goes_on_afterwards(
    command: Command, leaning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    words = ["audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "punctuation", "--edits", 200]
    words += ["--rows", 60, "--quiet", "--out", "run"]
    blocks = []

    def full(self: Journal, block: object) -> None:
        blocks.append(block)
        if len(blocks) > 1:
            raise OSError(number, os.strerror(number))
        written(self, block)  # type: ignore[arg-type]

    written = Journal.append
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", full)
        first = command(*words)
    assert (first.code, first.out) == (2, "")
    assert "space" in first.error if number == errno.ENOSPC else os.strerror(number) in first.error
    assert "unexpected" not in first.error
    assert [path.name for path in (tmp_path / "run").iterdir()] == [JOURNAL_FILE]

    def no_room(self: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", no_room)
        second = command(*words)
    assert (second.code, second.out) == (2, "")
    assert os.strerror(number) in second.error
    assert [path.name for path in (tmp_path / "run").iterdir()] == [JOURNAL_FILE]
    assert command(*words).code == 1


def test_names_that_are_no_text_are_names(command: Command, leaning: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"r\xff\xfe.csv")
    odd.write_bytes((leaning / "held_out.csv").read_bytes())
    out = tmp_path / os.fsdecode(b"run\xf0")
    words = ("audit", leaning / "my-model", odd, "--rows", 60, "--edits", 200, "--audits", "punctuation", "--out", out)
    ended = command(*words, "--format", "html,junit,sarif,gitlab,github,markdown,model-card,known,terminal")

    assert ended.code == 1, ended.err
    assert report_in(out)["dataset"]["rows_used"] == 60
    assert command("render", out, "--format", "markdown").code == 0
    missing = command("audit", leaning / "my-model", os.fsdecode(b"no\xff.csv"))
    assert (missing.code, missing.error.count("error: ")) == (2, 1)
