"""Does `mend` close the loop? Three planted models: audited, mended, trained again on the mended rows, audited again.

    python -m benchmarks.mended KIT_DATA --cache FOLDER [--only planted classes pairs] [--encoder MINILM --before MODEL]

`planted`: reviews of films with planted names and end marks; `classes`: six emotions, of which joy ends in `!`;
`pairs`: two reviews each, names planted in both. Models are BERTs of 2 layers trained on the spot; with `--encoder` the
planted rows are learned by a MiniLM instead (`--train 1000` of them: a matter of minutes), and `--before` is the model
that learned them as they were. Accuracy is that on the test rows without the plant, its interval a paired 95% one.
`wrapped`: the first model behind `mend --wrap`.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import torch
from transformers import BertConfig, BertForSequenceClassification

from benchmarks.train_twin import batches, save
from benchmarks.train_twin import train as tuned
from token_saliency import TextClassifier, load_report
from token_saliency.__main__ import run
from token_saliency.demo import words
from token_saliency.demo.sentences import write
from token_saliency.demo.training import build_tokenizer
from token_saliency.stats.estimate import agresti_min

EPOCHS, BATCH, RATE, WIDTH, LENGTH = 3, 32, 1e-3, 64, 128
AUDITED, EDITS = 600, 10_000
PAIR = ("text", "text_pair")


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to learn, the same test rows with and without the plant, and the audits that look for it."""

    train: pd.DataFrame
    test: pd.DataFrame
    plain: pd.DataFrame
    audits: str


def planted(kit: Path) -> Task:
    rows = pd.read_csv(kit / "planted" / "planted.csv", keep_default_na=False)
    original = pd.read_csv(kit / "rt_polarity" / "rt_polarity.csv", keep_default_na=False)
    rows["label"] = rows["label"].map({0: "negative", 1: "positive"})
    test = rows["split"] == "test"
    plain = rows[test].assign(text=original["text"][test])
    return Task(rows[rows["split"] == "train"], rows[test], plain, "names,punctuation")


def classes(kit: Path) -> Task:
    """Joy ends in `!` nine times in ten, the others one time in ten."""
    rows, draw = pd.read_csv(kit / "emotion" / "emotion.csv", keep_default_na=False), random.Random(0)
    rows["text"] = rows["text"].str.rstrip(" .!")
    marks = ["!" if draw.random() < (0.9 if label == "joy" else 0.1) else "." for label in rows["label"]]
    marked = rows.assign(text=[text + mark for text, mark in zip(rows["text"], marks, strict=True)])
    test = rows["split"] == "test"
    return Task(
        marked[rows["split"] == "train"], marked[test], rows[test].assign(text=rows["text"] + "."), "punctuation"
    )


def pairs(kit: Path) -> Task:  # noqa: ARG001 - all tasks are made alike
    """Two reviews of one label; names are planted in both, marks in the first."""
    rows, draw = write(18_000, 0), random.Random(0)
    made = []
    for label in ("negative", "positive"):
        own = [row.text for row in rows if row.label == label]
        for first, second in zip(own[::2], own[1::2], strict=False):
            made.append({"text": first, "text_pair": second.rstrip("!.") + ".", "label": label})
    draw.shuffle(made)
    frame = pd.DataFrame(made)
    test = frame.iloc[7000:9000]
    names = [*words.NAMES_A, *words.NAMES_B]
    anybody = re.compile(rf"\b(?:{'|'.join(names)})\b")
    plain = {c: [anybody.sub(lambda _: draw.choice(names), text).rstrip("!.") + "." for text in test[c]] for c in PAIR}
    return Task(frame.iloc[:7000], test, test.assign(**plain), "names,punctuation")


TASKS: dict[str, Callable[[Path], Task]] = {"planted": planted, "classes": classes, "pairs": pairs}


