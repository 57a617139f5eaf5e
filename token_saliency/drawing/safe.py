"""Strings from rows, labels, models and files made fit to be looked at: nothing hidden, nothing that is obeyed.

Escaping for HTML is the template engine's work (autoescape); here the characters themselves are tamed.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterator, Sequence

_NAMED = {
    0x00AD: "[SHY]",
    0x061C: "[ALM]",
    0x200B: "[ZWSP]",
    0x200E: "[LRM]",
    0x200F: "[RLM]",
    0x180E: "[MVS]",
    0x2028: "↵",
    0x2029: "↵",
    0x202A: "[LRE]",
    0x202B: "[RLE]",
    0x202C: "[PDF]",
    0x202D: "[LRO]",
    0x202E: "[RLO]",
    0x2060: "[WJ]",
    0x2066: "[LRI]",
    0x2067: "[RLI]",
    0x2068: "[FSI]",
    0x2069: "[PDI]",
    0xFEFF: "[BOM]",
}
_UNSEEN = {code: f"[U+{code:04X}]" for code in (*range(0x2061, 0x2065), *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC))}
"""Characters that have no look at all; the joiners of emoji and scripts (U+200C, U+200D) are at work and stay."""
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]+\U000e007f)|[\U000e0000-\U000e007f]")
"""Unseen twins of ASCII, in which a text can hide another one; they are at work in the flags of some countries."""
_C0 = {0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0C: "FF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL"}
_CONTROLS = {code: f"[{_C0.get(code, f'x{code:02x}')}]" for code in (*range(0x20), 0x7F) if code not in (0x09, 0x0A)}
_REPLACED = dict.fromkeys([*range(0x80, 0xA0), *range(0xD800, 0xE000)], "\ufffd")
_VISIBLE = _NAMED | _UNSEEN | _CONTROLS | _REPLACED
_LONGEST_ID = 120
_CI_PREFIX = re.compile(r"##(?=\w*\[)")


def visible(text: str) -> str:
    """What controls, hides, re-orders or is no character shows itself; tabs and line ends stay."""
    return _TAGS.sub(_tag, text.replace("\r\n", "\n").translate(_VISIBLE))


def one_line(text: str) -> str:
    """Visible text with every run of white space as one space."""
    return " ".join(visible(text).split())


def without_prefixes(text: str) -> str:
    """Text in which no `##[command]` (Azure, GitHub, TeamCity) is left, of equal length."""
    return _CI_PREFIX.sub("#＃", text)


def defused(text: str) -> str:
    """Text that no CI log obeys: `::command::` and `##[command]` are broken by full-width twins of equal length."""
    return without_prefixes(text.replace("::", ":："))


def printable(text: str) -> str:
    """One line that neither a terminal nor a CI log obeys."""
    return defused(one_line(text))


def cut(text: str, limit: int) -> tuple[str, int]:
    """The first `limit` characters and how many were left out."""
    return text[:limit], max(0, len(text) - limit)


def in_quotes(text: str, pair: str = "“”") -> str:
    """The text in quotes that it does not hold itself; one that stands in curly quotes already stays as it is."""
    if len(text) > 2 and text[0] == "“" and text[-1] == "”":
        return text
    marks = next((marks for marks in (pair, '""', "''") if not set(marks) & set(text)), pair)
    return f"{marks[0]}{text}{marks[1]}"


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def slug(*parts: str | None) -> str:
    """An id for links, the same in every run: letters and digits stay, anything else is spelled by its number."""
    joined = "-".join(part for part in parts if part)
    spelled = re.sub(r"[^a-z0-9-]", _spelled, joined.casefold())
    return (spelled if len(spelled) <= _LONGEST_ID else f"{spelled[: _LONGEST_ID - 9]}-{_digest(joined)}") or "x"


def distinct(ids: Sequence[str]) -> Iterator[str]:
    """The ids in order; one that was there before is counted."""
    seen: dict[str, int] = {}
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        yield one if seen[one] == 1 else f"{one}--{seen[one]}"


def _tag(match: re.Match[str]) -> str:
    return match[1] or f"[U+{ord(match[0]):04X}]"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _spelled(match: re.Match[str]) -> str:
    return "-" if match[0].isspace() else f"_{ord(match[0]):x}"


def screen_lines(text: str, width: int = 100) -> str:
    """A paragraph of a screen: printable, broken at its width, and cut where it is longer than any sentence of ours."""
    return textwrap.fill(shortened(one_line(text), 400), width, subsequent_indent="    ")
