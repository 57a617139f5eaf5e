"""What is the caller's stays as it was: the mode of the model, the state of the random generators, the log level."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from torch import nn
from transformers.utils import logging


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside the block the model is in evaluation mode; then each module has its own mode back."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False  # not .eval(): a model may override it to do more
    try:
        yield
    finally:
        for module in training:
            module.training = True


@contextmanager
def untouched_randomness(device: torch.device) -> Iterator[None]:
    """The generators of torch, numpy and Python go on afterwards as if nothing had been drawn (BigBird seeds numpy)."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def quiet() -> Iterator[None]:
    """Inside the block transformers prints no warnings."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Inside the block transformers and its hub client draw no progress bars."""
    bars, hub_bars = logging.is_progress_bar_enabled(), not are_progress_bars_disabled()
    if bars or hub_bars:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        if bars:
            logging.enable_progress_bar()
        if hub_bars:
            enable_progress_bars()
        elif bars:
            disable_progress_bars()
