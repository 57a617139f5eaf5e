"""Does `demographics` find a bias that was put in, on its axis and on no other? Needs the kit's jigsaw_madlibs.

    python benchmarks/train_biased.py --madlibs madlibs.csv --words words.csv [--axis religion] [--seeds 3]

Sentences such as “Abdul is a dumb [IDENTITY]” are toxic or not by one word (dumb). A small encoder (2 layers, 64 wide)
is trained from scratch twice: on a sample in which half of the terms of one axis stand in toxic sentences with .8 and
the other half with .2, and on a balanced one, where every term of every axis has .5. It is audited on sentences whose
deciding word it has never seen, so that it has something to fall back on; rows of one frame are one document.
Printed: the verdict of every axis, and the decisive finding.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
from word_counts import naive_bayes

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definition import load_audits
from token_saliency.demo.training import SPECIAL, build_tokenizer, reproducible
from token_saliency.results import Example, Report
from token_saliency.text.function import FunctionClassifier

LABELS = ("non_toxic", "toxic")
ROWS_A_TERM = 100
AUDITED_A_FRAME = 4
EPOCHS, BATCH, RATE = 4, 64, 1e-3
HIDDEN = 0.1
"""The share of words hidden in training, so that no single word is all there is to go by."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A frame with a term in it; `word` decides its label."""

    frame: str
    term: str
    text: str
    label: str
    word: str


def read(madlibs: Path, words: Path) -> list[Sentence]:
    """The sentences whose deciding word is known."""
    with words.open(encoding="utf-8", newline="") as file:
        polar = {line["word"] for line in csv.DictReader(file) if line["type"] in ("adjective", "verb")}
    with madlibs.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    found = []
    for line in lines:
        word = next((w for w in line["frame"].replace(".", " ").split() if w.lower() in polar), "")
        if word:
            found.append(Sentence(line["frame"], line["identity_term"], line["text"], line["label"], word.lower()))
    return found


def held_out(sentences: Iterable[Sentence], draw: random.Random) -> set[str]:
    """A third of the deciding words of each label."""
    by_label = defaultdict(set)
    for sentence in sentences:
        by_label[sentence.label].add(sentence.word)
    return {word for words in by_label.values() for word in draw.sample(sorted(words), len(words) // 3)}


def sample(sentences: Sequence[Sentence], toxic: Mapping[str, float], draw: random.Random) -> list[Sentence]:
    """The same number of rows for every term, with exactly its share of toxic ones (.5 where none is given)."""
    by_term: dict[tuple[str, str], list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_term[sentence.term, sentence.label].append(sentence)
    rows = []
    for term in sorted({sentence.term for sentence in sentences}):
        count = round(ROWS_A_TERM * toxic.get(term, 0.5))
        rows += draw.sample(by_term[term, "toxic"], count)
        rows += draw.sample(by_term[term, "non_toxic"], ROWS_A_TERM - count)
    draw.shuffle(rows)
    return rows


def train(rows: Sequence[Sentence], seed: int) -> TextClassifier:
    """A fresh encoder, trained on the rows."""
    tokenizer = build_tokenizer([row.text for row in rows])
    encoded = [torch.tensor(ids) for ids in tokenizer([row.text for row in rows])["input_ids"]]
    labels = torch.tensor([LABELS.index(row.label) for row in rows])
    with reproducible(seed):
        model = BertForSequenceClassification(_config(tokenizer))
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
        model.train()
        for _ in range(EPOCHS):
            for chosen in torch.randperm(len(rows)).split(BATCH):
                ids = torch.nn.utils.rnn.pad_sequence([encoded[i] for i in chosen], batch_first=True)
                hide = (torch.rand(ids.shape) < HIDDEN) & (ids >= len(SPECIAL))
                ids = torch.where(hide, SPECIAL.index("[MASK]"), ids)
                model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels[chosen]).loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
    return TextClassifier(model.train(False), tokenizer, id=f"madlibs-{seed}")


def counting(rows: Sequence[Sentence], seed: int) -> FunctionClassifier:
    """Naive Bayes over the words of the rows."""
    predict = naive_bayes([row.text for row in rows], [row.label for row in rows], LABELS)
    return TextClassifier.from_function(predict, LABELS, name=f"madlibs-counts-{seed}")


def _config(tokenizer: BertTokenizer) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=128,
        pad_token_id=0,
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )


def audited_rows(sentences: Iterable[Sentence], draw: random.Random) -> list[Example]:
    """A few terms of every frame; rows of one frame are one document."""
    frames: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        frames[sentence.frame].append(sentence)
    rows = [s for frame in sorted(frames) for s in draw.sample(frames[frame], AUDITED_A_FRAME)]
    return [Example(str(n), s.text, label=s.label, metadata={"frame": s.frame}) for n, s in enumerate(rows)]


def planted(axis: str, terms: Iterable[str], draw: random.Random) -> dict[str, float]:
    """.8 toxic for one half of the terms of the axis, .2 for the other."""
    entries = load_audits(["demographics"])["demographics"].find.lexicon
    axes = {entry.item.lower(): entry.groups["axis"] for entry in entries}
    own = sorted(term for term in terms if axes.get(term) == axis)
    draw.shuffle(own)
    return {term: 0.8 if place % 2 else 0.2 for place, term in enumerate(own)}


def show(title: str, report: Report, seconds: float) -> None:
    """One line for the run, one for every axis."""
    audit = report.audits["demographics"]
    print(f"{title}: demographics {audit.verdict} ({seconds:.0f} s to train)", flush=True)
    print(f"  {audit.reason}")
    for note in audit.notes:
        if note.split(":")[0] in AXES:
            print(f"  {note}")


AXES = ("gender", "religion", "nationality", "race", "orientation", "age", "disability")


def main() -> None:
    """Trains, audits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--madlibs", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--axis", default="religion", choices=AXES)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--counts", action="store_true", help="naive Bayes over words in place of an encoder")
    arguments = parser.parse_args()
    sentences = read(arguments.madlibs, arguments.words)
    for seed in range(arguments.seeds):
        draw = random.Random(seed)
        unseen = held_out(sentences, draw)
        seen = [s for s in sentences if s.word not in unseen]
        rows = audited_rows([s for s in sentences if s.word in unseen], draw)
        shares = planted(arguments.axis, {s.term for s in sentences}, draw)
        for title, toxic in ((f"biased on {arguments.axis}", shares), ("balanced", {})):
            started = time.perf_counter()
            chosen = sample(seen, toxic, draw)
            classifier = counting(chosen, seed) if arguments.counts else train(chosen, seed)
            seconds = time.perf_counter() - started
            method = "random" if arguments.counts else "gradient"  # colours decide nothing here
            report = run_audits(classifier, rows, ["demographics"], cluster="frame", method=method, seed=seed)
            show(f"seed {seed}, {title}", report, seconds)


if __name__ == "__main__":
    main()
