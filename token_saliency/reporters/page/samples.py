"""What the page shows of single rows: edited pairs side by side, and texts in colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from token_saliency.drawing import colour, numbers
from token_saliency.drawing.colour import Scale
from token_saliency.drawing.coloured_text import Strong, TextView, segment_name, strongest_words, text_view, texts_of
from token_saliency.drawing.safe import in_quotes, shortened
from token_saliency.results import EditedPair, ShownExample, Span

_CONTEXT = 120
_WORD = 20
_CHANGED = 200
_LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A text with its changed part; `skipped_before` and `skipped_after` count characters that are not shown."""

    before: str
    changed: str
    after: str
    skipped_before: int
    skipped_after: int


@dataclass(frozen=True, slots=True)
class PairView:
    """One edit: the two texts, the two probabilities, and where they stand on a line from 0 to 1 (in percent)."""

    id: str
    row: str
    operator: str
    change: str
    placebo: bool
    class_: str
    left: Changed
    right: Changed
    before: str
    after: str
    delta: str
    from_x: float
    to_x: float
    again: str
    live: str


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A coloured row: what was predicted, whether that is right (None without a label), and its edit."""

    id: str
    row: str
    predicted: str
    probability: str
    label: str | None
    right: bool | None
    texts: list[TextView]
    strongest: list[Strong]
    edit: PairView | None
    again: str
    live: str


def pair_view(pair: EditedPair, id_: str = "", again: str = "", live: str = "") -> PairView:
    """An edited pair as the page shows it."""
    start, end = pair.span
    start_after, end_after = _span_after(pair)
    parts = pair.text_before[start:end], pair.text_after[start_after:end_after]
    # of an order of sentences the two that changed places, not all that lies between them
    if pair.operator == "turn" and (turned := _exchanged(*parts)):
        end, end_after = start + turned[0], start_after + turned[1]
    return PairView(
        id=id_,
        row=pair.row,
        operator=pair.operator,
        change=_change(pair.original, pair.text_after[start_after:end_after]),
        placebo=pair.placebo,
        class_=pair.class_,
        left=_around(pair.text_before, start, end),
        right=_around(pair.text_after, start_after, end_after),
        before=numbers.plain(pair.before),
        after=numbers.plain(pair.after),
        delta=numbers.signed(pair.after - pair.before),
        from_x=_place(pair.before),
        to_x=_place(pair.after),
        again=again,
        live=live,
    )


def example_view(
    example: ShownExample, scale: Scale, limit: int, id_: str = "", again: str = "", live: str = ""
) -> ExampleView:
    """A shown example as the page shows it, at most `limit` characters of each text."""
    texts = texts_of(example)
    marks = [colour.marks_of_tokens(text, example.tokens, index) for index, text in enumerate(texts)]
    return ExampleView(
        id=id_,
        row=example.row,
        predicted=example.predicted,
        probability=numbers.plain(example.probability),
        label=example.label,
        right=None if example.label is None else example.label == example.predicted,
        texts=[
            text_view(
                text, marks[index], scale, (example.spans, example.pair_spans)[index], limit, segment_name(texts, index)
            )
            for index, text in enumerate(texts)
        ],
        strongest=strongest_words(texts, marks, scale),
        edit=pair_view(example.edit) if example.edit else None,
        again=again,
        live=live,
    )


def all_scores(examples: Iterable[ShownExample]) -> list[float]:
    """The word scores of all examples: what the one scale of the page is made from."""
    return [
        mark.score
        for example in examples
        for index, text in enumerate(texts_of(example))
        for mark in colour.marks_of_tokens(text, example.tokens, index)
    ]


def _change(original: str, now: str) -> str:
    """What stood there and what stands there now; for a deletion the item is what was deleted, so it is not asked."""
    original, now = shortened(original, 60), shortened(now, 60)
    if not now:
        return f"without {in_quotes(original)}"
    return f"{in_quotes(original)} → {in_quotes(now)}" if original else f"with {in_quotes(now)}"


def _exchanged(before: str, after: str) -> tuple[int, int] | None:
    """How long the first and the last piece of a text are that changed places; None where it is not so."""
    size = len(before)
    if size != len(after) or size > _LONGEST:
        return None
    for last in range(1, size):
        if not before[-last - 1].isspace() or not before.endswith(after[:last]):
            continue
        for first in range(1, size - last):
            same = before[first : size - last] == after[last : size - first]
            if same and before[first].isspace() and after.endswith(before[:first]):
                return first, last
    return None


def _span_after(pair: EditedPair) -> Span:
    """The changed range of the edited text: what the unchanged beginning and end of the original leave over."""
    start, end = pair.span
    tail = len(pair.text_before) - end
    before, after = pair.text_before, pair.text_after
    if after[:start] == before[:start] and len(after) >= start + tail and after.endswith(before[end:]):
        return start, len(after) - tail
    return _differing(before, after)


def _differing(before: str, after: str) -> Span:
    """Where two texts differ, for edits that also mend what stands around the span (an article, a verb)."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    tail = next((i for i in range(shorter - head) if before[-1 - i] != after[-1 - i]), shorter - head)
    return head, len(after) - tail


def _around(text: str, start: int, end: int) -> Changed:
    start, end = min(start, len(text)), min(end, len(text))  # a table may be anybody's
    first, last = _whole_words(text, max(0, start - _CONTEXT), start, end, min(len(text), end + _CONTEXT))
    return Changed(
        before=text[first:start],
        changed=shortened(text[start:end], _CHANGED),
        after=text[end:last],
        skipped_before=first,
        skipped_after=len(text) - last,
    )


def _whole_words(text: str, first: int, start: int, end: int, last: int) -> Span:
    """The context without the pieces of words at its ends; of a very long word the piece stays."""
    if first and not text[first - 1].isspace():
        first = next((i + 1 for i in range(first, min(start, first + _WORD)) if text[i].isspace()), first)
    if last < len(text) and not text[last].isspace():
        last = next((i for i in range(last, max(end, last - _WORD), -1) if text[i].isspace()), last)
    return first, last


def _place(probability: float) -> float:
    return round(100 * min(1.0, max(0.0, probability)), 2)
