"""Whatever a regular expression finds, in bounded time; and space that is not one plain space between words."""

from __future__ import annotations

import regex

from token_saliency.auditing.audit import Find, Lexicon, Match
from token_saliency.errors import AuditError

DIGITS = regex.compile(r"\d+")
NUMBERED = "numbered"
"""Of a beginning or end that the rows share but for its numbers."""
NAMED = "named"
"""The same of a greeting or farewell but for who is greeted or signs it."""
_ANY_NAME = r"\p{Lu}[\p{L}\p{M}'’-]*"
NAME = regex.compile(rf"(?<=\s){_ANY_NAME}")

SECONDS = 5.0
"""What a regular expression may take on one text. An honest one takes a thousandth; one that backtracks, for ever."""


def pattern(text: str, find: Find) -> list[Match]:
    """Whatever the option `regex` matches, or the parts of it in named groups.

    The item is the option `item`, or the name of the group with spaces for `_`, or what stands there. AuditError where
    the expression takes longer than SECONDS.
    """
    compiled = regex.compile(find.options["regex"], regex.IGNORECASE if find.options.get("ignore_case") else 0)
    try:
        hits = list(compiled.finditer(text, timeout=SECONDS))
    except TimeoutError as error:
        raise AuditError(
            f"the regular expression takes more than {SECONDS:g} seconds on a text of {len(text)} characters: it "
            "backtracks. Take nested repeats such as (a+)+ out of it, or bound them, as in a{1,50}."
        ) from error
    names = list(compiled.groupindex)
    found = [_named(hit, names) if names else [_match(hit.span(), text, find)] for hit in hits]
    return [match for matches in [*found, _ends(text, find)] for match in matches if _visible(text, match)]


def _match(span: tuple[int, int], text: str, find: Find) -> Match:
    return Match(*span, find.options.get("item") or text[slice(*span)])


def _named(hit: regex.Match[str], names: list[str]) -> list[Match]:
    return [Match(*span, name.replace("_", " ")) for name in names for span in hit.spans(name)]


def _visible(text: str, match: Match) -> bool:
    return bool(text[match.start : match.end].strip())


def _ends(text: str, find: Find) -> list[Match]:
    """The constant beginning or end that was learned from the rows, where this text has it."""
    stripped = text.strip()
    start = text.index(stripped) if stripped else 0
    found = []
    for entry in Lexicon.of(find.lexicon):
        if end := entry.groups.get("end"):
            shape = regex.escape(entry.item, special_only=True, literal_spaces=True)
            shape = DIGITS.sub(r"\\d+", shape) if NUMBERED in entry.groups else shape
            shape = NAME.sub(lambda _: _ANY_NAME, shape) if NAMED in entry.groups else shape
            shape = shape.replace(" ", r"\s+")  # a line of its own
            if hit := regex.search(rf"\A{shape}" if end == "start" else rf"{shape}\Z", stripped):
                found.append(Match(start + hit.start(), start + hit.end(), entry.item))
    return found


_SPACE = regex.compile(
    r"""(?P<space_at_an_end> \A\s+ | \s+\Z )
      | (?P<a_line_break> [^\S\n\r]* [\n\r] \s* )
      | (?P<a_character_without_width> [\u200b\u2060\ufeff\u00ad]+ )
      | (?P<a_space_before_a_mark> (?<=\w)[ ]+(?=[.,;:!?](?:\s|\Z))(?!\.[ ]\.) )
      | (?P<a_tab> [ ]*\t\s* )
      | (?P<an_unusual_space> [ ]*[^\S \t\n\r]\s* )
      | (?P<a_doubled_space> [ ]{2,} )""",
    regex.VERBOSE,
)

SPACES = tuple(_SPACE.groupindex)
GROUP_NAME = regex.compile(r"\(\?P<(\w+)>")


def whitespace(text: str, find: Find) -> list[Match]:  # noqa: ARG001 - one signature for all matchers
    """Space that is not one plain space between words; the item is its kind."""
    return [Match(*hit.span(), str(hit.lastgroup).replace("_", " ")) for hit in _SPACE.finditer(text)]
