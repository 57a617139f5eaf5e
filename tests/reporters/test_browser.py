"""The page in a real browser: nothing runs, nothing is asked for, nothing overflows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from token_saliency.drawing.fragments import render_fragment as attribution_html
from token_saliency.reporters import attributions_html
from token_saliency.reporters.page import html
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.results import SliceEffect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
Watch = Callable[..., Any]


@pytest.fixture(scope="module")
def sources(make: SimpleNamespace) -> dict[str, str]:
    evil = [make.attribution(text, predicted=make.HOSTILE[0]) for text in make.HOSTILE]
    pages = {name: html.render(make.REPORTS[name]()) for name in ("failing", "mixed", "hostile", "empty")}
    pages["explain"] = attributions_html(evil, make.HOSTILE[0], make.HOSTILE[1])
    pages["fragment"] = "<!doctype html><meta charset=utf-8><body>" + "".join(map(attribution_html, evil))
    pages["framed"] = "<!doctype html><meta charset=utf-8><body>" + html.framed(make.hostile())
    return pages


COVERED = """(() => {
    const button = document.querySelector("#theme"), words = document.createRange();
    if (!button) return false;
    const box = button.getBoundingClientRect();
    words.selectNodeContents(document.querySelector(".brand"));
    return [...words.getClientRects()].some(
        one => one.right > box.left && one.left < box.right && one.bottom > box.top && one.top < box.bottom);
})()"""
"""Whether the button of the colour scheme lies on the words at the top."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 1000, 420, 320])
@pytest.mark.parametrize("name", ["failing", "mixed", "hostile", "empty", "explain", "fragment"])
def test_a_page_is_inert_and_fits(
    browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources[name], encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    with context:
        watched = watch(context.new_page(), file)
        watched.page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not watched.page.evaluate(COVERED)
        assert len(watched.page.screenshot()) > 1000
        assert watched.incidents == []


def test_the_name_of_a_slice_stays_on_its_line(
    browser: Browser, watch: Watch, make: SimpleNamespace, tmp_path: Path
) -> None:
    parts = [SliceEffect(f"class={name}", 0.283, (0.231, 0.335), 95) for name in ("negative", "positive")]
    file = tmp_path / "page.html"
    file.write_text(html.render(make.report([make.names_audit(by_slice=parts)], "FAIL", 1)), encoding="utf-8")
    broken = "[...document.querySelectorAll('.lines th .item')].filter(one => one.getClientRects().length > 1)"
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = watch(context.new_page(), file).page
        assert "class=negative" in page.content()
        assert page.evaluate(f"{broken}.map(one => one.textContent)") == []


def test_a_framed_page_is_inert(browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources["framed"], encoding="utf-8")
    with browser.new_context() as context:
        watched = watch(context.new_page(), file)
        assert watched.page.frame_locator("iframe").locator("h1").inner_text()
        allowed = ("request about:srcdoc", "console Blocked script execution in 'about:srcdoc'")
        assert [each for each in watched.incidents if not each.startswith(allowed)] == []


def test_style_script_and_links_work_under_the_policy(
    browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources["failing"], encoding="utf-8")
    with browser.new_context() as context:
        watched = watch(context.new_page(), file)
        page = watched.page
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.hero .badge')).backgroundColor")
            != "rgba(0, 0, 0, 0)"
        )
        page.goto(f"{file.as_uri()}#names-shift-positive-mask")
        assert page.evaluate("document.querySelector('#names-shift-positive-mask').closest('details').open")
        page.locator(".strength").first.check()
        assert page.evaluate("[...document.querySelectorAll('.strength')].every(box => box.checked)")
        assert watched.incidents == []


def test_the_number_of_a_word_appears_on_hover_and_focus(
    browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources["failing"], encoding="utf-8")
    with browser.new_context() as context:
        page = watch(context.new_page(), file).page
        word = page.locator(".text .p5").first
        shown = "element => getComputedStyle(element, '::after').content"
        assert word.evaluate(shown) == "none"
        word.hover()
        assert word.evaluate(shown) == '"+1.400"'
        page.mouse.move(0, 0)
        first = page.locator(".text [data-s]").first
        first.focus()
        assert first.evaluate(shown) == f'"{first.get_attribute("data-s")}"'


def test_printing_opens_what_is_folded_and_folds_it_again(
    browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources["failing"], encoding="utf-8")
    with browser.new_context() as context:
        page = watch(context.new_page(), file).page
        folded = "document.querySelectorAll('details:not([open])').length"
        before = page.evaluate(folded)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert (before > 0, page.evaluate(folded)) == (True, 0)
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(folded) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_every_colour(
    browser: Browser, watch: Watch, sources: dict[str, str], tmp_path: Path, scheme: str
) -> None:
    """The contrast of coloured words and badges is at least 4.5 : 1 (WCAG AA)."""
    file = tmp_path / "page.html"
    file.write_text(sources["mixed"], encoding="utf-8")
    with browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = watch(context.new_page(), file).page
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) >= 15
        assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}


CONTRASTS = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    return over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = {};
  for (const element of document.querySelectorAll(".swatches .w, .badge, .soft, dt, dd, a, .sub, .operator, summary")) {
    const [a, b] = [behind(element), over(parse(getComputedStyle(element).color), behind(element))].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = element.tagName + "." + (element.className || element.parentElement.className);
    found[name] = Math.min(found[name] ?? 99, Math.round(ratio * 100) / 100);
  }
  return found;
}"""


def test_a_remark_in_a_heading_is_no_larger_than_the_verdict_beside_it(
    browser: Browser, watch: Watch, make: SimpleNamespace, pages: SimpleNamespace, tmp_path: Path
) -> None:
    compared = pages.comparison(make)
    file = tmp_path / "page.html"
    quiet = replace(compared, audits=[replace(audit, gates=False) for audit in compared.audits])
    file.write_text(render_html(quiet), encoding="utf-8")
    height = "element => element.getBoundingClientRect().height"
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = watch(context.new_page(), file).page
        chip, badge = (page.locator(f"h2 .{name}").first.evaluate(height) for name in ("chip", "badge"))
    assert chip <= badge + 2
