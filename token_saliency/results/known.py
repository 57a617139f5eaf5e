"""Findings that somebody has accepted: marked, never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from token_saliency.results.terms import Claim


@dataclass(frozen=True, slots=True)
class Known:
    """Why a finding is accepted, by whom and until when (ISO date)."""

    reason: str
    owner: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """One line of the file of accepted findings, and what became of it in this run.

    `accepted`: the finding is there and no worse. `worse`: it is there and its effect exceeds the accepted one by more
    than the interval, so it counts as new. `stale`: the run has no such finding any more. `expired`: its date has
    passed, so it counts as new. `not run`: its audit did not run, so nothing is known of it.
    """

    audit: str
    claim: Claim
    class_: Annotated[str, Field(alias="class")]
    between: tuple[str, str] | None
    reason: str
    owner: str
    expires: str | None
    effect: float | None
    state: Literal["accepted", "worse", "stale", "expired", "not run"]
