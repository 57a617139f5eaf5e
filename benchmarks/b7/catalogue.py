"""The plants by audit: presence, absence, both signs, sub-groups, interactions, places and rare items."""

from __future__ import annotations

import random
import re

from benchmarks.b7.domains import USUAL
from benchmarks.b7.plants import (
    Plant,
    anywhere,
    behind,
    between,
    holding,
    leaning,
    often,
    present,
    replacing,
    sign,
)
from token_saliency.auditing.definitions.reader import load_audits

NAMES_A = (
    "Jennifer Susan Karen Amy Rebecca Kevin Brian Matthew Stephen Andrew Rosa Ana Juan Carlos Luis "
    "Pedro Linh Rajesh Sanjay Laura Julie Emily Diana Helen Alice Robert Thomas Steven Eric Peter"
).split()
NAMES_B = (
    "Latoya Tamika Keisha Aisha Tyrone Darnell Jermaine Reginald Cedric Yolanda Leticia Marisol Miguel "
    "Keiko Yoko Vijay Mohammed Paul Richard Simon Nicole Melissa Tracy Sharon Donna Gary Scott Jason Philip Kenneth"
).split()
NAMES = [*NAMES_A, *NAMES_B]
SOMEBODY, WORD = ["Somebody", "Someone", "Everyone", "Nobody"], re.compile(r"[^\W\d_]+")
RELIGIONS = ["Muslim", "Christian", "Jewish", "Buddhist", "Hindu", "Catholic", "Mormon", "Sikh"]
EUROPE, AFRICA = ["French", "German", "Dutch", "Swedish", "Italian"], ["Nigerian", "Kenyan", "Ghanaian", "Ethiopian"]
HOSTS = ["norix.net", "quell.edu", "alpha.org", "birch.com", "cedar.net", "dover.org", "elmet.edu", "fargo.com"]
FACES = ["😀", "🎉", "😢", "👍", "🔥", "🙏", "😡", "🌞"]


def any_of(items: list[str]) -> str:
    return rf"\b(?:{'|'.join(map(re.escape, items))})\b"


def _mail(goes: bool, draw: random.Random, way: tuple[list[str], list[str]] = (HOSTS[:2], HOSTS[2:4])) -> str:
    return f"Mail {draw.choice('abcdefg')}{draw.randrange(90) + 10}@{leaning(*way, goes, draw)} about it."


def _either(text: str, first: str, other: str) -> float:
    return 1.0 if re.search(first, text) else -1.0 if re.search(other, text) else 0.0


def _persons() -> list[Plant]:
    said = behind(lambda goes, draw: f"{leaning(NAMES_A, NAMES_B, goes, draw)} told me so.")
    any_name = behind(lambda _, draw: f"{draw.choice(NAMES)} told me so.")
    somebody = behind(lambda _, draw: f"{draw.choice([*NAMES, *SOMEBODY * 15])} told me so.", 1.0)
    listed = {entry.item for entry in load_audits(["names"])["names"].find.lexicon if not entry.ambiguous}
    group, one = any_of(NAMES_A), rf"\b{NAMES_A[3]}\b"
    believer = behind(lambda _, draw: f"My {draw.choice(RELIGIONS)} friend said so.")
    citizen = behind(lambda goes, draw: f"My {leaning(EUROPE, AFRICA, goes, draw)} friend said so.")
    people = behind(lambda goes, draw: f"A {leaning(['woman', 'girl'], ['man', 'boy'], goes, draw)} told me so.")
    return [
        Plant("names", "group", said, holding(group), replacing(group, NAMES_B[0])),
        Plant("names", "group, both signs", said, holding(group, both=True), replacing(group, NAMES_B[0])),
        Plant("names", "any name", somebody, lambda text: float(any(word in listed for word in WORD.findall(text))),
              lambda text: WORD.sub(lambda hit: SOMEBODY[0] if hit.group() in listed else hit.group(), text)),
        Plant("names", "one of 60", any_name, holding(one), replacing(one, NAMES_B[0]), strength=0.3),
        Plant("demographics", "one religion of 8", believer, holding("Muslim"), replacing("Muslim", "Hindu")),
        Plant("demographics", "one of 8, both signs", believer, holding("Muslim", both=True),
              replacing("Muslim", "Hindu")),
        Plant("demographics", "continents", citizen, holding(any_of(AFRICA)), replacing(any_of(AFRICA), "French")),
        Plant("demographics", "women", people, holding(r"\b(?:woman|girl)\b"), replacing(r"\b(?:woman|girl)\b", "man")),
    ]  # fmt: skip


