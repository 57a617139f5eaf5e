"""Whether the numbers are what the method promises: complete, converged, the same when asked again."""

from __future__ import annotations

import numpy as np

from token_saliency.results import Step
from token_saliency.stats.estimate import wilson
from token_saliency.validating.invariance import changes
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import ALPHA, CheckOutcome, NotRun, said, shown

ROWS = 24
SAME = {"float32": 0.01, "float64": 0.01}
"""Of the summed absolute scores: batches of other shapes round differently, and an adaptive method may then stop
one step earlier or later."""
SAME_IN_HALF = 0.1
ERROR = 0.05
"""Completeness error from which a text counts as rough: the default tolerance of the adaptive methods."""
ROUGH = 0.2


def repetition(subject: Subject) -> CheckOutcome:
    """Explained again, one text at a time and last text first."""
    some = subject.first(ROWS)
    again = [some.again(at=[i])[0] for i in reversed(range(len(some.found)))]
    apart = changes(some.found, again[::-1])
    bound = SAME.get(subject.classifier.info.dtype, SAME_IN_HALF)
    worst = float(apart.max())
    steps = [Step("median", float(np.median(apart))), Step("worst", worst)]
    seen = f"the scores of {len(apart)} texts change by {worst:.2g} of their size at worst"
    return CheckOutcome(seen, worst, None, bound, worst <= bound, steps)


def completeness(subject: Subject) -> CheckOutcome:
    """The share of texts whose scores do not sum to what they explain, or did not converge."""
    errors = [one.completeness_error for one in subject.found]
    known = np.array([error for error in errors if error is not None])
    if not len(known):
        raise NotRun(f"{subject.asked.name} does not promise that its scores sum to anything")
    stopped = sum(not one.converged for one in subject.found)
    rough = sum(not one.converged or (one.completeness_error or 0) > ERROR for one in subject.found)
    rows = len(subject.found)
    interval = wilson(rough, rows, ALPHA)
    passed = None if interval[0] < ROUGH <= interval[1] else interval[1] < ROUGH
    seen = (
        f"{rough} of {rows} texts are off by more than {ERROR:.0%} or stopped early {shown(interval)}; "
        f"median error {np.median(known):.1%}, worst {known.max():.1%}"
    )
    steps = [
        Step("median error", float(np.median(known))),
        Step("90% of the texts below", float(np.quantile(known, 0.9))),
        Step("worst error", float(known.max())),
        Step("stopped before the tolerance", stopped / rows, wilson(stopped, rows, ALPHA)),
    ]
    return CheckOutcome(said(passed, seen), rough / rows, interval, ROUGH, passed, steps)
