"""Files that are written whole or not at all: first beside their place, then moved there in one step."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from token_saliency.errors import OptionError


@contextmanager
def replaced(file: Path) -> Iterator[Path]:
    """A path beside `file` to write to; it takes the place of `file` when the block ends well, else it is removed."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OptionError(f"Cannot write {file}: {reason}. Choose another place that can be written to.") from error
    finally:
        with suppress(OSError):
            part.unlink()


def written_together(texts: Mapping[Path, str]) -> None:
    """Writes all files or none: nothing takes its place before everything is on the disk."""
    with ExitStack() as stack:
        parts = {file: stack.enter_context(replaced(file)) for file in texts}
        for file, part in parts.items():
            part.write_text(texts[file], encoding="utf-8", newline="\n")
