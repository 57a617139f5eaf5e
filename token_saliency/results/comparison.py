"""Two runs on the same rows and items, or one model on clean and shifted rows: what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from token_saliency.drawing.safe import screen_lines
from token_saliency.results.about import DatasetInfo, ModelInfo, Tool
from token_saliency.results.terms import Claim, Interval, Verdict

Change = Literal["worse", "better", "same", "undecided"]

CHANGES: tuple[Change, ...] = ("worse", "undecided", "better", "same")
"""Worst first: an audit has the change of its worst judged claim, a comparison that of its worst audit."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    folder: str
    created: str
    model: ModelInfo
    dataset: DatasetInfo
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ComparedClaim:
    """One claim in both runs, and the paired difference of its effect.

    `difference` is |effect_b| - |effect_a| with its (1 - 2 alpha) `interval`; `paired` says whether it rests on the
    same edits put to both models. `p` tests no difference. `worse`: a difference of at least a tenth of the margin is
    shown, and B does not pass the claim; `better` likewise the other way round; `same`: the interval lies inside
    +-`margin`. The effects are those of what was compared: of the edits that both runs have. With several runs a side
    they are means over the runs, the verdicts the worst of the side, and `spread` is the standard deviation between
    trainings of one side, which is part of the interval.
    """

    claim: Claim
    between: tuple[str, str] | None
    class_: Annotated[str, Field(alias="class")]
    operator: str
    judged: bool
    effect_a: float
    effect_b: float
    verdict_a: Verdict
    verdict_b: Verdict
    difference: float
    interval: Interval
    p: float
    p_adjusted: float
    rows: int
    items: int
    margin: float
    paired: bool
    change: Change
    reason: str
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class ComparedAudit:
    """One audit in both runs. `gates` is False where its change decides nothing (exploratory, or never above WARN)."""

    name: str
    title: str
    verdict_a: Verdict
    verdict_b: Verdict
    change: Change
    reason: str
    claims: list[ComparedClaim]
    gates: bool = True


@dataclass(frozen=True, slots=True)
class ComparedPredictions:
    """How the predictions on the rows that both runs have differ. Accuracies are None without labels.

    With other rows in each run there is no agreement (None); each accuracy is that of its own rows, and `rows` counts
    the smaller of the two runs. The interval of the difference is a 95% one.
    """

    rows: int
    agreement: float | None
    accuracy_a: float | None
    accuracy_b: float | None
    difference: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class ExchangedAccuracy:
    """Accuracies on the `edits` in which an audit exchanged its items: there they tell nothing of the label.

    Each of the `rows` counts once; the interval of the difference is a 95% one.
    """

    audit: str
    rows: int
    edits: int
    accuracy_a: float
    accuracy_b: float
    difference: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class ComparedSuspect:
    """A suspect that the discovery of a run has confirmed: `new` in B, `gone` from it, or `in both`.

    The effects on `class` are None where a run did not nominate it. `listed` names an audit that finds it too;
    `goes_with` the item of a mended audit that it stands together with in rows of one label: a reliance that may have
    moved. Descriptive: it decides nothing.
    """

    item: str
    kind: str
    class_: Annotated[str, Field(alias="class")]
    effect_a: float | None
    effect_b: float | None
    interval_b: Interval | None
    change: Literal["new", "gone", "in both"]
    listed: str | None
    goes_with: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """The full record of a comparison; `kind` is "models" (same rows) or "rows" (same model, other rows).

    `base` and `new` are all the runs of the sides, of which `a` and `b` are the first.
    """

    schema_version: int
    tool: Tool
    created: str
    command: str
    disclaimer: str
    kind: Literal["models", "rows", "both"]
    a: Side
    b: Side
    settings: dict[str, Any]
    change: Change
    exit_code: int
    predictions: ComparedPredictions | None
    audits: list[ComparedAudit]
    warnings: list[str]
    base: list[Side] = field(default_factory=list)
    new: list[Side] = field(default_factory=list)
    exchanged: list[ExchangedAccuracy] = field(default_factory=list)
    suspects: list[ComparedSuspect] = field(default_factory=list)

    def __str__(self) -> str:
        """What changed, audit by audit, at most 100 columns wide."""
        sides = [f"{name}: {s.model.id} on {s.dataset.id} ({s.verdict})" for name, s in self.sides()]
        audits = [f"{audit.change.upper():9}  {audit.name}: {audit.reason}" for audit in self.audits]
        return "\n".join(map(screen_lines, [f"{self.change.upper()}, exit code {self.exit_code}", *sides, *audits]))

    __repr__ = __str__

    def sides(self) -> list[tuple[str, Side]]:
        """Every run with the letter of its side."""
        return [
            (name, run) for name, runs in (("A", self.base or [self.a]), ("B", self.new or [self.b])) for run in runs
        ]
