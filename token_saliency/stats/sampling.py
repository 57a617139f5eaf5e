"""Which rows and slots are drawn: by a hash of content and seed, so that order and additions change nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import OptionError, option, typed
from token_saliency.results import Example
from token_saliency.stats.fast_hashes import quick_hashes

LARGE_ROWS = 50_000
"""More rows than these are drawn by a hash that is quick to make of millions of them."""
_WORD = re.compile(r"\w+")
_SHINGLE = 8


def content_hash(*parts: object) -> str:
    """A stable hash of the parts; a separator keeps ("ab", "c") and ("a", "bc") apart."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()


def generator(*parts: object) -> np.random.Generator:
    """Random numbers that depend on these parts alone."""
    return np.random.default_rng(int(content_hash(*parts)[:16], 16))


def check_limit(rows: int | None) -> None:
    """OptionError for a limit that leaves nothing."""
    if rows is not None and not isinstance(rows, Integral):
        raise OptionError(f"rows_limit is a number of rows, or None for all of them, not {rows!r}.")
    if rows is not None and rows < 1:
        raise OptionError(f"{option('rows')} must be at least 1, or {'all' if typed() else None} for all, not {rows}.")


def check_seed(seed: int) -> None:
    """OptionError for a seed that the command line would refuse too: any text would do for a hash."""
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise OptionError(f"seed is a whole number from 0, not {seed!r}.")


def sample_rows(rows: Iterable[Example], limit: int | None, seed: int) -> list[Example]:
    """Distinct texts in the order of their hash, at most `limit` of them; of `LARGE_ROWS` on those whose quick hash is
    smallest, in the same order.

    Of rows with the same text the one with the smallest label and id stands for all.
    """
    distinct: dict[tuple[str, str | None], Example] = {}
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - how many there were
        key = (row.text, row.text_pair)
        if key not in distinct or _precedence(row) < _precedence(distinct[key]):
            distinct[key] = row
    found = [*distinct.values()]
    if limit is not None and count > LARGE_ROWS:
        firsts = quick_first([(row.text, row.text_pair) for row in found], limit, seed)
        found = [found[i] for i in firsts]
    ordered = sorted(found, key=lambda row: content_hash(seed, row.text, row.text_pair))
    return ordered if limit is None else ordered[:limit]


def quick_begin(seed: int, count: int) -> NDArray[np.uint64]:
    """[count] what the quick hashes of a seed begin with."""
    return np.full(count, int(content_hash(seed)[:16], 16), np.uint64)


def quick_first(texts: Sequence[tuple[str, str | None]], limit: int, seed: int) -> list[int]:
    """The places of the `limit` texts with the smallest quick hashes; where two are equal `content_hash` decides."""
    hashes = quick_begin(seed, len(texts))
    for part in zip(*texts, strict=True):
        if not any(part):  # no second texts
            continue
        raw = [(one or "").encode("utf-8", "surrogatepass") for one in part]
        edges = np.cumsum([0, *map(len, raw)])
        hashes = quick_hashes(np.frombuffer(b"".join(raw), np.uint8), edges, hashes)
    bound = np.sort(hashes)[min(limit, len(hashes)) - 1]
    near = np.flatnonzero(hashes <= bound).tolist()
    return sorted(near, key=lambda i: (hashes[i], content_hash(seed, *texts[i])))[:limit]


def _precedence(row: Example) -> tuple[bool, str, str]:
    return row.label is None, row.label or "", row.id


def fingerprint(rows: Sequence[Example]) -> str:
    """One hash of the audited rows, whatever their order."""
    return content_hash(*sorted(content_hash(row.text, row.text_pair, row.label) for row in rows))[:16]


def clusters(rows: Sequence[Example], column: str | None) -> NDArray[np.int64]:
    """[n] which rows are copies of each other: the same value of `column`, or near-duplicate texts.

    Near-duplicates share the smallest hash of their word 8-grams, which two texts do with a probability equal
    to the overlap of their 8-gram sets (Broder 1997); unlike a chain of shared phrases this never
    joins texts that have nothing in common.
    """
    return np.unique(cluster_keys(rows, column), return_inverse=True)[1].astype(np.int64)


def cluster_keys(rows: Sequence[Example], column: str | None) -> list[str]:
    """What copies of each other have in common; unlike their number it does not depend on the other rows."""
    return [row.metadata.get(column, row.id) if column else _signature(row) for row in rows]


def in_first_half(seed: int, key: object, split: str = "half") -> bool:
    """Which half of the rows a cluster belongs to: copies never stand in both. Each `split` is its own."""
    return int(content_hash(seed, split, key)[:8], 16) % 2 == 0


def _signature(row: Example) -> str:
    words = _WORD.findall(f"{row.text} {row.text_pair or ''}".lower())
    shingles = {" ".join(words[i : i + _SHINGLE]) for i in range(max(1, len(words) - _SHINGLE + 1))}
    return min(content_hash(shingle) for shingle in shingles) if words else content_hash(row.text)
