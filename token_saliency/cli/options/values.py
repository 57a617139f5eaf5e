"""Turns the words of the command line into values, or into an OptionError that says how to write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from token_saliency.cli.options.arguments import Baseline
from token_saliency.cli.options.method_names import method_names
from token_saliency.errors import OptionError, unknown
from token_saliency.results import Level
from token_saliency.text.endpoint.wire import checked_address, is_address

LEVELS: tuple[str, ...] = get_args(Level)


def rows_limit(value: str) -> int | None:
    """`--rows`: a number above 0, or None for `all`."""
    if value == "all":
        return None
    if not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise OptionError(f"--rows {value!r} is not a number of rows. Give a whole number above 0, or all.")
    return int(value)


def names(option: str, value: str) -> list[str]:
    """Names between commas, each once."""
    found = [name.strip() for name in value.split(",")]
    if not all(found):
        raise OptionError(f"{option} {value!r} holds an empty name. Write names with commas between them: a,b.")
    return list(dict.fromkeys(found))


def margins(value: str | None, audits: Sequence[str]) -> dict[str, dict[str, float]]:
    """`--margin`: one number for all audits, or NAME=NUMBER with commas between them; options by audit."""
    if value is None:
        return {}
    if "=" not in value:
        return {name: {"margin": _share("--margin", value)} for name in audits}
    return {name: {"margin": _share("--margin", number)} for name, number in _pairs("--margin", value, audits)}


def levels(value: str | None, audits: Sequence[str]) -> dict[str, dict[str, str]]:
    """`--level`: NAME=off|warn|error with commas between them; options by audit."""
    found = {}
    for name, level in _pairs("--level", value, audits) if value is not None else ():
        if level not in LEVELS:
            raise unknown("level", level, LEVELS)
        found[name] = {"level": level}
    return found


def _pairs(option: str, value: str, audits: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for part in names(option, value):
        name, equals, said = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise OptionError(f"{option} {part!r} names no audit. Write NAME=VALUE with commas between them.")
        if name not in audits:
            raise unknown(f"audit in {option}", name, audits)
        pairs.append((name, said))
    return pairs


def _share(option: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise OptionError(f"{option} {value!r} is no change of a probability. Give a number from 0 to 1.")
    return number


def target(value: str, labels: Sequence[str], words: Sequence[str]) -> str:
    """`--target`: one of the words, a class by name or, where no class has that name, a class by number."""
    if value in words or value in labels:
        return value
    if value.isascii() and value.isdecimal() and int(value) < len(labels):
        return labels[int(value)]
    raise unknown("--target", value, [*words, *labels])


def baselines(value: str | None) -> list[str]:
    """`--baseline` of explain: names with commas between them; none where nothing was said."""
    known, found = get_args(Baseline), names("--baseline", value) if value is not None else []
    for name in found:
        if name not in known:
            raise unknown("baseline", name, known)
    return found


def references(method: str, texts: list[str] | None) -> dict[str, list[str]]:
    """`--references` as an option of the method."""
    if texts is None:
        return {}
    if method != "expected_gradients":
        raise OptionError(f"--references are for --method expected_gradients, not for {method}; leave one of them out.")
    if not texts:
        raise OptionError("The file of --references holds no text. Write one text a line.")
    return {"references": texts}


def model(name: str) -> str:
    """MODEL: an address of an endpoint may hold no secret."""
    return checked_address(name) if is_address(name) else name


def method(name: str | None) -> None:
    """`--method`: told before anything is loaded."""
    if name is not None and name not in (known := method_names()):
        raise unknown("method", name, known)


_COARSE = 16
_STEPS = {"integrated_gradients": "cap", "smoothgrad": "n", "expected_gradients": "n"}


def method_options(method: str, given: Sequence[str], steps: int | None) -> dict[str, bool | int | float | str]:
    """`--method-option K=V` and `--steps` as the options of a method; the method itself says which it knows."""
    found: dict[str, bool | int | float | str] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise OptionError(f"--method-option {one!r} is no NAME=VALUE: write cap=64, say.")
        found[name.strip()] = _plain(value.strip())
    if steps is not None:
        if method not in _STEPS:
            raise OptionError(f"--steps are for {', '.join(_STEPS)}, not for {method}; leave it out.")
        found.setdefault(_STEPS[method], steps)
        if method == "integrated_gradients" and steps <= _COARSE:  # it begins with half of them, else with its own
            found.setdefault("intervals", max(1, steps // 2))
    return found


def _plain(value: str) -> bool | int | float | str:
    if value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
