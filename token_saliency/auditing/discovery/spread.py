"""What is spread over a row in many small pieces, none of which does much: spelling, tone, another language.

No word of it alone moves the output by much, so each is found as a whole. Where the text can say the same without it
(`don't`, `colour`, letters in full width), it is written otherwise; else it is taken out.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

import regex

from token_saliency.auditing.audit import Match
from token_saliency.auditing.edits.operators import delete, put
from token_saliency.auditing.spans.sentences import sentence_spans
from token_saliency.resources import shipped
from token_saliency.results import Span

FOREIGN = "sentences in "
SURE_WORDS, SURE_SHARE = 3, 0.25
"""A sentence is in a language if so many different function words of it say so, and this part of its words."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LETTERS = re.compile(r"(?<![\w'’@#./-])[A-Za-z]{4,}(?![\w'’@/-]|\.\w)")
_CAPITAL = regex.compile(r"(?<=[^\W\d_][,;]? )\p{Lu}(?=\p{Ll})")
_CURVED = str.maketrans("‘’‚“”„", "'''\"\"\"")
_SHORT = {"won": "will", "can": "can", "shan": "shall", "ain": "is"}
_ENDS = {"re": "are", "ve": "have", "ll": "will", "m": "am", "s": "is"}
_DOUBLED = re.compile(r"ll(?=ed$|ing$|er$|ers$|or$|ors$)")
_AMERICAN = (
    (re.compile("our"), "or"),
    (re.compile("is(?=e|ing|ation)"), "iz"),
    (re.compile("ys(?=e|ing)"), "yz"),
    (re.compile("^((?:theat|cent|.*met|lit|millilit|fib|calib|somb|lust|spect|meag|scept|och))re(s?)$"), r"\1er\2"),
    (_DOUBLED, "l"),
    (re.compile("ence(s?)$"), r"ense\1"),
    (re.compile("ogue(s?)$"), r"og\1"),
    (re.compile("[ao]e"), "e"),
    (re.compile("^grey"), "gray"),
    (re.compile("^cheque"), "check"),
    (re.compile("mme(s?)$"), r"m\1"),
)

