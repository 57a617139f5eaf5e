"""Files that are written whole or not at all: first beside their place, then moved there in one step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path

from token_saliency.errors import OptionError


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A path beside `file` to write to; it takes the place of `file` when the block ends well, else it is removed.

    What is beside its place already is written as it stands: a part of a part would outlive a kill.
    """
    if is_stream(file):
        with _told(file):
            yield file
        return
    if file.name.startswith(".") and file.name.endswith(f".{os.getpid()}.part"):
        yield file
        return
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with _told(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            _sweep(file)
            part.unlink(missing_ok=True)  # a link that lies there would lead elsewhere
            yield part
            part.replace(file)
    finally:
        with suppress(OSError):
            part.unlink()


def is_stream(file: Path) -> bool:
    """A device, a pipe, or the like of /dev/stdout: what is no file is written to, for a file in its place ends it."""
    if file.is_symlink() and file.parent.resolve().parts[1:2] in (("dev",), ("proc",)):
        return True
    return file.exists() and not file.is_file() and not file.is_dir()


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OptionError(f"Cannot write {file}: {reason}. Choose another place that can be written to.") from error


def _sweep(file: Path) -> None:
    """Removes what processes that are no more left beside the place of a file."""
    for part in file.parent.glob(f".{escape(file.name)}.*.part") if os.name == "posix" else ():
        with suppress(ValueError, OverflowError, PermissionError):
            try:
                os.kill(int(part.name.split(".")[-2]), 0)  # asks, and does nothing
            except ProcessLookupError:
                part.unlink(missing_ok=True)


Writer = Callable[[Path], object]
"""Writes a file at the path that it is given."""


def written_together(contents: Mapping[Path, str | Writer]) -> None:
    """Writes all files or none: none moves before all are on the disk, the first one last."""
    with ExitStack() as stack:
        parts = {file: stack.enter_context(replaced(file)) for file in contents}
        for file, part in parts.items():
            content = contents[file]
            if isinstance(content, str):
                part.write_text(content, encoding="utf-8", errors="replace", newline="\n")
            else:
                content(part)


def remove_parts(folder: Path, names: Iterable[str]) -> None:
    """Removes what a killed process left beside the places of these files."""
    for name in names:
        for part in folder.glob(f".{name}.*.part"):
            part.unlink(missing_ok=True)
