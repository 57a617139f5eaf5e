"""Fuzzing: do damaged and hostile files end in a traceback anywhere?

`python -m benchmarks.fuzz --minutes 10`: hypothesis draws rows (CSV and its kin, JSON, Parquet), audits, accepted
findings and settings in TOML, and the files of a finished run, and whole commands read them. A command may end well or
in one line that begins with `error:`; anything unexpected is a fault, shown with the bytes that it took. Minutes are of
one processor; memory is limited to `--gigabytes`.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import io
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from token_saliency import TextClassifier, run_audits
from token_saliency.__main__ import run
from token_saliency.resources import shipped

TEXTS = [f"{name} said the film was {word}{mark}" for name in ("Linda", "Kevin") for word in ("new", "old", "long")
         for mark in ("!", ".", "")]  # fmt: skip
PIECES = [
    *(
        b",",
        b";",
        b"\t",
        b"|",
        b'"',
        b'""',
        b"\n",
        b"\r",
        b"\r\n",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
    ),
    *(
        b"sep=;",
        b"text",
        b"label",
        b"id",
        b"split",
        b"positive",
        b"negative",
        b"NaN",
        b"null",
        b"\\",
        b"'",
        b" ",
        b"{",
        b"}",
    ),
    *(b"[", b"]", b":", b"1e999", b"-0", b"\\ud800", b"\xf0\x9f\x98\x80", b"Linda said!", b"test", b"0", b"1", b"1.0"),
]
SAID = ["\x1b[2J", "::error::", "]]>", "<script>", "PASS", "FAIL", "\ud800", "x" * 999, 10**400, -1, 2, [], {}, [[]]]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([*SAID, [None], {"a": 1}]),
)
SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt", ".parquet")
TOML = [
    *(
        "[find]",
        "[edit]",
        "[audit]",
        "[audit.names]",
        "[[case]]",
        "[[known]]",
        "name",
        "title",
        "why",
        "code",
        "margin",
        "level",
    ),
    *(
        "expectation",
        "lexicon",
        "operators",
        "panel",
        "items",
        "matcher",
        "pattern",
        "between",
        "column",
        "strata",
        "judge",
    ),
    *(
        "= ",
        '"names"',
        '"error"',
        "0.05",
        "nan",
        "inf",
        "-1",
        "[",
        "]",
        "{",
        "}",
        "true",
        "2027-06-30",
        '"("',
        '"../../x.csv"',
    ),
    *(
        '"a"',
        "1",
        "0x7fffffffffffffffff",
        '"invariance"',
        '"swap"',
        "rows",
        "edits",
        "seed",
        "format",
        "claim",
        "class",
        "interval",
    ),
    *("\n", "\n", "\n", "=", ".", ",", "#", "'''", '"""', "\\u0000", "\x00", "[" * 2000, "a." * 500),
]


