"""The first screen: what a layman reads, words explained where they stand, notes in few lines, pages that fold."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from token_saliency.drawing.lines import height, sentence
from token_saliency.reporters import REPORTERS, terminal
from token_saliency.reporters.page import html
from token_saliency.reporters.page.meanings import explained, grouped
from token_saliency.reporters.page.samples import pair_view
from token_saliency.results import Coverage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOT_RUN = "not run, none of these rows holds anything of it; this is no sign of safety."


def many(make: SimpleNamespace, count: int = 15) -> object:
    """A run of so many audits, with long reasons, doubts, suspects and notes."""
    audits = [
        replace(make.punctuation_audit() if n < 4 else make.inconclusive_audit(), name=f"audit_{n}", title=f"Audit {n}")
        for n in range(count)
    ]
    notes = [f"other_{n}: {NOT_RUN}" for n in range(5)] + [
        f"audit_9: lean was not run for class {n}." for n in range(59)
    ]
    doubts = ["Something speaks against the verdicts of this run, and it takes a whole line to say so."] * 2
    suspects = [make.discovered(f"word{n}", "positive") for n in range(12)]
    return make.report(audits, "FAIL", 1, warnings=notes, doubts=doubts, discovery=suspects)


@pytest.mark.parametrize("name", ["terminal", "html", "markdown", "model_card"])
def test_the_words_of_the_claims_are_explained_where_they_first_stand(make: SimpleNamespace, name: str) -> None:
    report = make.failing()
    text = " ".join(REPORTERS[name](report).split())
    assert {"shift", "lean", "control", "margin"} <= explained(report).keys()
    assert "direction" not in explained(report)
    for meaning in explained(report).values():
        assert meaning in text
    assert explained(make.report([], "PASS", 0)) == {}


def test_sixty_four_notes_are_two_lines() -> None:
    notes = grouped([f"a{n}: {NOT_RUN}" for n in range(5)] + [f"b: lean was not run for {n}." for n in range(59)])
    assert [note.said for note in notes] == [
        f"a0, a1, a2, a3, a4: {NOT_RUN}",
        "b: 59 notes, the first: lean was not run for 0.",
    ]
    assert (len(notes[0].parts), len(notes[1].parts)) == (0, 59)
    assert [note.said for note in grouped(["Only split 'test' is used.", "b: one."])] == [
        "Only split 'test' is used.",
        "b: one.",
    ]


def test_a_page_folds_its_notes_and_loses_none(make: SimpleNamespace) -> None:
    source = html.render(many(make))  # type: ignore[arg-type]
    assert "audit_9: 59 notes" in source
    assert source.count("lean was not run for class") == 60  # the line itself, and each behind it


@pytest.mark.parametrize("terminal_", [True, False])
def test_a_summary_of_many_audits_fits_a_screen(make: SimpleNamespace, terminal_: bool) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=terminal_, color_system=None)
    terminal.print_report(many(make), console, "somewhere/run")  # type: ignore[arg-type]
    lines = file.getvalue().splitlines()
    assert len(lines) <= 39
    assert len([line for line in lines if re.match(r" (FAIL|INCONCLUSIVE) +audit_", line)]) == 15
    assert any("Look at this first" in line for line in lines)
    assert any("More in report.json" in line for line in lines)
    assert "Written to somewhere/run" in lines[-1]


def test_a_line_is_as_high_as_a_terminal_makes_it() -> None:
    line = sentence("word " * 40)
    assert height(line, 100) == 3
    assert height(line, 1000) == 1


def test_the_sentences_that_changed_places_are_shown_and_not_all_between_them(make: SimpleNamespace) -> None:
    middle = "It goes on for long, as such texts do. " * 12
    before, after = f"First it rains. {middle}Then it ends.", f"Then it ends. {middle}First it rains."
    plain = make.pair(before, "First", "Then", 0.4, 0.6)
    turned = pair_view(replace(plain, operator="turn", text_after=after, original=before, span=(0, len(before))))
    assert (turned.left.changed, turned.right.changed) == ("First it rains.", "Then it ends.")
    assert len(turned.left.after) < 140
    other = pair_view(replace(plain, operator="turn", text_after=after[:-1], original=before, span=(0, len(before))))
    assert other.left.changed.startswith("First it rains. It goes on")


def test_a_picture_audit_without_an_estimate_speaks_of_pictures(make: SimpleNamespace) -> None:
    bare = replace(make.inconclusive_audit(), intervention=[], coverage=Coverage(0, 0, 0))
    report = make.report([bare], "INCONCLUSIVE", 5)
    pictures = replace(report, settings=report.settings | {"kind": "images"})
    assert "rows with a hit" in html.render(report)
    shown = re.sub(r"<[^>]+>", "", html.render(pictures))
    assert "0 pictures edited" in shown
    assert "with a hit" not in shown


def test_first_comes_what_was_found_and_what_to_do(make: SimpleNamespace) -> None:
    hero = html.render(make.failing()).partition('<main id="main"')[0]
    assert "The decision changes with words that should not matter." in hero
    assert "0.905" in hero
    for audit in make.failing().audits.values():
        assert f'href="#{audit.name}"' in hero
    assert hero.count("Balance or mask") == 1, "an advice stands once"


def test_many_audits_fold_and_a_link_or_a_search_opens_them(
    browser: Browser, make: SimpleNamespace, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(html.render(many(make)), encoding="utf-8")  # type: ignore[arg-type]
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") < 12_000
        folded = "#audit_5f0 details.more"
        assert page.evaluate(f"document.querySelector('{folded}').open") is False
        target = page.evaluate(f"document.querySelector('{folded} tr[id]').id")
        page.goto(f"{file.as_uri()}#{target}")
        page.reload()
        assert page.evaluate(f"document.querySelector('{folded}').open") is True
