"""One run at a time in a folder: whoever comes second is told who is at work there, and touches nothing."""

from __future__ import annotations

import errno
import os
import platform
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from token_saliency.errors import DataError, OptionError

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
            stream = _opened(file)
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


def _opened(file: Path) -> IO[str]:
    """Never through a link or a pipe that lies there in its place: what it leads to would be cut to nothing."""
    number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o666)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "it is no ordinary file")
    return os.fdopen(number, "a+", encoding="utf-8", errors="replace")


def _lock(stream: IO[str], folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:  # NFS tells EACCES of a lock that is held
        raise OptionError(
            f"Another run is writing to {folder} ({_owner(stream)}): wait for its end, or choose another folder."
        ) from error
    except OSError:  # a file system without locks
        return


def _owner(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read(200).strip() or "it has only just begun"


def require_at_rest(folder: Path) -> None:
    """DataError where a run is writing into the folder now: its files may be those of two runs."""
    try:
        import fcntl

        with (folder / LOCK_FILE).open(encoding="utf-8", errors="replace") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                raise DataError(f"A run is writing to {folder} ({_owner(stream)}): wait for its end.") from None
    except (ImportError, OSError):  # nobody is there, or the system knows no such locks
        return


def _still(stream: IO[str], file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    except FileNotFoundError:
        return False
