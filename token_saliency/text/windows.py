"""Texts longer than the model: read in overlapping windows, decided by the mean of the windows' logits.

One rule for predicting and explaining. The windows are equally long, start at equal distances, and share at least a
quarter of their tokens with the next one; of a pair only the longer text slides, the shorter one stands in each window.

Scores are joined by maximum context: each token belongs to the window in which its shorter side is longest. Only there
it varies (is moved to the baseline, masked, given noise); in the windows beside it is context, and held fixed as
special tokens are. What is explained is therefore F(x) = output(mean over windows w of logits_w(own tokens of x;
context as it stands)), which at the text itself is the prediction. The gradient of F, its completeness and the fall of
an occlusion are exact for F; its baseline keeps each window's context, so it is not the output of an empty text. A
token of the shorter text of a pair belongs to every window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import DataError, OptionError, unknown

Long = Literal["truncate", "window"]
"""What becomes of a text that is longer than the model reads."""

OVERLAP = 4
"""Neighbouring windows share one token in so many, at least."""
_ROOM = 4
"""A window whose sliding part is less than one token in so many is refused."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Where the tokens of each window stand in the whole row, and which of them belong to it: both [n, W]."""

    index: NDArray[np.int64]
    own: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.index)


def checked_long(long: str, prompt: object = None) -> Long:
    """OptionError for an unknown word, and for windows of a prompt: each would be asked about a part of the row."""
    if long not in get_args(Long):
        raise unknown("way with long texts", long, get_args(Long))
    if long == "window" and prompt is not None:
        raise OptionError("A prompt asks about the whole row: too long a row is cut (long='truncate'), not windowed.")
    return long  # type: ignore[return-value]


def windows_of(segments: Sequence[int | None], limit: int) -> Windows:
    """The windows of a row that is longer than `limit`; `segments` [T] is None for a special token."""
    parts = np.array([-1 if part is None else part for part in segments])
    longer = max((0, 1), key=lambda part: (parts == part).sum())
    places = np.arange(len(parts))
    sliding = places[parts == longer]
    fixed = len(parts) - len(sliding)
    room = limit - fixed
    if room < max(1, limit // _ROOM):
        raise DataError(
            f"The shorter text of a pair and the special tokens take {fixed} of the model's {limit} tokens, which "
            "leaves too little room for windows over the longer one; shorten it, or use long='truncate'."
        )
    starts = _starts(len(sliding), room)
    before, after = places[places < sliding[0]], places[places > sliding[-1]]
    index = np.stack([np.concatenate([before, sliding[at : at + room], after]) for at in starts])
    own = (parts[index] >= 0) & (parts[index] != longer)
    own[:, len(before) : len(before) + room] = _owned(starts, room, len(sliding))
    return Windows(index, own)


def _starts(length: int, room: int) -> NDArray[np.int64]:
    """At equal distances from the beginning to the end."""
    stride = room - room // OVERLAP
    count = 1 + -(-(length - room) // stride)
    return np.linspace(0, length - room, count).round().astype(np.int64)


def _owned(starts: NDArray[np.int64], room: int, length: int) -> NDArray[np.bool_]:
    """[n, room]: whether no other window knows more on the token's shorter side (of equal ones the first has it)."""
    inside = np.minimum(np.arange(room), np.arange(room)[::-1])
    context = np.full((len(starts), length), -1)
    for row, start in zip(context, starts, strict=True):
        row[start : start + room] = inside
    owner = context.argmax(0)
    return np.stack([owner[start : start + room] == at for at, start in enumerate(starts)])


def window_means(values: NDArray[np.float64], of: Sequence[int]) -> NDArray[np.float64]:
    """The mean of the windows of each text: of the neighbouring lines that belong to the same number."""
    if len(of) == 0 or of[-1] + 1 == len(of):
        return values
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    means: NDArray[np.float64] = np.add.reduceat(values, starts) / np.diff(starts, append=len(of))[:, None]
    return means
