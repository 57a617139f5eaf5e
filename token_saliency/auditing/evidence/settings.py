"""All that was chosen for a run, defaults included; written to the report."""

from __future__ import annotations

from dataclasses import dataclass

from token_saliency.auditing.evidence.asking import How


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `run_audits` under the names that the report gives them, in its order."""

    method: str
    target: str
    baseline: str | None
    rows_limit: int | None
    edits: int
    seed: int
    fail_on: str
    cluster: str | None
    audits: tuple[str, ...]
    redact: bool = False
    allow_inconclusive: bool = False
    discovery: bool = True

    @property
    def how(self) -> How:
        """How rows are explained."""
        return How(self.method, self.target, self.baseline, self.seed)
