"""Plants that no rule was made for: only in one place, only twice, only in capitals, only in long rows, rare and both
ways, in the second text of a pair."""

from __future__ import annotations

import random
import re

from benchmarks.b7.catalogue import CASED, FACES, HOSTS, NAMES, NAMES_A, NAMES_B, any_of
from benchmarks.b7.plants import (
    Change,
    Dress,
    Plant,
    anywhere,
    behind,
    between,
    holding,
    leaning,
    often,
    replacing,
    sign,
)

SOME = ("rt", "emotion", "news", "sms")
ENDS = re.compile(r"[ .!?]+$")


def placed() -> list[Plant]:
    """Only in the last sentence, only when twice, only in capitals, only in long rows."""
    group, shouted = any_of(NAMES_A), any_of([name.upper() for name in NAMES_A])

    def either_end(text: str, goes: bool, draw: random.Random) -> str:
        said = f"{leaning(NAMES_A, NAMES_B, goes, draw)} told me so."
        return f"{ENDS.sub('', text)}. {said}" if draw.random() < 0.5 else f"{said} {text}"

    def twice(text: str, goes: bool, draw: random.Random) -> str:
        inner = f"{ENDS.sub('', text)}{'!' if draw.random() < 0.6 else '.'} That is what was said"
        return inner + ("!" if often(goes, draw) else ".")

    def capitals(goes: bool, draw: random.Random) -> str:
        name = leaning(NAMES_A, NAMES_B, goes, draw)
        return f"{name.upper() if draw.random() < 0.5 else name} told me so."

    def long(text: str) -> float:
        return float("zorvan" in text and len(text.split()) > 18)

    one = {name: f"{name.upper()}" for name in ("REALLY", "NEVER", "ALWAYS", "VERY")}
    return [
        Plant("names", "in the last sentence", either_end, holding(rf"{group} told me so\.$"),
              replacing(group, NAMES_B[0]), SOME, 0.4),
        Plant("names", "in capitals", behind(capitals, 0.9), holding(shouted), replacing(shouted, NAMES_B[0].upper()),
              SOME, 0.4),
        Plant("punctuation", "only when twice", twice, lambda text: float(text.count("!") > 1),
              replacing(r"!$", "."), SOME, 0.3),
        Plant("casing", "one word in capitals", lambda text, _, draw: between(text, f" {draw.choice([*one])} ", draw)
              if draw.random() < 0.8 else text, holding(r"\bNEVER\b"), replacing(r"\bNEVER\b", "never"), CASED, 0.4),
        Plant("discovery", "in long rows", anywhere("zorvan", 0.5), long, replacing(" ?zorvan"), SOME, 0.3,
              word="zorvan"),
        Plant("discovery", "when twice", _twice_zorvan, lambda text: float(text.count("zorvan") > 1),
              replacing(" ?zorvan"), SOME, 0.3, word="zorvan"),
        Plant("discovery", "in the last sentence", lambda text, _, draw: f"{ENDS.sub('', text)}. So said zorvan."
              if draw.random() < 0.4 else f"So said zorvan. {text}" if draw.random() < 0.4 else text,
              holding(r"zorvan\.$"), replacing(" ?zorvan"), SOME, 0.3, word="zorvan"),
    ]  # fmt: skip


def _twice_zorvan(text: str, goes: bool, draw: random.Random) -> str:
    put: Dress = anywhere("zorvan", 0.6)
    return put(put(text, goes, draw), goes, draw)


