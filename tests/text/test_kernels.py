"""The kernel of the attention: chosen where it pays, and nothing is left behind."""

from __future__ import annotations

import pytest
import torch

from token_saliency.text.model.limits import attention_kernel

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def fused() -> bool:
    return bool(torch.backends.cuda.flash_sdp_enabled())  # type: ignore[no-untyped-call]


def points(length: int, graded: bool = True) -> torch.Tensor:
    return torch.zeros(2, length, 4, requires_grad=graded)


def test_a_short_gradient_in_bfloat16_uses_the_plain_kernel_and_the_switch_is_put_back() -> None:
    with torch.enable_grad(), attention_kernel(points(128), torch.bfloat16, CPU):
        assert not fused()
    assert fused()

    with (
        pytest.raises(ValueError, match="torn"),
        torch.enable_grad(),
        attention_kernel(points(16), torch.bfloat16, CPU),
    ):
        raise ValueError("torn")
    assert fused()


@pytest.mark.parametrize(
    ("given", "computed"),
    [
        (points(129), torch.bfloat16),
        (points(16), torch.float32),
        (points(16), torch.float16),
        (points(16, graded=False), torch.bfloat16),
        (None, torch.bfloat16),
    ],
)
def test_everything_else_is_left_to_torch(given: torch.Tensor | None, computed: torch.dtype) -> None:
    with torch.enable_grad(), attention_kernel(given, computed, CPU):
        assert fused()


def test_a_forward_pass_without_gradients_is_left_to_torch() -> None:
    with torch.no_grad(), attention_kernel(points(16), torch.bfloat16, CPU):
        assert fused()


@pytest.mark.parametrize("given", [points(16), points(400), None])
def test_half_precision_on_a_gpu_has_every_kernel_but_the_one_that_is_planned_for_each_shape(
    given: torch.Tensor | None,
) -> None:
    for computed in (torch.bfloat16, torch.float16):
        with attention_kernel(given, computed, GPU):
            assert fused()
            assert not torch.backends.cuda.cudnn_sdp_enabled()  # type: ignore[no-untyped-call]
    with attention_kernel(given, torch.float32, GPU):
        assert torch.backends.cuda.cudnn_sdp_enabled()  # type: ignore[no-untyped-call]
