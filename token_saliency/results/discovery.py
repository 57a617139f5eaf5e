"""What no audit lists, and whether the verdicts of the run deserve trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from token_saliency.results.findings import EditedPair
from token_saliency.results.terms import Interval, Verdict


@dataclass(frozen=True, slots=True)
class Discovered:
    """Something that no audit lists: nominated on one half of the rows, put to the test on the other half.

    `kind` is "word", "pair" (two words: what they do beyond each alone), "pattern", "prefix", "suffix" or "sentence",
    `item` the text or a readable name of the pattern. `share` is the
    mean part of |score| that lies on it, `expected_share` its part of the tokens, `z` its association with `class_`,
    all three on the nominating half. `effect` (its presence on P(class_)), `control`, `interval`, `p`, `p_adjusted`
    (Benjamini-Hochberg over the nominees) and `rows` come from the confirming half. `listed` names an audit of this run
    that finds the item too. `moves`: how far it moves the output, whichever way, beyond ordinary words. `suspicion` (0
    to 1) is how likely it is spurious, and `reasons` say why, the weightiest first: no label of spuriousness takes
    part. Descriptive: whether a confirmed word is spurious is for a person to say.
    """

    item: str
    kind: Literal["word", "pattern", "prefix", "suffix", "sentence", "pair"]
    class_: Annotated[str, Field(alias="class")]
    share: float | None
    expected_share: float | None
    z: float | None
    operator: str
    effect: float
    control: float | None
    interval: Interval
    flip_rate: float
    p: float
    p_adjusted: float
    rows: int
    margin: float
    confirmed: bool
    reason: str
    listed: str | None = None
    pairs: tuple[EditedPair, ...] = ()
    suspicion: float | None = None
    reasons: tuple[str, ...] = ()
    moves: float | None = None

    @property
    def large(self) -> bool:
        """Whether it moves the output by the margin, one way or whichever way."""
        return max(abs(self.effect), self.moves or 0.0) >= self.margin


@dataclass(frozen=True, slots=True)
class Canary:
    """The model wrapped as f + k x [canary present]: does the audit see a shift that is known to be there?

    `covered`: the interval at k = margin holds k. `caught`: k = 2 x margin is a FAIL.
    """

    margin: float
    effect: float
    interval: Interval
    covered: bool
    verdict_at_double: Verdict
    caught: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Groups of control items judged as if they were real: how often would this run have cried wolf?

    `flagged` of `placebo_groups` rejected a zero effect at `alpha`; `interval` is Wilson's 95% for that rate.
    `failed` of them would have been a FAIL. `audit` names the audit whose controls were drawn.
    """

    audit: str
    placebo_groups: int
    flagged: int
    failed: int
    alpha: float
    interval: Interval
    canary: Canary | None
    notes: list[str]
