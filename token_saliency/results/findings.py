"""What was found of one audit: its claims with their verdicts, what describes them, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from pydantic import Field

from token_saliency.results.attributions import Token
from token_saliency.results.known import Known
from token_saliency.results.terms import Claim, Expectation, Interval, Level, Span, Verdict, noted


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the data the audit could see: rows with a hit, spans, distinct items.

    `rows_served` lent an edit of the judged operator (0 of older runs): fewer than `rows` where the budget of edits or
    what the edit fits left some out.
    """

    rows: int
    spans: int
    items: int
    rows_served: int = 0


@dataclass(frozen=True, slots=True)
class AttributionShare:
    """The part of all |token scores| on the audited spans beside what their length expects, means over `rows` rows."""

    share: float
    expected_share: float
    lift: float
    interval: Interval
    placebo_share: float | None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Flips:
    """By how much more often edits change the decision than their controls do, and how much of that is allowed."""

    excess: float
    interval: Interval
    margin: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about one class, and the verdict that follows.

    `p` tests a zero effect, `p_margin` that |effect| is at most the margin; `p_adjusted` is `p` after the corrections.
    `flip_rate` is the share of edits that change the predicted class. `between` names the items or groups compared;
    `judged` is false for descriptive claims, whose effects are a NOTE. `known`: somebody has accepted this finding.
    `flips` is of `movement`. `edits` counts the edited texts behind the claim, `controls` the control edits; of a
    sample of items, the control items (0 of older runs). `look` is the one at which the claim stopped (1, 2 ...); 0
    where all edits were asked at once.
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
    known: Known | None = None
    flips: Flips | None = None
    edits: int = 0
    controls: int = 0
    look: int = 0

    def __post_init__(self) -> None:
        """What decides nothing has a word of its own, whoever made the record."""
        if not self.judged:
            object.__setattr__(self, "verdict", noted(self.verdict))


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
    """A row that the report colours, with the audited spans of both texts and the edit that moved it most."""

    row: str
    text: str
    text_pair: str | None
    label: str | None
    predicted: str
    probability: float
    tokens: list[Token]
    spans: list[Span]
    edit: EditedPair | None
    pair_spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A record may be anybody's: ValueError for a place that is not in the text."""
        ends = len(self.text), len(self.text_pair or "")
        places = [(token.start, token.end, ends[token.segment > 0]) for token in self.tokens]
        places += [(*s, end) for own, end in zip((self.spans, self.pair_spans), ends, strict=True) for s in own]
        if not all(0 <= start <= end <= most for start, end, most in places):
            raise ValueError("a token or a span lies outside its text")


@dataclass(frozen=True, slots=True)
class EditedPicture:
    """An edited picture that a person can judge: `strip` shows original, attribution and edit side by side.

    `strip` is a data URI (JPEG, small), `before` and `after` the probability of `class`, the predicted one.
    """

    row: str
    operator: str
    item: str
    placebo: bool
    class_: Annotated[str, Field(alias="class")]
    label: str | None
    before: float
    after: float
    strip: str

    def __post_init__(self) -> None:
        """A record may be anybody's: ValueError for what a page would fetch from elsewhere."""
        if not self.strip.startswith("data:image/"):
            raise ValueError("a picture is no data URI")


@dataclass(frozen=True, slots=True)
class AuditResult:
    """One audit: what was looked for, what was measured, and the verdict with its reason in one sentence.

    `advice` is the next line: what to do about it. `pairs` are random edited pairs, for a person to judge. An
    exploratory audit decides nothing: what would be a FAIL or a WARN is a NOTE, whoever made the record.
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
    pictures: list[EditedPicture] = field(default_factory=list)

    def __post_init__(self) -> None:
        """See above."""
        if self.expectation == "exploratory":
            object.__setattr__(self, "verdict", noted(self.verdict))
            quiet = [replace(finding, verdict=noted(finding.verdict)) for finding in self.intervention]
            object.__setattr__(self, "intervention", quiet)
