"""A group of texts, what is asked of each, and its scores as attributions: everything about one but the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from token_saliency.core.explicand import Scores, completeness_error
from token_saliency.core.targets import OutputFn
from token_saliency.results import Attribution, Token
from token_saliency.shared.options import Chosen
from token_saliency.text.encoding import Layout, Row, RowMaker, Text, split, words_of
from token_saliency.text.windows import Windows


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every text."""

    chosen: Chosen
    output: str
    output_function: OutputFn
    baseline: str
    baseline_vector: Tensor
    classes: list[str]
    seed: int
    budget: int


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that are explained together, one entry a text; a text in windows stands alone.

    `outputs` are the explained outputs as the predictions have them (or empty).
    """

    texts: list[Text]
    rows: list[Row]
    layouts: list[Layout]
    predicted: list[int | None]
    targets: list[int]
    outputs: list[float] = field(default_factory=list)

    def alone(self, i: int) -> Group:
        """Text i without its neighbours."""
        own = slice(i, i + 1)
        columns = self.texts, self.rows, self.layouts, self.predicted, self.targets, self.outputs
        return Group(*(column[own] for column in columns))  # type: ignore[arg-type]  # each of its own kind

    @property
    def windows(self) -> Windows | None:
        """Of the one text, where it is read in windows."""
        return self.rows[0].windows if self.rows else None


def attributions(question: Question, group: Group, scores: Scores) -> list[Attribution]:
    """What was found for the texts of a group, in its order."""
    return [attribution(question, group, scores, i, row) for i, row in enumerate(scores.values)]


def attribution(question: Question, group: Group, scores: Scores, i: int, values: Tensor) -> Attribution:
    """What was found for text i; `values` [T] are its token scores."""
    text, pair = split(group.texts[i])
    tokens = _tokens(group.texts[i], group.layouts[i], values.tolist())
    output = float(scores.output[i])
    output = group.outputs[i] if math.isnan(output) and group.outputs else output
    baseline = None if scores.baseline_output is None else float(scores.baseline_output[i])
    return Attribution(
        text=text,
        text_pair=pair,
        tokens=tokens,
        words=[word for segment, part in enumerate((text, pair)) for word in words_of(part or "", tokens, segment)],
        method=question.chosen.name,
        signed=scores.signed,
        predicted=_class(question, group.predicted[i]),
        target=question.classes[group.targets[i]],
        target_index=group.targets[i],
        output=question.output,
        output_value=output,
        baseline=question.baseline if scores.signed and not question.chosen.options.get("shuffle") else None,
        baseline_value=baseline,
        completeness_error=completeness_error(values, output, baseline) if scores.complete else None,
        evaluations=int(scores.evaluations[i]),
        converged=bool(scores.converged[i]),
        truncated=group.layouts[i].truncated,
        windows=1 if group.windows is None else len(group.windows),
    )


def unanswered(question: Question, text: Text, row: Row | None, layout: Layout, target: int | None) -> Attribution:
    """Of a text whose logits are no numbers: so are its scores, and it has no class."""
    parts, nothing = split(text), math.nan
    tokens = _tokens(text, layout, [nothing] * len(layout.special))
    return Attribution(
        text=parts[0],
        text_pair=parts[1],
        tokens=tokens,
        words=[word for segment, part in enumerate(parts) for word in words_of(part or "", tokens, segment)],
        method=question.chosen.name,
        signed=True,
        predicted=None,
        target=_class(question, target),
        target_index=target,
        output=question.output,
        output_value=nothing,
        baseline=question.baseline,
        baseline_value=None,
        completeness_error=None,
        evaluations=0,
        converged=False,
        truncated=layout.truncated,
        windows=1 if row is None or row.windows is None else len(row.windows),
    )


def _class(question: Question, index: int | None) -> str | None:
    return None if index is None else question.classes[index]


def _tokens(text: Text, layout: Layout, values: list[float]) -> list[Token]:
    parts = split(text)
    columns = zip(layout.spans, layout.segments, layout.special, values, strict=False)  # values has padding
    return [
        Token((parts[segment] or "")[start:end], start, end, special, 0.0 if special else score, segment)
        for (start, end), segment, special, score in columns
    ]


def read_lengths(texts: Sequence[Text], encoder: RowMaker) -> list[tuple[int, int]]:
    """How many characters of each text and of its pair (0: none) are read: all, unless they are cut at their end."""
    pairs = zip(texts, encoder.layouts(texts), strict=True)
    return [(_read_of(text, layout, 0), _read_of(text, layout, 1)) for text, layout in pairs]


def _read_of(text: Text, layout: Layout, part: int) -> int:
    whole, kinds = split(text)[part] or "", zip(layout.segments, layout.special, strict=True)
    own = [
        span for span, (segment, special) in zip(layout.spans, kinds, strict=True) if segment == part and not special
    ]
    end = max((end for _, end in own), default=0)
    begun_late = bool(own) and bool(whole[: min(start for start, _ in own)].strip())
    return len(whole) if begun_late or not (layout.truncated and whole[end:].strip()) else end
