"""Whole outputs against files that a person has read. `UPDATE_GOLDEN=1 pytest ...` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from token_saliency.reporters import REPORTERS, attributions_html

GOLDEN = Path(__file__).parents[1] / "golden"
ENDINGS = {
    "json": "json",
    "html": "html",
    "terminal": "txt",
    "markdown": "md",
    "junit": "junit.xml",
    "sarif": "sarif",
    "gitlab": "gitlab.json",
    "github": "github.txt",
    "model_card": "model-card.md",
    "known": "toml",
}


def scrubbed(text: str) -> str:
    """Without style, script and their hashes, which change for reasons that no reader sees in the words."""
    text = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", text, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-", text)


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(scrubbed(text), encoding="utf-8", newline="\n")
    assert scrubbed(text) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", sorted(ENDINGS))
@pytest.mark.parametrize("report", ["failing", "mixed"])
def test_a_report_looks_as_it_did(make: SimpleNamespace, format: str, report: str) -> None:
    compare(f"{report}.{ENDINGS[format]}", REPORTERS[format](make.REPORTS[report]()))


def test_a_page_of_attributions_looks_as_it_did(make: SimpleNamespace) -> None:
    texts = ["A warm and wonderful little film!", "A tired sequel, but never dull."]
    compare(
        "explain.html", attributions_html([make.attribution(t) for t in texts], "Two texts", "token-saliency explain m")
    )


def test_every_format_is_compared() -> None:
    assert set(ENDINGS) == set(REPORTERS)
