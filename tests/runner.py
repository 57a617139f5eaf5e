"""What a CI runner gives to a step: a stand-in for pip, the command of this checkout, `bash -e`, summary, outputs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Runner:
    """One job in `folder`: its steps leave their log, the summary of the job, their outputs and what pip was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = ""
        self._tools = folder / ".tools"
        self._tools.mkdir()
        self._summary, self._outputs = self._tools / "summary", self._tools / "outputs"
        self._installed = self._tools / "installed"
        for file in (self._summary, self._outputs, self._installed):
            file.write_text("")
        note = f'echo "$@" >>"{self._installed}"'
        self._write("token-saliency", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m token_saliency "$@"')
        self._write("python3", f'if [ "$2" = pip ]; then {note}; else exec "{sys.executable}" "$@"; fi')
        self._write("pip", note)

    def _write(self, name: str, body: str) -> None:
        (self._tools / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (self._tools / name).chmod(0o755)

    def run(self, script: str, given: Mapping[str, str] | None = None) -> int:
        """The exit code of one step, with the environment of a GitHub runner."""
        runner = {
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self._summary),
            "GITHUB_OUTPUT": str(self._outputs),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            env={**os.environ, **runner, **(given or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.log += done.stdout + done.stderr
        return done.returncode

    @property
    def summary(self) -> str:
        """What the steps wrote for the page of the job."""
        return self._summary.read_text(encoding="utf-8")

    @property
    def outputs(self) -> dict[str, str]:
        """What the steps handed on."""
        lines = (line.partition("=") for line in self._outputs.read_text().splitlines())
        return {key: value for key, _, value in lines}

    @property
    def installed(self) -> list[str]:
        """The arguments of pip, a line each call."""
        return self._installed.read_text().splitlines()
