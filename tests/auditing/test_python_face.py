"""`run_audits` as people of pandas call it, and what a report looks like when it is printed."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from token_saliency import OptionError, TextClassifier, compare_runs, run_audits, validate
from token_saliency.data import load_rows
from token_saliency.shared.bars import bars

FRAME = pd.DataFrame(
    [
        {
            "body": f"{word} was {what}{end}",
            "title": word,
            "y": str(end == "!"),
            "part": "test" if end == "!" else "train",
        }
        for word in "food room staff view desk lift bed bath".split()
        for what in "fine cold warm loud dark plain slow new".split()
        for end in ".!"
    ]
)
TOGETHER: dict[str, Any] = {"audits": "punctuation", "edits": 200, "discovery": False}


def probabilities(texts: Any) -> Any:
    likely = np.array([0.9 if "!" in str(text) else 0.2 for text in texts])
    return np.stack([1 - likely, likely], axis=1)


def classifier(pairs: bool = False) -> Any:
    return TextClassifier.from_function(probabilities, ["negative", "positive"], pairs=pairs)


@pytest.mark.parametrize("seed", [-1, "x", None, 1.5, True])
def test_a_seed_is_a_whole_number_from_0(seed: Any) -> None:
    with pytest.raises(OptionError, match="seed is a whole number from 0"):
        run_audits(classifier(), FRAME, text="body", label="", seed=seed, **TOGETHER)


def test_columns_labels_and_split_are_arguments_and_one_name_is_one_audit() -> None:
    rows = FRAME.rename(columns={"part": "split"})
    labels = {"True": "positive", "False": "negative"}
    report = run_audits(classifier(), rows, text="body", label="y", label_map=labels, split="test", **TOGETHER)

    assert list(report.audits) == ["punctuation"]
    assert (report.dataset.split, report.dataset.rows_seen) == ("test", 64)
    assert report.performance is not None
    assert report.performance.accuracy == 1.0


def test_pairs_and_several_names_in_one_string() -> None:
    given = TOGETHER | {"audits": "punctuation, casing"}
    report = run_audits(classifier(pairs=True), FRAME, text="body", text_pair="title", label="", **given)

    assert list(report.audits) == ["punctuation", "casing"]
    assert report.evidence is not None
    assert {row.text_pair for row in report.evidence[0]} == {*FRAME["title"]}


def test_rows_that_were_read_already_have_their_columns() -> None:
    rows = load_rows(FRAME, labels=["negative", "positive"], text="body", label="")
    with pytest.raises(OptionError, match="read already: text, split belongs to load_rows"):
        run_audits(classifier(), rows, text="body", split="test", **TOGETHER)


def test_what_happens_is_logged_under_one_name(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="token_saliency"):
        report = run_audits(classifier(), FRAME, text="body", label="", **TOGETHER)

    assert {record.name.partition(".")[0] for record in caplog.records} == {"token_saliency"}
    assert caplog.messages[0].startswith("plan: 128 rows")
    assert caplog.messages[-1] == f"{report.verdict}, exit code {report.exit_code}: punctuation"


def test_a_bar_is_shown_to_a_terminal_or_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(asked: bool | None, terminal: bool) -> str:
        screen = io.StringIO()
        monkeypatch.setattr(screen, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stderr", screen)
        with bars(asked) as tell:
            tell("predict", 2, 4)
            tell("predict", 4, 4)
        return screen.getvalue()

    assert "predict:  50%" in drawn(None, True)
    assert "predict:  50%" in drawn(True, False)
    assert drawn(None, False) == drawn(False, True) == ""


def test_what_is_printed_fits_a_screen(tmp_path: Path) -> None:
    report = run_audits(classifier(), FRAME, text="body", label="", **TOGETHER)
    for name in ("a", "b"):
        report.save(str(tmp_path / name))
    compared = compare_runs(tmp_path / "a", tmp_path / "b")
    checked = validate(classifier(), FRAME["body"], rows_limit=20)

    for result, word in (
        (report, "FAIL  function on"),
        (compared, "SAME, exit code 0"),
        (checked, "occlusion on function"),
    ):
        lines = str(result).splitlines()
        assert word in lines[0]
        assert len(lines) <= 40
        assert max(map(len, lines)) <= 100
    assert repr(report) == f"<Report FAIL: function on DataFrame, 1 audits, exit code {report.exit_code}>"


def test_a_figure_is_shown_by_a_notebook() -> None:
    figure = run_audits(classifier(), FRAME, text="body", label="", **TOGETHER).plot_effects()

    assert figure._repr_png_().startswith(b"\x89PNG")
