"""`benchmarks/kills.py` with a few kills: the same report, no row text outside the run. Thirty are run by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_run_that_is_killed_at_random_moments_ends_as_one_that_never_was(leaning: Path, tmp_path: Path) -> None:
    lines = [
        f"Linda zorblipha said the veltrodwo was quamkneux number {n}{'.!'[n % 2]},{('negative', 'positive')[n % 2]}"
        for n in range(80)
    ]
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *lines]))
    words = [sys.executable, "-m", "benchmarks.kills", str(leaning / "my-model"), str(tmp_path / "rows.csv")]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*words, "--kills", "2", "--edits", "200"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 reports the same, no row left" in done.stdout
