"""Counterfactual copies: rows added again with other items in their places, where few rows hold any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from token_saliency.auditing.audit import Audit
from token_saliency.mending.slots import exchanged
from token_saliency.mending.training import TrainingRows, put_column
from token_saliency.results import Example
from token_saliency.stats.sampling import content_hash


def added(
    train: TrainingRows,
    rows: Sequence[Example],
    frame: pd.DataFrame,
    columns: tuple[str, str],
    audits: Sequence[Audit],
    copies: int,
    seed: int,
) -> tuple[pd.DataFrame, list[int]]:
    """The frame with the copies below its rows, and of which row each is; without copies it has no column for them."""
    made = [copy for turn in range(copies) for copy in _copies(train, rows, audits, (seed, "copy", turn))]
    if not made:
        return frame, []
    changed, copy_of = columns
    ids = _ids(train, frame)
    below = frame.iloc[[place for _, place, _ in made]].copy()
    put_column(below, train.columns[0], [one.text for one, _, _ in made])
    if train.columns[1] is not None:
        pairs = [one.text_pair for one, _, _ in made]
        put_column(below, train.columns[1], pairs)
    if train.columns[2] is not None:
        own = frame.iloc[:, train.columns[2]].tolist()
        numbers = all(isinstance(one, int) for one in own)  # then the copies go on counting
        names = [max(own) + n if numbers else f"{ids[at]}-copy{n}" for n, (_, at, _) in enumerate(made, 1)]
        put_column(below, train.columns[2], names)
    below = below.assign(**{changed: [said for _, _, said in made], copy_of: [ids[place] for _, place, _ in made]})
    whole = pd.concat([frame.assign(**{copy_of: ""}), below], ignore_index=True)
    return whole, [place for _, place, _ in made]


def _ids(train: TrainingRows, frame: pd.DataFrame) -> list[str]:
    """What rows are called: by their id column, else by their number from 1 on."""
    if train.columns[2] is None:
        return [str(n) for n in range(1, len(frame) + 1)]
    return [str(cell) for cell in frame.iloc[:, train.columns[2]]]


def _copies(
    train: TrainingRows, rows: Sequence[Example], audits: Sequence[Audit], seed: object
) -> list[tuple[Example, int, str]]:
    """One copy of rows with other items, as many of each label as keeps the proportion of the labels."""
    new, said = {row.id: row for row in rows}, defaultdict[str, list[str]](list)
    for audit in audits:
        done = exchanged(audit, list(new.values()), seed, always=True)
        for row, (text, pair) in done.texts.items():
            new[row] = replace(new[row], text=text, text_pair=pair)
            said[row].append(f"{audit.name} copy: {done.said[row]}")
    by_label: dict[str, list[str]] = defaultdict(list)
    for one in sorted(rows, key=lambda row: content_hash(seed, row.id)):
        own = by_label[one.label or ""]
        own += [one.id] if one.id in said else []
    totals = {label: sum(len(train.places[one.id]) for one in rows if one.label == label) for label in by_label}
    share = min(len(own) / totals[label] for label, own in by_label.items())
    chosen = [row for label, own in by_label.items() for row in own[: int(share * totals[label])]]
    return [(new[row], train.places[row][0], "; ".join(said[row])) for row in sorted(chosen)]
