from __future__ import annotations

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.testing import assert_close

from token_saliency.core.targets import OUTPUTS, output_function
from token_saliency.errors import OptionError

LOGITS = torch.tensor([[1.0, -2.0, 0.5], [40.0, -40.0, 3.0]], dtype=torch.float64)
TARGETS = torch.tensor([2, 1])
OWN = torch.tensor([0.5, -40.0], dtype=torch.float64)
SINGLE, MULTI = "single_label_classification", "multi_label_classification"
HEADS = [(name, head) for head, outputs in OUTPUTS.items() for name in outputs]


def _of(name: str, head: str = SINGLE) -> torch.Tensor:
    return output_function(name, head)(LOGITS, TARGETS)


def test_one_of_several_classes() -> None:
    assert_close(_of("logit"), OWN)
    assert_close(_of("margin"), OWN - torch.tensor([-0.5, 21.5], dtype=torch.float64))
    assert_close(_of("probability"), torch.softmax(LOGITS, 1)[[0, 1], TARGETS])
    assert_close(_of("log_probability"), torch.tensor([-1.0039 + 0.0, -80.0], dtype=torch.float64), rtol=1e-3, atol=0)
    assert_close(_of("loss"), cross_entropy(LOGITS, TARGETS, reduction="none"))


def test_labels_that_are_independent() -> None:
    own = torch.ones(2, dtype=torch.float64)
    assert_close(_of("logit", MULTI), OWN)
    assert_close(_of("margin", MULTI), OWN)
    assert_close(_of("probability", MULTI), OWN.sigmoid())
    assert_close(_of("log_probability", MULTI), torch.tensor([-0.474077, -40.0], dtype=torch.float64))
    assert_close(_of("loss", MULTI), binary_cross_entropy_with_logits(OWN, own, reduction="none"))


def test_a_regression_head_has_its_score_alone() -> None:
    score = output_function("score", "regression")(torch.tensor([[3.0], [-1.0]]), torch.tensor([0, 0]))
    assert_close(score, torch.tensor([3.0, -1.0]))
    with pytest.raises(OptionError, match=r"Unknown output of a regression head 'logit'.*Known: score"):
        output_function("logit", "regression")


def test_an_unknown_output_names_the_known_ones() -> None:
    with pytest.raises(OptionError, match="Did you mean 'probability'"):
        output_function("probabilty")


@pytest.mark.parametrize(("name", "head"), HEADS)
def test_each_example_has_its_own_output_and_its_own_gradient(name: str, head: str) -> None:
    logits = LOGITS[:, :1] if head == "regression" else LOGITS
    targets = TARGETS * 0 if head == "regression" else TARGETS
    both = logits.clone().requires_grad_()
    output = output_function(name, head)(both, targets)
    assert output.shape == (2,)
    (gradient,) = torch.autograd.grad(output[0], both)
    assert gradient[0].any()
    assert not gradient[1].any()
    assert_close(output_function(name, head)(logits[1:], targets[1:]), output[1:].detach())


def test_a_margin_of_one_class_is_its_logit() -> None:
    assert_close(output_function("margin")(torch.tensor([[2.0]]), torch.tensor([0])), torch.tensor([2.0]))
