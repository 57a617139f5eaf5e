"""What a caller's function says of texts: asked in batches, never twice for one text, and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from token_saliency.errors import ModelError, OptionError, TextError
from token_saliency.text.encoding import Text, encodable
from token_saliency.text.function.retrying import TRIES, passing, patiently

ProbabilityFn = Callable[[list[Any]], Any]
"""`list[str] -> probabilities [n, C]`, anything that numpy can read as numbers."""

Floats = NDArray[np.float64]

_ROUNDED, _ROUNDED_ROW = 0.005, 0.02
"""How far a column may be off: an API may round to two digits. More than 0.02 in a whole row is no rounding."""
_ONE_DIGIT, _ONE_DIGIT_ROW = 0.05, 0.3
"""The same where no answer has more than one digit: 0.3, 0.3 and 0.3 are three thirds."""
_BEYOND = 1e-4


@dataclass(frozen=True, slots=True)
class FunctionAnswers:
    """A function with the names of its columns.

    pairs       whether it takes (text, text_pair) tuples
    exclusive   whether its rows sum to 1
    batch_size  how many texts it is given at once, at most
    samples     how often a text is asked, of a function whose answers are noisy: their mean is the answer
    retry       whether an error of it may pass, so that it is asked again
    """

    predict: ProbabilityFn
    classes: list[str]
    pairs: bool = False
    exclusive: bool = True
    batch_size: int = 256
    samples: int = 1
    kind: str = field(default="text", kw_only=True)
    retry: Callable[[Exception], bool] = field(default=passing, kw_only=True)

    def __post_init__(self) -> None:
        if not callable(self.predict):
            own = ", its predict_proba" if hasattr(self.predict, "predict_proba") else ""
            raise OptionError(
                f"A {type(self.predict).__name__} cannot be called; give a function of a list of texts{own}."
            )
        if len(set(self.classes)) != len(self.classes) or len(self.classes) < 1 + self.exclusive:
            raise OptionError(
                f"labels are {len(self.classes)} names, {len(set(self.classes))} of them distinct; "
                "name every column of the probabilities once, in order (of two classes both)."
            )
        if self.batch_size < 1:
            raise OptionError(f"batch_size is a number of texts, not {self.batch_size}.")
        if isinstance(self.samples, bool) or not isinstance(self.samples, int) or self.samples < 1:
            raise OptionError(f"samples is how often each text is asked, 1 or more, not {self.samples}.")

    def of(
        self, texts: Sequence[Text], numbers: Sequence[int], progress: Callable[[int], None] | None = None
    ) -> Floats:
        """Probabilities [n, C], nan for a text that is not answered with numbers.

        Text i is (a variant of) number `numbers[i]` of what the caller gave, for errors.
        """
        places: dict[Text, list[int]] = {}
        for i, text in enumerate(texts):
            places.setdefault(text, []).append(i)
        found = np.empty((len(texts), len(self.classes)))
        distinct = list(places.items())
        for start in range(0, len(distinct), self.batch_size):
            batch = distinct[start : start + self.batch_size]
            answered = self.asked([text for text, _ in batch], [numbers[at[0]] for _, at in batch])
            for (_, at), row in zip(batch, answered, strict=True):
                found[at] = row
            if progress is not None:
                progress(sum(len(at) for _, at in batch))
        return found

    def asked(self, texts: Sequence[Text], numbers: Sequence[int]) -> Floats:
        """Of one batch the mean of all samples; nan where one of them is no answer."""
        total = self._asked_once(texts, numbers)
        for _ in range(self.samples - 1):
            total = total + self._asked_once(texts, numbers)
        return total / self.samples

    def _asked_once(self, texts: Sequence[Text], numbers: Sequence[int]) -> Floats:
        """One call, checked. ModelError names the text by number, never by what it says: it may be private."""
        given = [_encodable(text) for text in texts]
        try:
            raw = patiently(lambda: self.predict(list(given)), self.retry)
        except Exception as error:  # anybody's code fails in its own way; the cause stays attached
            raise self._blamed(given, numbers, error) from error
        return self._checked(raw, numbers)

    def _blamed(self, texts: list[Text], numbers: Sequence[int], error: Exception) -> ModelError:
        said = f"The function raised {type(error).__name__} on"
        if self.retry(error):
            return ModelError(
                f"{said} {len(texts)} texts, {TRIES} times over; start again when it is well: a run directory has kept "
                "what was answered."
            )
        at = self._failing(texts)
        if at is None:
            return ModelError(
                f"{said} {len(texts)} texts together, but on none of them alone; try a smaller batch_size."
            )
        return TextError(
            f"{said} {TextError.WHICH}; mend the function, or leave that text out.",
            numbers[at],
            self._name(numbers[at]),
        )

    def _name(self, number: int) -> str:
        return f"{self.kind} {number} (0 is the first)"

    def _failing(self, texts: list[Text]) -> int | None:
        """The place of a text that fails when it is given alone, by halving; None where there is none."""
        low, high = 0, len(texts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._fails(texts[low:middle]) else (middle, high)
        return low if len(texts) == 1 or self._fails(texts[low:high]) else None

    def _fails(self, texts: list[Text]) -> bool:
        try:
            self.predict(texts)
        except Exception:  # the first error is raised; here only whether there is one matters
            return True
        return False

    def _checked(self, raw: Any, numbers: Sequence[int]) -> Floats:
        found = _numbers(self._in_order(raw))
        shape = (len(numbers), len(self.classes))
        if found.shape != shape:
            both = "; of two classes give both columns, [1 - p, p]" if found.ndim == 1 and shape[1] == 2 else ""
            raise ModelError(
                f"The function must return probabilities [texts, labels], here {list(shape)} for the labels "
                f"{', '.join(self.classes)}, not {list(found.shape)}{both}."
            )
        numbers_alone = np.isfinite(found).all(1, keepdims=True)
        found = np.where(numbers_alone, found, np.nan)  # else no answer: the row has no class, and the others stand
        beyond = (found < -_BEYOND) | (found > 1 + _BEYOND)
        if beyond.any():
            row, column = np.argwhere(beyond)[0]
            raise TextError(
                f"The function returns {found[row, column]:g} for {TextError.WHICH}, label "
                f"{self.classes[column]}; return probabilities between 0 and 1 (softmax or sigmoid of logits).",
                numbers[row],
                self._name(numbers[row]),
            )
        found = found.clip(0, 1)
        return self._summing_to_one(found, numbers) if self.exclusive else found

    def _in_order(self, raw: Any) -> Any:
        """The columns of a frame by name, where they are the classes; a row that is None has no numbers."""
        columns = [str(one) for one in getattr(raw, "columns", ())]
        if columns and sorted(columns) == sorted(self.classes):
            return raw.to_numpy()[:, [columns.index(one) for one in self.classes]]
        if isinstance(raw, list | tuple) and any(row is None for row in raw):
            return [[np.nan] * len(self.classes) if row is None else row for row in raw]
        return raw

    def _summing_to_one(self, found: Floats, numbers: Sequence[int]) -> Floats:
        sums = found.sum(1)
        odd = np.flatnonzero(np.abs(sums - 1) > _rounding(found) + 1e-9)
        if len(odd):
            raise TextError(
                f"The probabilities of {TextError.WHICH} sum to {sums[odd[0]]:.4g}, not to 1; return one column a "
                "class, or say multi_label=True if labels do not exclude each other.",
                numbers[odd[0]],
                self._name(numbers[odd[0]]),
            )
        shares: Floats = found / sums[:, None]
        return shares


def _rounding(found: Floats) -> float:
    """How far the sum of a row may lie from 1: every class adds half a unit of the last digit at most."""
    tenths = 10 * found[np.isfinite(found)]
    coarse = bool((np.abs(tenths - tenths.round()) < _BEYOND).all() and (found % 1 > _BEYOND).any())
    each, most = (_ONE_DIGIT, _ONE_DIGIT_ROW) if coarse else (_ROUNDED, _ROUNDED_ROW)
    return float(min(most, each * found.shape[1]))


def _encodable(text: Text) -> Text:
    return (encodable(text[0]), encodable(text[1])) if isinstance(text, tuple) else encodable(text)


def _numbers(raw: Any) -> Floats:
    plain = raw.detach().double().cpu() if isinstance(raw, torch.Tensor) else raw
    try:
        return np.asarray(plain, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"The function returns a {type(raw).__name__} that is no array of numbers; "
            "return probabilities [texts, labels], as predict_proba of scikit-learn does."
        ) from error
