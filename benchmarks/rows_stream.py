"""What millions of rows cost the process that audits: memory of one audit, and the speed at which rows are read.

`python -m benchmarks.rows_stream --rows 10000000 [--format jsonl]`: writes files of 100,000 rows and of so many, audits
a function on both, each in a process of its own, and reads both as plain pyarrow batches, before and after; and once
more with a Python string made of each text, which whoever hands texts on to Python has to do.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

FEW = 100_000
CHUNK = 100_000
SCHEMA = pa.schema({"id": pa.string(), "text": pa.string(), "label": pa.string(), "topic": pa.string()})
_WORDS = "the a film book song meal was seemed not very really quite long short good bad dull bright old new".split()


def written(file: Path, rows: int) -> Path:
    """Rows with an id, a text of about 60 characters, a label and a topic."""
    draw = np.random.default_rng(0)
    with _Writer(file) as writer:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            numbers = pa.array(range(start, start + count)).cast(pa.string())
            picked = [pa.array(_WORDS).take(pa.array(draw.integers(0, len(_WORDS), count))) for _ in range(10)]
            texts = pc.binary_join_element_wise(*picked, pc.binary_join_element_wise(numbers, "!", ""), " ")
            labels, topics = (
                pa.array(names).take(pa.array(draw.integers(0, len(names), count)))
                for names in (["bad", "good"], ["one", "two", "three"])
            )
            ids = pc.binary_join_element_wise("row-", numbers, "")
            writer.add(pa.table([ids, texts, labels, topics], schema=SCHEMA))
    return file


class _Writer(AbstractContextManager["_Writer"]):
    """Tables one after the other into a file of the kind that its suffix says."""

    def __init__(self, file: Path) -> None:
        kinds: dict[str, Any] = {".parquet": pq.ParquetWriter, ".csv": pyarrow.csv.CSVWriter}
        self.kind = kinds.get(file.suffix)
        self.to: Any = self.kind(file, SCHEMA) if self.kind else file.open("w", encoding="utf-8")

    def add(self, table: pa.Table) -> None:
        if self.kind:
            self.to.write_table(table)
        else:
            table.to_pandas().to_json(self.to, orient="records", lines=True)

    def __exit__(self, *_: object) -> None:
        self.to.close()


def own_function(texts: list[str]) -> list[list[float]]:
    """Leans on "good"."""
    return [[0.3, 0.7] if "good" in text else [0.6, 0.4] for text in texts]


def audited(file: str) -> None:
    """In a process of its own: the largest memory it had, and how long the reading took."""
    import resource

    from token_saliency import TextClassifier, run_audits
    from token_saliency.data import load_rows

    start = time.perf_counter(), time.process_time()
    rows = load_rows(file, labels=["bad", "good"], limit=1000)
    spent = {"s": time.perf_counter() - start[0], "cpu": time.process_time() - start[1]}
    read = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    function = TextClassifier.from_function(own_function, ["bad", "good"])
    report = run_audits(function, rows, "punctuation", edits=500, discovery=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seen": rows.seen, "used": report.dataset.rows_used, "read": read, "peak": peak} | spent))


def plain(file: Path, *, strings: bool = False) -> tuple[float, float]:
    """Seconds, and seconds of processors, for plain batches; of which every text becomes a string."""
    begun = time.perf_counter(), time.process_time()
    opened: dict[str, Callable[[], Any]] = {
        ".parquet": lambda: pq.ParquetFile(file).iter_batches(),
        ".csv": lambda: pyarrow.csv.open_csv(file),
        ".jsonl": lambda: pyarrow.json.open_json(file),
    }
    for batch in opened[file.suffix]():
        batch["text"].to_pylist() if strings else batch.num_rows
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def measured(file: Path, rows: int) -> dict[str, float]:
    """Of one file."""
    written(file, rows)
    before = plain(file)
    line = [sys.executable, "-m", "benchmarks.rows_stream", "--audit", str(file)]
    ended = subprocess.run(line, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    bare, cpu = (sum(pair) / 2 for pair in zip(before, plain(file), strict=True))
    strings, strings_cpu = plain(file, strings=True)
    file.unlink()
    return found | {"bare": bare, "bare_cpu": cpu, "strings": strings, "strings_cpu": strings_cpu}


def main() -> None:
    """Prints both files and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=["parquet", "csv", "jsonl"], default="parquet")
    parser.add_argument("--audit", metavar="FILE", help="Used by the script itself.")
    given = parser.parse_args()
    if given.audit:
        audited(given.audit)
        return
    with tempfile.TemporaryDirectory() as folder:
        few, many = (measured(Path(folder, f"{n}.{given.format}"), n) for n in (FEW, given.rows))
    for found in (few, many):
        print(
            f"{found['seen']:,} rows: {found['peak'] / 1024:.0f} MB at most, {found['read'] / 1024:.0f} MB when read, "
            f"read in {found['s']:.1f} s, plain batches {found['bare']:.1f} s"
        )
    print(f"memory: {many['peak'] / few['peak']:.2f} of that at {FEW:,} rows; bar 1.2")
    for name, kind in (("plain batches", "bare"), ("batches with texts as strings", "strings")):
        clock, processor = many[kind] / many["s"], many[f"{kind}_cpu"] / many["cpu"]
        print(f"speed: {clock:.2f} of {name} by the clock, {processor:.2f} by processor time; bar .33")


if __name__ == "__main__":
    main()
