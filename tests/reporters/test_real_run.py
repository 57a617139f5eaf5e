"""The page of a real run of a real (small) model, made by the command line, in a real browser."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from token_saliency.__main__ import run
from token_saliency.report import load_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
Watch = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(leaning: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of an audit of all that applies."""
    out = tmp_path_factory.mktemp("real") / "run"
    words = ["audit", str(leaning / "my-model"), str(leaning / "held_out.csv"), "--out", str(out), "--quiet"]
    assert run([*words, "--edits", "1000", "--fail-on", "never"]) == 0
    return out


@pytest.mark.parametrize("width", [1280, 420])
def test_it_fits_runs_nothing_and_asks_for_nothing(browser: Browser, watch: Watch, folder: Path, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        watched = watch(context.new_page(), folder / "report.html")
        page = watched.page
        page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.select_option("#by-audit", "punctuation")
        assert page.locator(".audit:visible").count() == 1
        page.fill("#find", "number 1")
        assert page.locator("[data-e]:visible").count() > 0
        assert watched.incidents == []


def test_the_command_beside_a_row_explains_it_again(
    browser: Browser, watch: Watch, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = load_report(folder / "report.json")
    shown = report.audits["punctuation"].examples[0]
    with browser.new_context(java_script_enabled=False) as context:
        page = watch(context.new_page(), folder / "report.html").page
        command = page.locator(f"#punctuation-row-{shown.row} .again code").text_content()
    words = shlex.split(unescape(command or ""))
    assert words[:2] == ["token-saliency", "explain"]
    assert words[-1] == shown.text
    assert run([*words[1:2], "--json", *words[2:]]) == 0
    scores = {token.text: token.score for token in shown.tokens}
    said = capsys.readouterr().out
    assert '"predicted": "' + shown.predicted in said
    assert all(f'"{text}"' in said for text in scores if text.isalpha())
