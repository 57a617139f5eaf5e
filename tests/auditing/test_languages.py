from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing import languages
from token_saliency.auditing.definitions.reader import load_audits, read_audit
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.languages import language_notes, languages_of
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.results import Example

ENGLISH = "The committee said on Monday that it would publish its report in the spring of next year."
GERMAN = "Der Ausschuss teilte am Montag mit, dass er seinen Bericht im kommenden Frühjahr veröffentlichen werde."
FINNISH = "Valiokunta kertoi maanantaina julkaisevansa raporttinsa ensi vuoden keväällä, kuten on sovittu."
JAPANESE = "委員会は月曜日に、来年の春に報告書を公表すると発表しました。詳細はまだ決まっていません。"


def rows(*texts: str) -> list[Example]:
    return [Example(str(n), text) for n, text in enumerate(texts)]


def test_the_share_is_said_beside_how_many_rows_could_not_be_told() -> None:
    said = language_notes([load_audits(["names"])["names"]], rows(*["Gut gemacht!"] * 9, JAPANESE[:20]))
    assert "serve 0% of the 1 row (of 10) whose language could be told" in said[0]


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> Any:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("py3langid"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    for name in [name for name in sys.modules if name.startswith("py3langid")]:
        monkeypatch.delitem(sys.modules, name)
    languages._detector.cache_clear()
    yield
    languages._detector.cache_clear()


def test_rows_are_counted_by_language_and_short_ones_are_not() -> None:
    pytest.importorskip("py3langid")
    found = languages_of([ENGLISH, ENGLISH, GERMAN, FINNISH, "ok then"])
    assert found.counts == {"en": 2, "de": 1, "fi": 1}
    assert found.share(["en", "de"]) == 0.75


def test_the_share_that_the_lists_serve_is_said_with_what_they_do_not_serve() -> None:
    pytest.importorskip("py3langid")
    shipped = load_audits(["names", "demographics", "punctuation"])
    said = language_notes(list(shipped.values()), rows(ENGLISH, GERMAN, FINNISH, FINNISH))
    assert len(said) == 2
    names, terms = said
    assert names.startswith("names: ")
    assert "serve 50% of the 4 rows" in names
    assert "not served: Finnish 2" in names
    assert terms.startswith("demographics: ")
    assert "serve 25% of the 4 rows" in terms


@pytest.mark.usefixtures("no_detector")
def test_without_the_detector_letters_tell_what_latin_lists_cannot_serve() -> None:
    (said,) = language_notes([load_audits(["names"])["names"]], rows(ENGLISH, FINNISH, JAPANESE))
    assert "serve 67% of the 3 rows" in said
    assert "not served: other letters 1" in said
    assert "token-saliency[languages]" in said


def test_rows_that_tell_no_language_are_no_share_of_nothing() -> None:
    (said,) = language_notes([load_audits(["names"])["names"]], rows("1 2 3", "!"))
    assert "too short" in said


def test_of_several_word_lists_the_first_knows_best(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item,ambiguous\nAnna,yes\n")
    (tmp_path / "b.csv").write_text("item,gender\nanna,male\nBruno,male\n")
    (tmp_path / "own.toml").write_text(
        'code="OWN"\ntitle="t"\nwhy="w"\nadvice="a"\nexpectation="irrelevant"\nitems="fixed"\nlevel="warn"\n'
        '[find]\nmatcher="lexicon"\nlexicon=["a.csv", "b.csv"]\n[edit]\njudge="delete"\noperators=["delete"]\n'
        '[[cases]]\ntext="Anna and Bruno"\nspans=["Anna", "Bruno"]\n'
    )
    found = read_audit(tmp_path / "own.toml").find.lexicon
    assert [(entry.item, entry.ambiguous) for entry in found] == [("Anna", True), ("Bruno", False)]


def test_padding_speaks_the_language_of_the_row_and_leaves_one_that_it_does_not_know() -> None:
    audit = load_audits(["length"])["length"]
    polish = "Wczoraj w kinie nie było się gdzie podziać i wszyscy się śmiali, bo film był za długi."
    texts = rows(ENGLISH, GERMAN, JAPANESE, polish)
    spans = {row.id: list(row_spans(row, audit)) for row in texts}
    planned = plan(Request(audit, texts, spans, 1000, 0, lambda asked: [len(text.split()) for text in asked]))
    edits = [edit for edit in planned if edit.operator == "insert"]
    put = {(edit.row, edit.placebo): edit.text.split(texts[int(edit.row)].text)[0] for edit in edits}
    assert put == {
        ("0", False): f"{audit.edit.panel[0]} ",
        ("0", True): "The text follows. ",
        ("1", False): "Dieser Text wurde an einem Werktag eingesandt und steht unten so, wie er kam, vollständig und "
        "ohne eine Änderung. ",
        ("1", True): "Es folgt der Text. ",
        ("2", False): "この文章は平日に送られてきたもので、届いたまま、全文を変更せずに以下に掲載します。",
        ("2", True): "以下が本文です。",
    }
    assert {edit.item for edit in edits} == {audit.edit.panel[0]}
