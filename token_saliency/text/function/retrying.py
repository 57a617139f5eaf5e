"""A caller's function that may fail and be well again: asked once more after a pause, which doubles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any, TypeVar

T = TypeVar("T")
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 6, 0.5, 20.0
LONGEST_WISH = 600.0
"""Seconds that a server may ask us to wait (Retry-After)."""
_BUSY = frozenset({408, 425, 429})
_PASSING = frozenset(
    {"ConnectionError", "Timeout", "TimeoutError", "TimeoutException", "TransportError", "JSONDecodeError"}
)
"""Names of classes, since the libraries of the web each have their own; an answer that was cut is no JSON."""


def passing(error: Exception) -> bool:
    """Whether it is the connection, the time, or an answer of HTTP that says to come back (408, 425, 429, 5xx)."""
    status: Any = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return status in _BUSY or 500 <= status < 600
    return any(kind.__name__.removeprefix("API") in _PASSING for kind in type(error).__mro__)


def wished(error: Exception) -> float | None:
    """The seconds until a server wants to be asked again, by its headers; None where it does not say."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    said, thousandths = headers.get("retry-after"), headers.get("retry-after-ms")
    try:
        if thousandths is not None:
            seconds = float(thousandths) / 1000
        elif said is None:
            return None
        elif str(said).strip().replace(".", "", 1).isdigit():
            seconds = float(said)
        else:
            seconds = (parsedate_to_datetime(str(said)) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_WISH)


def patiently(
    call: Callable[[], T],
    retry: Callable[[Exception], bool],
    tries: int = TRIES,
    pause: Callable[[float], object] | None = None,
) -> T:
    """The answer of `call`, tried so often where `retry` says that its error may pass; else that error."""
    for tried in range(1, tries):
        try:
            return call()
        except Exception as error:
            if not retry(error):
                raise
            wish = wished(error)
        (pause or sleep)(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1)) if wish is None else wish)
    return call()
