"""What a planner is asked, and what it answers: plain data, shared by all planners."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.operators import Operator, delete, everywhere
from token_saliency.results import Edit, Example, Span
from token_saliency.stats.estimate import Bools, Floats
from token_saliency.stats.sampling import content_hash, generator
from token_saliency.text.prompt.prompt import Prompt

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")

_TIED_BEFORE = re.compile(r"[^\W_]['’-]$")
_TIED_AFTER = re.compile(r"['’-][^\W_]")

ORDINARY_ROWS = 5
"""A word in fewer rows may tell the label without our seeing it."""

ORDINARY_Z = 1.64
"""An ordinary word goes with no label more than this."""

CountTokens = Callable[[list[str]], list[int]]
"""How many ids the model sees for each text: controls are matched on the number of sub-tokens."""


def matched_controls(
    items: Sequence[str], candidates: Sequence[str], count: int, count_tokens: CountTokens
) -> list[str]:
    """At most `count` candidates with the same spread of sub-token counts as the items; none that is an item."""
    taken = {item.lower() for item in items}
    pool = sorted((c for c in candidates if c.lower() not in taken), key=content_hash)
    if not pool:
        return []
    lengths = dict(zip(pool, count_tokens(pool), strict=True))
    wanted = np.quantile(count_tokens(list(items)), (np.arange(min(count, len(pool))) + 0.5) / min(count, len(pool)))
    chosen: list[str] = []
    for length in wanted:
        nearest = min((c for c in pool if c not in chosen), key=lambda c: (abs(lengths[c] - length), pool.index(c)))
        chosen.append(nearest)
    return chosen


def placebo_share(text: str, scores: Floats, on_span: Bools, seed: int) -> float | None:
    """The share of |score| [n] on random tokens that are not on the spans, as many as there are on them.

    None where the row has not that many other tokens.
    """
    others = np.flatnonzero(~on_span)
    if len(others) < on_span.sum():
        return None
    drawn = generator(seed, text, "placebo").choice(others, size=int(on_span.sum()), replace=False)
    return float(scores[drawn].sum() / scores.sum())


def words_of(text: str) -> Iterator[str]:
    """The words of a text in lower case, one after the other: a text may have millions."""
    return (hit.group().lower() for hit in _WORD.finditer(text))


def ordinary_words(rows: Iterable[Example], own: Collection[str]) -> frozenset[str]:
    """Words that stand in several rows, go with no label and are none of the audit's own: controls of a deletion."""
    labels: Counter[str | None] = Counter()
    seen: Counter[str] = Counter()
    together: Counter[tuple[str, str | None]] = Counter()
    for row in rows:
        found = set(words_of(row.text)) - set(own)
        labels[row.label] += 1
        seen.update(found)
        together.update((word, row.label) for word in found)
    del labels[None]
    return frozenset(word for word, n in seen.items() if n >= ORDINARY_ROWS and _tells_nothing(word, labels, together))


def _tells_nothing(word: str, labels: Counter[str | None], together: Counter[tuple[str, str | None]]) -> bool:
    rows, mentions = labels.total(), sum(together[word, label] for label in labels)
    for label, count in labels.items():
        expected, base = mentions * count / rows, count / rows
        spread = (expected * (1 - base)) ** 0.5
        if abs(together[word, label] - expected) > ORDINARY_Z * spread:
            return False
    return True


def _part_of_a_word(text: str, hit: re.Match[str]) -> bool:
    """Whether an apostrophe or a hyphen ties it to more letters: the `s` of an owner is no word."""
    before, after = text[max(0, hit.start() - 2) : hit.start()], text[hit.end() : hit.end() + 2]
    return bool(_TIED_BEFORE.search(before) or _TIED_AFTER.match(after))


def control_words(text: str, spans: Sequence[Match], controls: Collection[str]) -> list[Match]:
    """The controls that stand in the text as whole words, outside the audited spans."""
    known = {control.lower() for control in controls}
    taken = {place for span in spans for place in range(span.start, span.end)}
    return [
        Match(hit.start(), hit.end(), hit.group().lower())
        for hit in _WORD.finditer(text)
        if hit.group().lower() in known
        and not _part_of_a_word(text, hit)
        and taken.isdisjoint(range(hit.start(), hit.end()))
    ]


LONG_TEXT = 100_000
"""Of longer texts a hash is hashed with each place, and not the text again."""


def as_long(request: Request, row: Example, matches: Sequence[Match], free: Sequence[Match]) -> list[Match]:
    """As many of the free places as there are matches, each the nearest in length; none where they do not suffice."""
    text = content_hash(row.text) if len(row.text) > LONG_TEXT else row.text
    left = sorted(free, key=lambda match: content_hash(request.seed, text, match.start))
    chosen: list[Match] = []
    for match in matches if len(matches) <= len(left) else ():
        length = match.end - match.start
        nearest = min(left, key=lambda word: abs(word.end - word.start - length))
        left.remove(nearest)
        chosen.append(nearest)
    return sorted(chosen, key=lambda match: match.start)


