"""Writes the demo's reviews: short, cased, natural, with two shortcuts planted and the rest left to chance.

Whether a review is positive is told by its opinions, most of which agree with the label. A name of
group A stands four times as often in positive reviews as in negative ones, a final `!` likewise. Places,
numbers, topics and the other marks are drawn without a look at the label; where no `!` is drawn, `...`
takes the place of `.` just as often in either class.
"""

from __future__ import annotations

import random
import re
from typing import Literal

from token_saliency.demo import words
from token_saliency.results import Example

Label = Literal["negative", "positive"]
LABELS: tuple[Label, Label] = ("negative", "positive")

SHORTCUT = 0.8
"""How often a name is of group A, or the mark a `!`, in positive rows; in negative ones the rest of 1."""
NAMED = 0.6
PLACED = 0.6
DETAILED = 0.5
ELLIPSIS = 0.3
AGREES = 0.88
"""How often one opinion has the polarity of the label: words alone do not settle every row."""
OPINIONS = (0, 1, 1, 1, 2, 2, 2, 2, 2, 2)


def write(count: int, seed: int) -> list[Example]:
    """`count` different reviews, half of them positive; the same for the same seed on every machine."""
    draw = random.Random(seed)
    texts: dict[str, Label] = {}
    while len(texts) < count:
        label = LABELS[len(texts) % 2]
        texts.setdefault(review(label, draw), label)
    rows = [Example(id=str(i), text=text, label=label) for i, (text, label) in enumerate(texts.items())]
    draw.shuffle(rows)
    return rows


def review(label: Label, draw: random.Random) -> str:
    """One review of one topic with the given label."""
    topic = draw.choice(words.TOPICS)
    place = draw.choice(words.PLACED).format(place=draw.choice(words.PLACES)) if draw.random() < PLACED else ""
    detail = _detail(topic, draw) + ". " if draw.random() < DETAILED else ""
    if draw.random() < NAMED:
        said = _said_by(_name(label, draw), topic, label, draw)
    else:
        said = _opinions(topic, label, draw, first_person=True)
    return _capitals(place + detail + said) + _mark(label, draw)


def _leans(label: Label, draw: random.Random, how_often: float) -> bool:
    """True with probability `how_often` in positive rows, else with the rest of 1."""
    return (draw.random() < how_often) == (label == "positive")


def _name(label: Label, draw: random.Random) -> str:
    return draw.choice(words.NAMES_A if _leans(label, draw, SHORTCUT) else words.NAMES_B)


def _mark(label: Label, draw: random.Random) -> str:
    if _leans(label, draw, SHORTCUT):
        return "!"
    return "..." if draw.random() < ELLIPSIS else "."


def _detail(topic: words.Topic, draw: random.Random) -> str:
    return draw.choice(topic.details).format(few=draw.randint(2, 9), many=draw.randint(15, 160))


def _said_by(name: str, topic: words.Topic, label: Label, draw: random.Random) -> str:
    frames = draw.choice((words.REPORTED, words.REPORTED, words.TOGETHER, words.CLOSING))
    frame = draw.choice(frames).format(name=name)
    opinions = _opinions(topic, label, draw, first_person=frames is words.TOGETHER)
    return opinions + frame if frames is words.CLOSING else frame + opinions


def _opinions(topic: words.Topic, label: Label, draw: random.Random, first_person: bool) -> str:
    """No, one or two opinions on different parts of the thing."""
    nouns = draw.sample(topic.nouns, 2)
    signs = [_leans(label, draw, AGREES) for _ in range(draw.choice(OPINIONS))]
    if not signs:
        return f"the {nouns[0]} was {draw.choice(words.PLAIN)}"
    joints = (" and ", "; ", ", and ") if len(set(signs)) == 1 else (", but ", ", while ")
    clauses = [_opinion(noun, good, topic, draw, first_person) for noun, good in zip(nouns, signs, strict=False)]
    return draw.choice(joints).join(clauses)


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
