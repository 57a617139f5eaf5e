"""A row inside its prompt: the string that production would tokenise, and where the row's characters stand in it.

Chat: the system text, the shown examples as earlier turns, the row's turn, the cue of the reply, and then `answer` as
the beginning of that reply. Plain: the same parts one under the other, an example and its answer ended by a blank line.
With `example` the shown rows are written by it instead, before the row (or at `{examples}` of the template).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import regex
from jinja2 import TemplateError

from token_saliency.errors import DataError, ModelError, first_line
from token_saliency.text.encoding import Text, encodable, split
from token_saliency.text.prompt.prompt import PLACES, Prompt, PromptExample, filled

_PAD = "\n \n"
_MARKS = ("\ue000text\ue001", "\ue000pair\ue001")
"""They stand for the row while the rest is written; private characters, so that no prompt holds them."""

_ODD = "a\n\nb  c\t{d} <e> & 'f' ."
"""A row that a chat template has to write as it is."""


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a part of the row stands in the whole string: characters [start, end), `lead` were dropped before them."""

    segment: int
    start: int
    end: int
    lead: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The whole string, and the places of the row in it."""

    string: str
    places: list[RowPlace]


@dataclass(frozen=True)
class Template:
    """What stands around the row: `between` are the strings before, between and after the parts in `order`.

    `strips` says of each part whether the chat template takes away white space on its left and right. Where it does and
    a row has nothing else, white space of the prompt beside it goes, too: `emptied` is the prompt around such a part.
    """

    between: Sequence[str]
    order: Sequence[int]
    strips: Sequence[tuple[bool, bool]]
    emptied: Mapping[int, Template] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The whole string with the row's places named."""
        names = [PLACES[segment] for segment in self.order]
        return "".join(part for pair in zip(self.between, [*names, ""], strict=True) for part in pair)

    def __call__(self, text: Text) -> Rendered:
        """DataError where the row has a second text and the prompt no place for it, or the other way round."""
        parts = split(text)
        if (parts[1] is not None) != (len(self.order) == 2):
            has = "two parts" if parts[1] is not None else "one part"
            raise DataError(
                f"A row has {has}; the prompt's template needs {{text_pair}} for pairs, and only for pairs."
            )
        for segment, template in self.emptied.items():
            if not encodable(parts[segment]).strip():
                return template(text)
        string, places = self.between[0], list[RowPlace]()
        for segment, (left, right), after in zip(self.order, self.strips, self.between[1:], strict=True):
            given = encodable(parts[segment])
            bare = given.lstrip() if left else given
            lead = len(given) - len(bare)
            bare = bare.rstrip() if right else bare
            places.append(RowPlace(segment, len(string), len(string) + len(bare), lead))
            string += bare + after
        return Rendered(string, places)


def template_of(prompt: Prompt, tokenizer: Any) -> Template:
    """The prompt around no row yet; ModelError where a chat template does not write the user's message as it is."""
    found = _template(prompt, tokenizer)
    if len(found.order) != prompt.template.count("{text}") + prompt.template.count("{text_pair}"):
        raise ModelError("The tokenizer's chat template does not write the user's message; use chat = false.")
    pair = (_ODD, _ODD)
    if found(pair if len(found.order) == 2 else _ODD).string != _written(prompt, tokenizer, said=pair):
        raise ModelError("The tokenizer's chat template rewrites the user's message; use chat = false.")
    return found


def _template(prompt: Prompt, tokenizer: Any, blank: Sequence[int] = (), whole: Template | None = None) -> Template:
    """The prompt with some parts blank; `whole` has one of them less."""
    said = ["" if segment in blank else mark for segment, mark in enumerate(_MARKS)]
    plain, spaced = (_written(prompt, tokenizer, pad, said) for pad in ("", _PAD))
    seen = sorted((i for i, mark in enumerate(_MARKS) if mark in plain), key=lambda i: plain.index(_MARKS[i]))
    between, strips, rest = list[str](), list[tuple[bool, bool]](), plain
    order = whole.order if whole else seen
    for at, segment in enumerate(order):
        mark = _MARKS[segment]
        if whole and segment in blank:
            size = sum(rest.startswith(one) for one in accumulate(whole.between[at]))  # as far as both are the same
            before, rest = rest[:size], rest[size:]
        else:
            before, _, rest = rest.partition(mark)
        between.append(before)
        strips.append((_PAD + mark not in spaced, mark + _PAD not in spaced))
    stripped = [segment for segment, own in zip(order, strips, strict=True) if any(own) and segment not in blank]
    found = Template([*between, rest], order, strips)
    return replace(found, emptied={one: _template(prompt, tokenizer, [*blank, one], found) for one in stripped})


