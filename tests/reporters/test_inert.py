"""Every string of a record is inert in every format: what a format says is as many tags, links and commands as before.

All strings of a record that may be any string are replaced, once by plain words and once by hostile ones. The skeleton
of what is rendered (tags, attributes, links, lists of keys, commands, lines) must be the same.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from pydantic import ValidationError

from token_saliency.reporters import REPORTERS, json_
from token_saliency.results import RunRecord

HOSTILE = [
    "</script><img src=x onerror=alert(1)> <a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1)) ![x](http://x.invalid/p.png) <http://x.invalid> http://x.invalid www.x.invalid",
    "::error file=x::boom\n::add-mask::x\r::stop-commands::t %0A::warning::w ##[error]x ##vso[task.complete]",
    "]]> --> <!-- &x; <?xml ?> <![CDATA[ </testcase></textarea></style></title>",
    "`a` ```\n# head\n\n| a | b |\n| - | - |\n* item **bold** $x$ ~~s~~ [^1] @everyone #1",
    "\x1b[2J\x1b]8;;http://x.invalid\x1b\\b\x07\x9b31m\x00\x7f",
    "\u202eexe.txt\u2066\u200b\ufeff\u2028\U000e0041 \ud800",
    "\"\"\" ''' \\ \" ' = [x] {{ 7*7 }} {% x %} ${x} $(id) %s",
]
KEPT = re.compile(r"schema_version|created|settings\.(?!audits|asked|anchor)")
"""What is no string of strangers: its place in the record."""


def strings(record: Any, place: str = "") -> dict[str, str]:
    """Every string of a record by its place."""
    if isinstance(record, str):
        return {} if KEPT.match(place) else {place: record}
    parts = record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    return {at: text for key, part in parts for at, text in strings(part, f"{place}.{key}".lstrip(".")).items()}


def replaced(record: Any, said: Mapping[str, str], fixed: set[str], place: str = "") -> Any:
    """The record in other words, but in the `fixed` fields."""
    if isinstance(record, str):
        return record if KEPT.match(place) else said.get(record, record)
    if isinstance(record, dict):
        return {
            key: part if key in fixed else replaced(part, said, fixed, f"{place}.{key}".lstrip("."))
            for key, part in record.items()
        }
    if isinstance(record, list):
        return [replaced(part, said, fixed, f"{place}.{i}".lstrip(".")) for i, part in enumerate(record)]
    return record


def valid(record: Any, said: Mapping[str, str]) -> RunRecord:
    """With all strings replaced that may be any string: which ones may not, validation says."""
    fixed: set[str] = set()
    while True:
        try:
            return json_.adapter().validate_python(replaced(record, said, fixed))
        except ValidationError as error:
            wrong = {[part for part in one["loc"] if isinstance(part, str)][-1] for one in error.errors()}
            if wrong <= fixed:
                raise
            fixed |= wrong


@pytest.fixture(scope="module", params=["failing", "mixed", "error", "inconclusive"])
def pair(request: pytest.FixtureRequest, make: SimpleNamespace) -> tuple[RunRecord, RunRecord]:
    """The same record in plain and in hostile words; equal strings stay equal."""
    record = json.loads(json_.render(getattr(make, request.param)()))
    found = sorted({text for text in strings(record).values() if text})
    plain = {text: f"plain word {number}".ljust(len(text), "x") for number, text in enumerate(found)}
    evil = {
        text: f"{HOSTILE[number % len(HOSTILE)]}{number}".ljust(len(text), "x") for number, text in enumerate(found)
    }
    return valid(record, plain), valid(record, evil)


class Tags(HTMLParser):
    """The tags, the names of their attributes, and where links lead, without the words of fragments."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()
        self.links: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[(tag, *sorted(name for name, _ in attrs))] += 1
        self.links |= {str(value).partition("#")[0] for name, value in attrs if name in ("href", "src", "action")}


def of_page(text: str) -> object:
    """How often a tag stands there depends on how many words a text has."""
    page = Tags(text)
    return {*page.found}, page.links


def of_markdown(text: str) -> object:
    """As CommonMark with tables, and what GitHub would make a link of."""
    bare = re.findall(r"(?i)[a-z]://|www\.\w|[\w.]@\w", text)
    page = Tags(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))
    return page.found, page.links, bare


def of_xml(text: str) -> object:
    return [(one.tag, sorted(one.attrib)) for one in ET.fromstring(text).iter()]


def of_data(value: object) -> object:
    if isinstance(value, dict):
        return {key: of_data(part) for key, part in value.items()}
    if isinstance(value, list):
        return [of_data(part) for part in value]
    return type(value).__name__


def of_json(text: str) -> object:
    return of_data(json.loads(text))


def of_lines(text: str) -> object:
    """Commands of a CI log; the words of lines may be broken elsewhere."""
    return re.findall(r"(?m)^\s*::[a-z-]+|##\w*\[", text)


SKELETON: dict[str, Callable[[str], object]] = {
    "html": of_page,
    "markdown": of_markdown,
    "model_card": of_markdown,
    "junit": of_xml,
    "sarif": of_json,
    "gitlab": of_json,
    "json": of_json,
    "github": of_lines,
    "terminal": of_lines,
    "known": lambda text: of_data(tomllib.loads(text)),
}
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff\ufeff\U000e0041]"
)


@pytest.mark.parametrize("name", SKELETON)
def test_hostile_strings_change_nothing_but_words(name: str, pair: tuple[RunRecord, RunRecord]) -> None:
    plain, evil = (REPORTERS[name](one) for one in pair)

    assert SKELETON[name](evil) == SKELETON[name](plain)
    if name != "json":  # JSON is data: there every string stays what it is, control characters escaped
        assert not _UNSEEN.search(evil)
    if name in ("github", "terminal"):
        assert evil.count("\n::") == plain.count("\n::")


def test_every_format_is_held_against_hostile_strings() -> None:
    assert {*SKELETON} == {*REPORTERS}
