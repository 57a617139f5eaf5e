"""Rows inside their prompt to ids, and ids back to characters of the row.

The whole string is tokenised, as production does. What stands before the row is the same ids in every row: the head,
which is kept apart so that it is computed once. A row that changes it (its first characters join the last ones of the
prompt) is given whole. A token that straddles the border belongs to the row; all others are held fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from token_saliency.drawing.word_spans import trimmed
from token_saliency.errors import ModelError
from token_saliency.results import Span
from token_saliency.text.encoding import Layout, Row, Text, split
from token_saliency.text.prompt.prompt import Prompt, filled
from token_saliency.text.prompt.rendering import Rendered, RowPlace, Template, template_of
from token_saliency.text.tokenizer import lent

_FIRST = ("", "a", "A", " a", "\n", "!", "1", "é", "'s", "日")
"""Beginnings of rows: what they all leave as it is, is the head."""
_LEAST = 4
"""A shorter head is not worth a pass of its own."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One rendered row: ids, types, and the characters [start, end) of the whole string that each id stands for."""

    rendered: Rendered
    ids: list[int]
    types: list[int]
    offsets: list[Span]


@dataclass(frozen=True, slots=True)
class PromptEncoder:
    """An `Encoder` of rows in a prompt. `max_length` is what the model can take, `room` what a label word takes of it.

    whole  its texts are rendered prompts (`template` leaves them as they are), so that every token is free
    """

    tokenizer: Any
    prompt: Prompt
    template: Template
    head: tuple[int, ...] = ()
    whole: bool = False
    max_length: int | None = None
    room: int = 0

    def rows(self, texts: Sequence[Text]) -> list[Row]:
        """The ids of each row that follow the head (or all of them), the row cut so that the whole fits."""
        return [self._row(one) for one, _ in self._fitting(texts)]

    def layouts(self, texts: Sequence[Text]) -> list[Layout]:
        """Which ids of `rows` are the row's, and its characters."""
        return [self._layout(text, one, cut) for text, (one, cut) in zip(texts, self._fitting(texts), strict=True)]

    def counts(self, texts: Sequence[Text]) -> list[int]:
        """Ids behind the head; of a word alone in a prompt of pairs, with nothing in the other place."""
        pair = len(self.template.order) == 2
        return [len(row.ids) for row in self.rows([(t, "") if pair and isinstance(t, str) else t for t in texts])]

    def _row(self, one: Encoded) -> Row:
        start = self._start(one)
        ids, types = (np.array(each[start:], dtype=np.int64) for each in (one.ids, one.types))
        return Row(ids, types, headed=start > 0)

    def _start(self, one: Encoded) -> int:
        size = len(self.head)
        return size if tuple(one.ids[:size]) == self.head and len(one.ids) > size else 0

    def _layout(self, text: Text, one: Encoded, cut: int) -> Layout:
        parts, spans, segments, special = split(text), list[Span](), list[int](), list[bool]()
        for start, end in one.offsets[self._start(one) :]:
            place = next((place for place in one.rendered.places if _touches(start, end, place)), None)
            special.append(place is None)
            segments.append(place.segment if place else 0)
            spans.append(_span(parts[place.segment] or "", start, end, place) if place else (0, 0))
        return Layout(spans, segments, special, cut)

    def _fitting(self, texts: Sequence[Text]) -> list[tuple[Encoded, int]]:
        """Each row with the number of characters that were cut off at its end."""
        whole = self.encoded(list(texts))
        if self.max_length is None:
            return [(one, 0) for one in whole]
        most = self.max_length - self.room
        return [
            (one, 0) if len(one.ids) <= most else self._cut(text, one, most)
            for text, one in zip(texts, whole, strict=True)
        ]

    def _cut(self, text: Text, one: Encoded, most: int) -> tuple[Encoded, int]:
        """The longest beginning that fits: of a pair its longer part is cut."""
        if self.whole:
            raise ModelError(f"A prompt has {len(one.ids)} tokens, the model takes {most}: explain a shorter row.")
        parts = [part or "" for part in split(text)]
        longest = max(one.rendered.places, key=lambda place: place.end - place.start)
        own = [end for start, end in one.offsets if _touches(start, end, longest)]
        full, keep = parts[longest.segment], len(own)
        while len(one.ids) > most:
            keep -= len(one.ids) - most
            if keep < 0:
                raise ModelError(
                    f"The prompt alone takes {len(one.ids)} tokens and its labels {self.room}, and the model has "
                    f"{self.max_length} positions: shorten the prompt."
                )
            end = min(own[keep - 1], longest.end) - longest.start + longest.lead if keep else 0
            parts[longest.segment] = full[:end]
            one = self.encoded([(parts[0], parts[1]) if isinstance(text, tuple) else parts[0]])[0]
        return one, len(full) - len(parts[longest.segment])

    def encoded(self, texts: Sequence[Text], word: str = "") -> list[Encoded]:
        """The rows in their prompt, `word` behind it (of kind nli: in the hypothesis)."""
        if not texts:
            return []
        rendered = [self.template(text) for text in texts]
        strings = [one.string + (word if self.prompt.kind == "causal" else "") for one in rendered]
        pairs = [[_hypothesis(self.prompt, word)] * len(strings)] if self.prompt.kind == "nli" else []
        with lent(self.tokenizer) as tokenizer:
            found = tokenizer(
                strings, *pairs, add_special_tokens=not self.prompt.chat, padding=False, truncation=False,
                verbose=False, return_attention_mask=False, return_token_type_ids=False,
            ).encodings  # fmt: skip
        return [self._encoded(one, encoding) for one, encoding in zip(rendered, found, strict=True)]

    def _encoded(self, rendered: Rendered, encoding: Any) -> Encoded:
        ids, types, offsets = list(encoding.ids), list(encoding.type_ids), list(encoding.offsets)
        of, size = encoding.sequence_ids, len(encoding.ids)
        if self.prompt.kind == "nli":
            size = of.index(1) if 1 in of else size  # the hypothesis is a suffix, as a label word is
        elif self.prompt.kind == "causal":
            while size > 1 and encoding.special_tokens_mask[size - 1] and of[size - 1] is None:
                size -= 1  # an end token would stand between the prompt and its answer
        spans = [span if part == 0 else (-1, -1) for span, part in zip(offsets, of, strict=True)]
        return Encoded(rendered, ids[:size], types[:size], spans[:size])


