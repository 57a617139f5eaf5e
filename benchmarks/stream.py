"""The intervention stream of a whole audit beside the bare forward loop, and how long judging again takes.

    python benchmarks/stream.py MODEL DATA [--rows 5000] [--texts 800] [--rounds 5] [--threads 2]

All shipped audits are planned on the rows. Slices of their edited texts, drawn at random, go through the model as an
audit sends them, in turns with a bare loop over exactly the same batches; the ratio is the median over the slices. Then
a run over the same rows with a function in place of the model is written and judged again with other margins, by the
command and in a process of its own.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.speed.bare import bare, calls_of
from benchmarks.speed.clock import race
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.evidence.asking import Answers
from token_saliency.auditing.run import run_audits
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.data import Rows, load_rows, parse_label_map
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.store import save_run
from token_saliency.store.blocks import Memory
from token_saliency.text.classifier import TextClassifier

EDITS = 10_000


def planned(classifier: TextClassifier, rows: Sequence[Example]) -> list[str]:
    """The distinct edited texts of all audits."""
    found: dict[str, None] = {}
    for audit in load_audits().values():
        own = bound(audit, classifier.labels)
        spans = {row.id: row_spans(row, own) for row in rows}
        request = Request(own, rows, spans, EDITS, 0, classifier.count_tokens)
        found |= dict.fromkeys(edit.text for edit in plan(request))
    return list(found)


def asked(classifier: TextClassifier, texts: Sequence[str]) -> None:
    """The texts through the model, as an audit sends them."""
    Answers(classifier, Memory(), lambda _: None, lambda *_: None).probabilities("edits", texts)


def stream(classifier: TextClassifier, texts: list[str], count: int, rounds: int) -> None:
    """Prints the ratio."""
    random.Random(0).shuffle(texts)
    slices = []
    for turn in range(rounds):
        some = texts[turn * count : (turn + 1) * count]
        calls = calls_of(classifier.model, lambda some=some: asked(classifier, some))  # type: ignore[misc]
        slices.append(
            {
                "ours": lambda some=some: asked(classifier, some),
                "loop": lambda calls=calls: bare(classifier.model, calls),
            }
        )
    median, least, most, steady = race(slices).ratio("loop", "ours")
    print("| what | bar | found | |\n| --- | --- | --- | --- |")
    found = f"{median:.3f} ({least:.3f} - {most:.3f}; by processor time {steady:.3f})"
    line("intervention stream, share of the bare forward loop", "at least 0.85", found, median >= 0.85)


def line(what: str, bar: str, found: str, met: bool) -> None:
    print(f"| {what} | {bar} | {found} | {'pass' if met else 'FAIL'} |", flush=True)


def judged_again(source: Rows, labels: Sequence[str], rows: int) -> None:
    """Writes a run of all audits over the rows, answered by a function, and times `audit --from`."""

    def predict(texts: list[str]) -> np.ndarray:
        draws = np.array([random.Random(text).random() for text in texts])
        return np.stack([1 - draws, draws], axis=1)

    kept: list[tuple[Sequence[ScoredRow], Sequence[Edit]]] = []
    classifier = TextClassifier.from_function(predict, labels)
    report = run_audits(
        classifier,
        source,
        rows_limit=rows,
        method="random",
        edits=EDITS,
        exhaustive=True,
        on_evidence=lambda scored, edits: kept.append((list(scored.values()), edits)),
    )
    with tempfile.TemporaryDirectory() as folder:
        save_run(report, *kept[0], folder)
        command = [
            sys.executable,
            "-m",
            "token_saliency",
            "audit",
            "--from",
            folder,
            "--margin",
            "names=0.1",
            "--quiet",
        ]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        spent = time.perf_counter() - start
    if done.returncode not in (0, 1, 5):
        raise SystemExit(done.stderr)
    edits = len(kept[0][1])
    what = f"judging {report.dataset.rows_used:,} rows, {edits:,} edits, {len(report.audits)} audits again, seconds"
    line(what, "under 5", f"{spent:.1f}", spent < 5)


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.threads)
    classifier = TextClassifier.from_pretrained(chosen.model, device="cpu")
    labels = parse_label_map(chosen.label_map) if chosen.label_map else None
    source = load_rows(chosen.data, labels=classifier.labels, split=chosen.split, label_map=labels)
    rows = source.examples[: chosen.rows]
    start = time.perf_counter()
    texts = planned(classifier, rows)
    spent = time.perf_counter() - start
    print(
        f"{len(rows):,} rows, {len(texts):,} distinct edited texts, planned in {spent:.1f} s; {chosen.threads} threads"
    )
    stream(classifier, texts, chosen.texts, chosen.rounds)
    judged_again(source, classifier.labels, chosen.rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a classifier of two classes")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split", default="all")
    parser.add_argument("--label-map", help="as of `token-saliency audit`")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--texts", type=int, default=800, help="edited texts in a slice")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
