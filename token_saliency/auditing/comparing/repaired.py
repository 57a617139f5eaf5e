"""What proves a repair beside the claims: accuracy where the items are exchanged, and reliance that is new.

A model that loses a shortcut loses what it gained on rows that hold it. So accuracy is also counted on the edited texts
of an audit, in which items stand without regard to the label. And a reliance may have moved: to a suspect that the
discovery confirms in B and not in A, all the more where it stands in the same rows as the item, whatever their label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from token_saliency.auditing.audit import IN_SECOND, Audit
from token_saliency.auditing.comparing.pairing import Pairing
from token_saliency.auditing.discovery.pairs import spans_of
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.results import Discovered, ScoredRow
from token_saliency.results.comparison import ComparedSuspect, ExchangedAccuracy
from token_saliency.stats.estimate import clustered_mean

TOGETHER_Z = 3.0
"""Two things stand together more than by chance beyond this, within the labels."""
ROWS_AT_LEAST = 10
_ALPHA = 0.025


def exchanged_accuracy(pairing: Pairing, audit: Audit) -> ExchangedAccuracy | None:
    """Accuracies on the texts in which the audit exchanged its items, each row once; None without labels or edits."""
    if not pairing.paired or audit.edit.judge != "swap":
        return None
    classes, rows = list(pairing.a.classes), pairing.a.rows
    right: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    edits = 0
    for ours, theirs in pairing.joint(audit).edits:
        label = rows[ours.row].label
        if label in classes and ours.operator == "swap" and not ours.placebo:
            truth = classes.index(label)
            right[ours.row].append((int(np.argmax(ours.after)) == truth, int(np.argmax(theirs.after)) == truth))
            edits += 1
    if len(right) < ROWS_AT_LEAST:
        return None
    means = np.array([np.mean(found, axis=0) for found in right.values()])
    clusters = np.array([rows[row].cluster for row in right], dtype=np.int64)
    low, high = clustered_mean(means[:, 1] - means[:, 0], clusters).interval(_ALPHA)
    a, b = means.mean(axis=0)
    return ExchangedAccuracy(audit.name, len(right), edits, float(a), float(b), float(b - a), (low, high))


def compared_suspects(pairing: Pairing, mended: Collection[str]) -> list[ComparedSuspect]:
    """What the discovery of either run has confirmed; `mended` are the audits that were red and are no longer."""
    first, second = ({(s.kind, s.item): s for s in run.report.discovery} for run in (pairing.a, pairing.b))
    held = _held(pairing.a.rows, mended)
    found = []
    for key in dict.fromkeys([*second, *first]):
        ours, theirs = first.get(key), second.get(key)
        confirmed = [bool(one and one.confirmed) for one in (ours, theirs)]
        if not any(confirmed):
            continue
        either = theirs or ours
        assert either is not None
        new = confirmed[1] and not confirmed[0]
        found.append(
            ComparedSuspect(
                either.item,
                either.kind,
                either.class_,
                _effect(ours, either.class_),
                _effect(theirs, either.class_),
                theirs.interval if theirs else None,
                "new" if new else "in both" if confirmed[1] else "gone",
                either.listed,
                _goes_with(pairing.a.rows, either, held) if new and not either.listed else None,
            )
        )
    return sorted(found, key=lambda one: (one.change != "new", one.change != "in both", -abs(one.effect_b or 0.0)))


def _effect(one: Discovered | None, class_: str) -> float | None:
    """The effect on this class; of another one it could not be set beside it."""
    return one.effect if one is not None and one.class_ == class_ else None


def _held(rows: Mapping[str, ScoredRow], audits: Collection[str]) -> dict[str, set[str]]:
    """The rows that hold each item of the audits, `!` of punctuation."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        for span in row.spans:
            if span.audit in audits:
                found[f"{span.item} of {span.audit}"].add(row.id)
                found[f"any of {span.audit}"].add(row.id)
    return {item: own for item, own in found.items() if ROWS_AT_LEAST <= len(own) <= len(rows) - ROWS_AT_LEAST}


def _goes_with(rows: Mapping[str, ScoredRow], suspect: Discovered, held: Mapping[str, set[str]]) -> str | None:
    """The item that the suspect stands together with, in rows of one and the same label."""
    named, second = Suspect(suspect.kind, suspect.item.removesuffix(IN_SECOND)), suspect.item.endswith(IN_SECOND)
    own = {row.id for row in rows.values() if spans_of(named, (row.text_pair or "") if second else row.text)}
    ranked = sorted((-abs(z), item) for item, there in held.items() if (z := _together(rows, own, there)) > TOGETHER_Z)
    return ranked[0][1] if ranked else None


def _together(rows: Mapping[str, ScoredRow], one: set[str], other: set[str]) -> float:
    """z of how often both stand in a row, summed over the labels (Mantel and Haenszel 1959)."""
    labels: dict[str | None, list[str]] = defaultdict(list)
    for row in rows.values():
        labels[row.label].append(row.id)
    excess = variance = 0.0
    for own in labels.values():
        n, a, b = len(own), len(one.intersection(own)), len(other.intersection(own))
        if n > 1:
            excess += len((one & other).intersection(own)) - a * b / n
            variance += a * b * (n - a) * (n - b) / (n * n * (n - 1))
    return excess / variance**0.5 if variance > 0 else 0.0


def mended_audits(verdicts: Sequence[tuple[str, str, str]]) -> list[str]:
    """Of (name, verdict before, verdict after) the names that were red and are not."""
    return [name for name, before, after in verdicts if before in ("FAIL", "WARN") and after not in ("FAIL", "WARN")]
