"""How numbers are written, the same in every format that people read."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

MINUS = "\u2212"


def finite_or_null(value: Any) -> Any:
    """Plain data with None for every nan and infinity, which JSON has no words for."""
    if isinstance(value, dict):
        return {key: finite_or_null(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite_or_null(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def signed(value: float, digits: int = 3) -> str:
    """`+0.132`, `−0.010`, `0.000`."""
    if not math.isfinite(value):
        return "n/a"
    text = f"{abs(value):.{digits}f}" if abs(value) < 1000 else f"{abs(value):.3g}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else MINUS) + text


def ascii_sign(text: str) -> str:
    """Text of numbers with a hyphen for each minus, for terminals and searches."""
    return text.replace(MINUS, "-")


def plain(value: float, digits: int = 3) -> str:
    """`0.132`, without a sign for what cannot be negative."""
    return signed(value, digits).removeprefix("+")


def interval(bounds: tuple[float, float], digits: int = 3) -> str:
    """`[+0.096, +0.166]`."""
    return f"[{signed(bounds[0], digits)}, {signed(bounds[1], digits)}]"


def p_value(p: float) -> str:
    """`< 0.001`, `0.032`."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(share: float) -> str:
    """`12.4%`."""
    return f"{100 * share:.1f}%" if math.isfinite(share) else "n/a"


def count(number: int, noun: str = "", plural: str | None = None) -> str:
    """`1,066`, `1 row`, `3 rows`."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def moment(text: str) -> str:
    """An ISO time as `2026-11-04 09:30 UTC`; anything else as it stands."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return text


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
