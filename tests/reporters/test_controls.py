"""Filters, search, links, keys, the theme switch and paper, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from token_saliency.reporters.page import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
Watch = Callable[..., Any]
Open = Callable[..., Any]
AUDITS = "[...document.querySelectorAll('.audit')].filter(e => e.offsetParent).map(e => e.id)"
ENTRIES = "(kind) => [...document.querySelectorAll(kind)].filter(e => e.offsetParent).length"


@pytest.fixture(scope="module")
def sources(make: SimpleNamespace, pages: SimpleNamespace) -> dict[str, str]:
    found = {name: html.render(make.REPORTS[name]()) for name in ("failing", "mixed", "hostile", "empty")}
    return found | {name: html.render(pages.REPORTS[name](make)) for name in pages.REPORTS}


@pytest.fixture
def opened(browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path) -> Iterator[Open]:
    """Opens a report; the test fails where the page ran, asked for or said anything."""
    file = tmp_path / "page.html"
    watched, contexts = [], []

    def go(name: str, place: str = "", **context: Any) -> Any:
        file.write_text(sources[name], encoding="utf-8")
        contexts.append(browser.new_context(**context))
        watched.append(watch(contexts[-1].new_page(), file))
        if place:
            watched[-1].page.goto(f"{file.as_uri()}#{place}")
        return watched[-1].page

    yield go
    incidents = [incident for one in watched for incident in one.incidents]
    for context in contexts:
        context.close()
    assert incidents == []


@pytest.mark.parametrize("width", [1280, 1000, 420])
@pytest.mark.parametrize("name", ["feelings", "pairs", "twenty"])
def test_wide_reports_fit(opened: Open, name: str, width: int) -> None:
    page = opened(name, viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sticking_out = page.evaluate(
        "[...document.querySelectorAll('table')].filter(e => e.offsetParent && !e.closest('.confusion')"
        " && e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1)"
        ".map(e => e.outerHTML.slice(0, 300))"
    )
    assert sticking_out == []


def test_an_audit_is_picked(opened: Open) -> None:
    page = opened("failing")
    page.select_option("#by-audit", "punctuation")
    assert page.evaluate(AUDITS) == ["punctuation"]
    assert page.locator("tr[data-audit]:visible").count() == 1
    page.click("#clear")
    assert page.evaluate(AUDITS) == ["names", "punctuation"]
    assert not page.locator("#clear").is_visible()


def test_a_verdict_is_picked(opened: Open) -> None:
    page = opened("mixed")
    page.select_option("#by-verdict", "WARN")
    assert page.evaluate(AUDITS) == ["casing"]


def test_a_class_is_picked(opened: Open) -> None:
    page = opened("feelings")
    shown = page.evaluate(ENTRIES, "tr[data-e]")
    page.select_option("#by-class", "anger")
    some = page.locator("[data-e]:visible")
    assert 0 < some.count() < shown
    assert {"anger"} <= set(some.evaluate_all("all => all.map(e => e.dataset.c)")) <= {"anger", "neutral", "surprise"}


@pytest.mark.parametrize(("right", "count"), [("right", 4), ("wrong", 1), ("unknown", 0)])
def test_correct_and_wrong_rows_are_told_apart(opened: Open, right: str, count: int) -> None:
    page = opened("failing")
    page.select_option("#by-right", right)
    shown = page.locator(".example:visible")
    assert shown.count() == count
    assert set(shown.evaluate_all("all => all.map(e => e.dataset.r)")) <= {right}


def test_search_finds_words_across_their_colours_and_says_how_many(opened: Open) -> None:
    page = opened("failing")
    page.fill("#find", "TIRED   sequel that mistakes")
    texts = page.locator("[data-e]:visible").all_inner_texts()
    assert texts
    assert all("tired sequel that" in " ".join(text.split()) for text in texts)
    assert page.inner_text("#counted").startswith(f"{len(texts)} of ")
    page.fill("#find", "nobody wrote this")
    assert page.locator(".audit:visible").count() == 0
    assert page.is_visible("#none-left")


def test_search_opens_what_is_folded_and_folds_it_again(opened: Open) -> None:
    page = opened("twenty")
    folded = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(folded)
    page.fill("#find", "lens")
    assert page.is_visible("#suspect-word-lens-positive")
    page.fill("#find", "")
    assert page.evaluate(folded) == before


def test_search_finds_the_reason_below_a_finding_and_the_pairs_in_it(opened: Open) -> None:
    page = opened("twenty")
    page.fill("#find", "the presence of director")
    assert page.locator("#discovery tr.because:visible").count() == 1
    page.fill("#find", "vincent saw it")
    assert page.locator("#discovery .pair:visible").count() == 1
    page.fill("#find", "")
    assert page.locator(".out").count() == 0


def test_keys_reach_and_leave_the_search(opened: Open) -> None:
    page = opened("failing")
    page.keyboard.press("/")
    page.keyboard.type("waste/")
    assert page.input_value("#find") == "waste/"
    page.keyboard.press("Escape")
    assert page.input_value("#find") == ""
    assert page.evaluate(AUDITS) == ["names", "punctuation"]


def test_every_stop_of_the_tab_key_is_seen(opened: Open) -> None:
    page = opened("failing")
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("(() => { const e = document.activeElement, s = getComputedStyle(e);"
                          " return [e.tagName, e.id, s.outlineStyle, e.getClientRects().length]; })()")
        )  # fmt: skip
    assert [one for one in seen if one[2] == "none" or not one[3]] == []
    ids = [one[1] for one in seen if one[1]]
    assert ids[:5] == ["theme", "find", "by-audit", "by-verdict", "by-class"]


def test_arrows_walk_over_the_words_of_a_text(opened: Open) -> None:
    page = opened("failing")
    first = page.locator(".example .text [data-s]").first
    first.focus()
    before = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowRight")
    after = page.evaluate("document.activeElement.textContent")
    assert (before, after) != (after, before)
    assert page.locator(".example .text").first.locator("[tabindex='0']").count() == 1
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == before


@pytest.mark.parametrize(
    "place", ["names", "names-shift-positive-mask", "names-row-r58", "punctuation-pair-r72-swap-_2e", "limit-edits"]
)
def test_a_link_shows_its_place_whatever_folds_or_filters_it(opened: Open, place: str) -> None:
    page = opened("failing", place)
    assert page.evaluate(SHOWN, place)
    if place.startswith("names"):
        page.evaluate("location.hash = ''")
        page.select_option("#by-audit", "punctuation")
        page.evaluate("id => { location.hash = id; }", place)
        page.locator(f"#{place}").wait_for(state="visible")
        assert page.input_value("#by-audit") == ""


def test_every_row_and_pair_links_to_itself(opened: Open) -> None:
    page = opened("failing")
    links = page.eval_on_selector_all("a.row-id", "all => all.map(a => [a.hash.slice(1), a.closest('article').id])")
    assert links
    assert all(link == id_ for link, id_ in links)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_can_be_switched(opened: Open, scheme: str) -> None:
    page = opened("failing", color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    before, named = page.evaluate(paper), page.inner_text("#theme")
    page.click("#theme")
    assert page.evaluate(paper) != before
    assert page.inner_text("#theme") != named
    page.click("#theme")
    assert page.evaluate(paper) == before


def test_paper_shows_everything_and_no_control(opened: Open) -> None:
    page = opened("twenty")
    page.select_option("#by-audit", "audit-1")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".audit:visible").count() == 20
    assert page.locator("#controls:visible, #theme:visible, button:visible").count() == 0
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate(PAPER_IS_WHITE)


SHOWN = "id => { const e = document.getElementById(id); return !!e && !!e.getClientRects().length; }"
PAPER_IS_WHITE = "getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'"


def test_paper_is_white_after_the_switch_to_dark(opened: Open) -> None:
    page = opened("failing")
    page.click("#theme")
    page.emulate_media(media="print")
    assert page.evaluate(PAPER_IS_WHITE)


def test_without_script_everything_is_there_and_no_control(opened: Open) -> None:
    page = opened("failing", java_script_enabled=False)
    assert page.locator("#controls").is_hidden()
    assert page.locator("#theme").is_hidden()
    assert page.locator(".audit:visible").count() == 2
    assert page.locator(".example:visible").count() == 5


def test_a_hostile_page_is_searched_and_filtered_unharmed(opened: Open) -> None:
    page = opened("hostile")
    page.fill("#find", "onerror=alert(1)")
    assert page.locator(".example:visible").count() >= 1
    page.fill("#find", "")
    for box in ("#by-audit", "#by-class"):
        page.select_option(box, index=1)
    assert page.locator("#counted").inner_text()


def test_a_long_text_is_folded(opened: Open, make: SimpleNamespace) -> None:
    page = opened("failing")
    assert page.locator(".fold").count() == 0
    audit = make.names_audit(examples=[make.shown("wonderful day " * 90, None, 0.9, [], None)])
    page.set_content(html.render(make.report([audit], "FAIL", 1)))
    assert "more characters" in page.inner_text(".fold summary")
    _is_whole(page)


def _is_whole(page: Page) -> None:
    """The open and the folded part together are the text."""
    parts = page.locator(".example > .text, .example > .fold .text").all_text_contents()
    assert "".join(parts) == "wonderful day " * 90
