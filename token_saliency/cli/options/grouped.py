"""Dataclasses as parameters of a command: each field becomes an option, and the command gets the dataclass filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def grouped(command: Callable[..., T]) -> Callable[..., T]:
    """The command as typer reads it, with one parameter a field where it has a dataclass.

    `Annotated[Group, "first", "second"]` takes these fields only; a dataclass as default sets other defaults.
    """
    hints = get_type_hints(command, include_extras=True)
    flat, groups = list[Parameter](), dict[str, tuple[Any, list[str]]]()
    for one in signature(command).parameters.values():
        kind, *names = get_args(hint) if get_origin(hint := hints[one.name]) is Annotated else (hint,)
        if not is_dataclass(kind):
            flat.append(one.replace(annotation=hint, kind=Parameter.KEYWORD_ONLY))
            continue
        base = kind() if one.default is one.empty else one.default  # type: ignore[operator]
        groups[one.name] = base, names or [field.name for field in fields(kind)]
        flat += _parameters(*groups[one.name])

    @wraps(command)
    def run(**given: Any) -> T:
        filled = {
            name: replace(base, **{field: given.pop(field) for field in taken})
            for name, (base, taken) in groups.items()
        }
        return command(**given, **filled)

    run.__signature__ = Signature(flat)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in flat}
    return run


def _parameters(base: Any, names: list[str]) -> list[Parameter]:
    hints = get_type_hints(type(base), include_extras=True)
    return [
        Parameter(name, Parameter.KEYWORD_ONLY, default=getattr(base, name), annotation=hints[name]) for name in names
    ]