def unexpected(*words: object) -> str:
    """What is wrong with how a command line ended; nothing where it is well."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(word) for word in words])
    said = err.getvalue()
    if code not in (0, 1, 2, 5):
        return f"exit code {code}: {said}"
    told = said.startswith("error: ") or "exit code 2" in out.getvalue()  # an audit that crashed is told in the report
    fault = "error: unexpected " in said or "Traceback" in said or (code == 2 and not told)
    return f"exit code {code}: {said}" if fault else ""


@dataclass
class Bench:
    """A finished run and rows to begin from, and a folder to write spoilt files into."""

    folder: Path
    faults: dict[str, str] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def rows(self) -> Path:
        return self.folder / "rows.csv"

    def seen(self, target: str, content: bytes, fault: str) -> None:
        """Counts; keeps the first bytes of each kind of fault."""
        self.tried[target] = self.tried.get(target, 0) + 1
        if fault:
            self.faults.setdefault(f"{target}: {fault.strip()[:300]}", repr(content[:2000]))


def bench(folder: Path) -> Bench:
    """A small run of a function that counts marks, and its rows."""
    made = Bench(folder)
    frame = pd.DataFrame({"text": TEXTS * 2, "label": ["positive", "negative"] * len(TEXTS)})
    frame = frame.assign(text=[f"{text} {n}" for n, text in enumerate(frame.text)], town=["here", "there"] * len(TEXTS))
    frame.to_csv(made.rows, index=False)
    frame.to_parquet(folder / "rows.parquet")
    frame.to_json(folder / "rows.jsonl", orient="records", lines=True)

    def predict(texts: list[str]) -> list[list[float]]:
        return [[0.2, 0.8] if "!" in text else [0.7, 0.3] for text in texts]

    classifier = TextClassifier.from_function(predict, ["negative", "positive"])
    run_audits(classifier, frame, ["names", "punctuation"], edits=100, discovery=False).save(str(made.run))
    return made


def spoilt(content: bytes, data: Any) -> bytes:
    """Bytes that are cut, flipped, doubled or have something put in."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        kind = data.draw(st.integers(0, 3))
        if kind == 0:
            content = content[:at]
        elif kind == 1 and content:
            content = content[:at] + bytes([content[at] ^ (1 << data.draw(st.integers(0, 7)))]) + content[at + 1 :]
        elif kind == 2:
            content = content[:at] + content[at // 2 : at] + content[at:]
        else:
            content = content[:at] + data.draw(st.sampled_from(PIECES)) + content[at:]
    return content


def changed(record: Any, data: Any) -> Any:
    """A record with one value replaced, taken out, or put in somewhere."""
    here = record
    while isinstance(here, dict | list) and here:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.integers(0, 9)):
            here = here[key]
            continue
        if data.draw(st.integers(0, 4)):
            here[key] = copy.deepcopy(data.draw(LEAVES))  # it may be changed in turn
        elif isinstance(here, dict):
            del here[key]
        else:
            here.append(copy.deepcopy(here[key]))
        break
    return record


def rows_target(made: Bench, data: Any) -> None:
    """Rows of any kind."""
    suffix = data.draw(st.sampled_from(SUFFIXES))
    known = {".csv": "rows.csv", ".parquet": "rows.parquet", ".jsonl": "rows.jsonl"}.get(suffix)
    if known and data.draw(st.booleans()):
        content = spoilt((made.folder / known).read_bytes(), data)
    else:
        parts = data.draw(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=30))
        content = data.draw(st.sampled_from([b"", b"text,label\n", b"text\n", b'{"text": "'])) + b"".join(parts)
    if not data.draw(st.integers(0, 5)):
        content, suffix = spoilt(gzip.compress(content, mtime=0), data), suffix + ".gz"
    file = made.folder / f"spoilt{suffix}"
    file.write_bytes(content)
    more = data.draw(
        st.sampled_from([(), ("--id", "id"), ("--label", ""), ("--split", "test"), ("--label-map", "1=a")])
    )
    made.seen("rows", content, unexpected("edits", file, "--audit", "punctuation", "--show", 2, *more))


def toml_target(made: Bench, data: Any) -> None:
    """Audits, accepted findings and settings."""
    shipped_files = [file.read_text() for file in sorted(Path(str(shipped("audits"))).glob("*.toml"))]
    if data.draw(st.booleans()):
        content = spoilt(data.draw(st.sampled_from(shipped_files)).encode(), data)
    else:
        parts = data.draw(st.lists(st.one_of(st.sampled_from(TOML), st.text(max_size=3)), max_size=25))
        content = "".join(parts).encode("utf-8", "surrogatepass")
    folder = made.folder / "toml"
    folder.mkdir(exist_ok=True)
    (folder / "names.toml").write_bytes(content)
    kind = data.draw(st.integers(0, 2))
    if kind == 0:
        fault = unexpected("edits", made.rows, "--audits-dir", folder, "--audit", "names", "--show", 2)
    else:
        name = "--known" if kind == 1 else "--config"
        again = ("--out", made.folder / "again", "--quiet")
        fault = unexpected("audit", "--from", made.run, name, folder / "names.toml", *again)
    made.seen("toml", content, fault)


