"""Which rows of an audit are explained, and how: those that means need roughly, those that are shown to tolerance.

Means over rows are unbiased with a few random gradients a row, so a converged score is only worth its price where a
person looks at it; and a mean needs some hundred rows. Which rows are shown depends on their edits alone, so a run that
is judged again shows the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.reprompts import OPERATOR as REPROMPT
from token_saliency.auditing.evidence.asking import Answers, How, text_of
from token_saliency.auditing.evidence.unanswered import sound_traces
from token_saliency.results import AuditedSpan, Edit, Example
from token_saliency.stats.sampling import content_hash
from token_saliency.store.trace import Trace, refined

SHOWN_EXAMPLES = 4
"""Rows that an audit shows: their tokens cost as much as all rows that nominate."""


def shown_edits(audit: Audit, edits: Iterable[Edit]) -> list[Edit]:
    """The edits that stand beside the shown rows of an audit: neither margins nor token scores have a say."""
    largest: dict[str, Edit] = {}
    for edit in edits:
        if edit.placebo or edit.operator != audit.edit.judge or edit.audit != audit.name:
            continue
        if edit.row not in largest or _move(edit) > _move(largest[edit.row]):
            largest[edit.row] = edit
    return sorted(largest.values(), key=lambda edit: (-_move(edit), content_hash(edit.text)))[:SHOWN_EXAMPLES]


def _move(edit: Edit) -> float:
    return round(max(abs(a - b) for a, b in zip(edit.after, edit.before, strict=True)), 5)


ALL_EXPLAINED = 500
"""So few rows are all explained."""

ROWS_A_SHARE = 60
"""So many of the rows that hold the spans of an audit tell its share of the attribution, if so many do."""


def to_explain(
    rows: Sequence[Example], spans: Mapping[str, Iterable[AuditedSpan]], nominating: Collection[str]
) -> list[Example]:
    """Those that nominate suspects, and of every audit enough of those with its spans.

    `rows` are in the order of a hash of their text, so it is the same ones however they came.
    """
    if len(rows) <= ALL_EXPLAINED:
        return [*rows]
    held: dict[str, list[str]] = {}
    for row in rows:
        for name in {span.audit for span in spans[row.id]}:
            held.setdefault(name, []).append(row.id)
    chosen = {*nominating}
    for _, own in sorted(held.items(), key=lambda one: (len(one[1]), one[0])):  # rows of the rarest hold others too
        others = [id_ for id_ in own if id_ not in chosen]
        chosen |= {*others[: max(0, ROWS_A_SHARE - len(own) + len(others))]}
    return [row for row in rows if row.id in chosen]


SAMPLES, THOROUGH = 2, 4
"""Gradients a row in the pass for means, and with `--exhaustive`: at equal distances from a random start (one in each
part of the path). Two rank suspects as four do: rows differ by more than the gradients of a row."""


def rough(how: How) -> How:
    """How every row is explained: with few samples where the method can do that."""
    samples = THOROUGH if how.thorough else SAMPLES
    return replace(how, samples=samples) if how.method == "integrated_gradients" else how


def shown_rows(audits: Iterable[Audit], edits: Sequence[Edit]) -> set[str]:
    """The ids of all rows that the report will show."""
    by_audit: dict[str, list[Edit]] = {}
    for edit in edits:
        by_audit.setdefault(edit.audit, []).append(edit)
    return {edit.row for audit in audits for edit in shown_edits(audit, by_audit.get(audit.name, []))}


def with_shown(
    answers: Answers, rows: Sequence[Example], how: How, found: Mapping[str, Trace], shown: set[str]
) -> Mapping[str, Trace]:
    """The traces, those of the shown rows to tolerance; the rough scores stay beside them."""
    exact = rough(how) == how
    wanted = [row for row in rows if row.id in shown and not (exact and row.id in found)]
    better = sound_traces(answers.traces("shown", wanted, how))
    return {**found} | {row_id: refined(trace, found.get(row_id)) for row_id, trace in better.items()}


def described(how: How, explained: int, rows: int) -> str:
    """For the settings of the report."""
    some = "every row" if explained == rows else f"{explained} of {rows} rows"
    if rough(how) == how:
        return f"{some} to the end"
    return f"{some}, {rough(how).samples} gradients a row from a random start; the rows that are shown to tolerance"


BACKWARD_COST = 2.0
"""A forward and input-backward pass in units of a forward pass."""

GRADIENTS = {"gradient": 1, "gradient_x_input": 1, "smoothgrad": 24, "integrated_gradients": 10}
"""Gradients that a method spends on a row (adaptive Integrated Gradients: on average)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What may be sent to somebody else's server, told before anything is: prompts, about how many tokens, dollars."""

    prompts: int
    tokens: int
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is about to spend: rows, passes, tokens, and the seconds that the first predictions suggest.

    It is the most: claims that are decided sooner ask fewer edits. A gradient counts as a forward pass too, as in the
    cost of a report. Of a run that goes on, only what is left;
    `finished` counts the answers that are there, `left_out` says which rows the model did not answer. With `sent` it is
    the plan of an endpoint, told before the first answer.
    """

    rows: int
    forward: int
    backward: int
    tokens: int
    seconds: float
    finished: int = 0
    left_out: tuple[str, ...] = ()
    sent: Sent | None = None


def plan_of(
    answers: Answers,
    rows: Sequence[Example],
    explained: Sequence[Example],
    audits: Iterable[Audit],
    planned: Sequence[Edit],
    how: How,
) -> Plan:
    """Of a run whose rows are predicted, some of which will be explained, and whose edits are not yet asked."""
    mean = float(np.mean(answers.count_tokens([text_of(row) for row in rows])))
    edits = len(answers.missing([text_of(edit) for edit in planned])) + under_other_prompts(planned)
    first = rough(how)
    unexplained = len(answers.untraced(explained, first))
    shown = 0 if first == how and len(explained) == len(rows) else most_shown(audits, planned)
    forward = edits + (unexplained + shown) * forward_a_row(first, mean)
    backward = unexplained * gradients_a_row(first) + shown * gradients_a_row(how)
    finished = len(answers.memory.predictions) - len(rows) + len(answers.memory.traces)
    rate = answers.asked.tokens / max(answers.asked.seconds, 1e-6)
    seconds = mean * (forward + BACKWARD_COST * backward) / max(rate, 1e-9)
    tokens = round(mean * (forward + backward))
    return Plan(len(rows), len(rows) + forward + backward, backward, tokens, seconds, max(0, finished))


def under_other_prompts(planned: Iterable[Edit]) -> int:
    """Forward passes of rows under other prompts; a control is asked once for all the edits that it stands beside."""
    own = [edit for edit in planned if edit.operator == REPROMPT]
    return len({(edit.row, edit.slot if edit.placebo else (edit.audit, edit.item)) for edit in own})


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
