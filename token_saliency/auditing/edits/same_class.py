"""Edits for a necessary feature: a label word and other words of its class take turns in the same places.

Which words go with the class is read off rows that hold no label word, so labels that choose the words and slots where
the label word stands come from different documents; of words that a list knows the labels must only not say otherwise.
Words and slots share an ending (-ly, -ing, -ed, -s) and, where the audit names word lists, the part of speech and
whether they are for or against something: a label that is no judgement (sports) has no such words. All of them fill all
slots; none is scored where it stands by itself.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
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

WORDS = 12
"""Other words of the class that a label word is compared with."""
ROWS_A_WORD = 5
ROWS_A_LISTED_WORD = 3
"""What a list says to be for or against something needs fewer rows, in which the labels do not speak against it."""
VADER, CLEARLY = 4, 0.35
"""The largest valence of the list, and the share of it (or of a polarity of 1) above which a word is a judgement."""
COUNTED = 10
"""A noun whose plural stands in a tenth of its rows is counted."""
CLEAR_Z = 2.5
LABEL_WORDS = 8
"""Label words that are tested, the most frequent first."""

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")
_ENDING = re.compile(r"(?:ly|ing|ed|s)$")


@dataclass(frozen=True, slots=True)
class Rates:
    """In how many rows a word stands, and how many of those have the class; `base` is the share of the class."""

    rows: Mapping[str, int]
    hits: Mapping[str, int]
    base: float

    def z(self, word: str) -> float:
        """How clearly the word goes with the class."""
        count = self.rows[word]
        return (self.hits[word] / count - self.base) / math.sqrt(self.base * (1 - self.base) / count)

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
    part = _usual_part(request, word)
    if _words(request) and not part:
        return []
    others = polar_words(request, word, label, part)
    fillers = [word, *others]
    if len(others) < WORDS // 2:
        return []
    heads = _heads(request.rows, fillers)
    places = {row.id: _places(request, row.text, fillers, part, heads) for row in request.rows}
    free = {id_: [m for m in found if (id_, m.start) not in taken] for id_, found in places.items()}
    slots = draw_slots(replace(request, spans=free), lambda _: True, max(1, budget // len(fillers)))
    first = {slot.row.id: slot for slot in reversed(slots)}
    taken |= {(slot.row.id, match.start) for slot in first.values() for match in slot.matches}
    return [
        _swapped(request, slot, item, placebo=item != word)
        for slot in first.values()
        for item in fillers
        if item != slot.item
    ]


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
    held_out = [row for row in request.rows if row.label is not None and not request.spans[row.id]]
    rates = rates_of(held_out, label)
    if not 0 < rates.base < 1:
        return []
    valence = Lexicon.of(request.audit.find.options.get("polarity", ())).by_word if part else {}
    judged = valence and part == ADJECTIVE  # a noun that is for something is no joy yet (an opportunity)
    fewest, least_z = (ROWS_A_LISTED_WORD, 0.0) if judged else (ROWS_A_WORD, CLEAR_Z)
    known = [w for w, n in rates.rows.items() if n >= fewest and w not in own and _alike(w, word)]
    if part:
        known = [w for w in known if may_be(w, part, _words(request)) and only(w, part, _words(request))]
    if valence:
        known = [w for w in known if _sign(w, valence) == _sign(word, valence) != 0]
    if part == NOUN:
        known = [w for w in known if not _is_counted(w, rates)]
    clear = [w for w in known if len(w) >= 3 and rates.z(w) >= least_z]
    mine = rates_of([r for r in request.rows if any(m.item == word for m in request.spans[r.id])], label)
    wanted = sum(mine.hits.values()) / max(1, sum(mine.rows.values())) if mine.rows else 1.0
    clear.sort(key=lambda w: (round(abs(rates.rate(w) - wanted), 2), -rates.z(w), content_hash(w)))
    return clear[:WORDS]


def rates_of(rows: Sequence[Example], label: str) -> Rates:
    """Word counts over labelled rows."""
    counts: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for row in rows:
        found = set(words_of(row.text))
        counts.update(found)
        if row.label == label:
            hits.update(found)
    base = sum(row.label == label for row in rows) / max(1, len(rows))
    return Rates(counts, hits, base)


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


def _places(request: Request, text: str, words: Sequence[str], part: str, heads: Container[str]) -> list[Match]:
    """Where one of the words stands by itself, as that part of speech."""
    known, forms = set(words), _words(request)
    found = (Match(hit.start(), hit.end(), hit.group().lower()) for hit in _WORD.finditer(text))
    free = (m for m in found if m.item in known and stands_free(text, m.start, m.end))
    there = [m for m in free if not part or part_at(text, m.start, m.end, forms) == part]
    return [m for m in there if not part or takes_others(text, m.start, m.end, part, forms, heads)]


def _swapped(request: Request, slot: Slot, item: str, *, placebo: bool) -> Edit:
    text = everywhere(swap, slot.row.text, slot.matches, item)
    return planned_edit(request.audit.name, "swap", slot.row, slot.span, item, text, placebo=placebo)
