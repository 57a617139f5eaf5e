"""What a notebook shows: attributions, lists of them, reports, and the figure of effects."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from token_saliency.errors import OptionError
from token_saliency.results import Attributions


def test_a_list_shows_itself_on_one_scale_with_one_legend(make: SimpleNamespace) -> None:
    shown = Attributions([make.attribution("A wonderful day"), make.attribution("An endless <b>day</b>")])
    html = shown._repr_html_()
    assert html == shown.to_html()
    assert html.count("full colour is ±1.40") == 1
    assert "<b>day" not in html
    assert "&lt;" in html
    assert ">wonderful<" in html


def test_a_list_of_one_looks_like_the_one(make: SimpleNamespace) -> None:
    one = make.attribution("A wonderful day")
    assert Attributions([one])._repr_html_() == one._repr_html_()


def test_an_empty_and_a_long_list_say_so(make: SimpleNamespace) -> None:
    assert "No text was explained" in Attributions()._repr_html_()
    assert "5 more texts are not shown" in Attributions([make.attribution("A day")] * 45)._repr_html_()


def test_a_list_is_a_list_and_a_frame_says_the_row(make: SimpleNamespace) -> None:
    shown = Attributions([make.attribution("A day"), make.attribution("Another day")])
    assert isinstance(shown, list)
    assert shown == list(shown)
    frame = shown.to_frame()
    assert list(frame.columns) == ["row", "text", "start", "end", "special", "segment", "score"]
    assert frame["row"].tolist() == [0] * 4 + [1] * 4
    assert list(Attributions().to_frame().columns) == list(frame.columns)


def test_the_figure_has_a_line_for_every_judged_finding_worst_first(make: SimpleNamespace) -> None:
    pytest.importorskip("matplotlib")
    report = make.failing()
    figure = report.plot_effects()
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    judged = [f for audit in report.audits.values() for f in audit.intervention if f.judged]
    assert len(names) == len(judged)
    assert names[0] == "punctuation: shift ! against . on positive  FAIL"
    figure.savefig(io.BytesIO(), format="svg")


def test_a_hostile_name_is_drawn_as_it_is(make: SimpleNamespace) -> None:
    pytest.importorskip("matplotlib")
    audit = make.names_audit(name="$\\frac{$ \x1b[31m ::error::")
    figure = make.report([audit], "FAIL", 1).plot_effects(top=1)
    figure.savefig(io.BytesIO(), format="svg")
    assert "\x1b" not in figure.axes[0].get_yticklabels()[0].get_text()


def test_what_cannot_be_drawn_is_said(make: SimpleNamespace) -> None:
    with pytest.raises(OptionError, match=r"no audit 'nmaes'.*names, punctuation"):
        make.failing().plot_effects(["nmaes"])
    with pytest.raises(OptionError, match="no judged finding"):
        make.error().plot_effects()
