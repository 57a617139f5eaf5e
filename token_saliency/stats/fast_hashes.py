"""Hashes of millions of texts: 64 bits each, made of whole columns at a time.

Not for secrets: who wants two texts with one hash will find them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_ODD, _FIRST, _SECOND = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_WORD, _AT_A_TIME = 8, 8192


def quick_hashes(data: NDArray[np.uint8], edges: NDArray[np.int64], begin: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """[n] of the bytes between each two of the `edges` [n + 1], going on from `begin` [n]; the same on every machine.

    Eight bytes at a time are multiplied in, and the end is that of splitmix64 (Steele et al. 2014).
    """
    if len(begin) > _AT_A_TIME:  # what fits the cache
        parts = ((edges[i : i + _AT_A_TIME + 1], begin[i : i + _AT_A_TIME]) for i in range(0, len(begin), _AT_A_TIME))
        return np.concatenate([quick_hashes(data[own[0] : own[-1]], own - own[0], first) for own, first in parts])
    padded = np.zeros(len(data) + _WORD, np.uint8)
    padded[: len(data)] = data
    words = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))  # the eight bytes from each byte on
    lengths = np.diff(edges)
    order = np.argsort(-lengths // _WORD, kind="stable")  # the longest first: who still goes on is a slice
    at, left = edges[:-1][order], lengths[order]
    own = _mixed(begin[order] + left.astype(np.uint64))
    steps = -(-left // _WORD)
    active = np.searchsorted(-steps, -np.arange(1, steps.max(initial=0) + 2), side="right").tolist()
    for step, (count, more) in enumerate(pairwise(active)):
        word, part = words[at[:count]], own[:count]
        beyond = _WORD * (step + 1) - left[more:count]
        word[more:] <<= (8 * beyond).astype(np.uint64)  # what follows the text is none of it
        part ^= word
        part *= _ODD
        part ^= part >> np.uint64(32)
        at[:more] += _WORD
    hashes = np.empty_like(own)
    hashes[order] = _mixed(own)
    return hashes


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _FIRST
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _SECOND
    return hashes ^ (hashes >> np.uint64(31))
