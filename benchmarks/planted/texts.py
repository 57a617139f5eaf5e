"""The rows that the planted benchmarks are made of: real sentences, cut short, with a place for what is planted."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from token_saliency.auditing.definitions.toml import read_lexicon
from token_saliency.data import load_rows
from token_saliency.resources import shipped
from token_saliency.results import Example

LABELS = ("negative", "positive")
WORDS = 18
"""Words kept of every sentence: encoders of seconds need short texts."""

_END = re.compile(r"[\s.!?…,;:'\"”’)\]–—-]+$")
NAMED = ("{name} writes: {body}", "{body}, says {name}", "{name} saw it with me. {body}", "{body} (seen with {name})")
"""Where a name may stand; the end mark is put behind."""


@dataclass(frozen=True, slots=True)
class Body:
    """A sentence without its end mark, and whether it is positive."""

    text: str
    positive: bool


@dataclass(frozen=True, slots=True)
class Bodies:
    """Distinct sentences: to learn from, to audit, and fresh ones that neither has seen."""

    train: list[Body]
    audited: list[Body]
    fresh: list[Body]


def load_bodies(data: Path | str) -> Bodies:
    """The splits train, test and dev (or validation) of a file with the labels negative and positive."""
    read = {split: _bodies(data, split) for split in ("train", "test", "dev")}
    return Bodies(read["train"], read["test"], read["dev"])


def _bodies(data: Path | str, split: str) -> list[Body]:
    rows = load_rows(data, labels=LABELS, split=split).examples
    found = {cut(row.text): Body(cut(row.text), row.label == "positive") for row in rows if row.label}
    return [body for body in found.values() if len(body.text.split()) >= 4]


def cut(text: str) -> str:
    """The first words of the text, without what ends it."""
    return _END.sub("", " ".join(text.split()[:WORDS]))


def unseen_names(bodies: Bodies, count: int) -> list[str]:
    """The most frequent given names of the shipped list that no sentence holds: the planted mentions are all."""
    sentences = (body.text for part in (bodies.train, bodies.audited, bodies.fresh) for body in part)
    words = {word for text in sentences for word in re.findall(r"\w+", text.lower())}
    entries = read_lexicon(shipped("audits") / "lexicons" / "given_names.csv")
    names = [e.item for e in entries if not e.ambiguous and e.item.isalpha() and e.item.lower() not in words]
    return names[:count]


def named(body: str, name: str, draw: random.Random) -> str:
    """The sentence with a name in one of the places."""
    return draw.choice(NAMED).format(body=body, name=name)


def examples(bodies: Sequence[Body], write: Callable[[Body, random.Random], str], seed: int) -> list[Example]:
    """One row per sentence: its text written with a random state of its own, so that rows are independent."""
    rows = []
    for number, body in enumerate(bodies):
        text = write(body, random.Random(f"{seed} {body.text}"))
        rows.append(Example(str(number), text, label=LABELS[body.positive]))
    return rows
