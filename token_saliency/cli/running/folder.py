"""The folder that `audit` writes: taken only when it is free, or holds a run of the same model, rows and settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from token_saliency.errors import OptionError, TokenSaliencyError
from token_saliency.report import load_report
from token_saliency.reporters import FILES, REPORTERS
from token_saliency.store import EDITS_FILE, JOURNAL_FILE, LOCK_FILE, ROWS_FILE, differing, is_journal, read_asked
from token_saliency.store.files import is_stream

JUDGED_AGAIN = "judged_again"
"""Stands among what was asked of a run whose verdicts are no longer those of its first command."""
_WHOLE = (ROWS_FILE, EDITS_FILE)
RUNS = Path("token-saliency-runs")
"""Where runs go that were given no folder."""
LATEST = "latest"
_FOR_HANDS = ("known", "model_card")


def claim(folder: Path) -> Path:
    """The folder, if a run may be written into it; nothing is created yet."""
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"--out {str(folder)!r} is a file. Choose a folder.")
    if folder.is_dir() and not _holds_a_run(folder) and any(not _is_trace(file.name) for file in folder.iterdir()):
        raise OptionError(f"The folder {str(folder)!r} holds other files. Choose an empty or a new one with --out.")
    _require_writable(folder)
    return folder


def own_place(model: str, data: str, asked: Mapping[str, Any], *, resume: bool) -> Path:
    """The folder of a run without `--out`: that of a run which asked the same, else a new one of today."""
    name = f"{_short(model.partition('@')[0])}-{_short(data)}"
    if resume:
        for place in sorted(RUNS.glob(f"*-{name}*"), reverse=True):
            if not place.is_symlink() and asked in (read_asked(place / JOURNAL_FILE), _asked_in(place)):
                return place
    today = RUNS / f"{date.today().isoformat()}-{name}"
    return next(place for n in count(1) if not os.path.lexists(place := today if n == 1 else Path(f"{today}-{n}")))


def _short(source: str) -> str:
    """The name of a model or data set as a part of a folder's name."""
    last = re.split(r"[/\\]", source.rstrip("/\\"))[-1]
    return re.sub(r"[^\w.-]+", "-", re.sub(r"(\.[a-z]{2,7}){1,2}$", "", last))[:40].strip("-.") or "run"


def point_latest(place: Path) -> None:
    """`latest` beside a run that was given no folder leads to it; a text file where links are not to be had."""
    link = RUNS / LATEST
    if place.parent != RUNS or (link.is_dir() and not link.is_symlink()):
        return
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(place.name, target_is_directory=True)
    except OSError:
        link.write_text(f"{place.name}\n", encoding="utf-8")


def is_complete(folder: Path, asked: Mapping[str, Any]) -> bool:
    """Whether a finished run that asked the same is there. OptionError where the folder holds a run that did not."""
    begun, done = read_asked(folder / JOURNAL_FILE), _asked_in(folder)
    standing = begun if begun is not None else done
    if standing is not None and (names := differing(asked, standing)):
        state = "an unfinished" if begun is not None else "a"
        raise OptionError(
            f"The folder {str(folder)!r} holds {state} run {_told(names)}. "
            "Choose another --out, or start over with --no-resume."
        )
    return done == asked and all((folder / name).is_file() for name in _WHOLE)


def claim_file(file: Path | None) -> None:
    """OptionError if a file cannot be written there: told before the work, not after it."""
    if file is None or is_stream(file):
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


def outdated(folder: Path, files: Collection[str]) -> list[Path]:
    """The pages of the run that is there, in formats that are not among `files`: beside a new run they would mislead.

    Only what the run itself wrote, byte for byte; and never what is meant for hands, such as accepted findings.
    """
    there = {folder / FILES[name]: name for name in FILES if name not in (*files, *_FOR_HANDS)}
    there = {file: name for file, name in there.items() if file.is_file()}
    if not there or _record(folder) is None:
        return []
    with suppress(TokenSaliencyError):
        report = load_report(folder)
        return [file for file, name in there.items() if file.read_bytes() == REPORTERS[name](report).encode()]
    return []


def _told(names: list[str]) -> str:
    """How another run differs, by the names of what was asked."""
    asked = [name for name in names if name != JUDGED_AGAIN]
    parts = ["that was judged again"] if asked != names else []
    return " ".join([*parts, *([f"with another {_listed(asked)}"] if asked else [])])


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is_trace(name: str) -> bool:
    """What a killed run may have left before its journal stood."""
    return name == LOCK_FILE or (name.startswith(".") and name.endswith(".part"))


def _holds_a_run(folder: Path) -> bool:
    return is_journal(folder / JOURNAL_FILE) or _record(folder) is not None


def _record(folder: Path) -> dict[str, Any] | None:
    """The report of a run in the folder, as far as it is ours."""
    try:
        if not (file := folder / "report.json").is_file():  # a pipe would be waited for
            return None
        report = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    tool = report.get("tool") if isinstance(report, dict) else None
    return report if isinstance(tool, dict) and tool.get("name") == "token-saliency" else None


def _asked_in(folder: Path) -> dict[str, Any] | None:
    """What the finished run asked; nothing at all where it was not written by `audit`."""
    record = _record(folder)
    if record is None:
        return None
    settings = record.get("settings")
    asked = settings.get("asked") if isinstance(settings, dict) else None
    return asked if isinstance(asked, dict) else {}
