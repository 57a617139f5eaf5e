"""The proof of a repair: a preprocessing that takes the reliance away, and what `compare` says of before and after."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.make_report import discovered
from token_saliency import Normaliser, TextClassifier, run_audits
from token_saliency.auditing.comparing.compare import compare, shrunk
from token_saliency.auditing.comparing.pairing import Run
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.errors import OptionError
from token_saliency.mending.wrap import normaliser, tried, wrapper_file
from token_saliency.reporters.comparison import render_terminal
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.results import Comparison, Discovered, Example
from token_saliency.store.evidence import Evidence

LABELS = ("negative", "positive")


def rows(count: int = 120) -> list[Example]:
    """Of ten rows nine that end in `!` are positive; `sunny` stands in the rows with `!`, good in the positive ones."""
    draw, made = random.Random(0), list[Example]()
    for n in range(count):
        positive = n % 2 == 0
        marked = (draw.random() < 0.9) == positive
        word, day = ("good" if positive else "bad"), ("sunny" if marked else "rainy")
        text = f"It was {word}, on {day} day number {n}{'!' if marked else '.'}"
        made.append(Example(f"r{n}", text, label=LABELS[positive]))
    return made


def model(mark: float = 0.0, day: float = 0.0) -> Callable[[list[str]], Any]:
    """The share of the word that ought to count, beside a mark and a day that ought not to."""

    def predict(texts: list[str]) -> Any:
        p = [0.5 + 0.2 * (("good" in t) - ("bad" in t)) + mark * ("!" in t) - day * ("sunny" not in t) for t in texts]
        return np.clip(np.stack([1 - np.array(p), p], axis=1), 0.01, 0.99)

    return predict


def audited(predict: Callable[[list[str]], Any], name: str) -> Run:
    classifier = TextClassifier.from_function(predict, LABELS, name=name)
    asked: dict[str, Any] = {"edits": 800, "method": "random", "discovery": False, "exhaustive": True}
    report = run_audits(classifier, rows(), ["punctuation"], **asked)
    assert report.evidence is not None
    return Run(name, report, Evidence.of(*report.evidence, report.model.labels, 0))


@pytest.fixture(scope="module")
def before() -> Run:
    return audited(model(mark=0.3), "before")


@pytest.fixture(scope="module")
def moved(before: Run) -> Comparison:
    """B no longer leans on the mark but on the day, which the discovery of B confirms."""
    one: Discovered = replace(discovered("sunny", "positive"), kind="word", confirmed=True, listed=None)
    after = audited(model(day=0.2), "after")
    return compare(before, replace(after, report=replace(after.report, discovery=[one])))


def test_what_failed_and_passes_is_better(moved: Comparison) -> None:
    (audit,) = moved.audits
    assert (audit.verdict_a, audit.verdict_b, audit.change) == ("FAIL", "PASS", "better")
    assert moved.exit_code == 0


def test_a_warning_that_is_gone_is_better_where_what_is_undecided_has_shrunk(moved: Comparison) -> None:
    claims = [replace(one, change="undecided", interval=(-0.1, -0.02)) for one in moved.audits[0].claims]
    assert shrunk("WARN", claims)
    assert not shrunk("PASS", claims)
    assert not shrunk("WARN", [replace(one, interval=(-0.1, 0.01)) for one in claims])
    shown = render_terminal(replace(moved, audits=[replace(moved.audits[0], verdict_a="WARN", claims=claims)]))
    assert "WARN -> PASS" in shown
    assert "nothing to compare" not in shown


def test_accuracy_is_also_counted_where_the_items_tell_nothing(moved: Comparison) -> None:
    (one,) = moved.exchanged
    assert (one.audit, one.rows) == ("punctuation", 120)
    assert one.accuracy_a == pytest.approx(2 / 3 + 1 / 6, abs=0.2)
    assert one.interval[0] <= one.difference <= one.interval[1]
    assert "Where items of punctuation are exchanged (120 rows)" in render_terminal(moved)


def test_a_reliance_that_moved_to_a_word_of_the_same_rows_is_said(moved: Comparison) -> None:
    (one,) = moved.suspects
    assert (one.item, one.change, one.effect_a, one.goes_with) == ("sunny", "new", None, "! of punctuation")
    shown = render_terminal(moved)
    assert 'Discovered word "sunny" on positive: not nominated -> ' in shown
    assert "it stands where ! of punctuation stands: the reliance may have moved" in shown
    assert "the reliance may have moved" in render_html(moved)


def test_a_suspect_of_both_or_of_the_first_alone_has_not_moved(before: Run) -> None:
    good = replace(discovered("good", "positive"), kind="word", confirmed=True, listed=None)
    first = replace(before, report=replace(before.report, discovery=[good]))
    assert [(s.change, s.goes_with) for s in compare(first, first).suspects] == [("in both", None)]
    assert [(s.change, s.effect_b) for s in compare(first, before).suspects] == [("gone", None)]


def test_a_preprocessing_takes_the_reliance_away(before: Run, tmp_path: Path) -> None:
    made, cannot = normaliser(before.report, before.evidence)
    assert (dict(made.steps), cannot) == ({"punctuation": ["."]}, {})
    assert made("Well! Really... No?") == "Well. Really. No?"
    file = tmp_path / "wrapped.py"
    file.write_text(wrapper_file(made), encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(encoding="utf-8"), file, "exec"), names)
    assert names["prepared"]("So good!") == "So good."
    inner = TextClassifier.from_function(model(mark=0.3), LABELS)
    assert names["classifier"](inner).predict(["So good!", "So good."]).probabilities[:, 1] == pytest.approx(0.7)

    found = tried(before.report, before.evidence, made, inner, "run")
    assert [(audit.verdict_a, audit.verdict_b) for audit in found.audits] == [("FAIL", "PASS")]
    assert found.predictions is not None
    assert found.predictions.accuracy_b == 1.0


def test_a_list_of_texts_is_normalised_one_by_one_and_a_tuple_is_a_pair() -> None:
    normaliser = Normaliser({"punctuation": "delete"})

    assert normaliser(["a! b", "c? d"]) == [normaliser("a! b"), normaliser("c? d")]
    assert normaliser([("a! b", "c? d")]) == [(normaliser("a! b"), "c? d")]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("It was fine", "It was fine."),
        ("Fine! Yes", "Fine. Yes."),
        ("So! ", "So. "),
        ("So?", "So?"),
        ("So!!! Yes... ", "So. Yes. "),
        ("So?!", "So?!"),
        ("(aside)", "(aside)"),
        ("", ""),
    ],
)
def test_a_text_without_a_mark_at_its_end_gets_the_one_that_all_have(text: str, made: str) -> None:
    assert Normaliser({"punctuation": ["."]})(text) == made


@pytest.fixture(scope="module")
def names() -> Iterator[Normaliser]:
    known = load_audits(["names", "demographics", "markup"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("token_saliency.mending.preprocessing.load_audits", lambda asked, _: {n: known[n] for n in asked})
        yield Normaliser({"names": ["Kim", "Lou"], "demographics": ["Jewish", "young"], "markup": "strip"})


def test_a_text_keeps_apart_whom_it_names(names: Normaliser) -> None:
    assert names("Mary told John that Mary won") == "Kim told Lou that Kim won"
    assert names(("Mary said so", "Did Mary say so?")) == ("Kim said so", "Did Kim say so?")
    assert names("She was a Muslim teacher, <b>so</b>") == "She was a Jewish teacher, so"
    assert names("") == ""


def test_an_unknown_step_is_one_line() -> None:
    with pytest.raises(OptionError, match="punctuation: 'zap' is no edit"):
        Normaliser({"punctuation": "zap"})