PIECES: Mapping[str, re.Pattern[str]] = {
    "contractions (don't)": re.compile(
        r"\b[a-z]+n['’]t\b|\b[a-z]+['’](?:re|ve|ll|m)\b|\b(?:it|that|what|there|here|he|she|who|where|how)['’]s\b",
        re.IGNORECASE,
    ),
    "curved apostrophes and quotation marks": re.compile("[‘’‚“”„]"),
    "letters three times or more": re.compile(r"([^\W\d_])\1{2,}"),
    "letters in other forms (full-width, accents apart)": re.compile(
        "[\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff]+|[^\\W\\d_][\u0300-\u036f]+"
    ),
    "indents of lines": re.compile(r"(?m)^[ \t]+(?=\S)"),
    "laughter (haha)": re.compile(
        r"\b(?:a?(?:ha){2,}h?|(?:he){2,}h?|(?:hi){2,}|(?:j[aei]){2,}j?|(?:rs){2,}|k{3,}|lo+l|lmf?ao+|rofl|xd+)\b",
        re.IGNORECASE,
    ),
    "words of letters and digits": re.compile(r"\b(?=[^\W_]{5})(?:[^\W\d_]+\d|\d+[^\W\d_])[^\W_]*\b"),
    "paths of files": re.compile(r"(?<![\w/:.])(?:[A-Za-z]:)?(?:[/\\][\w.-]+){2,}"),
    "words of the first person": re.compile(
        r"\b(?:I(?:['’](?:m|ve|ll|d))?|[Mm](?:e|y|ine|yself)|[Ww]e(?:['’](?:re|ve|ll|d))?|[Uu]s|[Oo]urs?(?:elves)?)\b"
    ),
    "words that hedge (perhaps, I think)": re.compile(
        r"\b(?:perhaps|maybe|possibly|probably|presumably|apparently|seemingly|somewhat|arguably|supposedly"
        r"|(?:sort|kind) of|i (?:think|guess|suppose|believe)|it seems|seems to|in a way|more or less|might be)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
"""By names that no word can have."""


def _british(text: str) -> Iterator[Span]:
    return (hit.span() for hit in _LETTERS.finditer(text) if american(hit.group()) != hit.group())


def _raised(text: str) -> Iterator[Span]:
    """First letters of common words that stand in capitals where no sentence begins."""
    for hit in _CAPITAL.finditer(text):
        word = _WORD.match(text, hit.start())
        if word and word.group().lower() in english():
            yield hit.span()


FINDERS: Mapping[str, Callable[[str], Iterable[Span]]] = {
    "British spellings": _british,
    "capitals of common words inside a sentence": _raised,
}


def _said_in_full(short: str) -> str:
    """`didn't` -> `did not`, `we're` -> `we are`."""
    head, _, tail = short.replace("’", "'").partition("'")
    if tail.lower() != "t":
        return f"{head} {_ENDS[tail.lower()]}"
    stem = head[:-1]
    return f"{_as_cased(_SHORT[head.lower()], head) if head.lower() in _SHORT else stem} not"


def _as_cased(word: str, like: str) -> str:
    return word.capitalize() if like[0].isupper() else word


@lru_cache(maxsize=1 << 16)
def american(word: str) -> str:
    """The American spelling of a British one, if the English dictionary has no such word but has the other."""
    low = word.lower()
    if low in english():
        return word
    for pattern, new in _AMERICAN:
        other = pattern.sub(new, low)
        if other != low and {other, other.removesuffix("s")} & english().keys():
            return _as_cased(other, word)
    return word


PLAIN: Mapping[str, Callable[[str], str]] = {
    "contractions (don't)": _said_in_full,
    "curved apostrophes and quotation marks": lambda old: old.translate(_CURVED),
    "letters three times or more": lambda old: old[0],
    "letters in other forms (full-width, accents apart)": lambda old: unicodedata.normalize("NFKC", old),
    "British spellings": american,
    "capitals of common words inside a sentence": str.lower,
}
"""How a piece is written where the text says the same without it; of all others the pieces are taken out."""


def way_without(item: str) -> str:
    """The name of the operator that a text loses it by."""
    return "rewrite" if item in PLAIN else "delete"


def said_without(text: str, match: Match, item: str = "") -> str:  # noqa: ARG001 - one signature for all operators
    """The text without the match; of what the text says the same without, written so."""
    if match.item not in PLAIN:
        return delete(text, match)
    return put(text, match, PLAIN[match.item](text[match.start : match.end]))


def spread(text: str) -> Iterator[tuple[str, Span]]:
    """All of them, with their places."""
    for name, pattern in PIECES.items():
        yield from ((name, hit.span()) for hit in pattern.finditer(text))
    for name, find in FINDERS.items():
        yield from ((name, span) for span in find(text))
    for start, end in sentence_spans(text):
        if language := language_of(text[start:end]):
            yield FOREIGN + language, (start, end)


def language_of(sentence: str) -> str:
    """The language whose function words it holds most of; empty where they are too few or say two."""
    said = [hit.group().lower().replace("’", "'") for hit in _WORD.finditer(sentence)]
    votes = Counter(language for word in set(said) for language in function_words().get(word, ()))
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    enough = first[1] >= max(SURE_WORDS, SURE_SHARE * len(set(said)))
    return first[0] if enough and first[1] > second[1] else ""


def usual_language(texts: Iterable[str]) -> str:
    """The language that most function words of all texts say: what stands in it is no sentence in another."""
    votes: Counter[str] = Counter()
    for text in texts:
        for hit in _WORD.finditer(text):
            votes.update(function_words().get(hit.group().lower().replace("’", "'"), ()))
    return max(votes, key=lambda one: (votes[one], one), default="")


@cache
def function_words() -> Mapping[str, Sequence[str]]:
    """The languages of each of them."""
    found: dict[str, list[str]] = {}
    for line in _lines("function_words.csv"):
        found.setdefault(line["item"], []).append(line["language"])
    return found


@cache
def english() -> Mapping[str, str]:
    """Common English words in American spelling, with what parts of speech each may be."""
    return {line["item"]: line["forms"] for line in _lines("words.csv")}


def _lines(name: str) -> list[dict[str, str]]:
    with (shipped("audits") / "lexicons" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LANGUAGES = tuple(sorted({language for own in function_words().values() for language in own}))
SPREAD = (*PIECES, *FINDERS, *(FOREIGN + language for language in LANGUAGES))
"""Everything that is found here, by name."""