def prompt_encoder(prompt: Prompt, tokenizer: Any) -> PromptEncoder:
    """For the whole of a prompt, its head found; `max_length` is not known yet."""
    bare = PromptEncoder(tokenizer, prompt, template_of(prompt, tokenizer))
    pair = len(bare.template.order) == 2
    probes = bare.encoded([(text, text) if pair else text for text in _FIRST])
    shared = _shared([tuple(one.ids) for one in probes])
    before = len(bare.template.between[0])
    ends = [end for _, end in probes[0].offsets]
    size = next((i for i in range(len(shared)) if ends[i] > before), len(shared))
    size = min(size, min(len(one.ids) for one in probes) - 1)
    head = shared[:size] if prompt.kind == "causal" and size >= _LEAST else ()
    return replace(bare, head=head)


def _shared(rows: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The longest common beginning."""
    size = 0
    for column in zip(*rows, strict=False):
        if len(set(column)) > 1:
            break
        size += 1
    return rows[0][:size]


def _hypothesis(prompt: Prompt, word: str) -> str:
    return filled(prompt.hypothesis, {"label": word or next(iter(prompt.labels.values()))[0]})


def _touches(start: int, end: int, place: RowPlace) -> bool:
    if start == end:
        return place.start <= start < place.end
    return start < place.end and end > place.start


def _span(part: str, start: int, end: int, place: RowPlace) -> Span:
    """In characters of the row's own text."""
    inside = max(start, place.start), min(max(end, place.start), place.end)
    shift = place.lead - place.start
    return trimmed(part, inside[0] + shift, inside[1] + shift)
