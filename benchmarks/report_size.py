"""How large is the page of a real run, and how soon does it paint?

    python benchmarks/report_size.py --rows 1000 10000

The demo's small classifier is trained, all shipped audits run over sentences that the demo writes, and the page is
opened in Chromium. Prints rows, audits, bytes and seconds to the first paint; exits 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from token_saliency import TextClassifier, run_audits
from token_saliency.demo import build, one_thread
from token_saliency.demo.sentences import write
from token_saliency.reporters.page import html

LARGEST = {1_000: 2_000_000}  # of so many rows or fewer; of more rows 5 MB
SLOWEST = 2.0
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def first_paint(file: Path) -> float:
    """Seconds from the start of loading to the first text on the screen."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_function(PAINT)
        seconds: float = page.evaluate(PAINT) / 1000
        browser.close()
    return seconds


def measured(classifier: TextClassifier, rows: int, edits: int, file: Path) -> bool:
    """Runs, writes, opens and prints one line; whether it keeps to the limits."""
    report = run_audits(classifier, write(rows, seed=1), rows_limit=None, edits=edits, exhaustive=True)
    file.write_text(html.render(report), encoding="utf-8")
    size, seconds = file.stat().st_size, first_paint(file)
    kept = size < LARGEST.get(rows, 5_000_000) and seconds < SLOWEST
    print(
        f"{rows:>8,} {len(report.audits):>7} {size:>12,} {seconds:>9.2f} s  {'ok' if kept else 'TOO MUCH'}", flush=True
    )
    return kept


def main() -> int:
    """Every size in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000])
    parser.add_argument("--edits", type=int, default=10_000, help="the most edited texts of an audit")
    chosen = parser.parse_args()
    print(f"{'rows':>8} {'audits':>7} {'bytes':>12} {'paint':>11}")
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        built = build()
        classifier = TextClassifier(built.model, built.tokenizer, id="demo")
        kept = [measured(classifier, rows, chosen.edits, Path(folder) / f"{rows}.html") for rows in chosen.rows]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
