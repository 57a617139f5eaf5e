"""The same report after ten kills at random moments: of actors, and of the process that asks.

`python -m benchmarks.ray_kills MODEL DATA`: an audit on a Ray cluster of this machine is killed (SIGKILL) again and
again, the same command goes on, and its verdicts and effects stand beside those of one process.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

KILLS = 10
SAME = 1e-4


def claims(folder: Path) -> list[tuple[tuple[str, ...], float]]:
    """What was said of each claim, and its effect."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [
        ((audit["name"], claim["claim"], str(claim["between"]), claim["verdict"]), claim["effect"])
        for audit in report["audits"]
        for claim in audit["intervention"]
    ]


def actors() -> list[int]:
    """The actors on this machine that answer now or wait for work."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ray::Actor" in line]


def killed(process: subprocess.Popen[bytes], draw: random.Random, seconds: float) -> str:
    """Kills one process of the run at a random moment; what it was."""
    time.sleep(draw.uniform(0, seconds))
    if process.poll() is not None:
        return "nothing, it was done"
    if (there := actors()) and draw.random() < 0.5:
        os.kill(draw.choice(there), signal.SIGKILL)
        return "an actor"
    process.kill()
    return "the process that asks"


def main() -> None:
    """Prints each kill, and whether the reports are the same."""
    line = [sys.executable, "-m", "token_saliency", "audit", *sys.argv[1:3], "--rows", "100", "--edits", "1000"]
    line += ["--audits", "names,punctuation", "--quiet"]
    draw = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        alone, far = Path(folder, "alone"), Path(folder, "far")
        start = time.perf_counter()
        subprocess.run([*line, "--out", str(alone)], check=False)
        whole = time.perf_counter() - start
        ray = [*line, "--out", str(far), "--engine", "ray", "--workers", "2"]
        for number in range(KILLS):
            with subprocess.Popen(ray) as process:
                print(f"kill {number + 1}: {killed(process, draw, 2 * whole)}", flush=True)
        subprocess.run(ray, check=False)
        pairs = list(zip(claims(alone), claims(far), strict=True))
        same = all(one[0] == other[0] and abs(one[1] - other[1]) <= SAME for one, other in pairs)
        print("the same report" if same else "ANOTHER REPORT")


if __name__ == "__main__":
    main()
