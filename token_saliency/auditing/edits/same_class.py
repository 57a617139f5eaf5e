"""Edits for a necessary feature: a label word and other words of its class take turns in the same places.

Which words go with the class is read off the labels of rows that hold a label word and, apart from them, of those that
hold none: what stands beside a label word goes with its class by that alone. Of words that a list knows the labels must
only not say otherwise. Words and slots share an ending (-ly, -ing, -ed, -s) and, where the audit names word lists, the
part of speech and whether they are for or against something. A label that is no judgement (sports) has no such words:
any that go clearly with its class stand beside it, in a sentence alone. All of them fill all slots: where the label
word stands, where one of them does in rows without it and, where such rows are few, in a sentence put before others (a
long row is cut at its end). No slot is negated, and no word is put in a row that holds it.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from token_saliency.auditing.audit import Entry, Lexicon, Match
from token_saliency.auditing.edits.operators import everywhere, swap
from token_saliency.auditing.edits.parts_of_speech import (
    ADJECTIVE,
    NOUN,
    may_be,
    only,
    part_at,
    stands_free,
    takes_others,
)
from token_saliency.auditing.edits.request import Request, Slot, planned_edit, words_of
from token_saliency.auditing.edits.swaps import draw_slots, mentions
from token_saliency.results import Edit, Example
from token_saliency.stats.sampling import content_hash

WORDS, FEWEST = 12, 6
"""Other words of the class that a label word is compared with, at most and at least."""
ROWS_A_WORD, HITS_A_WORD, CLEAR_Z = 5, 4, 2.5
ROWS_A_LISTED_WORD = 3
"""What a list says to be for or against something needs fewer rows, in which the labels do not speak against it; where
such words are too few one row does. A word that no row holds may be unknown to the model."""
VADER, CLEARLY = 4, 0.35
"""The largest valence of the list, and the share of it (or of a polarity of 1) above which a word is a judgement."""
COUNTED = 10
"""A noun whose plural stands in a tenth of its rows is counted."""
SLOTS_AT_LEAST = 60
"""Fewer slots in rows without the label word get sentences beside them."""
ANY_PART = "any"
SENTENCES = {ADJECTIVE: "It was {}.", NOUN: "There was {} in it.", ANY_PART: "In a word: {}."}
LABEL_WORDS = 8
"""Label words that are tested, the most frequent first."""

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
_ENDING = re.compile(r"(?:ly|ing|ed|s)$")
_NEGATED = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|cannot|hardly|barely|without|nothing)|n['’]t)(?:\s[^\W\d_]+){0,3}\s$", re.I
)


@dataclass(frozen=True, slots=True)
class Rates:
    """In how many rows a word stands, and how many of those have the class; `base` is the share of the class.

    `expected` hits and their `variance` are those of a word that tells nothing, summed over parts of the rows.
    """

    rows: Mapping[str, int]
    hits: Mapping[str, int]
    base: float
    expected: Mapping[str, float]
    variance: Mapping[str, float]

    def z(self, word: str) -> float:
        """How clearly the word goes with the class."""
        error = math.sqrt(self.variance[word])
        return (self.hits[word] - self.expected[word]) / error if error > 0 else 0.0

    def rate(self, word: str) -> float:
        """P(class | word), drawn a little to the base rate."""
        return (self.hits[word] + self.base) / (self.rows[word] + 1)


def polarity_swaps(request: Request) -> list[Edit]:
    """The edits of all label words; a place in a row serves one of them."""
    words = [word for word, _ in mentions(request.spans).most_common() if class_of(request, word)][:LABEL_WORDS]
    planned: list[Edit] = []
    taken: set[tuple[str, int]] = set()
    for word in sorted(words):
        planned += _swaps_of(request, word, class_of(request, word), request.edits // max(1, len(words)), taken)
    return planned


def class_of(request: Request, item: str) -> str:
    """The class that the item names, else the one that it goes with most clearly in the rows ("" where none)."""
    for entry in request.audit.find.lexicon:
        if entry.groups.get("word", entry.item) == item and "label" in entry.groups:
            return entry.groups["label"]
    own = [row for row in request.rows if any(match.item == item for match in request.spans[row.id])]
    labels = sorted({row.label for row in request.rows if row.label is not None})
    scored = [(_item_z(request.rows, own, label), label) for label in labels]
    z, label = max(scored, default=(0.0, ""))
    return label if z >= CLEAR_Z and len(own) >= ROWS_A_WORD else ""


def _item_z(rows: Sequence[Example], own: Sequence[Example], label: str) -> float:
    labelled, mine = [row for row in rows if row.label], [row for row in own if row.label]
    base = sum(row.label == label for row in labelled) / max(1, len(labelled))
    if not mine or not 0 < base < 1:
        return 0.0
    share = sum(row.label == label for row in mine) / len(mine)
    return float((share - base) / (base * (1 - base) / len(mine)) ** 0.5)


def _swaps_of(request: Request, word: str, label: str, budget: int, taken: set[tuple[str, int]]) -> list[Edit]:
    part, others = company(request, word, label)
    fillers = [word, *others]
    if len(others) < FEWEST:
        return []
    heads = _heads(request.rows, fillers)
    places = {
        row.id: [] if part == ANY_PART else _places(request, row, fillers, part, heads, taken) for row in request.rows
    }
    most = max(2, budget // len(fillers))
    elsewhere = _one_a_row(request, places, lambda match: match.item != word, most)
    without = min(max(len(elsewhere), SLOTS_AT_LEAST), most // 2)
    own = _one_a_row(request, places, lambda match: match.item == word, most - without)
    slots = [*own, *elsewhere[: most - len(own)]]
    count = max(0, min(SLOTS_AT_LEAST, most - len(own)) - len(elsewhere))
    sentences = _unserved(request, part, {slot.row.id for slot in slots}, taken)[:count]
    taken |= {(slot.row.id, match.start) for slot in slots for match in slot.matches}
    taken |= {(row.id, 0) for row in sentences}
    # Where the label word stands by itself the row as it is says what it does; no other word stands in a row twice.
    asked = ((slot, item) for slot in slots for item in fillers if item == word or item not in words_of(slot.row.text))
    swaps = [_swapped(request, slot, item, placebo=item != word) for slot, item in asked]
    before = ((row, item) for row in sentences for item in fillers if item not in words_of(row.text))
    return swaps + [_put_before(request, row, item, part, placebo=item != word) for row, item in before]


def _unserved(request: Request, part: str, served: Container[str], taken: Container[tuple[str, int]]) -> list[Example]:
    """Rows before which a sentence may stand: they hold no label word, and lend the word no slot."""
    rows = request.rows if part in SENTENCES else ()
    free = [r for r in rows if r.id not in served and (r.id, 0) not in taken and not request.spans[r.id]]
    return sorted(free, key=lambda row: content_hash(request.seed, row.text, row.text_pair))


def _put_before(request: Request, row: Example, item: str, part: str, *, placebo: bool) -> Edit:
    said = SENTENCES[part].format(item)
    text = f"{said if row.text != row.text.lower() else said.lower()} {row.text}"
    return planned_edit(request.audit.name, "swap", row, (0, 0), item, text, placebo=placebo)


def _one_a_row(
    request: Request, places: Mapping[str, list[Match]], wanted: Callable[[Match], bool], most: int
) -> list[Slot]:
    slots = draw_slots(replace(request, spans=places), wanted, most)
    return list({slot.row.id: slot for slot in reversed(slots)}.values())[::-1]


def company(request: Request, word: str, label: str) -> tuple[str, list[str]]:
    """The part of speech that the word most often is in the rows, and the words of it that go with its class; where
    these are too few, or it is no judgement, `ANY_PART` and whatever words go clearly with the class."""
    if not (forms := _words(request)):
        return "", polar_words(request, word, label)
    usual = _usual_part(request, word)
    for part in [usual] if usual else [part for part in (ADJECTIVE, NOUN) if may_be(word, part, forms)]:
        if len(others := polar_words(request, word, label, part)) >= FEWEST:
            return part, others
    return ANY_PART, polar_words(request, word, label, ANY_PART)


def _usual_part(request: Request, word: str) -> str:
    """What the label word most often is in the rows; "" where no word list tells."""
    words = _words(request)
    found: Counter[str] = Counter()
    for row in request.rows if words else ():
        for match in request.spans[row.id]:
            if match.item == word and row.text[match.start : match.end].lower() == word:
                found[part_at(row.text, match.start, match.end, words)] += 1
    known = [(count, part) for part, count in found.items() if part and may_be(word, part, words)]
    return max(known, default=(0, ""))[1]


def _words(request: Request) -> Mapping[str, str]:
    words: Mapping[str, str] = request.audit.find.options.get("words", {})
    return words


def polar_words(request: Request, word: str, label: str, part: str = "") -> list[str]:
    """The words that go with the class as strongly as the label word does, of its ending, and name no label."""
    own = {piece for entry in request.audit.find.lexicon for piece in words_of(entry.item)}
    labelled = [row for row in request.rows if row.label is not None]
    with_word, without = ([r for r in labelled if bool(request.spans[r.id]) == there] for there in (True, False))
    rates = rates_of(label, with_word, without)
    if not 0 < rates.base < 1:
        return []
    valence = Lexicon.of(request.audit.find.options.get("polarity", ())).by_word if part else {}
    judged = valence and part == ADJECTIVE  # a noun that is for something is no joy yet (an opportunity)
    forms, any_part = _words(request), part == ANY_PART
    known = [w for w in rates.rows if w not in own and len(w) >= 3 and (any_part or _alike(w, word))]
    if any_part:  # no function word, nothing that speaks for the opposite; of another language all that there is
        unlisted = "" if forms.get(word) else NOUN
        known = [w for w in known if forms.get(w, unlisted) and _sign(w, valence) * _sign(word, valence) >= 0]
    elif part:
        known = [w for w in known if may_be(w, part, forms) and only(w, part, forms)]
    if valence and not any_part:
        known = [w for w in known if _sign(w, valence) == _sign(word, valence) != 0]
    if part == NOUN:
        known = [w for w in known if not _is_counted(w, rates)]
    mine = [row.label == label for row in with_word if any(match.item == word for match in request.spans[row.id])]
    wanted = sum(mine) / len(mine) if mine else 1.0
    known.sort(key=lambda w: (round(abs(rates.rate(w) - wanted), 2), -rates.z(w), content_hash(w)))
    if not judged:
        clear = [w for w in known if rates.rows[w] >= ROWS_A_WORD and rates.hits[w] >= HITS_A_WORD]
        return [w for w in clear if rates.z(w) >= CLEAR_Z][:WORDS]
    free = [w for w in known if rates.z(w) >= 0]
    return sorted(free, key=lambda w: rates.rows[w] < ROWS_A_LISTED_WORD)[:WORDS]


def rates_of(label: str, *parts: Sequence[Example]) -> Rates:
    """Word counts over labelled rows, in parts that each have a share of the class of their own."""
    counts, hits = Counter[str](), Counter[str]()
    expected, variance = defaultdict[str, float](float), defaultdict[str, float](float)
    for rows in parts:
        base = sum(row.label == label for row in rows) / max(1, len(rows))
        for row in rows:
            found = set(words_of(row.text))
            counts.update(found)
            hits.update(found if row.label == label else ())
            for word in found:
                expected[word] += base
                variance[word] += base * (1 - base)
    share = sum(row.label == label for rows in parts for row in rows) / max(1, sum(map(len, parts)))
    return Rates(counts, hits, share, expected, variance)


def _sign(word: str, valence: Mapping[str, Entry]) -> int:
    """Whether an open list says clearly that the word is for (1) or against something (-1); very, real, new are not."""
    said = valence[word].groups if word in valence else {}
    scores = float(said.get("valence") or 0) / VADER, float(said.get("polarity") or 0)
    found = max(scores, key=abs)
    return (found > CLEARLY) - (found < -CLEARLY)


def _is_counted(word: str, rates: Rates) -> bool:
    """Whether the rows write it in the plural: a crime, a plan; what has none (gloom) stands without an article."""
    return rates.rows.get(f"{word}s", 0) > rates.rows[word] // COUNTED


def _alike(one: str, other: str) -> bool:
    first, second = _ENDING.search(one), _ENDING.search(other)
    return (first.group() if first else "") == (second.group() if second else "")


def _heads(rows: Sequence[Example], words: Sequence[str]) -> set[str]:
    """What follows two of the words or more somewhere in the rows: no part of a phrase that is fixed (funny bone)."""
    pairs = re.compile(rf"\b({'|'.join(map(re.escape, words))})\s([^\W\d_]+)", re.IGNORECASE)
    found = Counter(head for _, head in {(a.lower(), b.lower()) for row in rows for a, b in pairs.findall(row.text)})
    return {head for head, count in found.items() if count > 1}


def _places(
    request: Request, row: Example, words: Sequence[str], part: str, heads: Container[str], taken: Container[object]
) -> list[Match]:
    """Where one of the words stands by itself, as that part of speech; of a row that holds the label word (the first
    of them) only its places, and those only if all of them are such: what is left would tell the class."""
    own = {match.start for match in request.spans[row.id] if match.item == words[0]}
    found = [match for match in _fitting(request, row.text, words, part, heads) if (row.id, match.start) not in taken]
    if not own:
        return found
    mine = [match for match in found if match.item == words[0]]
    return mine if own <= {match.start for match in mine} else []


def _fitting(request: Request, text: str, words: Sequence[str], part: str, heads: Container[str]) -> list[Match]:
    known, forms = set(words), _words(request)
    found = (Match(hit.start(), hit.end(), hit.group().lower()) for hit in _WORD.finditer(text))
    free = (m for m in found if m.item in known and stands_free(text, m.start, m.end))
    there = [m for m in free if not part or part_at(text, m.start, m.end, forms) == part]
    fair = [m for m in there if not part or takes_others(text, m.start, m.end, part, forms, heads)]
    return [m for m in fair if not _NEGATED.search(text[: m.start][-60:])]


def _swapped(request: Request, slot: Slot, item: str, *, placebo: bool) -> Edit:
    text = everywhere(swap, slot.row.text, slot.matches, item)
    return planned_edit(request.audit.name, "swap", slot.row, slot.span, item, text, placebo=placebo)