@dataclass(frozen=True, slots=True)
class RemotePrompt:
    """A prompt for a server that renders chats itself: `parts` are (role, content), of a completion one string."""

    parts: Sequence[tuple[str, str]]
    chat: bool

    def __call__(self, text: Text) -> Any:
        """Messages around the row, or the string of a completion; what the row holds is never read as a place."""
        values = dict(zip(_MARKS, (encodable(part or "") for part in split(text)), strict=True))
        put = [(role, regex.sub("|".join(_MARKS), lambda hit: values[hit[0]], content)) for role, content in self.parts]
        return [{"role": role, "content": content} for role, content in put] if self.chat else put[0][1]

    @property
    def shown(self) -> str:
        """The whole with the row's places named."""
        lines = [f"{role}: {content}" if self.chat else content for role, content in self.parts]
        return "\n".join(lines).replace(_MARKS[0], PLACES[0]).replace(_MARKS[1], PLACES[1])


def remote_prompt(prompt: Prompt) -> RemotePrompt:
    """`answer` is the beginning of the reply: the last message of a chat, which the server has to go on with."""
    turns, row = _turns(prompt)
    if not prompt.chat:
        return RemotePrompt([("", _plain(prompt, turns, row))], chat=False)
    cue = [("assistant", prompt.answer)] if prompt.answer else []
    return RemotePrompt([*_said(prompt, turns, row), *cue], chat=True)


def _written(prompt: Prompt, tokenizer: Any, pad: str = "", said: Sequence[str] = _MARKS) -> str:
    turns, row = _turns(prompt, pad, said)
    return _chat(prompt, tokenizer, turns, row) if prompt.chat else _plain(prompt, turns, row)


def _turns(prompt: Prompt, pad: str = "", said: Sequence[str] = _MARKS) -> tuple[list[tuple[str, str]], str]:
    """The shown examples with their answers, and the row's turn, `said` in its places."""
    values = (one and f"{pad}{one}{pad}" for one in said)
    row = filled(prompt.template, dict(zip(("text", "text_pair"), values, strict=True)))
    written = "".join(_by_example(prompt, one) for one in prompt.examples) if prompt.example else ""
    if prompt.example:
        row = filled(row, {"examples": written}) if "{examples}" in row else written + row
    turns = [] if prompt.example else [(_row(prompt, one), _answer(prompt, one)) for one in prompt.examples]
    return turns, row


def _row(prompt: Prompt, example: PromptExample) -> str:
    return filled(prompt.template, {"text": example.text, "text_pair": example.text_pair})


def _answer(prompt: Prompt, example: PromptExample) -> str:
    return prompt.answer + prompt.labels[example.label][0]


def _by_example(prompt: Prompt, example: PromptExample) -> str:
    word = prompt.labels[example.label][0]
    return filled(prompt.example, {"text": example.text, "text_pair": example.text_pair, "label": word})


def _plain(prompt: Prompt, turns: Sequence[tuple[str, str]], row: str) -> str:
    shown = [f"{_under(text, answer)}\n\n" for text, answer in turns]
    return "".join([f"{prompt.system}\n\n" if prompt.system else "", *shown, _under(row, prompt.answer)])


def _under(row: str, answer: str) -> str:
    return f"{row}{'' if not answer or not row or row[-1].isspace() else chr(10)}{answer}"


def _said(prompt: Prompt, turns: Sequence[tuple[str, str]], row: str) -> list[tuple[str, str]]:
    said = [("system", prompt.system)] if prompt.system else []
    said += [turn for text, answer in turns for turn in (("user", text), ("assistant", answer.strip()))]
    return [*said, ("user", row)]


def _chat(prompt: Prompt, tokenizer: Any, turns: Sequence[tuple[str, str]], row: str) -> str:
    messages = [{"role": role, "content": content} for role, content in _said(prompt, turns, row)]
    if not getattr(tokenizer, "chat_template", None):
        raise ModelError("This tokenizer has no chat template; use chat = false in the prompt, or the instruct model.")
    try:
        written: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except (TemplateError, TypeError, ValueError) as error:
        raise ModelError(f"The tokenizer's chat template refuses this prompt: {first_line(error)}.") from error
    return written + prompt.answer
