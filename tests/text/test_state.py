from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn
from transformers.utils import logging

from token_saliency.shared.state import evaluating, no_progress_bars, quiet, untouched_randomness


def test_each_module_gets_its_own_mode_back_even_after_an_error() -> None:
    resting = nn.Dropout().eval()
    model = nn.Sequential(nn.Dropout(), nn.Sequential(resting, nn.Linear(2, 2)))
    before = [module.training for module in model.modules()]
    inside: list[bool] = []

    def breaks() -> None:
        with evaluating(model):
            inside.extend(module.training for module in model.modules())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert not any(inside)
    assert before.count(True) == 4
    assert [module.training for module in model.modules()] == before


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(1))


def test_generators_go_on_as_if_nothing_had_been_drawn() -> None:
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    expected = draws()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    with untouched_randomness(torch.device("cpu")):
        np.random.seed(7)
        draws()
    assert draws() == expected


def test_log_level_and_progress_bars_come_back() -> None:
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with quiet(), no_progress_bars():
        assert logging.get_verbosity() == logging.log_levels["error"]
        assert not logging.is_progress_bar_enabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (level, bars)
