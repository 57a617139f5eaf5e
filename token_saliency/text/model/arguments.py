"""Which arguments a model is given beside the ids."""

from __future__ import annotations

import inspect
from typing import Any

from torch import nn

_USUAL = ("use_cache", "return_dict")


def accepted(model: nn.Module, tokenizer: Any) -> frozenset[str]:
    """Which arguments the model is given: those that it names, as it would in production; where it hands others on
    (`**kwargs`: PEFT, wrappers) all that the tokenizer gives.
    """
    own, hands_on = _parameters(model)
    given = {*tokenizer.model_input_names}
    return frozenset(given | ({*_USUAL} & own) if hands_on else (given | {*_USUAL}) & own)


def understood(model: nn.Module, given: frozenset[str]) -> frozenset[str]:
    """Those that any module names: what a wrapper hands on may have no taker (BERT's token types before DistilBERT)."""
    return given & set().union(*(_parameters(module)[0] for module in model.modules()))


def _parameters(module: nn.Module) -> tuple[set[str], bool]:
    """The names of the arguments of a module's forward pass, and whether it takes others too."""
    parameters = inspect.signature(module.forward).parameters.values()
    named = {one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
    return named, any(one.kind is one.VAR_KEYWORD for one in parameters)
