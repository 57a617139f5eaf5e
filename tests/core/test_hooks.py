from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from token_saliency.core.hooks import captured, substituted


def test_captured_holds_one_output_for_each_call() -> None:
    layer = nn.Linear(2, 3)
    with captured(layer) as outputs:
        first, second = layer(torch.ones(1, 2)), layer(torch.zeros(4, 2))
    layer(torch.ones(1, 2))
    assert [output.shape for output in outputs] == [(1, 3), (4, 3)]
    assert torch.equal(outputs[0], first)
    assert torch.equal(outputs[1], second)
    kept = outputs[0].clone()
    first.detach().zero_()
    assert torch.equal(outputs[0], kept), "what follows may write into an output in place"


def test_substituted_changes_what_the_layer_returns_inside_the_block_only() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    point = torch.randn(3, 2)
    before = net(point)
    with substituted(net[0], lambda output: torch.full_like(output, 7)):
        assert_close(net(point), torch.full((3, 2), 7.0))
    assert_close(net(point), before)


def test_substituted_by_itself_is_the_identity() -> None:
    net, point = nn.Linear(2, 2), torch.randn(3, 2)
    with substituted(net, lambda output: output):
        assert torch.equal(net(point), torch.nn.functional.linear(point, net.weight, net.bias))


@pytest.mark.parametrize("hooked", [captured, lambda layer: substituted(layer, lambda output: output)])
def test_hooks_are_gone_after_an_error_and_others_stay(hooked) -> None:  # type: ignore[no-untyped-def]
    layer = nn.Linear(2, 2)
    layer.register_forward_hook(lambda _layer, _inputs, _output: None)
    with pytest.raises(RuntimeError, match="shapes"), hooked(layer):
        layer(torch.ones(len(layer._forward_hooks), 5))
    assert len(layer._forward_hooks) == 1
