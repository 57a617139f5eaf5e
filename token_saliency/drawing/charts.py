"""Where marks stand on a chart, in percent of its width: templates draw, and compute nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from token_saliency.drawing import numbers

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_PADDING = 0.05
_ONE_DIGIT = partial(numbers.signed, digits=1)


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear scale from `low` to `high`."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """The place of a value in percent, held inside the chart."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def ticks(self, most: int = 6) -> list[tuple[float, str]]:
        """Round values and their places, about `most` at most."""
        step = self._step(most)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        digits = 2 if step < 1 else 0
        return [(self.x(i * step), numbers.signed(i * step, digits) if i else "0") for i in range(first, last + 1)]

    def _step(self, most: int) -> float:
        width = self.high - self.low
        size = 10.0 ** math.ceil(math.log10(max(width, 1.0)) - 1) if width > 4 else 1.0
        return next((size * step for step in _STEPS if width / (size * step) <= most), width / 2)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a chart shows of one estimate."""

    effect: float
    interval: tuple[float, float]
    margin: float
    control: float | None = None


@dataclass(frozen=True, slots=True)
class Whisker:
    """One line of a forest plot: margin band, interval, control and effect, in percent; `label` says it in words."""

    zero: float
    band: float
    band_width: float
    left: float
    right: float
    effect: float
    control: float | None
    open_left: bool
    open_right: bool
    label: str

    @property
    def width(self) -> float:
        """The length of the interval in percent."""
        return round(self.right - self.left, 2)


def axis_of(estimates: Sequence[Measured]) -> Axis:
    """An axis with room for all effects and margins; a very wide interval is cut rather than squeezing the rest."""
    known = [one for one in estimates if math.isfinite(one.effect)]
    reach = max((max(abs(one.effect), 2 * one.margin) for one in known), default=0.1) * 2.5
    values = [0.0, *(sign * one.margin * 1.4 for one in known for sign in (-1, 1)), *(one.effect for one in known)]
    values += [min(reach, max(-reach, bound)) for one in known for bound in one.interval if math.isfinite(bound)]
    low, high = min(values), max(values)
    padding = max(_PADDING * (high - low), 0.005)
    return Axis(low - padding, high + padding)


def whisker(estimate: Measured, axis: Axis) -> Whisker:
    """The marks of one estimate on an axis."""
    low, high = estimate.interval
    band = axis.x(-estimate.margin)
    return Whisker(
        zero=axis.x(0.0),
        band=band,
        band_width=round(axis.x(estimate.margin) - band, 2),
        left=axis.x(low),
        right=axis.x(high),
        effect=axis.x(estimate.effect),
        control=None if estimate.control is None else axis.x(estimate.control),
        open_left=low < axis.low,
        open_right=high > axis.high,
        label=_in_words(estimate),
    )


def _in_words(estimate: Measured) -> str:
    control = "" if estimate.control is None else f", control {numbers.signed(estimate.control)}"
    return (
        f"effect {numbers.signed(estimate.effect)}, interval {numbers.interval(estimate.interval)}{control}, "
        f"margin ±{numbers.plain(estimate.margin)}"
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from `start`, `width` percent long, and the number it stands for."""

    name: str
    start: float
    width: float
    value: str
    negative: bool = False
    interval: tuple[float, float] | None = None


def bars_from_left(sizes: Sequence[tuple[str, float]], written: Callable[[float], str]) -> list[Bar]:
    """Bars from the left, the longest of them full."""
    longest = max((size for _, size in sizes), default=0.0) or 1.0
    return [Bar(name, 0.0, round(100 * size / longest, 2), written(size)) for name, size in sizes]


def bars_with_intervals(sizes: Sequence[tuple[str, float, tuple[float, float]]]) -> list[Bar]:
    """The same with their intervals, the farthest bound at the right end."""
    axis = Axis(0.0, max((high for _, _, (_, high) in sizes), default=0.0) or 1.0)
    return [
        Bar(name, 0.0, axis.x(size), f"{size:.3g} [{low:.3g}, {high:.3g}]", interval=(axis.x(low), axis.x(high)))
        for name, size, (low, high) in sizes
    ]


def balance_bars(
    values: Sequence[tuple[str, float]], written: Callable[[float], str] = _ONE_DIGIT, full: float = 0.0
) -> list[Bar]:
    """Bars to both sides of the middle, for values with a sign; none is drawn in full that is smaller than `full`."""
    longest = max([full, *(abs(value) for _, value in values)]) or 1.0
    return [_from_the_middle(name, value, 48 * abs(value) / longest, written(value)) for name, value in values]


def _from_the_middle(name: str, value: float, width: float, written: str) -> Bar:
    start = 50 - width if value < 0 else 50.0
    return Bar(name, round(start, 2), round(width, 2), written, negative=value < 0)
