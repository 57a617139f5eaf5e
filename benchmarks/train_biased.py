"""Does `demographics` find a bias that was put in, on its axis and on no other? Needs the kit's jigsaw_madlibs.

    python benchmarks/train_biased.py --madlibs madlibs.csv --words words.csv [--axis religion] [--seeds 0 1]

Sentences such as “Abdul is a dumb [IDENTITY]” are toxic or not by one word (dumb). A small encoder (2 layers, 64 wide)
is trained from scratch twice, or `--encoder FOLDER` is tuned twice with a new head: on a sample in which half of the
terms of one axis stand in toxic sentences with .8 and the other half with .2, and on a balanced one, where every term
of every axis has .5. It is audited on sentences whose deciding word it has never seen, so that it has something to fall
back on; rows of one frame are one document, and the labels of the audited rows go with no term.
Printed for every axis: the verdict, and what is true, for the set holds every sentence with every term: how far the
terms move the output in other frames, against the other terms of their axis (the farthest of them, and the RMS).
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from benchmarks.word_counts import naive_bayes
from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.demo.training import build_model, build_tokenizer, reproducible
from token_saliency.report import Report
from token_saliency.results import Example
from token_saliency.text.function.classifier_of import FunctionClassifier

LABELS = ("non_toxic", "toxic")
AUDITED_A_FRAME = 4
HIDDEN = 0.1
"""The share of words hidden in training, so that no single word is all there is to go by."""
TRUE_FRAMES = 40
"""So many unseen frames say what is true."""

Classifier = TextClassifier | FunctionClassifier


@dataclass(frozen=True, slots=True)
class Recipe:
    """How many rows of every term are seen, how often, how many at a time, and how fast they are learned."""

    rows_a_term: int
    epochs: int
    batch: int
    rate: float


SCRATCH = Recipe(100, 4, 64, 1e-3)
TUNED = Recipe(40, 2, 32, 1e-4)


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


def sample(sentences: Sequence[Sentence], toxic: Mapping[str, float], each: int, draw: random.Random) -> list[Sentence]:
    """So many rows of `each` term, with exactly its share of toxic ones (.5 where none is given)."""
    by_term: dict[tuple[str, str], list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_term[sentence.term, sentence.label].append(sentence)
    rows = []
    for term in sorted({sentence.term for sentence in sentences}):
        count = round(each * toxic.get(term, 0.5))
        rows += draw.sample(by_term[term, "toxic"], count)
        rows += draw.sample(by_term[term, "non_toxic"], each - count)
    draw.shuffle(rows)
    return rows


def train(rows: Sequence[Sentence], recipe: Recipe, encoder: str | None, seed: int) -> TextClassifier:
    """A fresh encoder, or the given one with a new head, trained on the rows."""
    texts = [row.text for row in rows]
    labels = torch.tensor([LABELS.index(row.label) for row in rows])
    with reproducible(seed):
        tokenizer, model = _tuned(encoder) if encoder else _fresh(texts)
        encoded = [torch.tensor(ids) for ids in tokenizer(texts)["input_ids"]]
        optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01)
        model.train()
        for _ in range(recipe.epochs):
            order = torch.randperm(len(rows)).tolist()
            for start in range(0, len(order), recipe.batch):
                chosen = order[start : start + recipe.batch]
                ids = torch.nn.utils.rnn.pad_sequence(
                    [encoded[i] for i in chosen], batch_first=True, padding_value=tokenizer.pad_token_id
                )
                seen = (ids != tokenizer.pad_token_id).long()
                model(input_ids=_hidden(ids, tokenizer), attention_mask=seen, labels=labels[chosen]).loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
    return TextClassifier(model.train(False), tokenizer, id=f"madlibs-{seed}")


def _hidden(ids: torch.Tensor, tokenizer: Any) -> torch.Tensor:
    special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    return torch.where((torch.rand(ids.shape) < HIDDEN) & ~special, tokenizer.mask_token_id, ids)


def _fresh(texts: Sequence[str]) -> tuple[Any, Any]:
    tokenizer = build_tokenizer(texts)
    model = build_model(len(tokenizer))
    model.config.id2label, model.config.label2id = dict(enumerate(LABELS)), {name: i for i, name in enumerate(LABELS)}
    return tokenizer, model


def _tuned(encoder: str) -> tuple[Any, Any]:
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: i for i, name in enumerate(LABELS)},
        dtype=torch.float32,
    )
    model.classifier.reset_parameters()  # the head of another task, where the folder has one
    return AutoTokenizer.from_pretrained(encoder), model


def counting(rows: Sequence[Sentence], seed: int) -> FunctionClassifier:
    """Naive Bayes over the words of the rows."""
    predict = naive_bayes([row.text for row in rows], [row.label for row in rows], LABELS)
    return TextClassifier.from_function(predict, LABELS, name=f"madlibs-counts-{seed}")


def audited_rows(sentences: Iterable[Sentence], draw: random.Random) -> list[Example]:
    """A few terms of every frame; rows of one frame are one document."""
    frames: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        frames[sentence.frame].append(sentence)
    rows = [s for frame in sorted(frames) for s in draw.sample(frames[frame], AUDITED_A_FRAME)]
    return [Example(str(n), s.text, label=s.label, metadata={"frame": s.frame}) for n, s in enumerate(rows)]


def axes() -> dict[str, str]:
    """The axis of every term of the audit, in lower case."""
    entries = load_audits(["demographics"])["demographics"].find.lexicon
    return {entry.item.lower(): entry.groups["axis"] for entry in entries}


def planted(axis: str, terms: Iterable[str], draw: random.Random) -> dict[str, float]:
    """.8 toxic for one half of the terms of the axis, .2 for the other."""
    known = axes()
    own = sorted(term for term in terms if known.get(term) == axis)
    draw.shuffle(own)
    return {term: 0.8 if place % 2 else 0.2 for place, term in enumerate(own)}


def truth(classifier: Classifier, sentences: Sequence[Sentence], draw: random.Random) -> dict[str, dict[str, float]]:
    """axis -> term -> how far it moves P(toxic) against the other terms of its axis, in the same frames."""
    known = axes()
    frames = set(draw.sample(sorted({s.frame for s in sentences}), TRUE_FRAMES))
    asked = [s for s in sentences if s.frame in frames and s.term in known]
    answers = classifier.predict([s.text for s in asked]).probabilities[:, LABELS.index("toxic")]
    by_axis: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sentence, answer in zip(asked, answers, strict=True):
        by_axis[known[sentence.term]][sentence.term].append(float(answer))
    found = {}
    for axis, terms in by_axis.items():
        means = {term: float(np.mean(values)) for term, values in terms.items()}
        total, others = sum(means.values()), len(means) - 1
        found[axis] = {term: mean - (total - mean) / others for term, mean in means.items()}
    return found


def show(title: str, report: Report, true: Mapping[str, Mapping[str, float]], seconds: float) -> None:
    """The sentence that decided, and a line of the table for every axis."""
    audit = report.audits["demographics"]
    print(f"\n{title} ({seconds:.0f} s to train): demographics {audit.verdict}. {audit.reason}\n")
    print("| axis | verdict | rests on | the term that moves it farthest, in truth | RMS, in truth |")
    print("| --- | --- | --- | --- | --- |")
    for note in audit.notes:
        axis, _, rest = note.partition(": ")
        if axis in true:
            verdict, _, rests = rest.partition(" (")
            term = max(true[axis], key=lambda term: abs(true[axis][term]))
            rms = float(np.sqrt(np.mean(np.square(list(true[axis].values())))))
            rests = rests.partition("; ")[2].removesuffix(").")
            print(f"| {axis} | {verdict} | {rests} | {term} {true[axis][term]:+z.3f} | {rms:.3f} |", flush=True)


AXES = ("gender", "religion", "nationality", "race", "orientation", "age", "disability")


def main() -> None:
    """Trains, audits and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--madlibs", type=Path, required=True)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--axis", default="religion", choices=AXES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--encoder", help="a folder with an encoder to tune in place of one from scratch")
    parser.add_argument("--counts", action="store_true", help="naive Bayes over words in place of an encoder")
    arguments = parser.parse_args()
    sentences = read(arguments.madlibs, arguments.words)
    for seed in arguments.seeds:
        once(arguments, sentences, seed)


def once(arguments: argparse.Namespace, sentences: Sequence[Sentence], seed: int) -> None:
    """Both trainings of one seed."""
    draw = random.Random(seed)
    unseen = held_out(sentences, draw)
    seen, fresh = ([s for s in sentences if (s.word in unseen) is kept] for kept in (False, True))
    rows = audited_rows(fresh, draw)
    shares = planted(arguments.axis, {s.term for s in sentences}, draw)
    recipe = TUNED if arguments.encoder else SCRATCH
    for title, toxic in ((f"biased on {arguments.axis}", shares), ("balanced", {})):
        started = time.perf_counter()
        chosen = sample(seen, toxic, recipe.rows_a_term, draw)
        classifier: Classifier = (
            counting(chosen, seed) if arguments.counts else train(chosen, recipe, arguments.encoder, seed)
        )
        seconds = time.perf_counter() - started
        method = "random" if arguments.counts else "gradient"  # colours decide nothing here
        report = run_audits(
            classifier, rows, ["demographics"], cluster="frame", method=method, seed=seed, exhaustive=True
        )
        show(f"Seed {seed}, {title}", report, truth(classifier, fresh, draw), seconds)


if __name__ == "__main__":
    main()
