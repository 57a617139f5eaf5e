"""Texts to ids, and ids back to characters of the original text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import regex
from numpy.typing import NDArray

from token_saliency.drawing.word_spans import scored_spans, trimmed
from token_saliency.errors import DataError, ModelError, OptionError, is_whole
from token_saliency.results import Span, Token, Word
from token_saliency.text.tokenizer import lent
from token_saliency.text.windows import Long, Windows, windows_of


def words_of(text: str, tokens: Sequence[Token], segment: int = 0) -> list[Word]:
    """The words of one segment that the model saw, each with the sum of its tokens' scores."""
    return [
        Word(text[start:end], start, end, score, segment) for start, end, score in scored_spans(text, tokens, segment)
    ]


Text = str | tuple[str, str]
"""One text, or a text and its pair."""

_SURROGATE = regex.compile(r"[\ud800-\udfff]")
_SANE = 1_000_000
"""tokenizers that know no limit report an absurd one"""


@dataclass(frozen=True, slots=True)
class Row:
    """What the model reads: token ids and token types, each [T]; in `windows` where that is longer than it can take.

    `headed`: the ids follow those that all rows of a prompt share (text/prompt/encoder.py). `extra`: what else the
    tokenizer's own call gives of this text, by name (the boxes of a layout), an entry a token or not.
    """

    ids: NDArray[np.int64]
    types: NDArray[np.int64]
    windows: Windows | None = None
    headed: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def extra_at(self, places: Any) -> dict[str, Any]:
        """`extra` of some tokens."""
        return {
            name: value[places] if one_a_token(value, len(self.ids)) else value for name, value in self.extra.items()
        }

    @property
    def parts(self) -> list[Row]:
        """What goes through the model at once: the row, or each of its windows."""
        if self.windows is None:
            return [self]
        return [Row(self.ids[places], self.types[places], extra=self.extra_at(places)) for places in self.windows.index]


def one_a_token(value: Any, length: int) -> bool:
    """Whether an array has an entry of numbers for each of so many tokens."""
    return value.ndim > 0 and len(value) == length and value.dtype.kind in "biuf"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tokens of a row stand, one entry a token; `truncated` counts the characters that were cut off."""

    spans: list[Span]
    segments: list[int]
    special: list[bool]
    truncated: int


class RowMaker(Protocol):
    """What makes rows of texts, and says where their tokens stand."""

    @property
    def tokenizer(self) -> Any:
        """The tokenizer."""

    def rows(self, texts: Sequence[Text]) -> list[Row]:
        """The ids of each text."""

    def layouts(self, texts: Sequence[Text]) -> list[Layout]:
        """The characters and kinds of the ids of `rows`."""

    def counts(self, texts: Sequence[Text]) -> list[int]:
        """How many ids the model sees of each text."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tokens of a text the model reads (None: all), and why, in one sentence."""

    tokens: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Encoder:
    """A fast tokenizer, the number of tokens that the model can take (None: any), and what longer texts become."""

    tokenizer: Any
    max_length: int | None
    long: Long = "truncate"

    def rows(self, texts: Sequence[Text]) -> list[Row]:
        """The ids of each text, special tokens included, cut to `max_length` or seen in windows of it."""
        return [self._row(encoding, extra) for encoding, extra in self._encodings(texts, self._cut)]

    def counts(self, texts: Sequence[Text]) -> list[int]:
        """In all windows."""
        return [sum(len(part.ids) for part in row.parts) for row in self.rows(texts)]

    @property
    def _cut(self) -> int | None:
        return self.max_length if self.long == "truncate" else None

    def layouts(self, texts: Sequence[Text]) -> list[Layout]:
        """The offsets that belong to `rows`."""
        encodings = [one for one, _ in self._encodings(texts, self._cut)]
        if self._cut is None:
            return [_layout(text, encoding, encoding) for text, encoding in zip(texts, encodings, strict=True)]
        full = [i for i, encoding in enumerate(encodings) if len(encoding.ids) == self.max_length]
        uncut = dict(zip(full, (one for one, _ in self._encodings([texts[i] for i in full], None)), strict=True))
        return [_layout(texts[i], encoding, uncut.get(i, encoding)) for i, encoding in enumerate(encodings)]

    def _row(self, encoding: Any, extra: Mapping[str, Any]) -> Row:
        if not encoding.ids:
            return Row(np.array([self._filler()]), np.zeros(1, dtype=np.int64))
        ids, types = (np.array(each, dtype=np.int64) for each in (encoding.ids, encoding.type_ids))
        fits = self.max_length is None or len(ids) <= self.max_length
        return Row(ids, types, None if fits else windows_of(encoding.sequence_ids, self.max_length or 0), extra=extra)

    def _filler(self) -> int:
        """Stands for an empty text where the tokenizer adds no special token: a model cannot read nothing."""
        names = ("bos_token_id", "eos_token_id", "cls_token_id", "pad_token_id", "unk_token_id")
        known = (getattr(self.tokenizer, name, None) for name in names)
        return next((one for one in known if one is not None), 0)

    def _encodings(self, texts: Sequence[Text], limit: int | None) -> list[tuple[Any, dict[str, Any]]]:
        """In the order given, each with what else it has; single texts and pairs are two calls."""
        found: dict[int, Any] = {}
        for paired in (False, True):
            of = [i for i, text in enumerate(texts) if isinstance(text, tuple) is paired]
            found |= zip(of, self._tokenized([texts[i] for i in of], paired, limit), strict=True)
        return [found[i] for i in range(len(texts))]

    def _tokenized(self, texts: list[Text], paired: bool, limit: int | None) -> list[tuple[Any, dict[str, Any]]]:
        if not texts:
            return []
        columns = list(zip(*texts, strict=True)) if paired else [texts]
        with lent(self.tokenizer) as tokenizer:
            given = tokenizer(
                *([encodable(text) for text in column] for column in columns),
                truncation=limit is not None,
                max_length=limit,
                padding=False,
                verbose=False,
                return_attention_mask=False,
                return_token_type_ids=False,  # the encodings have both
            )
        extra = {name: values for name, values in given.items() if name != "input_ids"}
        each = [{name: _array(values[i]) for name, values in extra.items()} for i in range(len(texts))]
        return list(zip(given.encodings, each, strict=True))


