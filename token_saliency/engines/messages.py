"""What goes between the process that asks and a place of work: pickles of our own making.

So what cannot be sent is one clear error and no dead worker.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from token_saliency.errors import WITHHELD, ModelError, TextError, TokenSaliencyError, withheld

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables that say how many threads a place of work has."""


def pickled(message: object, dumps: Callable[[object], bytes] = pickle.dumps) -> bytes:
    """ModelError for what cannot be pickled."""
    try:
        return dumps(message)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ModelError(
            f"This cannot be handed to a worker process ({error}); use what stands in a module, or no workers."
        ) from error


def opened(reply: bytes) -> Any:
    """The answer, or the error that it is."""
    answer, error = pickle.loads(reply)
    if error is not None:
        raise _bare(error) if withheld() else error
    return answer


def _bare(error: Exception) -> Exception:
    """Of an error from where nobody knew that rows must not be quoted: its kind, and which text it is about."""
    if isinstance(error, TextError):
        return TextError(
            f"The model fails on {TextError.WHICH}; mend it, or leave that text out.", error.at, error.name
        )
    return ModelError(f"A worker process failed: {type(error).__name__}, {WITHHELD}.")


def replied(work: Callable[[], Any]) -> bytes:
    """`(answer, None)` or `(None, error)` as bytes that the other side can read."""
    try:
        return pickle.dumps((work(), None))
    except Exception as error:  # raised again on the other side
        return _portable(error)


def _portable(error: Exception) -> bytes:
    """With the place where it happened, unless its message is meant to say it all."""
    if not isinstance(error, TokenSaliencyError):
        error.add_note(f"in a worker process:\n{''.join(traceback.format_tb(error.__traceback__))}")
    with suppress(Exception):  # not every exception can be pickled, or built again
        payload = pickle.dumps((None, error))
        pickle.loads(payload)
        return payload
    return pickle.dumps((None, ModelError(f"A worker process failed: {type(error).__name__}: {error}")))
