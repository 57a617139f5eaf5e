"""Rows of the kit by domain, and a transparent scorer of each: a bag of words and marks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

Floats = NDArray[np.float64]
Score = Callable[[Sequence[str]], Floats]

FILES = {
    "rt": "rt_polarity/rt_polarity.csv",
    "sms": "sms_spam/sms_spam.csv",
    "news": "ag_news/ag_news.csv",
    "wiki": "jigsaw_madlibs/wiki_toxicity_identity_fuzzed.csv",
    "emotion": "emotion/emotion.csv",
    "sst": "sst/sst2_lower.csv",
    "original": "imdb_counterfactual/imdb_counterfactual.csv",
    "revised": "imdb_counterfactual/imdb_counterfactual.csv",
}
LONG = {"original": 250, "revised": 250}
"""Words of a row at most where another number is wanted: reviews, whole."""
USUAL = ("rt", "sms", "news", "wiki")
TRAINED, WORDS_AT_MOST = 1500, 60
EVEN = 0.4
"""The part of every answer that is even over the classes, so that a push by probability has room."""


@dataclass(frozen=True, slots=True)
class Body:
    """A row of the kit before anything is planted; `own` says whether it is of the class that plants push."""

    text: str
    label: str
    own: bool


@dataclass(frozen=True, slots=True)
class Domain:
    """Rows to train on and to audit, and the classes; plants push `classes[-1]`."""

    name: str
    classes: tuple[str, ...]
    trained: tuple[Body, ...]
    audited: tuple[Body, ...]


def domain(kit: Path, name: str, rows: int) -> Domain:
    """Drawn by a fixed seed; as many of each class as there are."""
    frame = pd.read_csv(kit / FILES[name], keep_default_na=False, dtype=str)
    if name in LONG:
        frame = frame[frame["variant"] == name]
    frame = frame[frame["text"].str.len() > 20].drop_duplicates("text")
    classes = tuple(sorted(frame["label"].unique()))
    each = (rows + TRAINED) // len(classes) + 1
    sides = [group.sample(min(each, len(group)), random_state=0) for _, group in frame.groupby("label")]
    most = LONG.get(name, WORDS_AT_MOST)
    listed = [Body(_short(text, most), label, label == classes[-1]) for side in sides
              for text, label in zip(side["text"], side["label"], strict=True)]  # fmt: skip
    random.Random(0).shuffle(listed)
    return Domain(name, classes, tuple(listed[rows:]), tuple(listed[:rows]))


def _short(text: str, most: int) -> str:
    return " ".join(re.split(r" +", text.strip())[:most])


def scorer(bodies: Sequence[Body], texts: Sequence[str]) -> Score:
    """Trained on these texts with the labels of the bodies; [n, classes] probabilities."""
    words = HashingVectorizer(token_pattern=r"\w+|[^\w\s]", lowercase=False, alternate_sign=False, n_features=2**16)
    model: Pipeline = make_pipeline(words, LogisticRegression(C=10, max_iter=300))
    model.fit(list(texts), [body.label for body in bodies])

    def score(asked: Sequence[str]) -> Floats:
        found = np.asarray(model.predict_proba(list(asked)), dtype=np.float64)
        return np.asarray((1 - EVEN) * found + EVEN / found.shape[1], dtype=np.float64)

    return score


def pushed(score: Score, effect: Callable[[str], float], strength: float) -> Score:
    """The same with the last class raised by strength x effect of the text, the others scaled to what is left."""

    def planted(asked: Sequence[str]) -> Floats:
        found = score(asked)
        last = np.clip(found[:, -1] + strength * np.array([effect(text) for text in asked]), 0.0, 1.0)
        rest = found[:, :-1] * ((1 - last) / (1 - found[:, -1]))[:, None]
        return np.concatenate([rest, last[:, None]], axis=1)

    return planted
