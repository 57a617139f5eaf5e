"""Punctuation marks and runs of them, outside numbers, addresses, abbreviations, emoticons, markup and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from token_saliency.auditing.audit import Find, Match

_PROTECTED = re.compile(
    r"""
      (?: https?:// | www\. ) \S{0,2000}? (?= [.,;:!?'")\]]{0,9} (?:\s|$) )      # addresses
    | (?<![\w.+-]) [\w.+-]{1,64} @ [\w-]+ (?: \. \w+ )+               # e-mail
    | (?<![\w.-]) (?: [a-z0-9-]{1,63} \. )+ (?:com|org|net|edu|gov|info|html?|php|co\.uk|uk|de|tv) \b (?:/\S*\w)?
    | < /? [A-Za-z!] [^<>\n]{0,200} >                                 # markup
    | (?: & (?: \#\d+ | [A-Za-z]+ ) | (?<![\w]) (?:\#\d+|amp|quot|lt|gt|nbsp) ) ;      # entities, cut ones too
    | [:;=] -? [()]+                                                  # emoticons
    | (?<![\w:;=]) (?: [:;=8x] [-'^o]? [\[\]dpo3/\\|*@$]+ | [()\[\]d] [-'^o]? [:;=] | <3+ | \^_*\^ ) (?!\w)
    | (?<!\d) \d+ (?: [.,:/'’-] \d+ )+ | (?<![\w.]) [.,] \d+ | ['’] \d0s \b   # numbers, times, dates
    | (?<!\w) (?: [A-Za-z] \. ){2,} | (?<![\w'’]) (?-i: [B-HJ-Z] \. (?= \s+ [A-Z] ) )   # U.S., J.R.R., D. Lynch
    | [^\W_] (?: ['’-] [^\W_]+ )+ (?<=\w)                             # apostrophes and hyphens inside words
    | (?<!\w) ['’] (?: em|til|tis|twas|cause|n|s|ll|d|re|ve|m ) \b    # words that lost their beginning
    | \b (?: ol|an|o|lil|[a-z]+in ) ['’] (?= [ ] )                    # or their end
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORTENED = re.compile(r"(?<![\w.])([^\W\d_][\w.]{0,9})\.")
_MARK = re.compile(r"\.(?: ?\.)+|[!?]+(?:[.!?]+)?|-{2,}|``|''|[.,;:…\"“”‘’'()\[\]{}–—-]")
_AFTER = re.compile(r"[\"”’')\]}»*]*(\s*)(\S?)")
_TERMINAL = frozenset({".", "!", "!!", "?", "??", "?!", "...", "…"})
_SINGLE = frozenset("'’‘")
_RUN = {".": "...", "-": "--"}


def punctuation(text: str, find: Find) -> list[Match]:
    """Each mark and run of marks; the item is the run with its repeats cut to two, `?!` for any mixture."""
    protected = _protected(text, find)
    cased = text != text.lower()
    found = []
    for hit in _MARK.finditer(text):
        if hit.start() in protected or not _stands_alone(text, hit):
            continue
        item = canonical(hit.group())
        found.append(Match(hit.start(), hit.end(), item, _kind(text, hit.end(), item, cased)))
    return _paired(found, text)


def canonical(run: str) -> str:
    """`!!!!` -> `!!`, `....` -> `...`, `. . .` -> `...`, `!?!` -> `?!`; anything else stays."""
    if {"!", "?"} <= set(run):
        return "?!"
    if run[0] in "!?":
        return run[0] if len(run.rstrip(".")) == 1 else run[0] * 2
    if len(run) > 1 and run[0] in _RUN:
        return _RUN[run[0]]
    return run


def _protected(text: str, find: Find) -> set[int]:
    """The characters whose marks belong to something else."""
    inside = {i for hit in _PROTECTED.finditer(text) for i in range(*hit.span())}
    for hit in _SHORTENED.finditer(text):
        following = text[hit.end() : hit.end() + 2].lstrip(" ")[:1]
        if _is_abbreviation(hit.group(1), following, find.options):
            inside.add(hit.end() - 1)
    return inside


def _is_abbreviation(word: str, following: str, options: Mapping[str, Any]) -> bool:
    low = word.lower()
    if low in options.get("before_figures", ()):
        return following.isdigit()
    if low in options.get("before_names", ()):
        return following.isupper() and word[0].isupper()
    return low in options.get("abbreviations", ())


def _stands_alone(text: str, hit: re.Match[str]) -> bool:
    """A hyphen counts only between spaces, an apostrophe only where it can be a quotation mark."""
    before, after = text[hit.start() - 1 : hit.start()], text[hit.end() : hit.end() + 1]
    if hit.group() == "-":
        return (not before or before.isspace()) and (not after or after.isspace())
    if hit.group() in _SINGLE:
        return not (before.isalnum() and after.isalnum())
    return True


def _paired(marks: list[Match], text: str) -> list[Match]:
    """Single quotation marks count in pairs only: alone they are apostrophes (the actors' best work)."""
    waiting: list[Match] = []
    kept: set[Match] = set()
    for mark in marks:
        if mark.item not in _SINGLE:
            kept.add(mark)
        elif _opens(mark, text):
            waiting.append(mark)
        elif waiting:
            kept |= {waiting.pop(), mark}
    return [mark for mark in marks if mark in kept]


def _opens(mark: Match, text: str) -> bool:
    before, after = text[max(mark.start - 1, 0) : mark.start], text[mark.end : mark.end + 1]
    return mark.item == "‘" or not (before.isalnum() or after.isspace() or not after)


def _kind(text: str, end: int, item: str, cased: bool) -> str:
    if item not in _TERMINAL:
        return "inner"
    after = _AFTER.match(text, end)
    space, following = after.groups() if after else ("", "")
    if not following:
        return "terminal"
    return "inner" if not space or (cased and following.islower()) else "terminal"
