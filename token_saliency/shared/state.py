"""What is the caller's stays as it was: the mode of the model, the state of the random generators, the log level.

Blocks of several threads may overlap: the first to begin finds what was, and the last to end puts it back.
"""

from __future__ import annotations

import random
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from torch import nn
from transformers.utils import logging

T = TypeVar("T")
AUTOCAST = (
    "torch.autocast is on where this is called. The model is asked outside of it, in its own precision: with autocast "
    "its numbers would be others. For those of a lower precision load the model in it (dtype='bfloat16')."
)
_LOCK = threading.RLock()
_held: dict[int, int] = {}
"""How many blocks hold a module of training mode in evaluation mode, by its id."""
_drawing: list[Callable[[], None]] = []
"""What puts the generators back to where the first of the open blocks found them, once for each of these."""
_open: dict[str, tuple[int, ExitStack]] = {}
_default = threading.local()
_locks: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()


def lock_of(model: nn.Module) -> threading.RLock:
    """Who calls the model on our behalf holds this: a model may change itself while it is called."""
    with _LOCK:
        return _locks.setdefault(model, threading.RLock())


class Once(cached_property[T]):
    """A cached property of something with a `model`, computed once even where several threads ask for it."""

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> T:  # type: ignore[override]
        """As a cached property, one thread at a time."""
        with lock_of(instance.model):
            found: T = super().__get__(instance, owner)
            return found


@contextmanager
def all_of(*blocks: AbstractContextManager[Any]) -> Iterator[None]:
    """Inside all of the blocks, begun in their order."""
    with ExitStack() as stack:
        for one in blocks:
            stack.enter_context(one)
        yield


@contextmanager
def _own_precision() -> Iterator[None]:
    """Inside the block a `torch.autocast` of the caller is off, and the caller is told: it would change the numbers."""
    if cast := _autocast():
        warnings.warn(AUTOCAST, stacklevel=2)
    with all_of(*(torch.autocast(device, enabled=False) for device in cast)):
        yield


def _autocast() -> list[str]:
    return [device for device in ("cpu", "cuda") if torch.is_autocast_enabled(device)]


def notes_of_caller(classifier: Any) -> list[str]:
    """What a report says of the caller's own settings, where the model is a network: that of a function is its own."""
    model = getattr(getattr(classifier, "one", classifier), "model", None)
    return [AUTOCAST] if isinstance(model, nn.Module) and _autocast() else []


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside the block the model is in evaluation mode and its own precision; then each module has its own mode back.

    UserWarning where it is called inside a `torch.autocast`.
    """
    with _LOCK:
        training = [module for module in model.modules() if module.training or id(module) in _held]
        for module in training:
            _held[id(module)] = _held.get(id(module), 0) + 1
            module.training = False  # not .eval(): a model may override it to do more
    try:
        with _own_precision():
            yield
    finally:
        with _LOCK:
            for module in training:
                _held[id(module)] -= 1
                if not _held[id(module)]:
                    del _held[id(module)]
                    module.training = True


@contextmanager
def device_by_default(device: torch.device | None = None) -> Iterator[None]:
    """Inside the block new tensors are on the CPU, whatever the caller has set; with a device, on that again.

    Nothing is done where the caller has set nothing: a default device makes every operation slower.
    """
    own = torch.get_default_device()
    if device is None and own.type != "cpu":
        _default.set = True
        try:
            with torch.device("cpu"):
                yield
        finally:
            _default.set = False
    elif device is not None and getattr(_default, "set", False):
        with torch.device(device):
            yield
    else:
        yield


@contextmanager
def untouched_randomness(device: torch.device) -> Iterator[None]:
    """The generators of torch, numpy and Python go on afterwards as if nothing had been drawn (BigBird seeds numpy)."""
    own = _restorer(device)
    with _LOCK:
        _drawing.append(_drawing[0] if _drawing else own)
    try:
        yield
    finally:
        with _LOCK:
            first = _drawing.pop()
            (own if _drawing else first)()


def _restorer(device: torch.device) -> Callable[[], None]:
    """Puts the generators back to where they are now."""
    python, numpy, own = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None

    def restore() -> None:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(own)
        if cuda is not None:
            torch.cuda.set_rng_state(cuda, device)

    return restore


@contextmanager
def _together(name: str, make: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """One block for all that overlap."""
    with _LOCK:
        count, stack = _open.get(name) or (0, ExitStack())
        if not count:
            stack.enter_context(make())
        _open[name] = count + 1, stack
    try:
        yield
    finally:
        with _LOCK:
            count, stack = _open.pop(name)
            if count > 1:
                _open[name] = count - 1, stack
            else:
                stack.close()


def quiet() -> AbstractContextManager[None]:
    """Inside the block transformers prints no warnings."""
    return _together("quiet", _quiet)


@contextmanager
def _quiet() -> Iterator[None]:
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
