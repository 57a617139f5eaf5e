"""Charts: every mark stands inside, in the right order, and is said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Measured, axis_of, balance_bars, bars_from_left, whisker

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def estimates(draw: st.DrawFn) -> Measured:
    low, effect, high = sorted(draw(st.tuples(FINITE, FINITE, FINITE)))
    return Measured(effect, (low, high), draw(st.floats(0, 1)), draw(st.none() | FINITE))


@given(st.lists(estimates(), max_size=6))
def test_every_mark_is_inside_the_chart_and_in_order(known: list[Measured]) -> None:
    axis = axis_of(known)
    for one in known:
        mark = whisker(one, axis)
        assert 0 <= mark.left <= mark.effect <= mark.right <= 100
        assert mark.band <= mark.zero <= mark.band + mark.band_width + 0.02
        assert 0 <= mark.zero <= 100
    ticks = axis.ticks()
    assert [x for x, _ in ticks] == sorted(x for x, _ in ticks)
    assert len(ticks) <= 8


def test_the_margin_is_a_band_around_zero() -> None:
    one = Measured(0.13, (0.09, 0.17), 0.05, 0.01)
    mark = whisker(one, axis_of([one]))
    assert mark.band < mark.zero < mark.band + mark.band_width < mark.left < mark.effect < mark.right
    assert mark.control is not None
    assert mark.zero < mark.control < mark.band + mark.band_width


def test_a_very_wide_interval_is_cut_and_shown_open() -> None:
    wide, narrow = Measured(0.0, (-90.0, 80.0), 0.05), Measured(0.1, (0.08, 0.12), 0.05)
    axis = axis_of([wide, narrow])
    assert axis.high < 1
    assert whisker(wide, axis).open_left
    assert whisker(wide, axis).open_right
    assert not whisker(narrow, axis).open_right


def test_a_chart_is_said_in_words() -> None:
    one = Measured(0.132, (0.096, 0.166), 0.05, -0.004)
    said = whisker(one, axis_of([one])).label
    assert said == "effect +0.132, interval [+0.096, +0.166], control −0.004, margin ±0.050"


def test_ticks_are_round_numbers_around_zero() -> None:
    axis = axis_of([Measured(0.25, (0.2, 0.3), 0.05)])
    assert [text for _, text in axis.ticks()] == ["0", "+0.10", "+0.20", "+0.30"]


def test_bars_keep_proportions() -> None:
    longer, shorter = bars_from_left([("a", 0.2), ("b", 0.1)], numbers.percent)
    assert (longer.width, shorter.width, shorter.value) == (100.0, 50.0, "10.0%")
    assert bars_from_left([("a", 0.0)], numbers.percent)[0].width == 0


def test_bars_to_both_sides_meet_in_the_middle() -> None:
    left, right = balance_bars([("a", -2.0), ("b", 4.0)])
    assert left.start + left.width == pytest.approx(50)
    assert (right.start, right.width) == (50, 48)
    assert left.negative
    assert not right.negative


def test_a_bar_of_next_to_nothing_is_short_where_what_is_much_is_known() -> None:
    (bar,) = balance_bars([("a", 0.03)], full=3.0)
    assert bar.value == "0.0"
    assert bar.width == pytest.approx(0.48)
    assert balance_bars([("a", 6.0)], full=3.0)[0].width == 48


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1324, "+0.132"), (-0.01, "−0.010"), (0.0, "0.000"), (-0.0001, "0.000"), (12345.6, "+1.23e+04")],
)
def test_numbers_carry_their_sign(value: float, text: str) -> None:
    assert numbers.signed(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.0001, "< 0.001"), (0.0315, "0.032"), (1.0, "1.000")])
def test_p_values_are_never_zero(p: float, text: str) -> None:
    assert numbers.p_value(p) == text


@pytest.mark.parametrize(("seconds", "text"), [(4.21, "4.2 s"), (143.2, "2 min 23 s"), (7512.0, "2 h 5 min")])
def test_durations_are_readable(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


def test_counts_and_moments_are_readable() -> None:
    assert numbers.count(1066, "row") == "1,066 rows"
    assert numbers.count(1, "row") == "1 row"
    assert numbers.moment("2026-11-04T10:30:00+01:00") == "2026-11-04 09:30 UTC"
    assert numbers.moment("yesterday") == "yesterday"
