"""Which words go, in which order, and what is said: on functions whose words are known, and on a real model."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, counterfactuals, flip_curve
from token_saliency.counterfactual import Ask, study
from token_saliency.drawing.word_spans import word_spans
from token_saliency.errors import DataError, OptionError
from token_saliency.results import Attribution, Counterfactual, Example, ModelInfo, Predictions, Word
from token_saliency.stats.estimate import agresti_min, wilson

WEIGHTS = {"good": 2.0, "great": 1.5, "bad": -2.0, "!": 0.75}


class Weighing:
    """A classifier that sums the weights of the words; its attributions are exactly these weights."""

    labels: list[str]
    info: ModelInfo
    default_method = "integrated_gradients"
    meter = SimpleNamespace(forward=0, backward=0, tokens=0)

    def __init__(self, labels: Sequence[str] = ("negative", "positive"), mask: str | None = None) -> None:
        self.labels = list(labels)
        self.tokenizer = SimpleNamespace(mask_token=mask)
        self.calls: list[list[Any]] = []

    def weight(self, text: str) -> float:
        return sum(WEIGHTS.get(text[a:b], 0.0) for a, b in word_spans(text)) - 0.1

    def predict(self, texts: Any, *, progress: Callable[[int], None] | None = None) -> Predictions:  # noqa: ARG002
        self.calls.append(list(texts))
        parts = [part if isinstance(part, tuple) else (part,) for part in texts]
        p = np.array([1 / (1 + math.exp(-sum(map(self.weight, each)))) for each in parts])
        both = np.stack([1 - p, p], axis=1)
        return Predictions(np.log(both), both, [self.labels[int(i)] for i in both.argmax(1)])

    def count_tokens(self, texts: Any) -> list[int]:
        return [len(text) for text in texts]

    def explain(
        self,
        texts: Any,
        method: Any = "gradient",
        target: Any = "predicted",
        *,
        labels: Any = None,  # noqa: ARG002
        baseline: str | None = None,
        seed: int = 0,  # noqa: ARG002
        options: Any = None,  # noqa: ARG002
        predictions: Predictions | None = None,  # noqa: ARG002
        progress: Callable[[int], None] | None = None,  # noqa: ARG002
    ) -> list[Attribution]:
        assert target == "predicted"
        return [self._explained(text, method, baseline) for text in texts]

    def _explained(self, text: Any, method: str, baseline: str | None) -> Attribution:
        parts = text if isinstance(text, tuple) else (text, None)
        sign = 1 if sum(self.weight(part) for part in parts if part is not None) > 0 else -1
        words = [
            Word(part[a:b], a, b, sign * WEIGHTS.get(part[a:b], 0.0), segment)
            for segment, part in enumerate(parts)
            if part is not None
            for a, b in word_spans(part)
        ]
        return Attribution(
            parts[0], parts[1], [], words, method, True, "", "", 0, "logit", 0.0, baseline, None, None, 1, True, 0
        )  # fmt: skip


def only(text: Any, **options: Any) -> Counterfactual:
    (found,) = counterfactuals(options.pop("classifier", Weighing()), [text], **options)
    return found


def test_the_strongest_words_go_until_the_decision_changes() -> None:
    found = only("A good, great day!")

    assert [word.text for word in found.removed] == ["good", "great", "!"]
    assert (found.before, found.after, found.flipped) == ("positive", "negative", True)
    assert found.edited == "A, day"
    assert [found.text[word.start : word.end] for word in found.removed] == ["good", "great", "!"]
    assert found.steps == sorted(found.steps, reverse=True)
    assert found.steps[-1] == found.probabilities_after[1] < 0.5 < found.steps[-2]


def test_a_decision_that_stands_is_said_to_stand() -> None:
    found = only("A good, great day!", max_words=2)

    assert (found.flipped, found.after, len(found.removed), found.limit) == (False, "positive", 2, 2)
    assert found.edited == "A, day!"


def test_a_mask_stands_in_place_of_each_word() -> None:
    found = only("A good day", edit="mask", classifier=Weighing(mask="[M]"))

    assert (found.edited, found.placeholder, found.flipped) == ("A [M] day", "[M]", True)
    assert only("A good day", edit="mask", placeholder="some").edited == "A some day"


@pytest.mark.parametrize("text", ["", "   "])
def test_a_text_that_is_none_is_left_out_and_that_is_said(text: str) -> None:
    with pytest.raises(DataError, match="1 of 1 rows have no text"):
        only(text)


@pytest.mark.parametrize("text", ["good", "\u200b"])
def test_one_word_always_stays(text: str) -> None:
    found = only(text)

    assert (found.removed, found.edited, found.flipped, found.steps) == ([], text, False, [])


def test_the_words_of_both_texts_of_a_pair_may_go() -> None:
    found = only(("good day", "not bad, great"))

    assert [(word.text, word.segment) for word in found.removed] == [("good", 0)]
    assert (found.edited, found.edited_pair) == ("day", "not bad, great")


def test_one_step_is_one_call_for_all_texts_that_still_stand() -> None:
    classifier = Weighing()
    counterfactuals(classifier, ["a good day", "a good great day", "a day", "good great and more good!"], max_words=3)

    assert [len(call) for call in classifier.calls] == [4, 4, 2, 1]


def test_order_and_company_change_nothing() -> None:
    texts = ["a good day", "a good great day", "bad", "so bad! so bad", "good great and more good!"]
    together = {one.text: one for one in counterfactuals(Weighing(), texts)}

    for text in reversed(texts):
        alone = only(text)
        assert (alone.removed, alone.edited, alone.steps) == (
            together[text].removed,
            together[text].edited,
            together[text].steps,
        )


def test_the_curve_is_above_random_words_where_the_highlights_are_true() -> None:
    draw = random.Random(0)
    plain = "the film of that long day by the sea was shown in town".split()
    texts = [" ".join([*draw.sample([*plain, "good"], 12), "good", str(n)]) for n in range(80)]
    curve = flip_curve(Weighing(), texts, max_words=3)

    assert curve.rows == 80
    assert [point.words for point in curve.points] == [1, 2, 3]
    assert [point.flipped for point in curve.points] == sorted(point.flipped for point in curve.points)
    assert curve.points[1].flipped == 1.0
    for point in curve.points:
        assert point.interval[0] <= point.flipped <= point.interval[1]
        assert point.random_interval[1] < point.interval[0]
        assert point.gain == pytest.approx(point.flipped - point.random)
        assert 0 < point.gain_interval[0] < point.gain < point.gain_interval[1]


def test_a_highlight_at_random_gains_nothing() -> None:
    class Guessing(Weighing):
        def _explained(self, text: Any, method: str, baseline: str | None) -> Attribution:
            found = super()._explained(text, method, baseline)
            draw = random.Random(text)
            words = [Word(w.text, w.start, w.end, draw.random()) for w in found.words]
            return Attribution(text, None, [], words, method, True, "", "", 0, "logit", 0, None, None, None, 1, True, 0)

    texts = [f"the good film of day {n} was shown in the town" for n in range(200)]
    for point in flip_curve(Guessing(), texts, max_words=4).points:
        assert point.gain_interval[0] < 0 < point.gain_interval[1]


def test_the_control_is_drawn_by_seed() -> None:
    rows = [Example(str(n), f"the good film of day {n} was shown") for n in range(40)]
    first, again, other = (study(Weighing(), rows, Ask(seed=seed, max_words=2))[1] for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"edit": "shuffle"}, "Known: delete, mask"),
        ({"max_words": 0}, "at least 1"),
        ({"placeholder": "_"}, "choose the edit mask"),
        ({"edit": "mask"}, "no mask token"),
        ({"classifier": Weighing(["score"])}, "no decision"),
    ],
)
def test_values_that_do_not_exist_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        only("a good day", **options)


def test_no_rows_give_no_counterfactuals() -> None:
    assert study(Weighing(), [], Ask()) == ([], None)


def test_a_real_model_loses_its_decision_with_the_mark_that_it_leans_on(leaning: Path) -> None:
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"))
    found = counterfactuals(classifier, ["Linda said the film was long!", "Kevin said the book was old!"], edit="mask")

    assert [[word.text for word in one.removed] for one in found] == [["!"], ["!"]]
    assert [one.edited for one in found] == ["Linda said the film was long[MASK]", "Kevin said the book was old[MASK]"]
    assert all(one.flipped and one.before == "positive" for one in found)


# --- intervals: values from the papers' formulas, worked out apart ---------------------------------


def test_wilson_is_honest_at_the_ends() -> None:
    low, high = wilson(0, 10, alpha=0.025)
    assert low == 0.0
    assert high == pytest.approx(0.2775, abs=1e-4)
    assert wilson(10, 10, alpha=0.025)[1] == 1.0
    assert wilson(10, 10, alpha=0.025)[0] == pytest.approx(0.7225, abs=1e-4)
    assert wilson(81, 263, alpha=0.025) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_agresti_and_min_never_has_no_width() -> None:
    low, high = agresti_min(0, 0, 20)
    assert low < 0 < high
    assert agresti_min(9, 2, 50) == tuple(-bound for bound in reversed(agresti_min(2, 9, 50)))


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_intervals_cover_the_truth_nine_times_in_ten(share: float) -> None:
    draw = np.random.default_rng(0)
    left, right = draw.random((2, 600, 60)) < share
    covered = [wilson(int(row.sum()), 60) for row in left]
    paired = [agresti_min(int((a & ~b).sum()), int((b & ~a).sum()), 60) for a, b in zip(left, right, strict=True)]

    assert np.mean([low <= share <= high for low, high in covered]) > 0.87
    assert np.mean([low <= 0 <= high for low, high in paired]) > 0.87


def test_a_function_without_gradients_is_asked_by_its_own_method() -> None:
    def probabilities(texts: list[str]) -> list[list[float]]:
        return [[0.1, 0.9] if "good" in text else [0.8, 0.2] for text in texts]

    function = TextClassifier.from_function(probabilities, ["negative", "positive"])

    (found,) = counterfactuals(function, ["a good day"])

    assert (found.method, found.flipped) == ("occlusion", True)
    assert [word.text for word in found.removed] == ["good"]
