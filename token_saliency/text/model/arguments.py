"""Which arguments a model is given beside the ids."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from token_saliency.errors import ModelError
from token_saliency.text.encoding import Row, one_a_token

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


def carried_with(model: nn.Module, rows: Sequence[Row], width: int) -> dict[str, Tensor]:
    """What else the tokenizer gives of the rows, padded with 0 to [N, width, ...], where the model takes it.

    ModelError where it takes what has no entry for each token.
    """
    names = dict.fromkeys(name for row in rows for name in row.extra)
    if not names:
        return {}
    own, hands_on = _parameters(model)
    taken = own.union(*(_parameters(module)[0] for module in model.modules())) if hands_on else own
    return {name: _padded(name, rows, width, model) for name in names if name in taken}


def _padded(name: str, rows: Sequence[Row], width: int, model: nn.Module) -> Tensor:
    each = [(i, row.extra[name], len(row.ids)) for i, row in enumerate(rows) if name in row.extra]
    shapes = {value.shape[1:] for _, value, length in each if one_a_token(value, length)}
    if len(shapes) != 1 or not all(one_a_token(value, length) for _, value, length in each):
        raise ModelError(
            f"The tokenizer gives {name!r}, which {type(model).__name__} reads, and it has no entry for each token, so "
            "it cannot follow a text that is changed: wrap the model so that it needs the text alone."
        )
    found = torch.zeros((len(rows), width, *shapes.pop()), dtype=torch.as_tensor(each[0][1]).dtype, device="cpu")
    for i, value, length in each:
        found[i, :length] = torch.as_tensor(value)
    return found


def _parameters(module: nn.Module) -> tuple[set[str], bool]:
    """The names of the arguments of a module's forward pass, and whether it takes others too."""
    parameters = inspect.signature(module.forward).parameters.values()
    named = {one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
    return named, any(one.kind is one.VAR_KEYWORD for one in parameters)
