"""What millions of rows cost the process that audits: memory of one audit, and the speed at which rows are read.

`python -m benchmarks.rows_stream --rows 10000000`: writes Parquet files of 100,000 rows and of so many, audits a
function on both, each in a process of its own, and reads both as plain pyarrow batches.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FEW = 100_000
CHUNK = 100_000
_WORDS = "the a film book song meal was seemed not very really quite long short good bad dull bright old new".split()


def written(file: Path, rows: int) -> Path:
    """Rows with an id, a text of about 60 characters, a label and a topic."""
    draw = np.random.default_rng(0)
    schema = pa.schema({"id": pa.string(), "text": pa.string(), "label": pa.string(), "topic": pa.string()})
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            words = np.array(_WORDS)[draw.integers(0, len(_WORDS), (count, 10))]
            texts = [f"{' '.join(row)} {number}!" for number, row in enumerate(words.tolist(), start)]
            labels = np.array(["bad", "good"])[draw.integers(0, 2, count)]
            topics = np.array(["one", "two", "three"])[draw.integers(0, 3, count)]
            ids = [f"row-{number}" for number in range(start, start + count)]
            writer.write_table(pa.table([ids, texts, labels, topics], schema=schema))
    return file


def own_function(texts: list[str]) -> list[list[float]]:
    """Leans on "good"."""
    return [[0.3, 0.7] if "good" in text else [0.6, 0.4] for text in texts]


def audited(file: str) -> None:
    """In a process of its own: the largest memory it had, and how long the reading took."""
    import resource

    from token_saliency import TextClassifier, run_audits
    from token_saliency.data import load_rows

    start = time.perf_counter()
    rows = load_rows(file, labels=["bad", "good"], limit=1000)
    seconds = time.perf_counter() - start
    read = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    function = TextClassifier.from_function(own_function, ["bad", "good"])
    report = run_audits(function, rows, "punctuation", edits=500, discovery=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seen": rows.seen, "used": report.dataset.rows_used, "s": seconds, "read": read, "peak": peak}))


def plain(file: Path) -> float:
    """Seconds for plain batches."""
    start = time.perf_counter()
    for batch in pq.ParquetFile(file).iter_batches():
        batch.num_rows  # noqa: B018 - read, and no more
    return time.perf_counter() - start


def measured(folder: Path, rows: int) -> dict[str, float]:
    """Of one file."""
    file = written(folder / f"{rows}.parquet", rows)
    bare = plain(file)
    line = [sys.executable, "-m", "benchmarks.rows_stream", "--audit", str(file)]
    ended = subprocess.run(line, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    file.unlink()
    return found | {"bare": bare}


def main() -> None:
    """Prints both files and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--audit", metavar="FILE", help="Used by the script itself.")
    given = parser.parse_args()
    if given.audit:
        audited(given.audit)
        return
    with tempfile.TemporaryDirectory() as folder:
        few, many = measured(Path(folder), FEW), measured(Path(folder), given.rows)
    for found in (few, many):
        print(
            f"{found['seen']:,} rows: {found['peak'] / 1024:.0f} MB at most, {found['read'] / 1024:.0f} MB when read, "
            f"read in {found['s']:.1f} s, plain batches {found['bare']:.1f} s"
        )
    print(f"memory: {many['peak'] / few['peak']:.2f} of that at {FEW:,} rows; bar 1.2")
    print(f"speed: {many['bare'] / many['s']:.2f} of plain batches; bar .33")


if __name__ == "__main__":
    main()