NEUTRAL = ("also", "then", "here", "still", "indeed", "meanwhile", "nevertheless")
"""Words that may stand nearly anywhere: one is put in where a row has no ordinary word to take out."""


def too_few(request: Request, real: int, controls: int) -> bool:
    """Whether the rows lend too few controls, so that others are made."""
    return controls < min(real, request.audit.judge.min_rows)


def neutral_words(row: Example, matches: Sequence[Match], ordinary: Collection[str]) -> tuple[str, Match]:
    """The row with as many neutral words put in as there are matches, each before a word of the row drawn by hash, and
    the place of the first. The row as it is then is the edited one, whose word was taken out."""
    words = [word for word in NEUTRAL if word in ordinary] or sorted(ordinary) or list(NEUTRAL)
    starts = [
        hit.start() for hit in _WORD.finditer(row.text) if hit.start() > 0 and row.text[hit.start() - 1].isspace()
    ]
    free = [start for start in starts if not any(m.start < start < m.end for m in matches)] or [len(row.text)]
    text, places = row.text, sorted(free, key=lambda start: content_hash(row.text, start))[: len(matches)]
    for place, match in zip(sorted(places, reverse=True), reversed(matches), strict=False):
        length = match.end - match.start
        word = min(words, key=lambda one: (abs(len(one) - length), content_hash(row.text, one)))
        text = f"{text[:place]}{word} {text[place:]}" if place < len(text) else f"{text} {word}"
    return text, Match(places[0], places[0], "")


PLACEHOLDER = "[...]"
"""What stands for a masked span where the model has no mask token."""

USUAL_EDITS = 10_000
"""The budget of an audit unless another is asked for."""

Spans = Mapping[str, Sequence[Match]]
"""The audit's spans of every row, by row id."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The places of a row where one and the same item stands; another fills all of them at once.

    `others` are those in the other text of a pair.
    """

    row: Example
    matches: tuple[Match, ...]
    others: tuple[Match, ...] = ()

    @property
    def item(self) -> str:
        """What stands there."""
        return self.matches[0].item

    @property
    def kind(self) -> str:
        """Every sort of slot that one of the places is."""
        return " ".join(sorted({kind for match in (*self.matches, *self.others) for kind in match.kind.split()}))

    @property
    def span(self) -> Span:
        """From the first place to the end of the last."""
        return self.matches[0].start, self.matches[-1].end

    def edited(self, edit: Operator, item: str = "") -> tuple[str, str | None]:
        """The text, and the other one of a pair, with the edit at all places."""
        pair = self.row.text_pair
        own = everywhere(edit, self.row.text, self.matches, item)
        return own, pair if pair is None else everywhere(edit, pair, self.others, item)


NAMED = ("names", "identity", "lexicon")
"""Matchers of words that speak of somebody or something: in both texts of a pair they speak of the same."""


def one_in_both(audit: Audit, text: str, match: Match) -> str:
    """What a span is called, in lower case, if one in the other text is the same one: "" of marks and the like."""
    matcher = audit.find.matcher
    if matcher in NAMED:
        return match.item.lower()
    told = matcher == "numbers" or audit.find.options.get("same")
    return text[match.start : match.end].lower() if told else ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a planner sees: the audit, its rows and spans, the budget of edited texts, the seed, a prompt if any.

    `other` are the spans of the other text of each row that is a pair.
    """

    audit: Audit
    rows: Sequence[Example]
    spans: Spans
    edits: int
    seed: int
    count_tokens: CountTokens
    mask: str = PLACEHOLDER
    prompt: Prompt | None = None
    other: Spans = field(default_factory=dict)

    def beside(self, row: Example, matches: Iterable[Match]) -> tuple[Match, ...] | None:
        """Where the other text holds the same; None where it does at a place that is no span: both would not agree."""
        if row.text_pair is None:
            return ()
        own = {one_in_both(self.audit, row.text, match) for match in matches if match.end > match.start} - {""}
        pair = row.text_pair
        same = [m for m in self.other.get(row.id, ()) if own and one_in_both(self.audit, pair, m) in own]
        rest = everywhere(delete, pair, same).lower() if own else ""
        terms = self.audit.find.matcher == "identity"
        forms = {name.removesuffix("s") if terms else name for name in own}
        left = any(
            re.search(rf"(?<![^\W_]){re.escape(form)}(?:s|es)?(?![^\W_])", rest) for form in forms if form in rest
        )
        return None if left else tuple(same)

    def most(self, rows: int) -> int:
        """So many rows a claim at the usual budget or a smaller one, in proportion more at a larger one."""
        return max(rows, rows * self.edits // USUAL_EDITS)


def planned_edit(
    audit: str,
    operator: str,
    row: Example,
    slot: Span,
    item: str,
    text: str,
    *,
    placebo: bool = False,
    pair: str | None = None,
) -> Edit:
    """An edit that no model has answered yet. It leaves the other text of a pair as it is, unless `pair` is another."""
    return Edit(
        row=row.id,
        audit=audit,
        operator=operator,
        slot=slot,
        original=row.text[slice(*slot)],
        item=item,
        placebo=placebo,
        text=text,
        text_pair=row.text_pair if pair is None else pair,
    )