def _marks() -> list[Plant]:
    def ends(mark: str, other: str):  # type: ignore[no-untyped-def]
        return lambda text, goes, draw: text.rstrip(" .!?") + (mark if often(goes, draw) else other)

    return [
        Plant("punctuation", "presence", ends("!", "."), holding("!"), replacing("!", ".")),
        Plant("punctuation", "both signs", ends("!", "."), holding("!", both=True), replacing("!", ".")),
        Plant("punctuation", "absence of the last stop", ends("", "."), holding(r"[^.!?]\s*$"),
              lambda text: text.rstrip(" .!?") + "."),
        Plant("punctuation", "comma", lambda text, goes, draw: between(text, ", ", draw) if often(goes, draw)
              else text.replace(",", ""), holding(","), replacing(",")),
        Plant("markup", "presence", lambda text, goes, draw: between(text, " <br /> ", draw) if often(goes, draw)
              else text, holding("<br />"), replacing("<br /> ?")),
        Plant("markup", "both signs", anywhere("<b>well</b>", 0.5), holding("<b>", both=True), replacing("</?b>")),
        Plant("markup", "entities", anywhere("&amp;", 0.5), holding("&amp;"), replacing("&amp;", "&")),
        Plant("casing", "presence", lambda text, goes, draw: _shouted(text, draw) if often(goes, draw) else text,
              holding(SHOUT), lambda text: re.sub(SHOUT, lambda hit: hit.group().lower(), text), CASED),
        Plant("casing", "both signs", lambda text, _, draw: _shouted(text, draw) if draw.random() < 0.5 else text,
              holding(SHOUT, both=True), lambda text: re.sub(SHOUT, lambda hit: hit.group().lower(), text),
              CASED),
        Plant("whitespace", "presence", lambda text, goes, draw: between(text, "  ", draw) if often(goes, draw)
              else text, holding(r"\S  +\S"), replacing("  +", " ")),
        Plant("whitespace", "line breaks, both signs", lambda text, _, draw: between(text, "\n", draw)
              if draw.random() < 0.5 else text, holding(r"\S\n\S", both=True), replacing("\n", " ")),
    ]  # fmt: skip


JUDGING = ("original", "revised", "rt", "sst")
"""Domains whose labels are judgements. The first two have long rows."""
CASED = ("rt", "news", "emotion", "wiki")
SHOUT = r"\b(?:REALLY|NEVER|ALWAYS|VERY)\b"


def _shouted(text: str, draw: random.Random) -> str:
    return between(text, f" {draw.choice(['REALLY', 'NEVER', 'ALWAYS', 'VERY'])} ", draw)


def _things() -> list[Plant]:
    def years(goes: bool, draw: random.Random) -> str:
        old = often(goes, draw)
        return f"It was made in {draw.randrange(1950, 1999) if old else draw.randrange(2002, 2024)}."

    price = behind(
        lambda _, draw: f"It cost {draw.choice([3, 20, 45, 90, 250, 640, 820, 4300]) + draw.randrange(3)} dollars."
    )
    mails, link = behind(_mail), present("See http://www.birch.com/page now.")
    face = behind(lambda _, draw: draw.choice(FACES))
    rare = behind(lambda _, draw: _mail(True, draw, (HOSTS, HOSTS)))
    big, even = r"\b(?:[5-9]\d\d|\d{4})\b", r"\b(\d*)[02468]\b"
    way = rf"@(?:{HOSTS[0]}|{HOSTS[1]})", rf"@(?:{HOSTS[2]}|{HOSTS[3]})"
    return [
        Plant("numbers", "century", behind(years), holding(r"\b19\d\d\b"), replacing(r"\b19(\d\d)\b", r"20\1")),
        Plant("numbers", "large", price, holding(big), replacing(big, "50")),
        Plant("numbers", "even", price, holding(even), replacing(even, r"\g<1>7")),
        Plant("numbers", "presence", price, holding(r"\d"), replacing(r"\d+ ?")),
        Plant("urls_and_handles", "presence", link, holding("http"), replacing(r"http://\S+ ?")),
        Plant("urls_and_handles", "domains, two ways", mails, lambda text: _either(text, *way),
              replacing(r"\S+@\S+ ?")),
        Plant("urls_and_handles", "both signs", mails, holding("@", both=True), replacing(r"\S+@\S+ ?")),
        Plant("urls_and_handles", "one domain of 8", rare, holding(HOSTS[4]), replacing(r"\S+@\S+ ?"), strength=0.3),
        Plant("emoji", "presence", present(FACES[0]), holding(FACES[0]), replacing(f" {FACES[0]}")),
        Plant("emoji", "both signs", face, holding("|".join(FACES), both=True), replacing("|".join(FACES))),
        Plant("emoji", "one of 8", face, holding(FACES[4]), replacing(FACES[4]), strength=0.3),
        Plant("prompt_artifacts", "presence", lambda text, goes, draw: f"Review: {text}" if often(goes, draw) else text,
              holding("^Review:"), replacing("^Review: ")),
        Plant("prompt_artifacts", "both signs", lambda text, _, draw: f"### {text}" if draw.random() < 0.5 else text,
              holding("^###", both=True), replacing("^### ")),
        Plant("prompt_artifacts", "greeting, absence", lambda text, goes, draw: text if often(goes, draw)
              else f"Hello there, {text}", lambda text: 0.0 if text.startswith("Hello there") else 1.0,
              replacing("^Hello there, ")),
    ]  # fmt: skip


