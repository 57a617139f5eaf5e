"""A run that is killed at random moments, the final write included: the same report, and no row text left behind.

`python -m benchmarks.kills MODEL DATA --kills 30`: every third kill waits for the first file of the final write; the
same command then goes on. Its report stands beside that of a run that nobody touched, and every file outside the run
directory (with `--redact`, in every second round: inside it, too) is searched for words of the rows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import torch  # noqa: F401 - once, before the forks

from token_saliency.__main__ import run
from token_saliency.data import load_rows
from token_saliency.text.classifier import TextClassifier  # noqa: F401 - likewise

SAME = 1e-4
_VARIES = ("created", "cost", "command")
_LETTERS, _ROOT = 6, Path(__file__).resolve().parents[1]


def forked(words: list[str], log: Path, stop: Callable[[float], bool]) -> tuple[int, float]:
    """The exit code (or minus the signal) of a command that is killed as soon as `stop(seconds)` says so."""
    child = os.fork()
    if not child:
        with log.open("ab") as stream:
            os.dup2(stream.fileno(), 1), os.dup2(stream.fileno(), 2)
            code = run(words)
            sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    begun = time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), time.monotonic() - begun
        if stop(time.monotonic() - begun):
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), time.monotonic() - begun
        time.sleep(0.001)


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two records differ by more than the order of additions can make them."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in {*one, *other} if key not in _VARIES or place]
        return [found for key in keys for found in differences(one.get(key), other.get(key), f"{place}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for i, (a, b) in pairs for found in differences(a, b, f"{place}[{i}]")]
    close = (
        isinstance(one, float)
        and isinstance(other, float | int)
        and math.isclose(one, other, abs_tol=SAME, rel_tol=SAME)
    )
    return [] if one == other or close else [f"{place}: {one!r} {other!r}"[:200]]


def words_of(data: str) -> set[str]:
    """What the rows say in longer words, as far as this program does not say it."""
    texts = " ".join(row.text.lower() for row in load_rows(data, labels=None).examples)
    files = (file for name in ("token_saliency", "templates", "audits") for file in _ROOT.joinpath(name).rglob("*.*"))
    ours = {
        word
        for file in files
        if file.is_file()
        for word in re.findall(r"[a-z]+", file.read_bytes().decode("latin-1").lower())
    }
    return {word for word in re.findall(r"\w+", texts) if len(word) >= _LETTERS and word.isalpha()} - ours


def holding(folder: Path, pattern: re.Pattern[str]) -> list[str]:
    """The files in which a word of the rows stands; tables are unpacked."""
    found = []
    for file in (path for path in folder.rglob("*") if path.is_file()):
        packed = file.suffix == ".parquet"
        content = repr(pq.read_table(file).to_pylist()) if packed else file.read_bytes().decode("latin-1")
        if hit := pattern.search(content.lower()):
            found.append(f"{file.relative_to(folder)} ({hit[0]})")
    return found


def moment(number: int, whole: float, out: Path, draw: random.Random) -> tuple[str, Callable[[float], bool]]:
    """When to kill: at a random moment of the run, or as its files are written."""
    if number % 3 == 2:
        wait = draw.uniform(0, 0.02)
        seen: list[float] = []

        def writing(seconds: float) -> bool:
            if not seen and any(".journal" not in part.name for part in out.glob(".*.part")):
                seen.append(seconds)
            return bool(seen) and seconds >= seen[0] + wait

        return "as files are written", writing
    at = draw.uniform(0, whole)
    return f"after {at:.2f} s", lambda seconds: seconds >= at


def main() -> int:
    """1 where a report differs or a word of the rows was found where none may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model"), parser.add_argument("data")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", default="200")
    parser.add_argument("--edits", default="600")
    given = parser.parse_args()
    draw, wrong, killed_in = random.Random(given.seed), 0, [0, 0]
    with tempfile.TemporaryDirectory() as top:
        place = Path(top)
        outside = place / "outside"
        for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
            (outside / name).mkdir(parents=True)
            os.environ[name] = str(outside / name)
        tempfile.tempdir = str(outside / "TMPDIR")
        plain = [
            "audit",
            given.model,
            given.data,
            "--audits",
            "names,punctuation",
            "--edits",
            given.edits,
            "--rows",
            given.rows,
        ]
        if not (words := words_of(given.data)):
            raise SystemExit("no word of these rows could be told from one of ours")
        listed = "|".join(sorted(words))
        pattern, whole = re.compile(rf"\b({listed})\b"), list[Any]()
        for more in ([], ["--redact"]):
            out = place / f"whole{len(more)}"
            code, seconds = forked([*plain, *more, "--out", str(out)], place / "log", lambda _: False)
            whole.append((code, seconds, json.loads((out / "report.json").read_text())))
        for number in range(given.kills):
            more = ["--redact"] if number % 2 else []
            code, seconds, report = whole[number % 2]
            out = place / f"run{number}"
            line = [*plain, *more, "--out", str(out)]
            when, stop = moment(number, seconds, out, draw)
            ended, _ = forked(line, outside / "log", stop)
            killed_in[ended == -signal.SIGKILL] += 1
            left = sorted(path.name for path in out.iterdir()) if out.is_dir() else []
            leaks = holding(outside, pattern) + (holding(out, pattern) if more and out.is_dir() else [])
            again, _ = forked(line, place / "log", lambda _: False)
            found = differences(report, json.loads((out / "report.json").read_text()))
            parts = [path.name for path in out.iterdir() if path.name.endswith((".part", ".lock", ".journal"))]
            fine = again == code and not found and not leaks and not parts
            wrong += not fine
            told = "same report" if fine else f"WRONG: {again} {found[:3]} {leaks[:3]} {parts}"
            there = ", ".join(left) or "nothing"
            print(f"{number + 1:2} {when:22} {' '.join(more) or '-':9} ended {ended:4}, left {there}: {told}")
    same = f"{given.kills - wrong} of {given.kills} reports the same, no row left"
    print(f"{killed_in[1]} killed, {killed_in[0]} had ended before; {same}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
