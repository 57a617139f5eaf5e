"""A prompt in which what the audits of prompts found weighs less."""

from __future__ import annotations

from collections.abc import Collection
from itertools import zip_longest
from typing import Any

from token_saliency.results import PromptInfo
from token_saliency.text.encoding import encodable
from token_saliency.text.prompt.prompt import Prompt, PromptExample, read_prompt

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ADVICE = {
    "label_order": "label_order: batch calibration takes out what the order gives to a class; average over orders "
    "where the audit still fails: ask once with [labels] in each order and take the mean.",
    "prompt_examples": "prompt_examples: the classes of the examples take turns now; average over several orders "
    "where the audit still fails.",
    "label_names": "label_names: batch calibration is on; give each class several words in [labels] where the audit "
    "still fails.",
    "instruction": "instruction: batch calibration is on; choose the wording on other rows than these, and name it.",
    "prompt_format": "prompt_format: batch calibration is on; write the beginning of the answer into `answer`, and let "
    "one place of the code render the prompt.",
}


def mended_prompt(info: PromptInfo, names: Collection[str]) -> Prompt:
    """The prompt of the run with batch calibration; where examples are to blame their classes take turns."""
    prompt = read_prompt(info.parts)
    parts: dict[str, Any] = {"calibrate": "batch"}
    if "prompt_examples" in names:
        parts["examples"] = [example.model_dump() for example in _in_turns(prompt)]
    return prompt.changed(**parts)


def _in_turns(prompt: Prompt) -> list[PromptExample]:
    by_label = [[one for one in prompt.examples if one.label == label] for label in prompt.labels]
    return [one for turn in zip_longest(*by_label) for one in turn if one is not None]


def prompt_advice(names: Collection[str]) -> list[str]:
    """What else is to be done about each audit of the prompt."""
    return [_ADVICE[name] for name in sorted(names) if name in _ADVICE]


def prompt_toml(prompt: Prompt) -> str:
    """The prompt as a file that `read_prompt` reads as the same prompt."""
    parts = prompt.model_dump()
    tables = ("labels", "examples")
    usual = {name: field.default for name, field in Prompt.model_fields.items()}
    lines = [f"{key} = {_value(value)}" for key, value in parts.items() if key not in tables and value != usual[key]]
    lines += ["", "[labels]", *(f"{_value(name)} = {_value(words)}" for name, words in parts["labels"].items())]
    for example in parts["examples"]:
        lines += ["", "[[examples]]"]
        lines += [f"{key} = {_value(value)}" for key, value in example.items() if value or key != "text_pair"]
    return "\n".join(lines) + "\n"


def _value(value: bool | str | list[str]) -> str:
    """As TOML writes it. JSON would not do: it writes an emoji as two halves, which are no characters to TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{"".join(map(_character, encodable(value)))}"'


def _character(one: str) -> str:
    if one in _ESCAPED:
        return _ESCAPED[one]
    return one if one.isprintable() else f"\\U{ord(one):08X}"