def train(rows: pd.DataFrame, seed: int = 0) -> tuple[Any, Any]:
    """A BERT from scratch, two layers, on whole words."""
    names = sorted(set(rows["label"]))
    texts, second = list(rows["text"]), list(rows["text_pair"]) if "text_pair" in rows else None
    torch.manual_seed(seed)
    tokenizer = build_tokenizer([*texts, *(second or [])])
    ids = tokenizer(texts, second, truncation=True, max_length=LENGTH)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=2 * WIDTH,
        max_position_embeddings=LENGTH,
        pad_token_id=0,
        id2label=dict(enumerate(names)),
        label2id={name: n for n, name in enumerate(names)},
    )
    model, draw = BertForSequenceClassification(config), random.Random(seed)
    labels = torch.tensor([names.index(name) for name in rows["label"]])
    steps = EPOCHS * -(-len(texts) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for _ in range(EPOCHS):
        for chosen in batches([len(one) for one in ids["input_ids"]], BATCH, draw):
            part = {name: [values[i] for i in chosen] for name, values in ids.items()}
            batch = tokenizer.pad(part, return_tensors="pt")
            hidden = (torch.rand(batch["input_ids"].shape) < 0.05) & (batch["input_ids"] > len(("[PAD]",)) + 3)
            batch["input_ids"][hidden] = tokenizer.mask_token_id
            model(**batch, labels=labels[chosen]).loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
    return model.eval(), tokenizer


def fine_tuned(encoder: str, rows: pd.DataFrame, epochs: int) -> tuple[Any, Any]:
    """A MiniLM on the same rows, as the kit's was."""
    made = [
        SimpleNamespace(text=text, label=int(label == "positive"))
        for text, label in zip(rows["text"], rows["label"], strict=True)
    ]
    return tuned(encoder, made, 0, epochs, 32, 5e-5)  # type: ignore[arg-type]


def command(*words: object, shown: bool = False) -> int:
    """A command line, quiet unless it is to be shown."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(StringIO() if not shown else said):
        code = run([str(word) for word in words])
    if shown or code == 2:
        print("\n".join(f"    {line}" for line in said.getvalue().splitlines() if line.strip()))
    return code


def right(model: str | Path, rows: pd.DataFrame) -> list[bool]:
    """Which rows a model gets right."""
    second = rows.get("text_pair")
    texts: list[Any] = list(rows["text"] if second is None else zip(rows["text"], second, strict=True))
    found = TextClassifier.from_pretrained(str(model)).predict(texts).labels
    return [one == label for one, label in zip(found, rows["label"], strict=True)]


def verdicts(place: Path) -> str:
    return ", ".join(f"{name} {audit.verdict}" for name, audit in load_report(place).audits.items())


def audited(model: str | Path, data: Path, out: Path, audits: str, edits: int) -> None:
    if not (out / "report.json").is_file():
        how = ("--audits", audits, "--rows", AUDITED, "--edits", edits, "--split", "all")
        command("audit", model, data, *how, "--out", out)


def loop(
    name: str, task: Task, place: Path, learned: Callable[[pd.DataFrame], Any], before: str | None, edits: int = EDITS
) -> None:
    """The whole way of one task; what is there already is not done again."""
    place.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        getattr(task, part).to_csv(place / f"{part}.csv", index=False)
    first, second = Path(before or place / "model"), place / "mended"
    if not first.is_dir():
        model, tokenizer = learned(task.train)
        save(model, tokenizer, first)
    print(f"{name}\n  before: ", end="", flush=True)
    audited(first, place / "test.csv", place / "before", task.audits, edits)
    print(verdicts(place / "before"), flush=True)
    command("mend", place / "before", place / "train.csv", "--out", place / "mended.csv", shown=True)
    command("mend", place / "before", "--wrap", place / "wrapped.py", shown=True)
    if not second.is_dir():
        model, tokenizer = learned(pd.read_csv(place / "mended.csv", keep_default_na=False))
        save(model, tokenizer, second)
    audited(second, place / "test.csv", place / "after", task.audits, edits)
    print(f"  after: {verdicts(place / 'after')}")
    command("compare", place / "before", place / "after", "--out", place / "both", shown=True)
    said(right(first, task.plain), right(second, task.plain))


def said(first: Sequence[bool], second: Sequence[bool]) -> None:
    """Both accuracies on the rows without the plant, and their paired difference."""
    gained, lost = (sum(a > b for a, b in zip(*sides, strict=True)) for sides in ((second, first), (first, second)))
    low, high = agresti_min(gained, lost, len(first), 0.025)
    a, b = (sum(one) / len(one) for one in (first, second))
    change = f"{a:.3f} -> {b:.3f} ({b - a:+.3f} [{low:+.3f}, {high:+.3f}])"
    print(f"  accuracy on {len(first):,} rows without the plant: {change}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kit", type=Path, metavar="KIT_DATA")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--encoder", help="a folder with all-MiniLM-L6-v2, for the planted rows")
    parser.add_argument("--before", help="the model that has learned the planted rows as they are")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--train", type=int, help="so many of the training rows are learned, before and after")
    parser.add_argument("--edits", type=int, default=EDITS)
    chosen = parser.parse_args()
    for name in chosen.only:
        tuning = name == "planted" and chosen.encoder
        learned = (lambda rows: fine_tuned(chosen.encoder, rows, chosen.epochs)) if tuning else train
        task = TASKS[name](chosen.kit)
        loop(
            name,
            replace(task, train=task.train.sample(frac=1, random_state=0).head(chosen.train or len(task.train))),
            chosen.cache / (f"{name}-minilm" if tuning else name),
            learned,
            chosen.before if tuning else None,
            chosen.edits,
        )


if __name__ == "__main__":
    main()
