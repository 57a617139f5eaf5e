"""What was run: tool, model, rows, cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from token_saliency.results.terms import Interval


@dataclass(frozen=True, slots=True)
class Tool:
    """Which version of which tool wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What was checked about the model before any number was believed; None: not tried, or not by that version.

    vectors_decide     the vectors of one text under the ids of another give the first one's output
    gradient_agrees    the gradient says how the output moves
    company_invariant  rows of one length leave each other alone
    """

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
    vectors_decide: bool | None = None
    gradient_agrees: bool | None = None
    company_invariant: bool | None = None


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
    greedy    of `generated` rows, the share whose written answer names the class that the classifier says;
              None where nothing is written (a model without `generate`)
    """

    rows: int
    mass: tuple[float, float, float]
    no_label: float
    generated: int
    greedy: float | None


@dataclass(frozen=True, slots=True)
class EndpointUse:
    """What a server was asked and said: answers that were kept, requests of this process, those tried again, tokens.

    bounded     answers in which a class is not among the returned tokens, so that its probability is a bound
    most_off    the most that a class's probability may be off by such a bound
    unanswered  answers that name no class
    samples     sampled answers a text, where the server gives no log-probabilities
    """

    url: str
    model: str
    answers: int
    requests: int
    retries: int
    prompt_tokens: int
    answer_tokens: int
    bounded: int
    most_off: float
    unanswered: int
    samples: int | None = None


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
    endpoint: EndpointUse | None = None


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """The rows: `rows_seen` in the source (and split), `rows_used` after sampling; the fingerprint is of the latter."""

    id: str
    split: str | None
    rows_seen: int
    rows_used: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ClassAccuracy:
    """Of the rows that are labelled as one class: how many there are, the share that is predicted so, and its interval.

    `predicted` counts the labelled rows that the model puts into the class, rightly or not.
    """

    rows: int
    accuracy: float
    interval: Interval
    predicted: int


@dataclass(frozen=True, slots=True)
class Performance:
    """How the predictions agree with the labels, over the `rows` that have one; intervals are Wilson's at 95%.

    `chance` is what the same numbers of labels and predictions would agree in if neither knew of the other.
    `confusion` counts rows by label, then by prediction; pairs that never occur are left out.
    """

    rows: int
    accuracy: float
    interval: Interval
    chance: float
    by_class: dict[str, ClassAccuracy]
    confusion: dict[str, dict[str, int]]

    @property
    def below_chance(self) -> bool:
        """Whether labels and predictions agree less than chance would have it: as swapped labels do."""
        return self.interval[1] < self.chance


@dataclass(frozen=True, slots=True)
class Cost:
    """What the run spent. `seconds` excludes start-up and loading."""

    forward: int
    backward: int
    tokens: int
    seconds: float
