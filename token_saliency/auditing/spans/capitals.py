"""Ordinary words that are written in capitals: shouted, not the way they are always written.

A word is ordinary where the list of words or the rows write it in lower case, and the rows do not write it with a
capital more often; acronyms, names and unknown spellings are not. Capitals that stand together are one phrase, which
is found whole or not at all. A phrase or a word that could be a title or a keyword is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase

import regex

from token_saliency.auditing.audit import Audit, Entry, Find, Lexicon, Match

MATCHER, ITEM = "capitals", "a word in capitals"
NAME = "name"
"""The kind of a word that may be a name: it keeps its first capital."""
SHOUT, ORDINARY = 6, 0.7
"""A phrase of so many words is said even where some of them are unknown."""
LOUD, HALF = 0.8, 0.5
"""A row with such a share of capitals shouts throughout; half of the words of a phrase suffice there."""
MISSPELT = 5
"""Of shorter words too many lie one letter from another."""
LONG = 4
"""Shorter words must stand in the audit's list to be found alone."""
ROWS_AT_LEAST = 2

_TOKEN = regex.compile(r"(?<![\w@#/.'’&_:-])\p{Lu}+(?:['’]\p{Lu}+)*(?!\w|[@/&_>]|:/|['’-]\w|\.\w)")
_LOUD_TOKEN = regex.compile(
    r"(?<![\w@#/&_\x80-\x9f]|WWW\.)(?!(?:COM|ORG|NET|UK)\b)\d*\p{Lu}+(?:['’\d]+\p{Lu}+)*\d*"
    r"(?!\w|[@/_>\x80-\x9f]|:/|['’]\w|\.(?:COM|ORG|NET|CO)\b)"
)
"""In a row that shouts throughout figures stand for letters (2MORROW, GR8), and all of it is one phrase."""
_GAP = re.compile(r"(?:[ \t]|[,:][ ]|\.{2,3}|\d+|[;\"“”()*-])*")
_WORD = re.compile(r"(?<![\w@#/.\\-])[^\W\d_]+(?![\w@/\\]|\.\w|-\w)")
_BEFORE = re.compile(r"([^\W\d_]+)[\s\"“'‘*(:]*$")
_CALLED = re.compile(r"\b(?:called|titled|named|a\.?k\.?a\.?|known as)[\s\"“'‘(:]*$", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:reply|text|txt|send|answer) (?:us )?(?:with|back|the word)[\s\"“'‘(:]*$", re.IGNORECASE)
_MADE_BY = re.compile(
    r"\b(?!(?:It|He|She|That|What|There|Here|Who|Let|How|Where|When|Why|One|This|[A-Z]\w*(?:one|body|thing))['’])"
    r"[A-Z][a-z]+(?:['’]s|s['’]) [\"“‘(]*$"
)
"""Before a title: Bobby Vernon's DON'T KID ME."""
_IN_A_TITLE = re.compile(r"(?:[\"“'‘]|\b[Tt]he )$"), regex.compile(r" \p{Lu}\p{Ll}")
_STARTS = re.compile(r"(?:^|[.!?:…>\n=*-])[\s\"“'‘*(=-]*$")
_SHOUTED = re.compile(r"[\"”'’)* ]*!")
_HEADING = re.compile(r"[\"”')* ]*(?::|[.!?…\n]|$)")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_CLITIC = re.compile(r"['’](?:s|t|ll|re|ve|m|d)$")
_TORN = regex.compile(r"\p{Lu}{2}[^\s.!?…:;,]*[:,]?(?: \d+)?[ /-]?$"), regex.compile(r"[ /:-]?(?:\d+ )?\w*\p{Lu}{2}")
"""Capitals next to a phrase that are no words: a part of it would be torn off."""
_TURKISH = re.compile("[ıİğĞ]")
_GLUED = re.compile(r"(?:dont|cant|wont|im|ur|just|really|each|wanna|gonna|gotta|dunno|please)([a-z]{3,})")
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday january february april june".split())
_ROMAN = re.compile(r"[mdclxvi]{2,}")
_LETTERS_OF_A_ROW = 12
_LETTERS = frozenset("abcinruxy")
"""Single letters that chats write for words; they stay."""
_KEPT = frozenset(
    "usa uae ussr fbi cia nasa nato imax ira ibm abc aol ipo ceo cfo cto coo faq diy api url uri ui ux ide usb "
    "eta eod eof irs isp ios eu uk un epa fda osha icu er iv mri ecg ekg adhd ocd eula nda gui ai iq aka aita "
    "unicef unesco opec iso ieee oecd apec asean aids espn uefa fifa nba nfl mlb nhl ncaa ioc aarp aclu ebitda "
    "gaap hiv".split()
)
_VOWEL = re.compile(r"[aeiouyà-ý]")
_NO_NOUNS = frozenset(
    "so or in on at as me us he she it we you him them they is are was were be am been has had have does can".split()
)
_NOUNS = frozenset("ns")
_DETERMINERS = frozenset("a an the my your his her its our their no some any every".split())
_NEGATED = frozenset(
    "don can won isn aren wasn weren didn doesn couldn wouldn shouldn hasn haven hadn ain mustn".split()
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words in capitals that stand together, and the text on both sides; `loud`: the whole row shouts."""

    words: tuple[regex.Match[str], ...]
    low: tuple[str, ...]
    before: str
    after: str
    loud: bool

    @property
    def alone(self) -> bool:
        """Whether it is one word."""
        return len(self.words) == 1


def capitals(text: str, find: Find) -> list[Match]:
    """Every word of the phrases that are shouted, but for `I`."""
    found, phrases = [], _phrases(text)
    titled = {word for word in (_titled(text) if phrases else ()) if _NOUNS & {*_forms(word, find)}}
    shouted = [phrase for phrase in phrases if _is_shouted(phrase, find)]
    if any(phrase.alone for phrase in shouted) and _is_foreign(text, find):  # IS, a militia in German
        shouted = [phrase for phrase in shouted if not (phrase.alone and _is_english(phrase.low[0], find))]
    lone = {p.low[0] for p in phrases if p.alone and p not in shouted} - {*find.options.get("emphatic", ())}
    left = any(_NOUNS & {*_forms(word, find)} for word in lone)
    for phrase in shouted:
        of_a_pair = left and phrase.alone and phrase.low[0] not in find.options.get("emphatic", ())  # your NAME and AGE
        if not of_a_pair and not (phrase.alone and phrase.low[0] in titled):
            hits = zip(phrase.words, phrase.low, strict=True)
            found += [m for hit, word in hits if (m := _match(hit, word, find, phrase, titled))]
    return found


def lowered(word: str, text: str) -> str:
    """The word in small letters; in a Turkish row I and İ are those without and with a dot."""
    return (word.replace("I", "ı") if _TURKISH.search(text) else word).replace("İ", "i").lower()


def _titled(text: str) -> set[str]:
    """What the row itself writes with a capital inside a sentence: "Friends", a name there."""
    hits = (hit for hit in _WORD.finditer(text) if hit.group().istitle())
    inside = (hit for hit in hits if not _STARTS.search(text[max(0, hit.start() - 9) : hit.start()]))
    titles = Counter(hit.group().lower() for hit in inside)
    small = Counter(hit.group() for hit in _WORD.finditer(text) if hit.group().islower())
    return {word for word, count in titles.items() if small[word] <= count}


def _match(hit: regex.Match[str], word: str, find: Find, phrase: _Phrase, titled: Container[str]) -> Match | None:
    """A word of a shouted phrase; a name keeps its first capital, and in a row that is no chat what nobody knows."""
    if (word in titled and len(word) > 1) or _is_name(word, find):
        return Match(*hit.span(), ITEM, NAME)
    if _is_ordinary(word, find):
        return None if len(word) == 1 and word != "a" else Match(*hit.span(), ITEM)
    spoken = len(word) >= LONG - phrase.loud and _VOWEL.search(word) and word not in _KEPT
    return Match(*hit.span(), ITEM, "" if phrase.loud and _is_typed(phrase, find) else NAME) if spoken else None


def _is_english(word: str, find: Find) -> bool:
    return word in find.options.get("words", ()) or word in find.options.get("emphatic", ())


def _is_foreign(text: str, find: Find) -> bool:
    """Whether the list of English words knows few of the words that the row writes in small letters."""
    small = [hit.group() for hit in _WORD.finditer(text) if hit.group().islower()]
    return len(small) > _LETTERS_OF_A_ROW and sum(_is_english(word, find) for word in small) < HALF * len(small)


def _is_name(word: str, find: Find) -> bool:
    entry = Lexicon.of(find.options.get("names", ())).by_word.get(word)
    return word in _DAYS or (entry is not None and not entry.ambiguous and not entry.groups.get("sense"))


def _is_typed(phrase: _Phrase, find: Find) -> bool:
    """Whether words are spelled as chats do, or are misspelt: what is unknown there is one word more of that kind."""
    chat, words = find.options.get("chat", ()), find.options.get("words", ())
    if any(word in ("u", "r", "n") or (word in chat and word not in words) for word in phrase.low):
        return True
    return any(_is_misspelt(word, find) for word in phrase.low if not _is_ordinary(word, find))


def _is_misspelt(word: str, find: Find) -> bool:
    """Whether it is no name and one letter away from a word, or two letters changed places: INGORANT, BABOONS."""
    if len(word) < MISSPELT or not word.isalpha() or _is_name(word, find):
        return False
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = (
        [left + right[1:] for left, right in parts if right]
        + [left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1]
        + [left + letter + right[skip:] for left, right in parts for letter in ascii_lowercase for skip in (0, 1)]
    )
    return any(one in find.options.get("words", ()) for one in near)


def with_words_of_rows(audit: Audit, texts: Iterable[str]) -> Audit:
    """The audit with the words that the rows themselves write in lower case, and those that they write as names."""
    low, title, high = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        if text == text.lower():  # a row without capitals does not tell names from words
            continue
        hits = {hit.group(): hit.start() for hit in _WORD.finditer(text) if len(hit.group()) > 1}
        low.update(word for word in hits if word.islower())
        high.update(word.lower() for word in hits if word.isupper())
        inside = (word for word, at in hits.items() if not _STARTS.search(text[max(0, at - 9) : at]))
        title.update(word.lower() for word in inside if word.istitle())
    usual = audit.find.options.get("words", ())
    most = {word: max(ROWS_AT_LEAST, title[word], 0 if word in usual else high[word] + 1) for word in low}
    words = [word for word, rows in low.items() if rows >= most[word]]
    names = [word for word, rows in title.items() if rows > low[word]]
    entries = [Entry(word, groups={"as": kind}) for kind, group in (("", words), ("a name", names)) for word in group]
    return replace(audit, find=replace(audit.find, lexicon=Lexicon(entries)))


def _phrases(text: str) -> list[_Phrase]:
    groups: list[list[regex.Match[str]]] = []
    letters = sum(map(str.isalpha, text))
    loud = letters >= _LETTERS_OF_A_ROW and sum(map(str.isupper, text)) >= LOUD * letters
    if loud:
        groups = [found] if (found := [*_LOUD_TOKEN.finditer(text)]) else []
    for hit in () if loud else _TOKEN.finditer(text):
        comma = "," in text[groups[-1][-1].end() : hit.start()] if groups else False
        if groups and _GAP.fullmatch(text, groups[-1][-1].end(), hit.start()) and not (comma and hit.group() == "I"):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    return [
        _Phrase(
            words=tuple(g),
            low=tuple(lowered(hit.group(), text) for hit in g),
            before=text[max(0, g[0].start() - 30) : g[0].start()],
            after=text[g[-1].end() :][:9],
            loud=loud,
        )
        for g in groups
    ]


def _is_shouted(phrase: _Phrase, find: Find) -> bool:
    words = [word.replace("’", "'") for word in phrase.low]
    clause, before = find.options.get("clause", ()), _BEFORE.search(phrase.before)
    previous = before.group(1).lower() if before else ""
    known = sum(_is_ordinary(word, find) for word in words)
    said = any(word in clause or _CLITIC.search(word) for word in words if word != "it" or words[0] == "it")
    enough = known >= (HALF if phrase.loud and said else ORDINARY if len(words) >= SHOUT else 1) * len(words)
    torn = _TORN[0].search(phrase.before) or _TORN[1].match(phrase.after)
    if phrase.loud and said and enough:
        return True
    asked = _ASKED.search(phrase.before) or previous in find.options.get("keyword_after", ())
    if asked or not enough or torn or _CALLED.search(phrase.before):
        return False
    if phrase.alone:
        if _IN_A_TITLE[0].search(phrase.before) and _IN_A_TITLE[1].match(phrase.after):
            return False
        return _stands_out(words[0], before.group(1) if before else "", find)
    if _MADE_BY.search(phrase.before):
        return False
    if len({*words}) == 1 or said or all(word in find.options.get("emphatic", ()) for word in words if len(word) > 1):
        return max(map(len, words)) > 2
    starts = bool(_STARTS.search(phrase.before)) or not phrase.before
    return bool(_SHOUTED.match(phrase.after)) or bool(starts and _HEADING.match(phrase.after))


def _stands_out(word: str, previous: str, find: Find) -> bool:
    """A word alone: one of emphasis, an adverb or a participle, or a noun that its article shows to be no title."""
    if word in find.options.get("acronyms", ()) or _ROMAN.fullmatch(word):
        return False
    if word in _NO_NOUNS and previous.lower() in _DETERMINERS:  # Jews in the ME
        return False
    if any(form in find.options.get("emphatic", ()) for form in _undrawn(word)) or re.fullmatch(
        r"i'(?:m|ve|ll|d)|\w+n't", word
    ):
        return True
    if len(word) < LONG or "'" in word:
        return False
    forms = _forms(word, find)
    return bool(set(forms) & set("ydg")) or previous in find.options.get("articles", ())


def _is_ordinary(word: str, find: Find) -> bool:
    """Whether the rows, or else the list of words, write it in lower case."""
    base = _CLITIC.sub("", word)
    if (base in _NEGATED and base != word) or base in _LETTERS or word in find.options.get("emphatic", ()):
        return True
    return any(_known(form, find) for form in _undrawn(base)) or _is_chat(base, find)


def _is_chat(word: str, find: Find) -> bool:
    """`DEFO`, `MISSIN`, `SHITIN`, `REALLYNEED`: spellings of words, not names."""
    if word in find.options.get("chat", ()):
        return True
    if word.endswith("in") and len(word) >= LONG + 1:
        return _known(word + "g", find) or _known(f"{word[:-2]}{word[-3]}ing", find)
    glued = _GLUED.fullmatch(word)
    return bool(glued and (_known(glued[1], find) or _is_chat(glued[1], find)))


def _known(word: str, find: Find) -> bool:
    own = Lexicon.of(find.lexicon).by_word.get(word)
    if own:
        return not own.groups["as"]
    return word in find.options.get("words", ())


def _undrawn(word: str) -> Sequence[str]:
    """`sooooo` -> sooooo, so, soo."""
    return [word, *(_DRAWN_OUT.sub(kept, word) for kept in (r"\1", r"\1\1") if _DRAWN_OUT.search(word))]


def _forms(word: str, find: Find) -> str:
    known = find.options.get("words", {})
    return next((known[form] for form in _undrawn(word) if form in known), "")
