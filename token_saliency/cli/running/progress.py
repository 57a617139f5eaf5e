"""What a person sees while a run is under way: the plan first, then a bar, or plain lines where no terminal is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from token_saliency.drawing.safe import printable

if TYPE_CHECKING:
    from token_saliency.auditing.run import Plan

OnProgress = Callable[[str, int, int], None]
_LINES_PER_STAGE = 4


def begun_line(model: str, data: str, names: Sequence[str] | None, most: int | None) -> str:
    """What is about to happen, said before anything that takes long: the plan with its time follows the predictions."""
    audits = "all audits that apply" if names is None else ", ".join(names)
    what = f"{printable(model)} on {'all rows' if most is None else f'at most {most:,} rows'} of {printable(data)}"
    return f"auditing {what}: {audits}. The model is loaded, predicts the rows, and then the plan is told."


def plan_line(plan: Plan) -> str:
    """The plan in one line, and before it one on rows that are left out; as rich reads it."""
    left_out = "".join(escape(printable(line)) + "\n" for line in plan.left_out)
    if plan.sent is not None:
        again = f"{plan.finished:,} answers are there already; " if plan.finished else ""
        price = "" if plan.sent.dollars is None else f", about ${plan.sent.dollars:,.2f}"
        return (
            f"plan: {again}at most {plan.sent.prompts:,} prompts to the endpoint, about {plan.sent.tokens:,} tokens of "
            f"prompts{price}. Nothing is sent yet."
        )
    before = f"goes on after {plan.finished:,} finished answers; " if plan.finished else ""
    return (
        left_out
        + before
        + (
            f"plan: {plan.rows:,} rows, {plan.forward:,} forward and {plan.backward:,} backward passes, "
            f"{plan.tokens:,} tokens, about {duration(plan.seconds)}"
        )
    )


def duration(seconds: float) -> str:
    """`40 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@contextmanager
def progress(console: Console) -> Iterator[OnProgress]:
    """Yields `on_progress(stage, done, total)`."""
    if console.is_terminal:
        with _bars(console) as bars:
            yield _Bars(bars).update
    else:
        yield _Lines(console).update


def _bars(console: Console) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), _Pace())
    return Progress(*columns, console=console, transient=True)


class _Pace(ProgressColumn):
    """Rate and time left, as in the plain lines."""

    def render(self, task: Task) -> Text:
        first = int(task.fields.get("first", 0))
        return Text(_pace(int(task.completed), int(task.total or 0), first, task.elapsed or 0.0))


def _pace(done: int, total: int, first: int, seconds: float) -> str:
    """Rate and time left. What was done at the `first` word of a stage took time that nobody saw: it does not count."""
    if done <= first or seconds <= 0:
        return ""
    rate = (done - first) / seconds
    pace = f"{rate:,.1f}/s" if rate >= 1 else f"{1 / rate:,.1f} s each"
    return f"{pace}, {duration((total - done) / rate)} left"


@dataclass(slots=True)
class _Bars:
    bars: Progress
    tasks: dict[str, TaskID] = field(default_factory=dict)

    def update(self, stage: str, done: int, total: int) -> None:
        if stage not in self.tasks:
            self.tasks[stage] = self.bars.add_task(stage, total=total, first=done)
        self.bars.update(self.tasks[stage], completed=done, total=total)


@dataclass(slots=True)
class _Lines:
    console: Console
    begun: dict[str, tuple[float, int]] = field(default_factory=dict)
    """When a stage said its first word, and how much was done by then."""
    shown: dict[str, int] = field(default_factory=dict)

    def update(self, stage: str, done: int, total: int) -> None:
        moment, first = self.begun.setdefault(stage, (time.monotonic(), done))
        seconds = time.monotonic() - moment
        step = done * _LINES_PER_STAGE // max(total, 1)
        if step > self.shown.get(stage, 0):
            self.shown[stage] = step
            self.console.print(f"{stage}: {done:,} of {total:,}, {_pace(done, total, first, seconds)}".rstrip(", "))
