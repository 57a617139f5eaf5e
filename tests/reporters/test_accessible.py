"""axe-core finds no serious fault on any page, in light and in dark."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from token_saliency.reporters import attributions_html
from token_saliency.reporters.page import html
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.reporters.validation import validation_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[1] / "vendored" / "axe.min.js"
SERIOUS = """async () => {
  document.querySelectorAll("details").forEach((box) => (box.open = true));
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary].join(" "));
}"""


@pytest.fixture(scope="module")
def sources(make: SimpleNamespace, pages: SimpleNamespace) -> dict[str, str]:
    texts = ["A warm and wonderful little film!", "A tired sequel, but never dull. " * 40]
    found = {name: html.render(make.REPORTS[name]()) for name in ("failing", "mixed", "hostile", "empty")}
    found |= {name: html.render(pages.REPORTS[name](make)) for name in ("feelings", "pairs", "twenty")}
    found["explain"] = attributions_html([make.attribution(t) for t in texts], "Two texts", "token-saliency explain m")
    found["comparison"] = render_html(pages.comparison(make))
    found["validation"] = validation_html(pages.validation(make))
    found["table"] = pages.table().to_html()
    return found


NAMES = [
    *("failing", "mixed", "hostile", "empty", "feelings", "pairs", "twenty"),
    *("explain", "comparison", "validation", "table"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_no_serious_fault(browser: Browser, sources: dict[str, str], tmp_path: Path, name: str, scheme: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(sources[name], encoding="utf-8")
    # The policy of the page would keep axe out, as it should: this context alone leaves it aside.
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")  # type: ignore[arg-type]
    with context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(SERIOUS) == []
