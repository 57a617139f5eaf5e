"""The picture in the README: the top of the demo's own report, in light mode, 1280 pixels wide.

python docs/images/make.py          runs the demo, offline, then writes report.png beside this file
python docs/images/make.py RUN      takes the report of a finished run instead
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
WIDTH, COLOURS = 1280, 128
END = "Math.ceil(document.querySelector('.triad').getBoundingClientRect().bottom) + 24"


def screenshot(page_file: Path) -> bytes:
    """PNG from the verdict to the three signals of the first audit."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto(page_file.as_uri())
        page.set_viewport_size({"width": WIDTH, "height": page.evaluate(END)})
        taken = page.screenshot()
        browser.close()
    return taken


def main() -> None:
    """Demo, screenshot, few colours."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "run"
        if len(sys.argv) == 1:
            subprocess.run([sys.executable, "-m", "token_saliency", "demo", "--out", str(run)], check=True)
        taken = screenshot((run / "report.html").resolve())
    image = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(HERE / "report.png", optimize=True)


if __name__ == "__main__":
    main()
