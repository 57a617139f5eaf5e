"""What an audit asks of the model, and what that answered: spans, rows, edits, all that judging again needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from token_saliency.results.attributions import Token
from token_saliency.results.terms import Span


@dataclass(frozen=True, slots=True)
class AuditedSpan:
    """A span of a row that an audit found; `item` is its canonical form, `kind` what sort of slot it is.

    `part`: the text of a pair that it stands in (0, 1); in older runs one behind the end says that the second holds it.
    """

    audit: str
    start: int
    end: int
    item: str
    kind: str = ""
    part: int = 0


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """One audited row with its prediction and, where it was explained, its token scores.

    `spans` and `cluster` (copies of each other share one) let a run be judged again. `sampled` [tokens] are the scores
    for means, where a row that is shown holds better ones: rough, or zeros where it has no place in a mean.
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
    sampled: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One edited text that is put to the model.

    `slot` is the range of the original text that was edited (empty for an insertion), `original` what stood there.
    `item` is what the edit counts for: what a swap or an insertion puts there; of all others, and of suspects, the item
    whose presence is tested. A placebo is the control (of a swap: its item; else the item that it stands beside).
    `before` and `after` are the class probabilities of the original and of the edited text; of an edit that is only
    planned they are empty. `look` is the one that the edit is there at first (1, 2 ...); 0 where all are asked at once.
    `part` is the text of a pair that `slot` and `original` are of (0, 1); what stands in both texts changes in both.
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
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    look: int = 0
    part: int = 0
