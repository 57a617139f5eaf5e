"""Over-sufficiency: does a label word move its class by more than other words of the class do in the same places?

A necessary feature must matter, so its own effect is no fault. What is estimated is the output with the label word in
a slot, minus the mean output with other words that go with the class. The label word is one word, and words of one
class differ: its error holds their spread besides the documents', so it is over-sufficient only where it stands out
among them as one more of them would not. Where it stands by itself the rest of the row was written for it: what other
words of the class gain by their own places is taken off (`at_home`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

import numpy as np

from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.results import Edit
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st

OTHERS = "other words of its class"
OTHERS_AT_LEAST = 5
AT_HOME_AT_LEAST = 5
PUT = -1


_FIRST = re.compile(r"[^\W_]*")


@dataclass(frozen=True, slots=True)
class Compared:
    """One label word against the others: `values` [S, 1 + K], the label word first, nan where another stands by itself.

    `before` [S] are the rows as they are, and `standing` [S] which of the words stands there: 0 is the label word, and
    PUT says that nothing did.
    """

    word: str
    others: list[str]
    class_index: int
    rows: list[str]
    values: st.Floats
    before: st.Floats
    standing: st.Ints


def over_sufficiency(case: Case, operator: str) -> list[ClaimEstimate]:
    """One claim for every label word whose class has enough other words in the rows."""
    if not case.audit.edit.against:
        return []
    edits = [edit for edit in case.edits if edit.operator == operator]
    words = sorted({edit.item for edit in edits if not edit.placebo})
    if not words:
        case.notes.append(
            "over-sufficiency was not run: it needs labelled rows, some that hold a label word and some that hold "
            f"none, and at least {OTHERS_AT_LEAST + 1} other words that clearly go with its class."
        )
    found = [compared for word in words if (compared := _compared(case, edits, word))]
    case.notes.extend(map(_told, found))
    return [draft for compared in found if (draft := _draft(case, operator, compared))]


def _told(compared: Compared) -> str:
    """Against what, and where: whoever doubts the finding reads this first."""
    own = int((compared.standing == 0).sum())
    put = int((compared.standing == PUT).sum())
    places = (
        (own, "where it stands"),
        (len(compared.rows) - own - put, "where one of them does"),
        (put, "in a sentence put first"),
    )
    said = ", ".join(f"{count} {where}" for count, where in places if count)
    return f"“{compared.word}” took turns with {', '.join(compared.others)}: in rows {said}."


def _compared(case: Case, edits: list[Edit], word: str) -> Compared | None:
    slots = list(dict.fromkeys((e.row, e.slot[0]) for e in edits if e.item == word and not e.placebo))
    at = {slot: i for i, slot in enumerate(slots)}
    own = [e for e in edits if (e.row, e.slot[0]) in at]
    labels = {entry.groups.get("word", entry.item): entry.groups.get("label", "") for entry in case.audit.find.lexicon}
    others = sorted({e.item for e in own if e.placebo})
    if len(others) < OTHERS_AT_LEAST:
        return None
    index = case.classes.index(labels[word]) if labels.get(word) in case.classes else _moved_most(case, own, word)
    column = {item: j for j, item in enumerate([word, *others])}
    values, before = np.full((len(at), len(column)), np.nan), np.zeros(len(at))
    standing = np.full(len(at), len(column))
    for edit in own:
        i = at[edit.row, edit.slot[0]]
        values[i, column[edit.item]], before[i] = edit.after[index], edit.before[index]
        stood = _FIRST.match(edit.original)
        standing[i] = column.get(stood.group().lower(), len(column)) if stood and edit.original else PUT
    return Compared(word, others, index, [row for row, _ in slots], values, before, standing)


def _moved_most(case: Case, edits: list[Edit], word: str) -> int:
    """Of an item that names no class: the one that it raises most."""
    raised = [np.mean([e.after[k] for e in edits if e.item == word]) for k in range(len(case.classes))]
    return int(np.argmax(raised - np.mean([e.after for e in edits], axis=0)))


def _draft(case: Case, operator: str, compared: Compared) -> ClaimEstimate | None:
    docs = case.documents(compared.rows)
    gained, at_home = _at_home(compared, docs), compared.standing == 0
    known, values, margin = math.isfinite(gained.se), compared.values, case.audit.judge.margin
    differences = values[:, 0] - np.nanmean(values[:, 1:], axis=1)
    if known:
        differences -= np.where(at_home, gained.effect, 0.0)
    documents = st.clustered_mean(differences, docs)
    spread, others = _spread(values[:, 1:]), values.shape[1] - 1
    if not math.isfinite(documents.se) or not math.isfinite(spread):
        return None
    home = replace(gained, se=gained.se * float(at_home.mean()) if known else 0.0)
    among = st.Estimate(0.0, spread * math.sqrt(1 + 1 / others), others - 1)
    estimate = st.joined(documents.effect, [documents, home, among], kept=among.se**2)
    certain: st.Estimate | None = st.joined(documents.effect, [documents, home])
    if not known and at_home.any():  # its own places have no control: the others must show it as well
        certain = st.clustered_mean(differences[~at_home], docs[~at_home]) if (~at_home).any() else None
    return ClaimEstimate(
        claim="shift",
        between=(compared.word, OTHERS),
        class_index=compared.class_index,
        operator=operator,
        effect=estimate.effect,
        control=spread,
        interval=estimate.interval(case.alpha),
        beyond_control=certain.interval(case.alpha)[0] - spread if certain else None,
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


def _at_home(compared: Compared, docs: st.Ints) -> st.Estimate:
    """What the other words gain where they stand by themselves: their output there, less what fills their places, and
    less what they do beyond the same words everywhere else."""
    usual = _among(compared.values[:, 1:]).item_means
    word = np.clip(compared.standing - 1, 0, len(usual) - 1)
    there = (compared.standing > 0) & (compared.standing <= len(usual)) & np.isfinite(usual[word])
    homes = docs[there]
    if len(np.unique(homes)) < AT_HOME_AT_LEAST:
        return st.Estimate(0.0, math.nan, 1)
    gains = compared.before - np.nanmean(compared.values[:, 1:], axis=1) - usual[word]
    return st.clustered_mean(gains[there], homes)


def _among(others: st.Floats) -> cr.Crossed:
    """Each of the other words against the rest of them, in the slots where none stands by itself."""
    used = np.isfinite(others)
    return cr.crossed(np.nan_to_num(others), used, np.arange(len(others), dtype=np.int64))


def _spread(others: st.Floats) -> float:
    """The standard deviation of the words' mean distances from the rest of their slots."""
    data = cr.comparable(_among(others))
    return float(np.std(data.effects.sum(0) / np.maximum(data.used.sum(0), 1), ddof=1))