def _array(value: Any) -> NDArray[Any]:
    try:
        return np.asarray(value)
    except ValueError:  # of no one shape
        return np.array(None)


def checked(texts: Sequence[Text]) -> list[Text]:
    """The texts as a list; DataError where one is neither a string nor a pair of strings."""
    if isinstance(texts, str):
        raise DataError("Texts are a list: put the one text into brackets, [text].")
    return [_checked(text, i) for i, text in enumerate(texts)]


def encodable(text: Any) -> str:
    """The text with its lone surrogates replaced: one character each, so that offsets stay."""
    return _SURROGATE.sub("\ufffd", str(text))


def split(text: Text) -> tuple[str, str | None]:
    """The text and its pair, if it has one."""
    return text if isinstance(text, tuple) else (text, None)


def require_offsets(tokenizer: Any) -> None:
    """ModelError where the tokenizer cannot say which characters a token stands for."""
    if not hasattr(tokenizer, "is_fast"):
        raise ModelError(
            f"{type(tokenizer).__name__} is no tokenizer; give TextClassifier(model, tokenizer), "
            "or a pipeline of both, TextClassifier(pipeline)."
        )
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(
            f"{type(tokenizer).__name__} gives no character offsets; use a fast tokenizer (one with a tokenizer.json)."
        )


def token_limit(
    tokenizer: Any,
    positions: int | None,
    wanted: int | None,
    long: Long = "truncate",
    trained: int | None = None,
) -> Limit:
    """What the caller wants, else what the tokenizer or the config says, and never more than the model has positions.

    The tokenizer's `model_max_length` is a habit that a caller may overrule, and so is the length that the config says
    (`trained`); the position table is not.
    """
    usual, most = _sane(getattr(tokenizer, "model_max_length", None)), _sane(positions)
    habit = _sane(trained)
    chosen = wanted or min((one for one in (usual, habit) if one is not None), default=None)
    tokens = min((limit for limit in (chosen, most) if limit is not None), default=None)
    why = _why(tokens, wanted, usual, most)
    if wanted is None and tokens is not None and tokens == habit and tokens not in (usual, most):
        why = f"Texts are cut to {tokens} tokens, as the config says; a larger max_length is obeyed."
    return Limit(tokens, why if long == "truncate" or tokens is None else _in_windows(why))


def _why(tokens: int | None, wanted: int | None, usual: int | None, most: int | None) -> str:
    if tokens is None:
        return "Texts are never cut: neither the tokenizer nor the model names a limit."
    cut = f"Texts are cut to {tokens} tokens"
    if wanted is not None:
        beyond = f", and not to {wanted}: the model has no more positions." if tokens < wanted else ", as asked."
        return cut + beyond
    if usual is None or tokens < usual:
        return f"{cut}: the model has no more positions."
    room = f"; the model has {most} positions, max_length={most} would use them" if most and most > tokens else ""
    return f"{cut}, as the tokenizer says{room}."


def _in_windows(why: str) -> str:
    """The same limit where longer texts are read in windows: what the decision is belongs to what was checked."""
    limit = why.removeprefix("Texts are cut to ").rstrip(".")
    return (
        f"Longer texts are read in windows of {limit}. Windows share a quarter of their tokens or more; "
        "the decision is the mean of their logits."
    )


def _sane(limit: int | None) -> int | None:
    return int(limit) if limit is not None and 0 < limit < _SANE else None


def checked_limit(wanted: int | None, tokenizer: Any) -> int | None:
    """OptionError where no text fits beside the special tokens."""
    least = 1 + (tokenizer.num_special_tokens_to_add(pair=True) if wanted is not None else 0)
    if wanted is not None and not is_whole(wanted, least):
        raise OptionError(f"max_length {wanted!r} leaves no room for text; use at least {least}.")
    return wanted


def _checked(text: Any, at: int) -> Text:
    if isinstance(text, str):
        return text
    if isinstance(text, tuple | list) and len(text) == 2 and all(isinstance(part, str) for part in text):
        return (text[0], text[1])
    from token_saliency.data.cells import is_blank  # imports pandas

    if is_blank(text):
        raise DataError(f"Text {at} is missing ({text}): leave such rows out, as texts.dropna() does, or give ''.")
    raise DataError(
        f"Text {at} is of type {type(text).__name__}; a text is a string or a (text, text_pair) of strings."
    )


def _layout(text: Text, encoding: Any, uncut: Any) -> Layout:
    if not encoding.ids:
        return Layout([(0, 0)], [0], [True], 0)
    parts, segments = split(text), encoding.sequence_ids
    spans = [
        (0, 0) if part is None else trimmed(parts[part] or "", *span)
        for part, span in zip(segments, encoding.offsets, strict=True)
    ]
    truncated = 0 if uncut is encoding else sum(_extent(uncut, part) - _extent(encoding, part) for part in (0, 1))
    return Layout(spans, [part or 0 for part in segments], [part is None for part in segments], truncated)


def _extent(encoding: Any, part: int) -> int:
    """Characters from the first token of a segment to its last."""
    own = [span for span, segment in zip(encoding.offsets, encoding.sequence_ids, strict=True) if segment == part]
    return max((end for _, end in own), default=0) - min((start for start, _ in own), default=0)
