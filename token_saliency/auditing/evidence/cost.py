"""What a run is about to spend, told before it is spent: passes are counted, seconds guessed from those just made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.evidence import explain_rows
from token_saliency.auditing.evidence.asking import Answers, How, text_of
from token_saliency.auditing.evidence.shown import SHOWN_EXAMPLES
from token_saliency.results import Edit, Example

BACKWARD_COST = 2.0
"""A forward and input-backward pass in units of a forward pass."""

GRADIENTS = {"gradient": 1, "gradient_x_input": 1, "smoothgrad": 24, "integrated_gradients": 10}
"""Gradients that a method spends on a row (adaptive Integrated Gradients: on average)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is about to spend: rows, passes, tokens, and the seconds that the first predictions suggest.

    A gradient counts as a forward pass too, as in the cost of a report. Of a run that goes on, only what is left;
    `finished` counts the answers that are there.
    """

    rows: int
    forward: int
    backward: int
    tokens: int
    seconds: float
    finished: int = 0


def plan_of(
    answers: Answers, rows: Sequence[Example], audits: Iterable[Audit], planned: Sequence[Edit], how: How
) -> Plan:
    """Of a run whose rows are predicted and whose edits are not yet asked."""
    mean = float(np.mean(answers.count_tokens([text_of(row) for row in rows])))
    edits = len(answers.missing([text_of(edit) for edit in planned]))
    rough = explain_rows.rough(how)
    unexplained = len(answers.untraced(rows, rough))
    shown = 0 if rough == how else most_shown(audits, planned)
    forward = edits + unexplained * forward_a_row(rough, mean)
    backward = unexplained * gradients_a_row(rough) + shown * gradients_a_row(how)
    finished = len(answers.memory.predictions) - len(rows) + len(answers.memory.traces)
    rate = answers.asked.tokens / max(answers.asked.seconds, 1e-6)
    seconds = mean * (forward + BACKWARD_COST * backward) / max(rate, 1e-9)
    tokens = round(mean * (forward + backward))
    return Plan(len(rows), len(rows) + forward + backward, backward, tokens, seconds, max(0, finished))


def gradients_a_row(how: How) -> int:
    """Gradients that a row costs; 0 of a method without any."""
    return how.samples or GRADIENTS.get(how.method, 0)


def forward_a_row(how: How, tokens: float) -> int:
    """Forward passes that a row of so many tokens costs: occlusion takes each of them out once."""
    return round(tokens) + 1 if how.method == "occlusion" else 0


def most_shown(audits: Iterable[Audit], planned: Sequence[Edit]) -> int:
    """How many rows may be shown: which ones is not known before the edits are answered."""
    judged = {audit.name: audit.edit.judge for audit in audits}
    rows: dict[str, set[str]] = {}
    for edit in planned:
        if not edit.placebo and judged.get(edit.audit) == edit.operator:
            rows.setdefault(edit.audit, set()).add(edit.row)
    every = set[str]().union(*rows.values())
    return min(len(every), sum(min(SHOWN_EXAMPLES, len(own)) for own in rows.values()))
