"""The plain data of the project: what was explained, what was asked, what was found.

Nothing here computes, reads files or imports torch. `report.json` is `Report` written out, and its
JSON Schema (`report.schema.json`) is generated from these classes. Probabilities and shares are
fractions of 1; intervals are (lower, upper) at the level 1 - 2 alpha; spans are half-open character
ranges of the ORIGINAL text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, PlainSerializer

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
DISCLAIMER = "An investigation, not a certification"

Verdict = Literal["ERROR", "FAIL", "WARN", "INCONCLUSIVE", "PASS"]
Claim = Literal["shift", "direction", "lean", "magnitude"]
Expectation = Literal["irrelevant", "necessary", "exploratory"]
Level = Literal["off", "warn", "error"]
Interval = tuple[float, float]
Span = tuple[int, int]

VERDICTS: tuple[Verdict, ...] = ("ERROR", "FAIL", "WARN", "INCONCLUSIVE", "PASS")
"""Worst first: an audit has the verdict of its worst judged claim, a report that of its worst audit."""


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """One row of the data: `label` is the model's class name, or None where the row is unlabelled."""

    id: str
    text: str
    text_pair: str | None = None
    label: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


# --- attributions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """One id the model saw. `text == original[start:end]`; special tokens are empty ranges and score 0."""

    text: str
    start: int
    end: int
    special: bool
    score: float
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the original text; its score is the sum over its tokens."""

    text: str
    start: int
    end: int
    score: float
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Attribution:
    """Which tokens of one text one output rests on.

    `output` names the explained output (logit, margin, probability ...), `output_value` is its value on
    the text and `baseline_value` on the baseline. `completeness_error` is
    |sum(scores) - (output_value - baseline_value)| / sum|scores|, None where the method promises none.
    `evaluations` counts gradient evaluations (forward passes for methods without gradients);
    `truncated` counts the characters that the model never saw.
    """

    text: str
    text_pair: str | None
    tokens: list[Token]
    words: list[Word]
    method: str
    signed: bool
    predicted: str
    target: str
    target_index: int
    output: str
    output_value: float
    baseline: str | None
    baseline_value: float | None
    completeness_error: float | None
    evaluations: int
    converged: bool
    truncated: int

    @property
    def scores(self) -> NDArray[np.float64]:
        """The token scores, numpy [n_tokens]: one per id the model saw, padding excluded."""
        return np.array([token.score for token in self.tokens], dtype=np.float64)

    def to_frame(self) -> pd.DataFrame:
        """One line per token: text, start, end, special, segment, score."""
        import pandas as pd

        columns = ["text", "start", "end", "special", "segment", "score"]
        return pd.DataFrame([{name: getattr(t, name) for name in columns} for t in self.tokens], columns=columns)

    def to_html(self) -> str:
        """A self-contained, escaped HTML fragment with the coloured text."""
        from token_saliency.reporters import attribution_html  # a door upwards, see tests/test_house.py

        return attribution_html(self)

    def _repr_html_(self) -> str:
        return self.to_html()


@dataclass(frozen=True, slots=True)
class Predictions:
    """Logits and probabilities, numpy [n_texts, n_classes] in the order of the texts, and the predicted class names."""

    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    labels: list[str]


# --- counterfactuals ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The words of one text that were taken away, strongest first, and what became of the decision.

    `removed` has the spans of the ORIGINAL text. `edit` is "delete" or "mask", `placeholder` what stands in place of
    each removed word ("" for a deletion). `steps` is the probability of the class `before` after 1, 2, ... removed
    words. `flipped` is False where no decision changed within `limit` words; `edited` is the last text that was tried.
    """

    row: str
    text: str
    text_pair: str | None
    label: str | None
    edited: str
    edited_pair: str | None
    removed: list[Word]
    edit: Literal["delete", "mask"]
    placeholder: str
    method: str
    order: Literal["attribution", "random"]
    limit: int
    before: str
    after: str
    probabilities_before: tuple[float, ...]
    probabilities_after: tuple[float, ...]
    flipped: bool
    steps: list[float]


@dataclass(frozen=True, slots=True)
class FlipPoint:
    """The share of rows whose decision had changed after at most `words` removed words: highlighted beside random ones.

    `gain` is the paired difference of the two shares.
    """

    words: int
    flipped: float
    interval: Interval
    random: float
    random_interval: Interval
    gain: float
    gain_interval: Interval


@dataclass(frozen=True, slots=True)
class FlipCurve:
    """How soon decisions change when highlighted words go, beside random words of the same texts (90% intervals)."""

    rows: int
    method: str
    edit: Literal["delete", "mask"]
    points: list[FlipPoint]


# --- what an audit computed -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditedSpan:
    """A span of a row that an audit found; `item` is its canonical form, `kind` what sort of slot it is."""

    audit: str
    start: int
    end: int
    item: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One audited row with its prediction and, where it was explained, its token scores.

    `spans` of all audits and the `cluster` (rows that are copies of each other share one) let a finished run be
    judged again from its files alone.
    """

    id: str
    text: str
    text_pair: str | None
    label: str | None
    predicted: str
    probabilities: tuple[float, ...]
    tokens: tuple[Token, ...] = ()
    completeness_error: float | None = None
    evaluations: int = 0
    truncated: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    spans: tuple[AuditedSpan, ...] = ()
    cluster: int = 0


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited text that was put to the model.

    `slot` is the range of the original text that was edited (empty for an insertion), `original` what
    stood there, `item` what was put there ("" for a deletion). A placebo edit is the matched control.
    `before` and `after` are the class probabilities of the original and of the edited text.
    """

    row: str
    audit: str
    operator: str
    slot: Span
    original: str
    item: str
    placebo: bool
    text: str
    text_pair: str | None
    before: tuple[float, ...]
    after: tuple[float, ...]


