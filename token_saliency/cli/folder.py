"""The folder that `audit` writes: taken only when it is free or holds an earlier run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from token_saliency.errors import OptionError


def claim(folder: Path) -> Path:
    """The folder, if a run may be written into it; nothing is created yet."""
    if folder.is_dir() and any(folder.iterdir()) and not _holds_a_run(folder):
        raise OptionError(f"The folder {str(folder)!r} holds other files. Choose an empty or a new one with --out.")
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"--out {str(folder)!r} is a file. Choose a folder.")
    _require_writable(folder)
    return folder


def claim_file(file: Path | None) -> None:
    """OptionError if a file cannot be written there: told before the work, not after it."""
    if file is None:
        return
    if file.is_dir():
        raise OptionError(f"{str(file)!r} is a folder. Choose a name for the file inside it.")
    _require_writable(file.parent)


def _require_writable(folder: Path) -> None:
    """The folder, or else the nearest one above it that exists, takes new files."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
    if not there.is_dir():
        raise OptionError(f"{str(folder)!r} cannot be a folder, for {str(there)!r} is none. Choose another place.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OptionError(f"Nothing can be written into {str(there)!r}. Choose another place.")


def forget(folder: Path, names: Iterable[str]) -> None:
    """Removes the pages of an earlier run that the new one did not write: they would tell another story."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _holds_a_run(folder: Path) -> bool:
    try:
        report = json.loads((folder / "report.json").read_bytes())
    except (OSError, ValueError):
        return False
    tool = report.get("tool") if isinstance(report, dict) else None
    return isinstance(tool, dict) and tool.get("name") == "token-saliency"
