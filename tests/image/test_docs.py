"""The page on images names what there is; that its blocks run is asked in tests/test_docs.py."""

from __future__ import annotations

import re
from pathlib import Path

from token_saliency.auditing.definitions.region_audits import load_image_audits
from token_saliency.image.methods import IMAGE_METHODS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_on_images_names_every_method_and_audit() -> None:
    text = (DOCS / "images.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"\w+", cell)}

    assert named == {*IMAGE_METHODS, *load_image_audits()}
    assert (DOCS / "images" / "sheet.png").is_file()
