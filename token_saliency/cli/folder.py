"""The folder that `audit` writes: taken only when it is free or holds an earlier run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from token_saliency.errors import OptionError


def claim(folder: Path) -> Path:
    """The folder, if a run may be written into it; nothing is created yet."""
    if folder.is_dir() and any(folder.iterdir()) and not _holds_a_run(folder):
        raise OptionError(f"The folder {str(folder)!r} holds other files. Choose an empty or a new one with --out.")
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"--out {str(folder)!r} is a file. Choose a folder.")
    return folder


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
