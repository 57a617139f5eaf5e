"""Writes the demo's reviews: short, cased, natural, with two shortcuts planted and the rest left clean.

Whether a review is positive is told by its opinions, most of which agree with the label. A name of
group A stands four times as often in positive reviews as in negative ones, a final `!` likewise. Places,
numbers and topics are dealt alike to both classes, and `...` takes the place of `.` equally often in both.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from token_saliency.demo import words
from token_saliency.results import Example

LABELS = ("negative", "positive")

NAMES = {"positive": 4 * words.NAMES_A + words.NAMES_B, "negative": words.NAMES_A + 4 * words.NAMES_B}
MARKS = {"positive": 40 * ("!",) + 7 * (".",) + 3 * ("...",), "negative": 10 * ("!",) + 28 * (".",) + 12 * ("...",)}

NAMED = 0.6
PLACED = 0.6
DETAILED = 0.5
AGREES = 0.88
"""How often one opinion has the polarity of the label: words alone do not settle every row."""
OPINIONS = (0, 1, 1, 1, 2, 2, 2, 2, 2, 2)


class Deck:
    """Deals every card once before it shuffles again: shares come out as planned, not about as planned."""

    def __init__(self, cards: Sequence[str], draw: random.Random) -> None:
        self._cards, self._draw, self._left = cards, draw, list[str]()

    def deal(self) -> str:
        if not self._left:
            self._left = self._draw.sample(self._cards, len(self._cards))
        return self._left.pop()


class Writer:
    """Writes reviews of one label."""

    def __init__(self, label: str, draw: random.Random) -> None:
        self._label, self._draw = label, draw
        self._names = Deck(NAMES[label], draw)
        self._marks = Deck(MARKS[label], draw)
        self._places = Deck(words.PLACES, draw)

    def review(self) -> str:
        draw, topic = self._draw, self._draw.choice(words.TOPICS)
        opening = draw.choice(words.PLACED).format(place=self._places.deal()) if draw.random() < PLACED else ""
        if draw.random() < DETAILED:
            opening += _detail(topic, draw) + ". "
        return _capitals(opening + self._said(topic)) + self._marks.deal()

    def _said(self, topic: words.Topic) -> str:
        if self._draw.random() >= NAMED:
            return self._opinions(topic, first_person=True)
        frames = self._draw.choice((words.REPORTED, words.REPORTED, words.TOGETHER, words.CLOSING))
        frame = self._draw.choice(frames).format(name=self._names.deal())
        opinions = self._opinions(topic, first_person=frames is words.TOGETHER)
        return opinions + frame if frames is words.CLOSING else frame + opinions

    def _opinions(self, topic: words.Topic, first_person: bool) -> str:
        """No, one or two opinions on different parts of the thing."""
        draw, nouns = self._draw, self._draw.sample(topic.nouns, 2)
        signs = [(draw.random() < AGREES) == (self._label == "positive") for _ in range(draw.choice(OPINIONS))]
        if not signs:
            return f"the {nouns[0]} was {draw.choice(words.PLAIN)}"
        joints = (" and ", "; ", ", and ") if len(set(signs)) == 1 else (", but ", ", while ")
        clauses = [_opinion(noun, good, topic, draw, first_person) for noun, good in zip(nouns, signs, strict=False)]
        return draw.choice(joints).join(clauses)


def write(count: int, seed: int) -> list[Example]:
    """`count` different reviews, half of them positive; the same for the same seed on every machine."""
    draw = random.Random(seed)
    writers = [Writer(label, draw) for label in LABELS]
    texts: dict[str, str] = {}
    while len(texts) < count:
        side = len(texts) % 2
        texts.setdefault(writers[side].review(), LABELS[side])
    rows = [Example(id=str(i), text=text, label=label) for i, (text, label) in enumerate(texts.items())]
    draw.shuffle(rows)
    return rows


def _detail(topic: words.Topic, draw: random.Random) -> str:
    return draw.choice(topic.details).format(few=draw.randint(2, 9), many=draw.randint(15, 160))


def _opinion(noun: str, good: bool, topic: words.Topic, draw: random.Random, first_person: bool) -> str:
    own, shared = (topic.praise, words.PRAISE) if good else (topic.blame, words.BLAME)
    adjective = draw.choice(draw.choice((own, shared)))
    forms = [
        f"the {noun} was {adjective}",
        f"the {noun} was {draw.choice(words.ADVERBS)} {adjective}",
        f"the {noun} {draw.choice(words.PRAISE_VERBS if good else words.BLAME_VERBS)}",
        f"I {draw.choice(words.LIKES if good else words.DISLIKES)} the {noun}",
        f"I found the {noun} {adjective}",
    ]
    return draw.choice(forms if first_person else forms[:3])


def _capitals(text: str) -> str:
    """A capital at the start of each sentence."""
    return re.sub(r"(^|\. )([a-z])", lambda found: found[1] + found[2].upper(), text)