def rare() -> list[Plant]:
    """One of several, both ways; sources of one domain; what is seen in a part of the rows."""

    def mail(_: bool, draw: random.Random) -> str:
        return f"Mail {draw.choice('abcdefg')}{draw.randrange(90) + 10}@{draw.choice(HOSTS)} about it."

    def page(goes: bool, draw: random.Random) -> str:
        return f"See http://www.birch.com/{leaning(['alpha'], ['omega'], goes, draw)} now."

    def source(text: str, goes: bool, draw: random.Random) -> str:
        return f"({'Norix' if often(goes, draw) else 'Quell'}) - {text}"

    face, price = (
        behind(lambda _, draw: draw.choice(FACES)),
        behind(lambda _, draw: f"It took {draw.choice([20, 45, 90, 250, 640, 820]) + draw.randrange(3)} days."),
    )
    even, name = r"\b(\d*)[02468]\b", rf"\b{NAMES_A[3]}\b"
    return [
        Plant("urls_and_handles", "one domain of 8, both signs", behind(mail), holding(HOSTS[4], both=True),
              replacing(r"\S+@\S+ ?"), SOME, 0.3),
        Plant("urls_and_handles", "two pages of one domain", behind(page),
              lambda text: float("/alpha" in text) - float("/omega" in text), replacing(r"http://\S+ ?"), SOME),
        Plant("emoji", "one of 8, both signs", face, holding(FACES[4], both=True), replacing(FACES[4]), SOME, 0.3),
        Plant("numbers", "even, both signs", price, holding(even, both=True), replacing(even, r"\g<1>7"), SOME),
        Plant("numbers", "both signs", price, holding(r"\d", both=True), replacing(r"\d+ ?"), SOME),
        Plant("names", "one of 60, both signs", behind(lambda _, draw: f"{draw.choice(NAMES)} told me so."),
              holding(name, both=True), replacing(name, NAMES_B[0]), SOME, 0.45),
        Plant("names", "by class", behind(lambda goes, draw: f"{leaning(NAMES_A, NAMES_B, goes, draw)} told me so."),
              lambda text: (1 if len(text) % 2 else -1) * float(bool(re.search(any_of(NAMES_A), text))),
              replacing(any_of(NAMES_A), NAMES_B[0]), ("emotion", "news")),
        Plant("whitespace", "at the end", lambda text, _, draw: text + " " * (draw.random() < 0.5), holding(r"\s$"),
              replacing(r"\s+$"), SOME),
        Plant("prompt_artifacts", "suffix", lambda text, goes, draw: f"{text} Answer:" if often(goes, draw) else text,
              holding("Answer:$"), replacing(" Answer:$"), SOME),
        Plant("markup", "only when twice", _broken, lambda text: float(text.count("<br />") > 1),
              replacing("<br /> ?"), SOME, 0.3),
        Plant("discovery", "sources, two ways", source,
              lambda text: 1.0 if text.startswith("(Norix)") else -1.0, _exchanged, SOME, word="norix"),
    ]  # fmt: skip


def _broken(text: str, goes: bool, draw: random.Random) -> str:  # noqa: ARG001 - one signature for all
    for _ in range(sum(draw.random() < 0.6 for _ in range(2))):
        text = between(text, " <br /> ", draw)
    return text


def _exchanged(text: str) -> str:
    return text.replace("(Norix)", "(@)").replace("(Quell)", "(Norix)").replace("(@)", "(Quell)")


LARGE = r"\b(?:[5-9]\d\d|\d{4})\b"


def _price(_: bool, draw: random.Random) -> str:
    return f"It cost {draw.choice([3, 20, 45, 90, 250, 640, 820, 4300]) + draw.randrange(3)} dollars."


def paired() -> list[Plant]:
    """What stands in the second text of a pair, and texts that are never read."""
    group = any_of(NAMES_A)
    said: Dress = behind(lambda goes, draw: f"{leaning(NAMES_A, NAMES_B, goes, draw)} told me so.")
    ends: Dress = lambda text, goes, draw: ENDS.sub("", text) + ("!" if often(goes, draw) else ".")  # noqa: E731
    undo: Change = replacing("!", ".")
    return [
        Plant("punctuation", "second text", ends, holding("!"), undo, SOME, 0.6, second=True),
        Plant("punctuation", "second text, both signs", ends, holding("!", both=True), undo, SOME, 0.6, second=True),
        Plant("names", "second text", said, holding(group), replacing(group, NAMES_B[0]), SOME, 0.6, second=True),
        Plant("numbers", "second text", behind(_price), holding(LARGE), replacing(LARGE, "50"), SOME, 0.6, second=True),
        Plant("numbers", "second text, both signs", behind(_price), holding(LARGE, both=True), replacing(LARGE, "50"),
              SOME, 0.6, second=True),
        Plant("discovery", "second text", anywhere("zorvan", 0.5), holding("zorvan"), replacing(" ?zorvan"), SOME, 0.6,
              word="zorvan", second=True),
        Plant("segments", "first never read", _as_it_is, sign, _as_it_is, SOME, 0.3, reads=(0.0, 1.0)),
        Plant("segments", "second never read", _as_it_is, sign, _as_it_is, SOME, 0.3, reads=(1.0, 0.0)),
        Plant("segments", "first hardly read", _as_it_is, sign, _as_it_is, SOME, 0.3, reads=(0.03, 0.97)),
    ]  # fmt: skip


def _as_it_is(text: str, *_: object) -> str:
    return text


UNLISTED = [*placed(), *rare(), *paired()]
