"""What was run: tool, model, rows, cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tool:
    """Which version of which tool wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What was checked about the model before any number was believed."""

    embedding: str
    route: str
    eval_mode: bool
    hook_identity: bool
    embedding_hits: int
    padding_invariant: bool
    deterministic: bool
    fast_tokenizer: bool
    max_difference: float
    notes: list[str]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The audited model."""

    id: str
    revision: str | None
    architecture: str
    labels: list[str]
    dtype: str
    device: str
    self_test: SelfTest | None


@dataclass(frozen=True, slots=True)
class LabelCheck:
    """How well the label words of a prompt stand for the answers of its model, seen on `rows` of the audited rows.

    mass      share of the probability that the label words get: its 5%, 50% and 95% quantile over the rows
    no_label  share of rows whose likeliest next token begins no label word
    accuracy  over all audited rows that have a label
    greedy    of `generated` rows, the share whose written answer names the class that the classifier says;
              None where nothing is written (kind nli)
    """

    rows: int
    mass: tuple[float, float, float]
    no_label: float
    generated: int
    greedy: float | None
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class PromptInfo:
    """The prompt of a classifier: a hash of all its parts, the parts, and the whole string around `{text}`.

    `offset` is what batch calibration takes from the classes, in their order.
    """

    hash: str
    parts: dict[str, Any]
    rendered: str
    offset: list[float] | None = None
    labels: LabelCheck | None = None


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """The rows: `rows_seen` in the source (and split), `rows_used` after sampling; the fingerprint is of the latter."""

    id: str
    split: str | None
    rows_seen: int
    rows_used: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the run spent. `seconds` excludes start-up and loading."""

    forward: int
    backward: int
    tokens: int
    seconds: float
