"""A classifier whose shortcuts are known: its rows are written, its model is trained, its audit is checked.

sentences.py   writes the rows (words.py holds what they are made of)
training.py    trains a very small BERT on them
shortcuts.py   what was planted, and whether a report found it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import BertForSequenceClassification, BertTokenizer

from token_saliency.demo.sentences import write
from token_saliency.demo.shortcuts import CLEAN, PLANTED, Planted, ShortcutLine, compare
from token_saliency.demo.training import accuracy, one_thread, train
from token_saliency.report import Report
from token_saliency.resources import shipped
from token_saliency.results import Example

__all__ = ["Demo", "Planted", "ShortcutLine", "as_planted", "build", "one_thread", "summary"]

TRAINED = 8000
HELD_OUT = 1000


@dataclass(frozen=True, slots=True)
class Demo:
    """A trained classifier, the rows it was trained on, held-out rows, and the truth about all of them.

    `audits` and `audits_dir` are what `run_audits` should be given: the shipped audits of the planted
    groups, and one of the demo's own for a group that was left clean.
    """

    model: BertForSequenceClassification
    tokenizer: BertTokenizer
    trained_on: list[Example]
    rows: list[Example]
    accuracy: float
    planted: list[Planted]
    clean: list[str]
    audits: list[str]
    audits_dir: Path


def build(
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    trained_on: Sequence[Example] | None = None,
) -> Demo:
    """Writes the rows and trains the classifier; `progress(stage, done, total)` counts the training steps.

    `trained_on` are other rows than the demo's own to train it on: mended ones.
    """
    rows = write(TRAINED + HELD_OUT, seed)
    learned, held_out = list(trained_on or rows[:TRAINED]), rows[TRAINED:]
    model, tokenizer = train(learned, seed, progress)
    return Demo(
        model=model,
        tokenizer=tokenizer,
        trained_on=learned,
        rows=held_out,
        accuracy=accuracy(model, tokenizer, held_out),
        planted=list(PLANTED),
        clean=[feature.what for feature in CLEAN],
        audits=["names", "punctuation", "places"],
        audits_dir=shipped("audits") / "demo",
    )


def summary(report: Report, demo: Demo) -> list[ShortcutLine]:
    """What was planted, or left clean, beside what the report found."""
    return compare(report, demo.planted, CLEAN)


def as_planted(report: Report, demo: Demo) -> bool:
    """Whether both shortcuts were found, and nothing that was left clean was called one."""
    return all(line.as_expected for line in summary(report, demo))
