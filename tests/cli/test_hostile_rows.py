"""Rows that try to break a page, a terminal, a CI log or a spreadsheet, through whole commands on a tiny model."""

from __future__ import annotations

import csv
import io
import json
import re
import runpy
import shlex
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from token_saliency.__main__ import run
from token_saliency.data import load_rows
from token_saliency.reporters.counterfactuals import unguarded

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Watch = Callable[..., Any]
TEXTS: list[str] = [
    *runpy.run_path(str(Path(__file__).parents[1] / "make_report.py"))["HOSTILE"],
    "\x00",
    "\x00\x01\x02 Linda \x7f\x85!",
    "a\x1b[2J\x1b]8;;http://x.invalid\x1b\\b\x1b]8;;\x1b\\",
    "\r::error::over\rwritten",
    "::add-mask::x",
    "  ::stop-commands::t",
    "\n::warning::w\n",
    "##teamcity[buildStop]",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<svg/onload=alert(1)>",
    "'\"><script>alert(1)</script>",
    "<meta http-equiv=refresh content='0;url=http://x.invalid'>",
    "{{ ''.__class__.__mro__ }}{% include '/etc/passwd' %}",
    "<!--",
    "<base href=http://x.invalid><link rel=stylesheet href=//x.invalid>",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "=1;\n=2",
    "\uff1d1+1",
    "'=1",
    " =1",
    "\u202e!adniL",
    "a\u0300\u0301\u0302\u0303" * 200,
    "\u200b\u200d\u2060\ufeff",
    "🇩🇪🏴\U000e0067\U000e0062\U000e007f👨‍👩‍👧‍👦!",
    "\ufffe\uffff\U0010ffff",
    "\ud83d",
    "\udc00 Linda \ud800!",
    "Linda " * 5000 + "!",
    "x" * 20_000,
    "!" * 3000,
    "\u3164",
    "İstanbul ǅ ŉ ß!",
    "\\u003cscript\\u003e",
    "%s %n {0} $(id) `id`",
]
EVIL = '</script>::error::"{{7*7}}\x1b[31m\u202e\n=1'


def write_rows(file: Path) -> None:
    """Every text bare and in a sentence with a name and a mark, beside plain rows; ids and slices are hostile too."""
    rows: list[dict[str, object]] = []
    for number, text in enumerate(TEXTS):
        for form in (text, f"Linda said {text} was long!", f"Kevin said the film was long. {text}"):
            slices = {EVIL: EVIL if number % 2 else "plain"}
            rows.append(
                {"id": f"{EVIL}{len(rows)}", "text": form, "label": ("positive", "negative")[number % 2], **slices}
            )
    for number in range(60):
        mark, label = ("!", "positive") if number % 2 else (".", "negative")
        rows.append(
            {
                "id": f"={number}",
                "text": f"Susan said the book was new, number {number}{mark}",
                "label": label,
                EVIL: "plain",
            }
        )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")


def harmless(text: str) -> None:
    """Neither a terminal nor a CI runner finds anything to obey."""
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff\ufeff]", text
    )
    assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert not re.search(r"##\w*\[", text)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str
    folder: Path


def ran(folder: Path, *words: object) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(word) for word in words])
    return Ran(code, out.getvalue(), err.getvalue(), folder)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hostile") / "evil.jsonl"
    write_rows(file)
    return file


@pytest.fixture(scope="module")
def audited(rows: Path, leaning: Path) -> Ran:
    out = rows.parent / "run"
    words = ("audit", leaning / "my-model", rows, "--out", out, "--edits", 400, "--method", "gradient_x_input")
    return ran(out, *words, "--audits", "names,punctuation", "--rows", "all")


def test_the_audit_completes_and_its_record_is_whole(audited: Ran) -> None:
    report = json.loads((audited.folder / "report.json").read_text(encoding="utf-8"))

    assert audited.code in (0, 1, 5), audited.err
    assert report["verdict"] != "ERROR"
    assert report["dataset"]["rows_used"] >= 2 * len(TEXTS)
    assert [audit["verdict"] for audit in report["audits"]] != []


