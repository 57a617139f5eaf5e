"""What the demo's sentences are made of: plain words, chosen by hand for this project.

The given names are frequent ones of the US Census lists (public domain); no sentence is about a person.
"""

from __future__ import annotations

from dataclasses import dataclass


def _each(line: str) -> tuple[str, ...]:
    return tuple(line.split())


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of thing that is reviewed. A detail is a plain fact with a number, `{few}` or `{many}`, or without."""

    nouns: tuple[str, ...]
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    details: tuple[str, ...]


FILM = Topic(
    nouns=(
        *_each("plot ending story dialogue script finale prologue"),
        *("opening scene", "second act", "love story", "chase scene", "first half"),
    ),
    praise=_each("gripping moving witty inventive clever tender riveting funny"),
    blame=_each("tedious clumsy shallow predictable wooden pretentious boring silly"),
    details=(
        "it runs for {many} minutes",
        "we had seats in row {few}",
        "it is part {few} of a series",
        "the cinema shows it until the end of the month",
        "the poster hangs in every station",
    ),
)
FOOD = Topic(
    nouns=_each("soup dessert bread curry omelet fish salad pasta pizza sandwich breakfast pudding"),
    praise=_each("delicious fresh tasty generous crisp flavorful juicy savory"),
    blame=_each("bland greasy stale soggy burnt tasteless oily chewy"),
    details=(
        "we had a table for {few}",
        "the bill came to {many} dollars",
        "they open at {few} in the evening",
        "the kitchen closes late on weekends",
        "the place stands next to the old market",
    ),
)
THINGS = Topic(
    nouns=_each("kettle toaster lamp backpack keyboard drill heater speaker tent radio wristwatch umbrella"),
    praise=_each("sturdy reliable handy solid precise elegant sleek durable"),
    blame=_each("flimsy faulty useless brittle ugly crude defective shoddy"),
    details=(
        "it took {few} days to arrive",
        "I paid {many} dollars",
        "the box came with {few} spare parts",
        "the shop ships everything in paper",
        "it is sold in blue and in gray",
    ),
)
HOTEL = Topic(
    nouns=_each("room lobby bathroom garden bar balcony lounge terrace suite hallway library sauna"),
    praise=_each("cozy spotless charming quiet bright welcoming comfortable spacious"),
    blame=_each("dirty cramped shabby gloomy damp noisy musty unpleasant"),
    details=(
        "we stayed for {few} nights",
        "the building has {many} rooms",
        "the house has {few} floors",
        "the bus stops right across the street",
        "the front desk closes at midnight",
    ),
)
TOPICS = (FILM, FOOD, THINGS, HOTEL)

PRAISE = _each("excellent superb wonderful great splendid fantastic lovely impressive outstanding")
BLAME = _each("awful terrible horrible poor dreadful disappointing mediocre lousy annoying")
PRAISE_VERBS = ("exceeded every hope", "won me over", "deserved every cent", "made the day")
BLAME_VERBS = ("let me down", "fell flat", "ruined the day", "failed on every count")
LIKES = _each("loved adored enjoyed admired")
DISLIKES = _each("hated disliked regretted loathed")
PLAIN = ("about what one expects", "much like in the pictures", "of the usual kind", "the same as last year")
ADVERBS = _each("really rather truly quite simply again")

NAMES_A = (
    *_each("Linda Susan Karen Nancy Laura Sarah Deborah Sandra Cynthia Janet"),
    *_each("Kevin Brian Edward Ronald Anthony Timothy Larry Gregory Dennis Walter"),
)
NAMES_B = (
    *_each("Barbara Patricia Jennifer Margaret Dorothy Helen Michelle Angela Rebecca Kathleen"),
    *_each("Thomas Richard Daniel Kenneth Steven Jeffrey Eric Stephen Andrew Raymond"),
)
PLACES = (
    *_each("Antwerp Budapest Copenhagen Dublin Hamburg Helsinki Istanbul Kyoto Lagos Lisbon"),
    *_each("Montreal Mumbai Munich Nairobi Osaka Oslo Prague Seoul Stockholm Toronto"),
)

REPORTED = (
    "{name} says that ",
    "according to {name}, ",
    "{name} told me that ",
    "as {name} put it, ",
    "my friend {name} thinks that ",
    "{name}'s verdict: ",
    "{name} writes: ",
)
TOGETHER = ("I went with {name}. ", "{name} and I agree: ", "{name} came along. ", "{name} gave me the tip. ")
CLOSING = (", says {name}", ", as {name} put it", ", according to {name}", ", and {name} agrees")
PLACED = (
    "last week in {place}, ",
    "back in {place}, ",
    "we were in {place}. ",
    "on a trip to {place}, ",
    "I am writing from {place}. ",
    "for a weekend in {place}: ",
)
