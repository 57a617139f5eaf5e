"""What a visitor is shown, as HTML in which no text can do anything: escaped, and with no mark of a template left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from token_saliency.drawing import numbers
from token_saliency.drawing.colour import Piece, scale_of
from token_saliency.drawing.coloured_text import TextView
from token_saliency.drawing.fragments import attribution_view, render_fragments
from token_saliency.drawing.pages import environment
from token_saliency.drawing.safe import in_quotes, one_line, shortened
from token_saliency.live.desk import LONGEST, Change, Desk, Tried
from token_saliency.reporters.page.samples import PairView, pair_view
from token_saliency.results import DISCLAIMER, Attribution, Counterfactual, EditedPair, Word

_TEMPLATE_MARKS = {ord(mark): f"&#{ord(mark)};" for mark in "{}$`"}
"""The component that shows the page's HTML is a template itself; nothing that a text says may reach it."""


@dataclass(frozen=True, slots=True)
class ClassBar:
    """The probability of a class, before and after a change; widths in percent."""

    name: str
    before: str
    after: str
    delta: str
    width: float
    width_after: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One change of a visitor's history."""

    changed: str
    class_: str
    before: str
    after: str
    delta: str
    control: str


def error(said: str) -> str:
    """What went wrong, in one line."""
    return _drawn("error", said=one_line(said))


def about(title: str, *, listed: bool) -> str:
    """Which model this is, and what the page is not."""
    return _drawn("about", title=title, listed=listed, disclaimer=DISCLAIMER)


def coloured(tried: Tried, chosen: int = -1) -> str:
    """The text (or both) as buttons, one a word, coloured by what it contributes."""
    attribution = tried.attribution
    scale = scale_of(word.score for word in attribution.words)
    view = attribution_view(attribution, scale, LONGEST)
    texts = [(text, list(_numbered(text, index, attribution))) for index, text in enumerate(view.texts)]
    return _drawn(
        "coloured", view=view, texts=texts, chosen=chosen, top=numbers.plain(scale.top, 2), signed=scale.signed
    )


def _numbered(text: TextView, segment: int, attribution: Attribution) -> Iterator[tuple[Piece, int | None]]:
    """Each piece with the number of the word that begins there."""
    starts = {word.start: at for at, word in enumerate(attribution.words) if word.segment == segment}
    place = 0
    for piece in text.pieces:
        yield piece, None if piece.level is None else starts.get(place)
        place += len(piece.text)


def answer(desk: Desk, tried: Tried) -> str:
    """The probabilities, the likeliest class first."""
    seen = tried.probabilities
    order = sorted(range(len(seen)), key=lambda at: -seen[at])
    bars = [_bar(desk.labels[at], seen[at], None) for at in order]
    return _drawn("answer", label=tried.attribution.predicted or "no class", bars=bars)


def _bar(name: str, before: float, after: float | None) -> ClassBar:
    late = before if after is None else after
    widths = [round(100 * min(1.0, max(0.0, value)), 1) for value in (before, late)]
    return ClassBar(name, numbers.plain(before), numbers.plain(late), numbers.signed(late - before), *widths)


def words(tried: Tried) -> list[tuple[str, int]]:
    """The list of words to choose from, each with its place."""
    return [(f"{at + 1}: {shortened(one_line(word.text), 40)}", at) for at, word in enumerate(tried.words)]


def shift(desk: Desk, change: Change) -> str:
    """A change and its control side by side, with the class that is explained, and all classes below."""
    at = _aim(desk, change.tried)
    before = change.tried.probabilities
    flipped = change.label != change.tried.attribution.predicted
    bars = [_bar(name, before[i], change.after[i]) for i, name in enumerate(desk.labels)]
    pairs = [_pair(desk, change, change.made.edited, change.after[at], at, False)]
    if change.controls:
        pairs.append(_pair(desk, change, change.made.controls[0], change.controls[0][at], at, True))
    return _drawn(
        "shift",
        audit=change.made.audit,
        label=change.label or "no class" if flipped else None,
        step=step_of(desk, change),
        spread=_spread([one[at] - before[at] for one in change.controls]),
        count=len(change.controls),
        pairs=pairs,
        bars=bars,
    )


def _aim(desk: Desk, tried: Tried) -> int:
    """The explained class; where the text has none, the first."""
    index = tried.attribution.target_index
    return 0 if index is None or index >= len(desk.labels) else index


def _pair(desk: Desk, change: Change, edited: str, after: float, at: int, placebo: bool) -> PairView:
    word, made, question = change.word, change.made, change.tried.question
    text = question.text if word.segment == 0 else question.text_pair or ""
    if placebo:
        word = _changed(change.tried.words, word, text, edited)
    before, span = change.tried.probabilities[at], (word.start, word.end)
    return pair_view(
        EditedPair(
            "live", made.operator, made.item, word.text, placebo, desk.labels[at], text, edited, span, before, after
        )
    )


def _changed(words: Sequence[Word], word: Word, text: str, edited: str) -> Word:
    """The first word of the text that an edit changed: a control may change another than the one that was chosen."""
    at = next((i for i, (old, new) in enumerate(zip(text, edited, strict=False)) if old != new), len(edited))
    return next((one for one in reversed(words) if one.segment == word.segment and one.start <= at), word)


def _spread(shifts: Sequence[float]) -> str:
    if not shifts:
        return ""
    mean = numbers.signed(sum(shifts) / len(shifts))
    return mean if len(shifts) == 1 else f"{mean} (from {numbers.signed(min(shifts))} to {numbers.signed(max(shifts))})"


def step_of(desk: Desk, change: Change) -> Trial:
    """A change as one line of the history."""
    at, made = _aim(desk, change.tried), change.made
    before, after = change.tried.probabilities[at], change.after[at]
    old, new = (in_quotes(shortened(one_line(text), 40)) for text in (change.word.text, made.name))
    said = {"delete": f"without {old}", "mask": f"{old} masked"}.get(made.operator, f"{old} → {new}")
    control = [one[at] - before for one in change.controls]
    mean = numbers.signed(sum(control) / len(control)) if control else "none"
    return Trial(
        said, desk.labels[at], numbers.plain(before), numbers.plain(after), numbers.signed(after - before), mean
    )


def history(steps: Sequence[Trial]) -> str:
    """What this visitor has tried, the latest first."""
    return _drawn("history", steps=list(reversed(steps)))


def beside(found: Sequence[tuple[str, Attribution]]) -> str:
    """The same text explained in several ways, each on a scale of its own."""
    return _inert("".join(f"{_drawn('heading', said=name)}{render_fragments([one])}" for name, one in found))


def counterfactual(found: Counterfactual) -> str:
    """Which words had to go, and how the probability fell with each."""
    steps = [(word.text, numbers.plain(value)) for word, value in zip(found.removed, found.steps, strict=False)]
    return _drawn("counterfactual", found=found, steps=steps)


def _drawn(part: str, **values: object) -> str:
    made = environment().get_template("live.html.j2").module
    return _inert(str(getattr(made, part)(**values)))


def _inert(html: str) -> str:
    return html.translate(_TEMPLATE_MARKS)
