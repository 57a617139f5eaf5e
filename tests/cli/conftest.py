from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from token_saliency.__main__ import run


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that it wrote to stderr."""
        (line,) = self.err.splitlines()
        return line


Command = Callable[..., Ended]


def report_in(folder: Path) -> dict[str, Any]:
    """The report of a run directory."""
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs a command line in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)

    def typed(*words: object) -> Ended:
        capfd.readouterr()
        code = run([str(word) for word in words])
        return Ended(code, *capfd.readouterr())

    return typed
