"""A caller's function that may fail and be well again: asked once more after a pause, which doubles."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any, TypeVar

T = TypeVar("T")
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 6, 0.5, 20.0
_BUSY = frozenset({408, 425, 429})
_PASSING = frozenset({"ConnectionError", "Timeout", "TimeoutError", "TimeoutException", "TransportError"})
"""Names of classes, since the libraries of the web each have their own."""


def passing(error: Exception) -> bool:
    """Whether it is the connection, the time, or an answer of HTTP that says to come back (408, 425, 429, 5xx)."""
    status: Any = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return status in _BUSY or 500 <= status < 600
    return any(kind.__name__.removeprefix("API") in _PASSING for kind in type(error).__mro__)


def patiently(call: Callable[[], T], retry: Callable[[Exception], bool]) -> T:
    """The answer of `call`, tried TRIES times where `retry` says that its error may pass; else that error."""
    for tried in range(1, TRIES):
        try:
            return call()
        except Exception as error:
            if not retry(error):
                raise
        sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1)))
    return call()
