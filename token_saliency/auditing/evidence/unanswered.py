"""What the model answers with no numbers (nan, or infinite logits): left out, counted, and said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from token_saliency.errors import ModelError, withheld
from token_saliency.results import Edit, Example
from token_saliency.stats.estimate import Floats
from token_saliency.store.trace import Trace

_NAMED = 5
_MEND = "half precision overflows (ask for float32), a weight is harmed, or a function returns nan"


def answered_rows(rows: Sequence[Example], outputs: Floats) -> tuple[list[Example], Floats, list[str]]:
    """The rows with numbers for outputs [n, C], these, and a line on the others; ModelError where there is none."""
    known = np.array([bool(np.isfinite(own).all()) for own in outputs])
    gone = [row.id for row, fine in zip(rows, known, strict=True) if not fine]
    if gone and not known.any():
        raise ModelError(f"The model's logits are nan or infinite for every one of {len(rows)} rows: {_MEND}.")
    line = f"{_rows(gone, len(rows))} left out: the logits are nan or infinite there; {_MEND}."
    return [row for row, fine in zip(rows, known, strict=True) if fine], outputs[known], [line] if gone else []


def sound_traces(traces: Mapping[str, Trace]) -> dict[str, Trace]:
    """Those whose scores are numbers."""
    return {row: trace for row, trace in traces.items() if np.isfinite(trace.tokens["score"]).all()}


def explained_rows(traces: Mapping[str, Trace]) -> tuple[dict[str, Trace], list[str]]:
    """The traces whose scores are numbers, and a line on the others; ModelError where there is none."""
    sound = sound_traces(traces)
    gone = [row for row in traces if row not in sound]
    if gone and not sound:
        raise ModelError(f"The scores are nan or infinite for every one of {len(traces)} rows: {_MEND}.")
    line = f"{_rows(gone, len(traces))} left out: the scores of the tokens are nan or infinite there; {_MEND}."
    return sound, [line] if gone else []


def answered_edits(edits: Sequence[Edit]) -> tuple[list[Edit], list[str]]:
    """The edits that can be compared, and a line on the others.

    An item that is seldom answered goes as a whole, else every edit of the row in that audit: an edit and its control
    go together, or the rest would be compared with others.
    """
    lost = [edit for edit in edits if not np.isfinite(edit.after).all()]
    if not lost:
        return list(edits), []
    asked, silent = (Counter((edit.audit, edit.item) for edit in each) for each in (edits, lost))
    items = {key for key, count in silent.items() if 2 * count > asked[key]}
    rows = {(edit.audit, edit.row) for edit in lost if (edit.audit, edit.item) not in items}
    kept = [e for e in edits if (e.audit, e.item) not in items and (e.audit, e.row) not in rows]
    return kept, [
        f"The logits of {len(lost)} of {len(edits)} edited texts are nan or infinite; they are left out with the edits "
        f"that stand beside them, {len(edits) - len(kept)} in all: {_MEND}."
    ]


def _rows(gone: Sequence[str], all_: int) -> str:
    named = "" if withheld() else f" ({', '.join(gone[:_NAMED])}{', ...' if len(gone) > _NAMED else ''})"
    return f"{len(gone)} of {all_} rows{named} {'is' if len(gone) == 1 else 'are'}"
