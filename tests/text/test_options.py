from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.errors import OptionError
from token_saliency.shared.options import baseline_token, chosen_baseline, chosen_method, chosen_targets, class_index

CLASSES = ["negative", "neutral", "positive"]


class Masked:
    mask_token_id, pad_token_id = 4, 0


class Bare:
    mask_token_id, pad_token_id = None, None


def test_the_mask_token_is_the_default_baseline_and_the_mean_where_there_is_none() -> None:
    assert chosen_baseline(None, Masked()) == "mask"
    assert chosen_baseline(None, Bare()) == "mean"
    assert [baseline_token(name, Masked()) for name in ("mask", "pad", "zero", "mean")] == [4, 0, None, None]


def test_a_token_that_the_tokenizer_lacks_is_refused_with_what_there_is() -> None:
    with pytest.raises(OptionError, match="no mask token; choose the baseline zero or mean"):
        chosen_baseline("mask", Bare())
    with pytest.raises(OptionError, match=r"'nothing'.*mask, mean, pad, zero"):
        chosen_baseline("nothing", Masked())


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("predicted", [None, None]),
        ("positive", [2, 2]),
        (1, [1, 1]),
        (np.int64(1), [1, 1]),
        (["negative", 2], [0, 2]),
        (("predicted", "neutral"), [None, 1]),
        (np.array([0, 1]), [0, 1]),
        (torch.tensor([2, 1]), [2, 1]),
    ],
)
def test_targets_by_name_by_index_and_one_a_text(target: Any, expected: list[int | None]) -> None:
    assert chosen_targets(target, None, 2, CLASSES) == expected


def test_labels_are_the_targets_where_asked() -> None:
    assert chosen_targets("label", ["neutral", 0], 2, CLASSES) == [1, 0]
    with pytest.raises(OptionError, match="needs labels"):
        chosen_targets("label", None, 2, CLASSES)


@pytest.mark.parametrize(
    ("labels", "classes", "expected"),
    [
        ([1, 2, 2], ["1", "2", "3"], [0, 1, 1]),
        (np.array([10, 20]), ["10", "20"], [0, 1]),
        ([-1, 1], ["-1", "1"], [0, 1]),
        ([True, np.False_], ["False", "True"], [1, 0]),
        ([1.0, 2.0], ["1", "2"], [0, 1]),
        (torch.tensor([2, 1]), ["1", "2"], [1, 0]),
        ([0, 1, 2], ["1", "2", "3"], [0, 1, 2]),
        ([True, 0], ["no", "yes"], [1, 0]),
    ],
)
def test_labels_that_are_numbers_are_read_by_name_where_all_are_names(
    labels: Any, classes: list[str], expected: list[int]
) -> None:
    assert chosen_targets("label", labels, len(labels), classes) == expected


@pytest.mark.parametrize("target", ["possitive", 3, -1, 1.5, ["negative", "bad"], [None, 0], None])
def test_unknown_classes_are_refused_with_the_known_ones(target: Any) -> None:
    with pytest.raises(OptionError, match="negative, neutral, positive"):
        chosen_targets(target, None, 2, CLASSES)


def test_one_target_a_text_means_as_many_as_texts() -> None:
    with pytest.raises(OptionError, match="1 targets for 2 texts"):
        chosen_targets(["negative"], None, 2, CLASSES)


def test_a_class_may_be_named_by_a_digit() -> None:
    assert class_index("0", ["1", "0"]) == 1


def test_unknown_methods_and_options_name_the_known_ones() -> None:
    with pytest.raises(OptionError, match="Did you mean 'integrated_gradients'"):
        chosen_method("integrated_gradient", None)
    with pytest.raises(OptionError, match=r"Unknown option of integrated_gradients 'steps'.*tolerance"):
        chosen_method("integrated_gradients", {"steps": 3})
    with pytest.raises(OptionError, match="Unknown option of occlusion 'groups'"):
        chosen_method("occlusion", {"groups": []})
    with pytest.raises(OptionError, match="Unknown reduction 'mean'"):
        chosen_method("gradient", {"reduce": "mean"})
    with pytest.raises(OptionError, match="Unknown unit 'line'"):
        chosen_method("occlusion", {"unit": "line"})


@pytest.mark.parametrize(
    ("method", "option", "value", "says"),
    [
        ("smoothgrad", "n", 1.5, "a whole number"),
        ("smoothgrad", "n", True, "a whole number"),
        ("smoothgrad", "sigma", "much", "a number"),
        ("smoothgrad", "sigma", float("nan"), "a number"),
        ("smoothgrad", "squared", 1, "True or False"),
        ("integrated_gradients", "samples", 2.5, "a whole number"),
        ("integrated_gradients", "spacing", ["even"], "a name"),
    ],
)
def test_options_of_another_kind_are_refused_before_anything_is_computed(
    method: str, option: str, value: object, says: str
) -> None:
    with pytest.raises(OptionError, match=f"The option {option} of {method} is .*, not {says}"):
        chosen_method(method, {option: value})


def test_numbers_of_numpy_and_none_where_it_is_the_default_are_options() -> None:
    assert chosen_method("smoothgrad", {"n": np.int64(3), "sigma": np.float32(0.5), "squared": np.bool_(True)}).options
    assert chosen_method("smoothgrad", {"sigma": 1}).options == {"sigma": 1}
    assert chosen_method("integrated_gradients", {"samples": None}).options == {"samples": None}


def test_a_method_of_ones_own_that_returns_no_scores_is_told() -> None:
    def mine(explicand: Explicand) -> float:
        return float(explicand.inputs.sum())

    nothing = torch.zeros(1, 1, 1)
    explicand = Explicand(nothing, nothing, lambda points, _: points[:, 0, 0], torch.ones(1), 1, (0,))
    with pytest.raises(OptionError, match="mine returns float; a method returns Scores"):
        chosen_method(mine, None)(explicand)  # type: ignore[arg-type]


def test_a_callable_is_a_method_with_its_own_options() -> None:
    def mine(explicand: Explicand, *, strength: float = 1.0) -> Scores:
        raise NotImplementedError

    assert chosen_method(mine, {"strength": 2}).options == {"strength": 2}
    assert chosen_method(mine, None).name == "mine"
    with pytest.raises(OptionError, match="strength"):
        chosen_method(mine, {"force": 2})


def scores(values: torch.Tensor, *, signed: bool) -> Scores:
    one = torch.ones(len(values))
    return Scores(values, signed, False, one, None, one, one > 0)


@pytest.mark.parametrize(
    ("reduce", "expected"), [(None, 5.0), ("l2", 5.0), ("l1", 7.0), ("max_abs", 4.0), ("square", 25.0)]
)
def test_unsigned_vectors_are_reduced_by_a_norm(reduce: str | None, expected: float) -> None:
    chosen = chosen_method("gradient", {} if reduce is None else {"reduce": reduce})
    assert chosen.reduced(scores(torch.tensor([[[3.0, -4.0]]]), signed=False)).tolist() == [[expected]]


def test_signed_vectors_are_summed_and_take_no_norm() -> None:
    signed = scores(torch.tensor([[[3.0, -4.0]]]), signed=True)
    assert chosen_method("gradient_x_input", None).reduced(signed).tolist() == [[-1.0]]
    with pytest.raises(OptionError, match="without a sign"):
        chosen_method("gradient_x_input", {"reduce": "l1"}).reduced(signed)


def test_values_without_a_width_are_left_alone() -> None:
    assert chosen_method("random", None).reduced(scores(torch.tensor([[3.0, -4.0]]), signed=True)).tolist() == [[3, -4]]
