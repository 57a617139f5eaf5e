"""The same rows under another prompt: how far each class moves, how many decisions flip, what calibration leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.shifts import paired_shift
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.drawing import numbers
from token_saliency.results import Edit
from token_saliency.stats import estimate as st

_LEAST = 1e-9
_ALPHA = 0.025
"""One-sided: the intervals in notes are at 95%, each for itself."""


def prompt_shift(case: Case, operator: str) -> list[ClaimEstimate]:
    """The other prompt against the one as it is, class by class; the notes say what it does to decisions."""
    found = paired_shift(case, operator)
    for item in dict.fromkeys(edit.item for edit in case.edits if edit.operator == operator and not edit.placebo):
        own = [e for e in case.edits if e.item == item and e.operator == operator and not e.placebo]
        case.notes.append(_flips(case, item, own))
    return found


def _flips(case: Case, item: str, edits: Sequence[Edit]) -> str:
    before, after = np.array([edit.before for edit in edits]), np.array([edit.after for edit in edits])
    flipped = before.argmax(1) != after.argmax(1)
    docs = np.array([case.cluster[edit.row] for edit in edits], dtype=np.int64)
    low, high = st.clustered_mean(flipped.astype(float), docs).interval(_ALPHA)
    left = float((_calibrated(before).argmax(1) != _calibrated(after).argmax(1)).mean())
    said = (
        f"{item}: {numbers.percent(float(flipped.mean()))} of {len(edits)} decisions flip (95% interval "
        f"{numbers.percent(max(0.0, low))} to {numbers.percent(min(1.0, high))}); with both prompts batch-calibrated "
        f"{numbers.percent(left)} would."
    )
    return said + _accuracy(case, edits, before, after)


def _calibrated(probabilities: st.Floats) -> st.Floats:
    """Log-probabilities, each class less its mean over the rows (Zhou et al. 2023)."""
    logs: st.Floats = np.log(probabilities.clip(min=_LEAST))
    return np.asarray(logs - logs.mean(0))


def _accuracy(case: Case, edits: Sequence[Edit], before: st.Floats, after: st.Floats) -> str:
    labels = [case.rows[edit.row].label for edit in edits]
    known = [i for i, label in enumerate(labels) if label in case.classes]
    if not known:
        return ""
    right = np.array([case.classes.index(str(labels[i])) for i in known])
    own, other = (float((side[known].argmax(1) == right).mean()) for side in (before, after))
    return f" Accuracy {numbers.percent(own)} becomes {numbers.percent(other)}."
