"""How long is an audit, beside an older checkout and beside all its edits?

    python -m benchmarks.time_to_verdict MODEL DATA [--rows 1000] --before CHECKOUT [--exhaustive]

The same command in a process of its own for every side, with one thread, one after the other. By the processor: a busy
machine stretches the wall.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.self_test import measured

_ROOT = Path(__file__).resolve().parents[1]


def seconds(checkout: Path, arguments: list[str]) -> tuple[float, int]:
    """Seconds of the processor of one audit, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        return measured(checkout, "audit", *arguments, "--out", f"{folder}/run", fine=(0, 1))[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", default="1000")
    parser.add_argument("--before", type=Path)
    parser.add_argument("--exhaustive", action="store_true", help="ask all edits as well")
    given = parser.parse_args()
    asked = [str(given.model.resolve()), str(given.data.resolve()), "--rows", given.rows]
    now, code = seconds(_ROOT, asked)
    print("| audit | seconds of the processor | share | exit code |\n| --- | --- | --- | --- |")
    print(f"| this checkout | {now:.1f} | | {code} |", flush=True)
    sides = {"all its edits": (_ROOT, [*asked, "--exhaustive"])} if given.exhaustive else {}
    sides |= {"the older checkout": (given.before.resolve(), asked)} if given.before else {}
    for name, side in sides.items():
        other, code = seconds(*side)
        print(f"| {name} | {other:.1f} | {now / other:.2f} | {code} |", flush=True)


if __name__ == "__main__":
    main()