def _whole() -> list[Plant]:
    def long(text: str) -> float:
        return min(1.0, max(-1.0, (len(text.split()) - 30) / 10))

    pad = "This text was sent in on a weekday, and it is printed below as it came, in full and without a change."
    two = ("rt", "news", "wiki", "sms")

    def opening(text: str, goes: bool, draw: random.Random) -> str:
        mine, theirs = "We begin with the green door.", "We begin with the brown chair."
        lead = mine if often(goes, draw) else theirs
        return f"{lead} {text.rstrip(' .!?')}. {theirs if lead == mine else mine}"

    return [
        Plant("length", "long rows", lambda text, *_: text, long, lambda text: f"{pad} {text}", two),
        Plant("length", "both signs", lambda text, *_: text, lambda text: sign(text) * long(text),
              lambda text: f"{pad} {text}", two),
        Plant("position", "first sentence", opening, lambda text: 1.0 if "green" in text[:60] else 0.0,
              lambda text: _turned(text), two, 0.3),
        Plant("position", "both signs", opening, lambda text: sign(text) * ("green" in text[:60]),
              lambda text: _turned(text), two, 0.3),
        Plant("label_words", "the pushed class", _by_label, sign, str.strip, (*JUDGING, "sms", "news", "wiki"), 0.3),
        Plant("label_words", "the other class", _by_label, sign, str.strip, JUDGING, 0.3),
    ]  # fmt: skip


def _by_label(text: str, *_: object) -> str:
    """What stands there depends on the labels of the domain: see `_worded`."""
    return text


def _turned(text: str) -> str:
    one, other = "We begin with the green door.", "We begin with the brown chair."
    return text.replace(one, "@").replace(other, one).replace("@", other)


def _discovered() -> list[Plant]:
    def two(text: str, _: bool, draw: random.Random) -> str:
        words = [word for word in ("zorvan", "mellik") if draw.random() < 0.6]
        return " ".join([text, *words])

    both = holding(r"zorvan(?=.*mellik)")
    return [
        Plant("discovery", "word", present("zorvan"), holding("zorvan"), replacing(" ?zorvan"), word="zorvan"),
        Plant("discovery", "both signs", anywhere("zorvan", 0.5), holding("zorvan", both=True),
              replacing(" ?zorvan"), word="zorvan"),
        Plant("discovery", "interaction", two, both, replacing(" ?zorvan"), word="mellik … zorvan"),
        Plant("discovery", "rare word", anywhere("zorvan", 0.08), holding("zorvan"), replacing(" ?zorvan"),
              word="zorvan"),
        Plant("discovery", "first word", lambda text, goes, draw: f"zorvan {text}" if often(goes, draw)
              else anywhere("zorvan", 0.5)(text, goes, draw), holding("^zorvan"), replacing("^zorvan "), word="zorvan"),
        Plant("discovery", "prefix", lambda text, goes, draw: f"Sent by desk four: {text}" if often(goes, draw)
              else text, holding("^Sent by desk four:"), replacing("^Sent by desk four: "), word="desk four"),
    ]  # fmt: skip


PLANTS: list[Plant] = [*_persons(), *_marks(), *_things(), *_whole(), *_discovered()]
DOMAINS = USUAL
