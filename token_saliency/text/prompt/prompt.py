"""The prompt file: what is asked of a language model, and which words of its answer stand for which class."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import regex
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from token_saliency.errors import OptionError, first_line, unknown

PLACES = ("{text}", "{text_pair}")


class PromptExample(BaseModel):
    """A row that is shown with its answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    text: str
    label: str
    text_pair: str = ""


class Prompt(BaseModel):
    """A prompt file as it was read; `token_saliency/text/prompt/rendering.py` says what becomes of each part.

    `labels` names the classes in index order, each with the words that stand for it exactly as they follow the prompt
    (of kind nli: as they stand in the hypothesis). `example` is how a shown row is written; without one it is written
    as the row itself is, with its answer. ValueError (pydantic's) where parts do not fit together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    kind: Literal["causal", "seq2seq", "nli"] = "causal"
    chat: bool = False
    system: str = ""
    template: str = "{text}"
    answer: str = ""
    score: Literal["sum", "mean", "pmi"] = "sum"
    calibrate: Literal["none", "batch"] = "none"
    labels: dict[str, list[str]]
    examples: list[PromptExample] = []
    example: str = ""
    hypothesis: str = "This example is {label}."

    @model_validator(mode="after")
    def _fits(self) -> Prompt:
        words = [word for own in self.labels.values() for word in own]
        if len(self.labels) < 2 or not all(self.labels.values()) or not all(words):
            raise ValueError("[labels] needs two classes or more, each with a word that is not empty")
        if sum(len(set(own)) for own in self.labels.values()) > len(set(words)):
            raise ValueError("[labels] gives one word to two classes")
        if self.template.count("{text}") != 1 or self.template.count("{text_pair}") > 1:
            raise ValueError("`template` must hold {text} once, and {text_pair} at most once")
        if stray := [place for place in PLACES if place in self.system + self.answer]:
            raise ValueError(f"{stray[0]} belongs into `template`, not into `system` or `answer`")
        if said := self._misfit_of_examples():
            raise ValueError(said)
        if strangers := [one.label for one in self.examples if one.label not in self.labels]:
            raise ValueError(f"an example has the label {strangers[0]!r}, which [labels] does not know")
        if self.kind == "nli" and (self.hypothesis.count("{label}") != 1 or self.examples or self.answer or self.chat):
            raise ValueError("kind nli needs {label} once in `hypothesis`, and takes no examples, answer or chat")
        if self.kind == "nli" and self.score == "pmi":
            raise ValueError("kind nli has no score pmi")
        return self

    def _misfit_of_examples(self) -> str | None:
        """What would reach the model as it stands, or not at all."""
        if "{examples}" in self.template and not self.example:
            return "{examples} of `template` needs `example`, which says how a shown row is written"
        if self.example and any(place not in self.example for place in ("{text}", "{label}")):
            return "`example` must hold {text} and {label}"
        pairs = PLACES[1] in self.template
        if self.example and (PLACES[1] in self.example) != pairs:
            return "`example` and `template` must both hold {text_pair}, or neither"
        if any(bool(one.text_pair) and not pairs for one in self.examples):
            return "an example has a `text_pair`, and `template` no {text_pair}"
        return None

    @property
    def digest(self) -> str:
        """Equal for prompts that ask the same, whatever the file looks like."""
        plain = json.dumps(self.model_dump(), ensure_ascii=True)
        return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()[:12]}"

    def changed(self, **parts: Any) -> Prompt:
        """The prompt with other parts, checked again."""
        return read_prompt(self.model_dump() | parts)


def read_prompt(source: Prompt | Mapping[str, Any] | Path | str) -> Prompt:
    """A prompt file (TOML), or the same as a mapping; OptionError in one line where it says something else."""
    if isinstance(source, Prompt):
        return source
    name = "The prompt" if isinstance(source, Mapping) else f"The prompt file {str(source)!r}"
    values = dict(source) if isinstance(source, Mapping) else _toml(Path(source))
    if strange := next((key for key in values if key not in Prompt.model_fields), None):
        raise unknown(f"key of {name[0].lower()}{name[1:]}", strange, Prompt.model_fields)
    if isinstance(values.get("labels"), dict):
        values["labels"] = {k: [v] if isinstance(v, str) else v for k, v in values["labels"].items()}
    try:
        return Prompt.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise OptionError(f"{name} is wrong{f' at `{where}`' if where else ''}: {said}.") from None


def shown_among(prompt: Prompt | None, texts: Iterable[str | tuple[str, str]]) -> list[str]:
    """A warning where rows stand among the examples, whose answers the prompt gives away."""
    if prompt is None or not prompt.examples:
        return []
    shown = {(one.text.strip(), one.text_pair.strip()) for one in prompt.examples}
    parts = [text if isinstance(text, tuple) else (text, "") for text in texts]
    found = sum((first.strip(), second.strip()) in shown for first, second in parts)
    told = (
        "stand among the examples that the prompt shows: their answers are given away, and accuracy is too high by them"
    )
    return [f"{found} of {len(parts)} rows {told}; audit other rows, or show other examples."] if found else []


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, or no TOML
        raise OptionError(f"The prompt file {str(path)!r} cannot be read as TOML: {first_line(error)}.") from error


def filled(template: str, values: Mapping[str, str]) -> str:
    """All `{name}` replaced at once: what a value holds is never read as a place of the template."""
    names = "|".join(regex.escape(name) for name in values)
    return regex.sub(r"\{(" + names + r")\}", lambda match: values[match[1]], template)
