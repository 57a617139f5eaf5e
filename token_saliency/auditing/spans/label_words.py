"""The model's own label names in running text: which words a label holds, how English inflects them.

An audit of label words is read without a model, so its file names example labels; `bound` puts those of the
model in their place before the rows are searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import Audit, Entry, Find, Lexicon, Match

MATCHER = "label_words"

_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
_DOUBLING = re.compile(r"[^aeiou]*[aeiou][bdgmnprt]")
_VOWELS = frozenset("aeiou")
_ADJECTIVE = ("ive", "al", "ful", "ous", "ant", "ent", "able", "ible")
_HISSING = ("s", "x", "z", "ch", "sh")
_SHORTEST = 3
_NEGATED = re.compile(r"^(?:not?|non|un)(?=[A-Z_\W])", re.IGNORECASE)
_TIED = re.compile(r"[@#/_&=~+-]$|\w\.$"), re.compile(r"[@#/_&=~+-](?!-)|\.\w")
_NAME = re.compile(r"[A-Z][a-z]+[ ]$"), re.compile(r"[ ][A-Z][a-z]")
_EMPTY = frozenset({"label", "class", "category", "other", "none", "not", "non", "and", "the", "very", "with"})


def label_words(text: str, find: Find) -> list[Match]:
    """The words of the labels in any inflection, and the synonyms; the item is the word of the label."""
    words = Lexicon.of(find.lexicon)
    free = (hit for hit in words.pattern.finditer(text) if not _belongs_to_more(text, hit))
    hits = ((hit, words.by_word[hit.group().lower()]) for hit in free)
    return [Match(hit.start(), hit.end(), entry.groups["word"]) for hit, entry in hits]


def _belongs_to_more(text: str, hit: re.Match[str]) -> bool:
    """Whether it is a part of an address, an id, a compound or a name of several words (World Cup)."""
    before, after = text[: hit.start()][-25:], text[hit.end() : hit.end() + 25]
    if _TIED[0].search(before) or _TIED[1].match(after):
        return True
    titled = hit.group()[0].isupper() and not hit.group().isupper()
    return titled and bool(_NAME[0].search(before) or _NAME[1].match(after))


def bound(audit: Audit, labels: Sequence[str]) -> Audit:
    """The audit with the words of the model's labels, if it asks for label words; any other audit as it is."""
    if audit.find.matcher != MATCHER:
        return audit
    options = audit.find.options
    lexicon = label_lexicon(labels, options.get("synonyms", ()))
    note = f"{audit.name} was not run: the labels of the model ({', '.join(labels[:6])}) hold no words."
    notes = audit.notes if lexicon else (*audit.notes, note)
    return replace(audit, find=replace(audit.find, lexicon=lexicon), notes=notes)


def label_lexicon(labels: Iterable[str], synonyms: Iterable[str] = ()) -> Lexicon:
    """Every form of every word of the labels and of the synonyms; of two words with one form the first has it."""
    labels = list(labels)
    words = [word for label in labels for word in words_of_label(label)] + sorted(synonyms)
    forms: dict[str, str] = {}
    for word in words:
        forms.setdefault(word, word)
    for word in words:
        for form in inflections(word):
            forms.setdefault(form, word)
    owners = _owners(labels)
    return Lexicon(Entry(form, groups={"word": word, "label": owners.get(word, "")}) for form, word in forms.items())


def _owners(labels: Iterable[str]) -> dict[str, str]:
    """The label that each word names; `not toxic` does not name what is toxic, and a word of two labels names none."""
    named: dict[str, list[str]] = {}
    for label in labels:
        if not _NEGATED.search(label):
            for word in words_of_label(label):
                named.setdefault(word, []).append(label)
    return {word: found[0] for word, found in named.items() if len(found) == 1}


def words_of_label(label: str) -> list[str]:
    """`Sci/Tech` -> sci, tech; `notToxic` -> toxic; `LABEL_0` and `4` -> nothing that a text could say."""
    pieces = [piece.lower() for piece in _PIECE.findall(label)]
    return [piece for piece in dict.fromkeys(pieces) if len(piece) >= _SHORTEST and piece not in _EMPTY]


def inflections(word: str) -> list[str]:
    """The regular English forms of a word, as noun, verb and adjective; a form that does not exist finds nothing."""
    if not word.isalpha():
        return []
    forms = [_plural(word), _joined(word, "ed"), _joined(word, "ing")]
    if _DOUBLING.fullmatch(word):
        forms += [word + word[-1] + "ed", word + word[-1] + "ing"]
    if word.endswith(_ADJECTIVE):
        forms.append(word[:-1] + "y" if word.endswith("le") else word + "ly")
    if word.endswith("ness") and len(word) > 6:
        plain = word.removesuffix("ness")
        forms.append(plain[:-1] + "y" if plain.endswith("i") else plain)
    return forms


def _plural(word: str) -> str:
    if _consonant_y(word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(_HISSING) else "s")


def _joined(word: str, ending: str) -> str:
    """`love` -> loved, loving; `worry` -> worried, worrying."""
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + ending
    return word[:-1] + "ied" if _consonant_y(word) and ending == "ed" else word + ending


def _consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2:-1] not in _VOWELS
