"""The caller's tokenizer, which is asked to cut and never to pad, and must not remember that it was."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

_PARTS = ("normalizer", "pre_tokenizer", "post_processor")


@dataclass(slots=True)
class _Copy:
    """A copy of a tokenizer as it was; None where it cannot be copied. Whoever asks holds `lock`."""

    tokenizer: Any
    state: object
    lock: threading.RLock = field(default_factory=threading.RLock)


_copies: WeakKeyDictionary[Any, _Copy] = WeakKeyDictionary()
_LOCK = threading.Lock()


@contextmanager
def lent(tokenizer: Any) -> Iterator[Any]:
    """A tokenizer like the caller's that may be asked to cut: a fast tokenizer remembers how it was last asked.

    It is a copy, made anew where the caller has changed the tokenizer; where it holds what cannot be copied (a part
    written in Python) it is the caller's own, and how that cut and padded is put back afterwards.
    """
    own = _copy_of(tokenizer)
    with own.lock:
        if own.tokenizer is not None:
            own.tokenizer.truncation_side = getattr(tokenizer, "truncation_side", "right")
            yield own.tokenizer
            return
        core = tokenizer.backend_tokenizer
        cut, padded = core.truncation, core.padding
        try:
            yield tokenizer
        finally:
            core.enable_truncation(**cut) if cut else core.no_truncation()
            core.enable_padding(**padded) if padded else core.no_padding()


def _copy_of(tokenizer: Any) -> _Copy:
    with _LOCK:
        known, state = _copies.get(tokenizer), _state(tokenizer)
        if known is None or known.state != state:
            known = _copies[tokenizer] = _Copy(None if state is None else copy.deepcopy(tokenizer), state)
        return known


def _state(tokenizer: Any) -> object:
    """What a caller may change after the fact; None where it cannot be copied."""
    core = tokenizer.backend_tokenizer
    try:
        return len(tokenizer), *(getattr(getattr(core, part), "__getstate__", bytes)() for part in _PARTS)
    except Exception:  # a part written in Python: tokenizers raises the plain class
        return None