def report_target(made: Bench, data: Any) -> None:
    """The record of a run, in every format and judged again."""
    content = (made.run / "report.json").read_bytes()
    if data.draw(st.integers(0, 4)):
        record = json.loads(content)
        for _ in range(data.draw(st.integers(1, 2))):
            record = changed(record, data)
        content = json.dumps(record).encode("utf-8", "surrogatepass")
    else:
        content = spoilt(content, data)
    folder = Path(shutil.copytree(made.run, made.folder / "record", dirs_exist_ok=True))
    (folder / "report.json").write_bytes(content)
    name = data.draw(
        st.sampled_from(("html", "junit", "sarif", "gitlab", "github", "md", "model-card", "known", "terminal"))
    )
    made.seen("report.json", content, unexpected("render", folder, "--format", name))
    if not data.draw(st.integers(0, 2)):
        again = "audit", "--from", folder, "--out", made.folder / "again", "--quiet"
        words = data.draw(st.sampled_from((again, ("compare", made.run, folder), ("compare", folder, made.run))))
        made.seen("report.json", content, unexpected(*words))


def parquet_target(made: Bench, data: Any) -> None:
    """The tables of a run: bytes that are spoilt, and tables that are whole and hold nonsense."""
    folder = Path(shutil.copytree(made.run, made.folder / "tables", dirs_exist_ok=True))
    file = folder / data.draw(st.sampled_from(("rows.parquet", "edits.parquet")))
    if data.draw(st.booleans()):
        file.write_bytes(spoilt(file.read_bytes(), data))
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(file)
        lines = table.to_pylist()
        lines[data.draw(st.integers(0, len(lines) - 1))] = changed(
            lines[data.draw(st.integers(0, len(lines) - 1))], data
        )
        if any(isinstance(line.get("metadata"), list) and None in line["metadata"] for line in lines):
            return  # Arrow ends the process where an entry of a map is to be none
        try:
            pq.write_table(pa.Table.from_pylist(lines, schema=table.schema), file)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            return
    again = "audit", "--from", folder, "--out", made.folder / "again", "--quiet"
    words = data.draw(st.sampled_from((again, ("compare", made.run, folder), ("render", folder, "--format", "html"))))
    made.seen("Parquet of a run", file.read_bytes(), unexpected(*words))


TARGETS: tuple[Callable[[Bench, Any], None], ...] = (rows_target, toml_target, report_target, parquet_target)


def fuzzed(made: Bench, target: Callable[[Bench, Any], None], number: int, examples: int) -> None:
    """So many examples of one target, drawn by the seed."""
    checks = list(HealthCheck)
    phases = (Phase.generate,)

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=checks, phases=phases)
    @given(st.data())
    def tried(data: Any) -> None:
        shutil.rmtree(made.folder / "again", ignore_errors=True)
        target(made, data)

    tried()


def main() -> int:
    """1 where something unexpected was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gigabytes", type=float, default=6.0)
    given_ = parser.parse_args()
    limit = int(given_.gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made, number, begun = bench(Path(folder)), given_.seed, time.process_time()
        spent: dict[str, float] = {}
        while time.process_time() - begun < 60 * given_.minutes:
            for target in TARGETS:
                before = time.process_time()
                fuzzed(made, target, number, 50)
                spent[target.__name__] = spent.get(target.__name__, 0.0) + time.process_time() - before
            number += 1
        print(
            f"{(time.process_time() - begun) / 60:.1f} minutes of processor time, seeds {given_.seed} to {number - 1}"
        )
        for name, count in made.tried.items():
            print(f"{name}: {count:,} commands")
        print(", ".join(f"{name} {seconds:.0f} s" for name, seconds in spent.items()))
        for fault, content in made.faults.items():
            print(f"\nFAULT {fault}\n{content}")
        print(f"{len(made.faults)} kinds of fault")
    return int(bool(made.faults))


if __name__ == "__main__":
    sys.exit(main())