# --- the report -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the data the audit could see: rows with a hit, spans, distinct items."""

    rows: int
    spans: int
    items: int


@dataclass(frozen=True, slots=True)
class AttributionShare:
    """The part of all absolute token scores that lies on the audited spans, beside what their length expects."""

    share: float
    expected_share: float
    lift: float
    interval: Interval
    placebo_share: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about one class: effect, interval, matched control, and the verdict that follows.

    `p` tests a zero effect, `p_margin` that |effect| is at most the margin; `p_adjusted` is `p` after the
    corrections over claims and audits. `flip_rate` is the share of edits that change the predicted class.
    `between` names the two items or groups compared; `judged` is false for descriptive claims.
    """

    claim: Claim
    between: tuple[str, str] | None
    class_: Annotated[str | None, Field(alias="class")]
    operator: str
    judged: bool
    effect: float
    control: float | None
    interval: Interval
    flip_rate: float
    placebo_flip_rate: float | None
    p: float
    p_adjusted: float
    p_margin: float
    rows: int
    items: int
    margin: float
    smallest_detectable: float
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class ItemAssociation:
    """How one item goes with the labels in the data: z of P(class | item) against P(class)."""

    item: str
    rows: int
    z: float
    class_: Annotated[str, Field(alias="class")]


@dataclass(frozen=True, slots=True)
class Association:
    """How the audited spans go with the label in the data (never judged): where a shortcut may come from."""

    pooled_z: float
    interval: Interval
    by_class: dict[str, float]
    items: list[ItemAssociation]


@dataclass(frozen=True, slots=True)
class SliceEffect:
    """The judged effect inside a slice of the rows. Descriptive: it conditions on what may be an outcome."""

    name: str
    effect: float
    interval: Interval
    rows: int


@dataclass(frozen=True, slots=True)
class ItemEffect:
    """The effect of one item on one class, in probability, over the slots that it filled."""

    item: str
    class_: Annotated[str, Field(alias="class")]
    effect: float
    interval: Interval
    rows: int
    mentions: int


@dataclass(frozen=True, slots=True)
class EditedPair:
    """An edit that a person can judge: the text before and after, with both probabilities of `class`."""

    row: str
    operator: str
    item: str
    original: str
    placebo: bool
    class_: Annotated[str, Field(alias="class")]
    text_before: str
    text_after: str
    span: Span
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class ShownExample:
    """A row whose tokens the report colours, with the audited spans and the edit that moved it most."""

    row: str
    text: str
    text_pair: str | None
    label: str | None
    predicted: str
    probability: float
    tokens: list[Token]
    spans: list[Span]
    edit: EditedPair | None


@dataclass(frozen=True, slots=True)
class AuditResult:
    """One audit: what was looked for, what was measured, and the verdict with its reason in one sentence.

    `reason` names effect, interval, control and n; `advice` is the next line: what to do about it.
    `pairs` are random edited pairs, so that a person can judge whether the edits are fair.
    """

    name: str
    code: str
    title: str
    why: str
    expectation: Expectation
    items: Literal["sample", "fixed"]
    level: Level
    verdict: Verdict
    reason: str
    advice: str
    coverage: Coverage
    attribution: AttributionShare | None
    intervention: list[Finding]
    association: Association | None
    by_slice: list[SliceEffect]
    worst_items: list[ItemEffect]
    examples: list[ShownExample]
    pairs: list[EditedPair]
    notes: list[str]


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


def _by_name(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return {(audit["name"] if isinstance(audit, dict) else audit.name): audit for audit in value}


def _as_list(value: Mapping[str, AuditResult]) -> list[AuditResult]:
    return list(value.values())


Audits = Annotated[dict[str, AuditResult], BeforeValidator(_by_name), PlainSerializer(_as_list)]
"""A mapping by name in Python, a list in JSON."""


@dataclass(frozen=True, slots=True)
class Report:
    """The full record of one audit run; every report format is a pure function of it."""

    schema_version: int
    tool: Tool
    created: str
    command: str
    disclaimer: str
    model: ModelInfo
    dataset: DatasetInfo
    settings: dict[str, Any]
    verdict: Verdict
    exit_code: int
    audits: Audits
    discovery: list[dict[str, Any]]
    calibration: dict[str, Any] | None
    cost: Cost
    warnings: list[str]

    def to_frame(self) -> pd.DataFrame:
        """One line per claim: audit, claim, class, operator, between, effect, interval, control, p, n, verdict."""
        import pandas as pd

        columns = [column.name for column in fields(Finding)]
        lines = [
            {"audit": audit.name} | {name.rstrip("_"): getattr(finding, name) for name in columns}
            for audit in self.audits.values()
            for finding in audit.intervention
        ]
        return pd.DataFrame(lines, columns=["audit", *(name.rstrip("_") for name in columns)])

    def save(self, folder: str) -> None:
        """Writes `report.json` and `report.html` into the folder, each whole or not at all."""
        from token_saliency.runs import save_report  # a door upwards, see tests/test_house.py

        save_report(self, folder)

    def to_html(self, file: str | None = None) -> str:
        """The HTML page; also written to `file` where one is given."""
        from token_saliency.runs import render_to  # a door upwards, see tests/test_house.py

        return render_to(self, "html", file)

    def _repr_html_(self) -> str:
        from token_saliency.reporters import report_frame  # a door upwards, see tests/test_house.py

        return report_frame(self)
