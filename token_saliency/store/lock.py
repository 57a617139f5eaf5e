"""One run at a time in a folder: whoever comes second is told who is at work there, and touches nothing."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from token_saliency.errors import OptionError

LOCK_FILE = ".token-saliency.lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Inside the block this process alone writes into the folder; folders that were made for the lock alone go.

    OptionError names the run that is there already. Where the system knows no such locks, nobody looks.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    stream = _locked(folder)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK_FILE).unlink()
        stream.close()
        with suppress(OSError):  # the first that holds a run ends it
            for place in made:
                place.rmdir()


def _locked(folder: Path) -> IO[str]:
    file = folder / LOCK_FILE
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stream = file.open("a+", encoding="utf-8", errors="replace")
        except OSError as error:
            raise OptionError(
                f"Cannot write {file}: {error.strerror}. Choose another place that can be written to."
            ) from error
        try:
            _lock(stream, folder)
        except OptionError:
            stream.close()
            raise
        if _still(stream, file):  # else its owner took it away between our two steps
            break
        stream.close()
    stream.truncate(0)
    stream.write(f"process {os.getpid()} on {platform.node()}, since {time.strftime('%Y-%m-%d %H:%M:%S')}")
    stream.flush()
    return stream


def _lock(stream: IO[str], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        owner = stream.read(200).strip() or "it has only just begun"
        raise OptionError(
            f"Another run is writing to {folder} ({owner}): wait for its end, or choose another folder."
        ) from error
    except OSError:  # a file system without locks
        return


def _still(stream: IO[str], file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    except FileNotFoundError:
        return False
