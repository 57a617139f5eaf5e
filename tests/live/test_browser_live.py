"""The page on gradio's real server in a real browser: it answers, asks nothing of anybody else, and is accessible."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.live.conftest import HOSTILE, TEXT
from tests.reporters.test_accessible import AXE, SERIOUS
from token_saliency.live.desk import Desk
from token_saliency.live.space import exported

pytest.importorskip("gradio", reason="gradio is not installed (the extra live)")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        from token_saliency.live.page import launch

        made = launch(desk, "my-model", "127.0.0.1", None, wait=False)
        yield made.local_url
        made.close()


class Visitor:
    """A page of its own, with everything noted that it must not do."""

    def __init__(self, browser: Browser, address: str, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(90_000)
        self.incidents: list[str] = []
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self.incidents.append(f"error {error}"))
        self.page.on("console", lambda said: self.incidents.append(f"console {said.text}"))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.goto(address)
        self.page.wait_for_selector("#text textarea")

    def _dismiss(self, dialog: Dialog) -> None:
        self.incidents.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.incidents.append(f"request {url}")

    def ask(self, text: str) -> None:
        self.page.fill("#text textarea", text)
        self.page.click("#ask")
        self.page.wait_for_function(
            "text => document.querySelector('#coloured .text')?.textContent.startsWith(text)", arg=text[:8]
        )

    def text_of(self, selector: str) -> str:
        return self.page.inner_text(selector)


@pytest.fixture
def visitors(browser: Browser, address: str) -> Iterator[Any]:
    made: list[Visitor] = []

    def visit(path: str = "", width: int = 1280) -> Visitor:
        made.append(Visitor(browser, address.rstrip("/") + path, width))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()


@pytest.mark.parametrize("width", [1280, 420])
def test_type_swap_and_see_the_shift(visitors: Any, width: int) -> None:
    visitor = visitors(width=width)
    page = visitor.page
    visitor.ask(TEXT)
    assert visitor.text_of("#answer .big") == "positive"
    page.locator("#coloured [data-word]").last.click()
    page.wait_for_function("document.querySelector('#item input').value.includes('punctuation')")
    page.click("#change")
    page.wait_for_selector("#shift .pair")
    assert "names" not in visitor.text_of("#shift")
    assert "Control:" in visitor.text_of("#shift")
    assert "“!” → “" in visitor.text_of("#history")
    page.click("#search")
    page.wait_for_selector("#found .big")
    assert "positive → negative" in visitor.text_of("#found")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.incidents == []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(SERIOUS) == []


def test_the_list_of_words_does_without_a_mouse(visitors: Any) -> None:
    visitor = visitors()
    page = visitor.page
    visitor.ask(TEXT)
    page.focus("#word input")
    page.keyboard.type("1: Laura")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#item input').value.includes('(names)')")
    assert page.get_attribute("#coloured [data-word='0']", "aria-pressed") == "true"
    page.focus("#change")
    page.keyboard.press("Enter")
    page.wait_for_selector("#shift .pair")
    assert "the audit names" in visitor.text_of("#shift")
    assert visitor.incidents == []


def test_a_link_opens_a_row_of_the_run_and_its_text_does_nothing(visitors: Any) -> None:
    visitor = visitors("/?row=%3Cb%3E")
    visitor.page.wait_for_selector("#coloured [data-word]")
    assert visitor.page.input_value("#text textarea") == HOSTILE
    assert "<script>alert(1)</script>" in visitor.text_of("#coloured")
    assert "[RLO]" in visitor.text_of("#coloured")
    assert "{{7*7}} ${alert(3)}" in visitor.text_of("#coloured")
    assert visitor.incidents == []

    lost = visitors("/?row=nowhere")
    lost.page.wait_for_selector("#answer .ts-error")
    assert "no row 'nowhere'" in lost.text_of("#answer")


def test_nobody_sees_what_another_has_typed(visitors: Any) -> None:
    one, other = visitors(), visitors()
    one.ask("Kevin said the meal was short!")
    one.page.locator("#coloured [data-word]").first.click()
    one.page.wait_for_function("document.querySelector('#item input').value.includes('(names)')")
    one.page.click("#change")
    one.page.wait_for_selector("#shift .pair")
    other.page.click("#change")
    other.page.wait_for_selector("#shift .ts-error")
    late = visitors()
    for page in (other.page, late.page):
        assert "Kevin" not in page.content()
        assert page.locator("#coloured [data-word]").count() == 0


def test_an_exported_folder_serves_by_itself(leaning: Path, tmp_path: Path, browser: Browser) -> None:
    space = tmp_path / "space"
    exported(space, str(leaning / "my-model"), None, None)
    extra = {"PYTHONPATH": str(REPOSITORY), "GRADIO_SERVER_PORT": "7969", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, str(space / "app.py")], env=os.environ | extra, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            said = running.stdout.readline()
            assert said == "serving http://127.0.0.1:7969/ (Ctrl-C ends it)\n"
            visitor = Visitor(browser, said.split()[1])
            visitor.ask(TEXT)
            assert visitor.text_of("#answer .big") == "positive"
            assert visitor.incidents == []
            visitor.context.close()
        finally:
            running.terminate()


def test_it_is_served_at_the_address_alone(address: str) -> None:
    with urllib.request.urlopen(f"{address}config") as answered:
        assert answered.status == 200
    assert urlsplit(address).hostname == "127.0.0.1"
