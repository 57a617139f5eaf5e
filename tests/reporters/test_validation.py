"""A validation for people: nothing that a model, a file or an error says is obeyed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from token_saliency.reporters.validation import headline, print_validation, validation_html, validation_json
from token_saliency.results import Check, Cost, DatasetInfo, Step, Tool, Validation

EVIL = "<script>alert(1)</script> ::error::x [bold]y \x1b[31m\u202e"


def check(title: str, passed: bool | None, seen: str = "0.5") -> Check:
    steps = [Step("one", 0.25, (0.1, 0.4)), Step("two", -1.0)]
    return Check("name", title, "less", seen, 0.5, (0.4, 0.6), 0.3, passed, "a caveat", "Somebody 2020", steps)


@pytest.fixture
def validation(make: SimpleNamespace) -> Validation:
    checks = [check("First", True), check("Second", False), check("Third", None, f"Crashed: {EVIL}")]
    return Validation(
        schema_version=1,
        tool=Tool("token-saliency", "0"),
        created="2026-01-01T00:00:00+00:00",
        command=f"token-saliency validate {EVIL}",
        disclaimer="An investigation, not a certification",
        method="random",
        model=replace(make.REPORTS["failing"]().model, id=EVIL),
        dataset=DatasetInfo(EVIL, None, 5, 3, "f"),
        settings={"seed": 0, "method": EVIL},
        checks=checks,
        passed=False,
        exit_code=2,
        cost=Cost(1, 2, 3, 4.0),
        warnings=[EVIL],
    )


def printed(validation: Validation, width: int = 100) -> str:
    file = io.StringIO()
    print_validation(validation, Console(file=file, width=width, markup=False, emoji=False), "out")
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_shows_every_check_and_obeys_nothing(validation: Validation, width: int) -> None:
    out = printed(validation, width)

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "::error" not in out
    assert [word for word in ("passed", "FAILED", "open") if word not in out] == []


def test_a_caveat_that_checks_share_is_told_once(validation: Validation) -> None:
    assert printed(validation).count("a caveat") == 1
    assert "First; Second; Third (Somebody 2020)" in printed(validation)


def test_the_page_is_escaped_and_holds_expected_seen_and_steps(validation: Validation) -> None:
    page = validation_html(validation)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "+0.250" in page
    assert "[+0.100, +0.400]" in page
    assert page.count("a caveat") == 3


def test_the_json_is_ascii_and_complete(validation: Validation) -> None:
    text = validation_json(validation)

    assert text.isascii()
    assert json.loads(text)["checks"][1]["passed"] is False


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ([True, False, None], "random failed 1 of 2 checks on this model."),
        ([True, True, None], "random passed 2 checks of 3 on this model."),
        ([None], "Nothing could be decided about random."),
    ],
)
def test_the_headline_counts_what_was_decided(validation: Validation, passed: list[bool | None], said: str) -> None:
    assert headline(replace(validation, checks=[check("x", one) for one in passed])) == said
