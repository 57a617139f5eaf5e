"""Punctuation marks and runs of them, outside numbers, addresses, abbreviations, emoticons, markup and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from token_saliency.auditing.audit import Find, Lexicon, Match

_PROTECTED = re.compile(
    r"""
      (?: https?:// | www\. ) \S{0,2000}? (?= [.,;:!?'")\]]{0,9} (?:\s|$) )      # addresses
    | (?<![\w.+-]) [\w.+-]{1,64} @ [\w-]+ (?: \. \w+ )+               # e-mail
    | (?<![\w.-]) (?: [a-z0-9-]{1,63} \. )+ (?:com|org|net|edu|gov|info|html?|php|co\.uk|uk|de|tv) \b (?:/\S*\w)?
    | (?: < | &lt; ) /? [A-Za-z!] [^<>\n]{0,200} >                      # markup
    | (?-i: \b (?: User | Wikipedia | Template | File | Category | Portal ) [ _] talk :)
    | (?-i: \b (?: User | Talk | Category | Wikipedia | Template | File | Image | Portal | Special ) : )
    | (?: & (?: \#\d+ | [A-Za-z]+ ) | (?<![\w]) (?:\#\d+|amp|quot|lt|gt|nbsp) ) ;      # entities, cut ones too
    | (?<=\w) \. (?= (?:jpe?g|png|gif|pdf|docx?|xlsx?|txt|zip|exe|dll|py|js|css|csv|json|xml|mp[34]|avi) \b )   # files
    | (?-i: (?<=[A-Z]{2}) : (?=\d{1,2}[A-Z]) )                         # WP:3RR
    | (?<=[^\W\d_]) :{1,2} (?=[^\W\d_]) | (?<!\S) :+ (?=[^\s:()\[\]dpo3*|/\\-])   # WP:NPOV, indents
    | (?<![^\s`]) :{2,} | \A \W* : (?=\s)                            # emoticons:
    | (?<=\w) \( \w{1,3} \) | \( \w{1,3} \) (?=\w)                  # film(s), (B)old
    | :-(?!\S) | [:;] - [.,|/\\] | [:;=] -? [()]+ | [>:]' -? [()] | \( [\^<>=;:'.*oT_-]{2,5} \) | -_+- | \b[oO]_[oO]\b
    | (?<![\w:;=]) (?: [:;=8x] [-'^o]? [\[\]dpo3/\\|*@$]+ | [()\[\]d] [-'^o]? [:;=] | <3+ | \^_*\^ ) (?!\w)
    | (?<!\d) \d+ (?: [.,:/'’-] \d+ )+ | (?<![\w.]) [.,] \d+ | ['’] \d0s \b   # numbers, times, dates
    | (?<!\d) \d+ (?: \s [.,:] \s \d+ )+ | (?<!\w) \d{1,2} \. (?= \s+ (?-i:[a-zà-ÿ]) )       # 6 . 5, 5. mai
    | (?<!\w) \d{1,2} \. (?= \s (?:Jan|Feb|Mär|Apr|Mai|Ju[nl]|Aug|Sep|Okt|Nov|Dez) )
    | (?: \A | \n ) [ \t]* (?: \d{1,2} [.)] | \( (?-i: [a-z\d]{1,2} ) \) | [-–] ) (?= \s )   # a list: 1. (a) -
    | (?<= \s ) \d{1,2} \. (?= \s [^.\n]{1,60} \s \d{1,2} \. \s )      # also inside a line
    | \[ [^\]\n]{1,80} \] \( [^)\s]{1,200} \)                       # [text](address), then f(x, y), a[0];
    | (?<![\w.]) [a-z_]\w{0,30} (?: \.\w{1,30} ){0,3} (?: \( (?: [\w.]{1,30} ,? [ ]? ){1,4} \) | \[ \w{1,20} \] ) ;?
    | (?<!\w) (?: [^\W\d_] [ ]? \. [ ]? ){2,}                           # U.S., z. B., p. ex.
    | (?-i: (?<![\w.]) (?: [a-z_]\w{0,40} [.$] ){2,8} [A-Za-z_]\w{0,40} ) | (?<![\w.]) \w{1,40} \. \w{1,40} \$ \w{1,40}
    | (?<= [a-z\d] ) : (?= \d{4,5} \b )                               # org.apache.hadoop, dfs.Node$Scan, host:9000
    | (?-i: (?: \A | (?<=\s) ) (?: From | To | Subject | Re | Fwd? | Date | Cc | Lines | Organi[sz]ation | Keywords
        | Summary | Distribution | Newsgroups | Message-ID | Reply-To | Sender
        | [A-Z][A-Za-z]{0,20}-[A-Z][A-Za-z-]{0,20} ) : (?=\s) )         # headers of mail
    | (?<! ! ) !+ 1+ [!1]*                                            # !!!11
    | (?<!\w) [a-zäöüß]{2,30} str \. (?= [ ]? \d )                                 # Hauptstr. 5
    | (?-i: (?<!\w) [B-HJ-Z] \. (?= \s+ [a-z] ) )                     # Mr. T. said
    | (?<!\w) [^\W\d_] \. [ ]? [^\W\d_]{2} \. | (?<!\w) et [ ] al \.
    | (?<![\w'’]) (?-i: [B-HJ-ZÀ-ÞА-Я] \. (?= \s+ [A-ZÀ-ÞА-Я] ) )     # D. Lynch
    | (?-i: (?<=[a-z]) [!?] (?= ['’]s \b ) )                            # Yahoo!'s
    | [^\W_] (?: ['’-] [^\W_]+ )+ (?<=\w)                             # apostrophes and hyphens inside words
    | (?<!\w) ['’] (?: em|til|tis|twas|cause|n|s|ll|d|re|ve|m ) \b    # words that lost their beginning
    | \b (?: ol|an|o|lil|[a-z]+in ) ['’] (?= [ ] )                    # or their end
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INITIAL = re.compile(r"(?:\A|(?:(?<!\w)[A-Z]\w{0,30}|[.!?]) )[AI]\.(?= [A-Z][a-z])")  # Carl A. Merritt
_SHORTENED = re.compile(r"(?<![\w.])([^\W\d_][\w.]{0,9})\s?\.")
_MARK = re.compile(
    r"\.(?: ?\.)+|[!?！？؟]+(?:[.!?！？؟]+)?|…+|-{2,}|``|''|[.,;:\"“”‘’'()\[\]{}–—-]"
    r"|[。．，、；：।॥،؛«»「」『』（）【】《》]"
)
_AFTER = re.compile(r"[\"”’')\]}»*]*(\s*)(\S?)")
_TERMINAL = frozenset({".", "!", "!!", "?", "??", "?!", "...", "…"})
_ENDS = re.compile(r"[.!?…¡¿]|\Z")
_SINGLE = frozenset("'’‘")
_RUN = {".": "...", "-": "--"}

_WIDE = str.maketrans({".": "。", "!": "！", "?": "？", ",": "，", ";": "；", ":": "："})
_ARABIC = str.maketrans({"?": "؟", ",": "،", ";": "؛"})
_PLAIN = str.maketrans(dict(zip("。．！？，；：।॥؟،؛", "..!?,;:..?,;", strict=True)))
OPENED = {")": "(", "]": "[", "}": "{", "”": "“", "''": "``", "»": "«", "」": "「", "』": "『", "）": "（"}
OPENED |= {"】": "【", "》": "《"}
"""Each closing mark with the one that opens."""
_BRACKETS = frozenset({"()", "[]", "{}", "«»", "「」", "『』", "（）", "【】", "《》"})
_PAIRS = {mark: opening + closing for closing, opening in OPENED.items() for mark in (opening, closing)}


def punctuation(text: str, find: Find) -> list[Match]:
    """Each mark and run of marks; the item is the run with its repeats cut to two, `?!` for any mixture.

    Both marks of a pair have one item, as `()`, so that they go together; one without its partner is left alone. Marks
    of other scripts have the item of the mark that they are (`。` is a full stop).
    """
    protected = _protected(text, find)
    cased = text != text.lower()
    found = []
    for hit in _MARK.finditer(text):
        if hit.start() in protected or not _stands_alone(text, hit):
            continue
        item = canonical(hit.group().translate(_PLAIN))
        found.append(Match(hit.start(), hit.end(), item, _kind(text, hit, item, cased)))
    return _brackets(_paired(found, text), text)


def canonical(run: str) -> str:
    """`!!!!` -> `!!`, `....` -> `...`, `. . .` -> `...`, `!?!` -> `?!`, `(` -> `()`; anything else stays."""
    if {"!", "?"} <= set(run):
        return "?!"
    if run[0] in "!?":
        return run[0] if len(run.rstrip(".")) == 1 else run[0] * 2
    if len(run) > 1 and run[0] in _RUN:
        return _RUN[run[0]]
    return "…" if run[0] == "…" else _PAIRS.get(run, run)


def as_written(item: str, text: str, match: Match) -> str:
    """The mark as the script around it writes it: full-width, Arabic or with the stroke of Hindi."""
    old, before = text[match.start : match.end], text[: match.start].rstrip()[-1:]
    if any("\u3000" < letter < "\u303f" or "\uff00" < letter < "\uff60" for letter in old):
        return "……" if item == "..." else item.translate(_WIDE)
    if old[0] in "؟،؛" or "\u0600" <= before <= "\u06ff":
        return item.translate(_ARABIC)
    return "।" if item == "." and "\u0900" <= before <= "\u097f" else item


def _protected(text: str, find: Find) -> set[int]:
    """The characters whose marks belong to something else."""
    inside = {i for hit in _PROTECTED.finditer(text) for i in range(*hit.span())}
    inside |= {hit.end() - 1 for hit in _INITIAL.finditer(text)}
    for hit in _SHORTENED.finditer(text):
        following = text[hit.end() : hit.end() + 2].lstrip(" ")[:1]
        if _is_abbreviation(hit.group(1), following, find.options):
            inside.add(hit.end() - 1)
    if "„" in text or "‚" in text:  # there “ closes, and is no half of a pair
        inside.update(i for i, letter in enumerate(text) if letter in "“”‘’")
    brands = find.options.get("brands")
    for hit in brands.finditer(text) if brands else ():
        inside.update(range(*hit.span()))
    for place in (i for i, letter in enumerate(text) if letter in "¡¿"):  # the mark that closes such a sentence stays
        end = _ENDS.search(text, place + 1)
        inside.update(range(place, end.end() + 3) if end else ())
    return inside


def _is_abbreviation(word: str, following: str, options: Mapping[str, Any]) -> bool:
    low = word.lower()
    if low in options.get("before_figures", ()) and following.isdigit():
        return True
    if low in options.get("before_names", ()) and following.isupper() and word[0].isupper():
        return True
    if low in options.get("capitalised", ()) and word[0].isupper() and (following.islower() or following.isdigit()):
        return True
    return low in options.get("abbreviations", ()) or low in Lexicon.of(options.get("other_languages", ())).by_word


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
    paired: set[Match] = set()
    for mark in marks:
        if mark.item not in _SINGLE:
            continue
        if _opens(mark, text):
            waiting.append(mark)
        elif waiting:
            paired |= {waiting.pop(), mark}
    return [mark for mark in marks if mark.item not in _SINGLE or mark in paired]


def _opens(mark: Match, text: str) -> bool:
    before, after = text[max(mark.start - 1, 0) : mark.start], text[mark.end : mark.end + 1]
    return mark.item == "‘" or not (before.isalnum() or after.isspace() or not after)


def _brackets(marks: list[Match], text: str) -> list[Match]:
    """Without the marks of a pair whose partner is missing: the smile of an emoticon, the bracket of `a)`."""
    written = {text[mark.start : mark.end] for mark in marks}
    both = {_PAIRS[mark] for mark in written if mark in OPENED}  # some write ``so`` or “so“
    waiting: dict[str, list[Match]] = {}
    lonely: set[Match] = set()
    for mark in marks:
        closes = text[mark.start : mark.end] in OPENED
        if mark.item not in both and not (mark.item in _BRACKETS or closes):
            continue
        if closes and not waiting.get(mark.item):
            lonely.add(mark)
        elif closes:
            waiting[mark.item].pop()
        else:
            waiting.setdefault(mark.item, []).append(mark)
    lonely |= {mark for left in waiting.values() for mark in left}
    return [mark for mark in marks if mark not in lonely]


def _kind(text: str, hit: re.Match[str], item: str, cased: bool) -> str:
    if item not in _TERMINAL:
        return "inner"
    if hit.group()[0] in "。！？．":
        return "terminal"
    after = _AFTER.match(text, hit.end())
    space, following = after.groups() if after else ("", "")
    if not following:
        return "terminal"
    return "inner" if not space or (cased and following.islower()) else "terminal"