def test_what_the_audit_prints_is_harmless(audited: Ran) -> None:
    harmless(audited.out)
    harmless(audited.err)


@pytest.mark.parametrize("format_", ["terminal", "json"])
def test_the_report_is_rendered_again_and_harmless(audited: Ran, format_: str) -> None:
    again = ran(audited.folder, "render", audited.folder, "--format", format_)

    assert again.code == 0, again.err
    if format_ == "terminal":
        harmless(again.out)


def test_no_text_stands_raw_on_the_page(audited: Ran) -> None:
    page = (audited.folder / "report.html").read_text(encoding="utf-8")

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert page.count("<script") == 1
    assert not re.search(r"<(img|iframe|svg/|base|meta http-equiv=refresh|b onmouse)", page)


@pytest.fixture(scope="module")
def explained(rows: Path, leaning: Path) -> Ran:
    page = rows.parent / "explained.html"
    words = ("explain", leaning / "my-model", "--method", "gradient_x_input", "--html", page, "--")
    return ran(page, *words, *TEXTS)


def test_explanations_of_hostile_texts_are_harmless(explained: Ran) -> None:
    assert explained.code == 0, explained.err
    harmless(explained.out)


@pytest.mark.browser
@pytest.mark.parametrize("page", ["report", "explain"])
def test_the_pages_are_inert_in_a_browser(
    page: str, audited: Ran, explained: Ran, browser: Browser, watch: Watch
) -> None:
    file = audited.folder / "report.html" if page == "report" else explained.folder
    with browser.new_context(viewport={"width": 900, "height": 900}) as context:
        watched = watch(context.new_page(), file)
        watched.page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
        watched.page.mouse.move(200, 400)
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 900
        assert watched.page.locator("iframe, img, base, object, embed, form").count() == 0
        assert watched.incidents == []


@pytest.fixture(scope="module")
def flipped(rows: Path, leaning: Path) -> Ran:
    out = rows.parent / "flipped.csv"
    words = ("counterfactual", leaning / "my-model", "--method", "gradient_x_input", "--max-words", 3)
    return ran(out, *words, "--file", rows, "--rows", "all", "--csv", out)


def test_counterfactuals_of_hostile_rows_are_harmless(flipped: Ran) -> None:
    assert flipped.code == 0, flipped.err
    harmless(flipped.out)
    harmless(flipped.err)
    assert "flipped after k removed words" in flipped.out


def test_counterfactuals_of_hostile_texts_are_harmless(rows: Path, leaning: Path) -> None:
    words = ("--method", "gradient_x_input", "--max-words", 2, "--quiet", "--", leaning / "my-model", *TEXTS)
    ended = ran(rows, "counterfactual", *words)

    assert ended.code == 0, ended.err
    harmless(ended.out)


def cells(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.reader(opened):
            yield from row


def test_no_cell_of_the_csv_is_a_formula(flipped: Ran) -> None:
    found = list(cells(flipped.folder))

    assert not [cell for cell in found if re.match(r"\s*[=+\-@\t\r\uff1d]", cell)]
    assert any(unguarded(cell) != cell for cell in found)


def test_the_csv_is_read_back_as_rows_for_retraining(flipped: Ran) -> None:
    table = load_rows(flipped.folder, labels=["negative", "positive"], text="edited")

    assert len(table.examples) > 10
    assert table.seen == len(table.examples)


def test_colours_bring_no_other_escape_sequences(rows: Path, leaning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for command in ("explain", "counterfactual"):
        ended = ran(rows, command, leaning / "my-model", "--method", "gradient_x_input", "--", *TEXTS)
        assert ended.code == 0, shlex.join(ended.err.splitlines()[-1:])
        assert "\x1b[" in ended.out
        harmless(re.sub(r"\x1b\[[\d;]*m", "", ended.out))
