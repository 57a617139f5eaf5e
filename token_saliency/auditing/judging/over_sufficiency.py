"""Over-sufficiency: does a label word move its class by more than other words of the class do in the same places?

A necessary feature must matter, so its own effect is no fault. What is estimated is the output with the label word in
a slot, minus the mean output with other words that go with the class. The label word is one word, and words of one
class differ: its error holds their spread besides the documents', so it is over-sufficient only where it stands out
among them as one more of them would not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

OTHERS = "other words of its class"
OTHERS_AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One label word against the others: `values` [S, 1 + K], the label word first, nan where it stood by itself."""

    word: str
    class_index: int
    rows: list[str]
    values: st.Floats


def over_sufficiency(case: Case, operator: str) -> list[ClaimEstimate]:
    """One claim for every label word whose class has enough other words in the rows."""
    if not case.audit.edit.against:
        return []
    edits = [edit for edit in case.edits if edit.operator == operator]
    words = sorted({edit.item for edit in edits if not edit.placebo})
    if not words:
        case.notes.append(
            "over-sufficiency was not run: it needs labelled rows in which a label word stands, and in rows without it "
            f"at least {OTHERS_AT_LEAST + 1} other words that clearly go with its class."
        )
    drafts = [_draft(case, operator, compared) for word in words if (compared := _compared(case, edits, word))]
    return [draft for draft in drafts if draft]


def _compared(case: Case, edits: list[Edit], word: str) -> Compared | None:
    slots = dict.fromkeys((e.row, e.slot[0]) for e in edits if e.item == word and not e.placebo)
    own = [e for e in edits if (e.row, e.slot[0]) in slots]
    labels = {entry.groups.get("word", entry.item): entry.groups.get("label", "") for entry in case.audit.find.lexicon}
    others = sorted({e.item for e in own if e.placebo})
    index = case.classes.index(labels[word]) if labels.get(word) in case.classes else _moved_most(case, own, word)
    at = {slot: i for i, slot in enumerate(slots)}
    column = {item: j for j, item in enumerate([word, *others])}
    values = np.full((len(at), len(column)), np.nan)
    for edit in own:
        values[at[edit.row, edit.slot[0]], column[edit.item]] = edit.after[index]
    return Compared(word, index, [row for row, _ in slots], values) if len(others) >= OTHERS_AT_LEAST else None


def _moved_most(case: Case, edits: list[Edit], word: str) -> int:
    """Of an item that names no class: the one that it raises most."""
    raised = [np.mean([e.after[k] for e in edits if e.item == word]) for k in range(len(case.classes))]
    return int(np.argmax(raised - np.mean([e.after for e in edits], axis=0)))


def _draft(case: Case, operator: str, compared: Compared) -> ClaimEstimate | None:
    values, margin = compared.values, case.audit.judge.margin
    differences = values[:, 0] - np.nanmean(values[:, 1:], axis=1)
    docs = np.array([case.cluster[row] for row in compared.rows], dtype=np.int64)
    documents = st.clustered_mean(differences, docs)
    spread = _spread(values[:, 1:])
    if not math.isfinite(documents.se) or not math.isfinite(spread):
        return None
    others = values.shape[1] - 1
    error = math.hypot(documents.se, spread * math.sqrt(1 + 1 / others))
    estimate = st.Estimate(documents.effect, error, min(others - 1, documents.df), spread**2 * (1 + 1 / others))
    return ClaimEstimate(
        claim="shift",
        between=(compared.word, OTHERS),
        class_index=compared.class_index,
        operator=operator,
        effect=estimate.effect,
        control=spread,
        interval=estimate.interval(case.alpha),
        beyond_control=documents.interval(case.alpha)[0] - spread,
        p=estimate.p_above(0.0),
        p_margin=estimate.p_above(margin),
        flip_rate=0.0,
        placebo_flip_rate=None,
        rows=len(set(compared.rows)),
        items=others + 1,
        smallest_detectable=estimate.detectable(case.alpha),
        resolvable=True,
        by_row=dict(zip(compared.rows, map(float, differences), strict=True)),
        one_sided=True,
        edits=len(compared.rows),
        controls=others,
        held=((estimate, margin, margin),),
    )


def _spread(others: st.Floats) -> float:
    """The standard deviation of the words' mean distances from the rest of their slots."""
    used = np.isfinite(others)
    data = cr.comparable(cr.crossed(np.nan_to_num(others), used, np.arange(len(others), dtype=np.int64)))
    means = data.effects.sum(0) / np.maximum(used.sum(0), 1)
    return float(np.std(means, ddof=1))
