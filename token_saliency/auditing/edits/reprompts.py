"""Edits of a prompt: the same rows under another prompt. What an audit varies, and its controls, as other prompts.

A control is a change of the same size in the instruction that should not matter: a full stop, a synonym, a "please".
Nothing here knows a model; who answers finds the prompt of an edit again by its item (`prompt_of`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.request import Request, planned_edit
from token_saliency.results import Edit
from token_saliency.text.prompt.prompt import Prompt

OPERATOR = "reprompt"
ORDERS = 23
"""Other orders of the labels that are tried, at most: all of up to four."""
_SYNONYMS = {
    "classify": "categorise", "determine": "decide", "decide": "determine", "choose": "select", "select": "choose",
    "answer": "reply", "reply": "answer", "respond": "answer", "is it": "would you say it is", "following": "given",
}  # fmt: skip
_FIELD = re.compile(r"(?m)^([ \t]*)(\w[\w ]{0,30}):(?=\s|$)")

Prompts = dict[str, Prompt]
"""What an edit counts for -> the prompt."""


def label_order(prompt: Prompt, _: Mapping[str, Any]) -> Prompts:
    """Every order of the labels where the instruction lists them; none where it does not name all of them."""
    places = _listed(prompt)
    if len(places) < len(prompt.labels):
        return {}
    words = [prompt.template[start:end] for start, end in places]
    orders = itertools.islice(itertools.permutations(words), 1, 1 + ORDERS)
    return {", ".join(order): prompt.changed(template=_put(prompt.template, places, order)) for order in orders}


def label_names(prompt: Prompt, options: Mapping[str, Any]) -> Prompts:
    """The label words in other casings, and the declared synonyms: in the labels and where the instruction has them."""
    found = dict[str, Prompt]()
    for rename in (str.capitalize, str.upper, str.lower):
        renamed = {name: [_bare(rename, word) for word in words] for name, words in prompt.labels.items()}
        found |= _renamed(prompt, renamed)
    for line in options.get("synonyms", ()):
        said = dict(part.strip().split("=", 1) for part in str(line).split(",") if "=" in part)
        if said.keys() == prompt.labels.keys():
            space = {name: words[0][: len(words[0]) - len(words[0].lstrip())] for name, words in prompt.labels.items()}
            found |= _renamed(prompt, {name: [space[name] + said[name].strip()] for name in prompt.labels})
    return found


def form(prompt: Prompt, _: Mapping[str, Any]) -> Prompts:
    """Atoms of the format: white space at the end, field names, separators, blank lines."""
    end = "answer" if prompt.answer else "template"
    last: str = getattr(prompt, end)
    tried = {
        "a space at the end": {end: last.rstrip(" ") if last.endswith(" ") else f"{last} "},
        "a line break at the end": {end: last.rstrip("\n") if last.endswith("\n") else f"{last}\n"},
        "field names in capitals": _fields(prompt, lambda hit: f"{hit[1]}{hit[2].upper()}:"),
        "a dash for the colon of field names": _fields(prompt, lambda hit: f"{hit[1]}{hit[2]} -"),
        "blank lines between the parts": {"template": re.sub(r"\n+", "\n\n", prompt.template)},
    }
    changed = {item: prompt.changed(**parts) for item, parts in tried.items()}
    return {item: other for item, other in changed.items() if other != prompt}


def examples(prompt: Prompt, _: Mapping[str, Any]) -> Prompts:
    """The shown rows in the opposite order, with each class last, and with their labels moved on by one."""
    shown = [one.model_dump() for one in prompt.examples]
    if len(shown) < 2:
        return {}
    names = list(prompt.labels)
    found = {"the examples in the opposite order": prompt.changed(examples=shown[::-1])}
    for name in names:
        last = next((i for i in range(len(shown) - 1, -1, -1) if shown[i]["label"] == name), None)
        if last is not None and last != len(shown) - 1:
            moved = [*shown[:last], *shown[last + 1 :], shown[last]]
            found[f"an example of {name} last"] = prompt.changed(examples=moved)
    turned = [one | {"label": names[(names.index(one["label"]) + 1) % len(names)]} for one in shown]
    return found | {"the examples with other labels": prompt.changed(examples=turned)}


def instruction(prompt: Prompt, options: Mapping[str, Any]) -> Prompts:
    """The first line of the instruction in the user's other words."""
    first, line, rest = prompt.template.partition("\n")
    if "{text" in first:
        return {}
    return {str(said): prompt.changed(template=f"{said}{line}{rest}") for said in options.get("paraphrases", ())}


def pair_order(prompt: Prompt, _: Mapping[str, Any]) -> Prompts:
    """Both texts of a pair in each other's place, and so the words of the two classes; none of other prompts."""
    if len(prompt.labels) != 2 or "{text_pair}" not in prompt.template:
        return {}
    other = {"{text}": "{text_pair}", "{text_pair}": "{text}"}
    turned = {
        part: re.sub(r"\{text(_pair)?\}", lambda hit: other[hit[0]], getattr(prompt, part))
        for part in ("template", "example")
    }
    (first, ours), (second, theirs) = prompt.labels.items()
    return {"both in the other order": prompt.changed(labels={first: theirs, second: ours}, **turned)}


VARIED: dict[str, Callable[[Prompt, Mapping[str, Any]], Prompts]] = {
    "label_order": label_order,
    "label_names": label_names,
    "format": form,
    "examples": examples,
    "instruction": instruction,
    "pair_order": pair_order,
}
"""What an audit of a prompt may vary: `vary` in its [find.options]."""


def controls(prompt: Prompt) -> Prompts:
    """Other prompts that ask the same: each changes one thing in the instruction that should not matter."""
    lines = prompt.template.split("\n")
    at = next((i for i, line in enumerate(lines) if "{text" not in line and line.strip()), None)
    if at is None:
        return {}
    line = lines[at]
    stop = line.rstrip()[:-1] if line.rstrip().endswith(".") else f"{line.rstrip()}."
    tried = {"a full stop": stop, "a please": f"Please {line[0].lower()}{line[1:]}"}
    for word, other in _SYNONYMS.items():
        hit = re.search(rf"\b{word}\b", line, re.IGNORECASE)
        if hit:
            said = other.capitalize() if hit[0][0].isupper() else other
            tried["a synonym"] = line[: hit.start()] + said + line[hit.end() :]
            break
    return {
        item: prompt.changed(template="\n".join([*lines[:at], said, *lines[at + 1 :]])) for item, said in tried.items()
    }


def reprompts(request: Request) -> list[Edit]:
    """Every row under each other prompt, with its control beside it, as many rows as the budget allows."""
    if request.prompt is None:
        return []
    items = varied(request.audit, request.prompt)
    if not items:
        return []
    beside = list(controls(request.prompt))
    rows = request.rows[: max(1, request.edits // (len(items) + len(beside)))]
    found = []
    for number, item in enumerate(items):
        for row in rows:
            found.append(planned_edit(request.audit.name, OPERATOR, row, (0, 0), item, row.text))
            if beside:
                found.append(_control(request, row, item, number % len(beside)))
    return found


def _control(request: Request, row: Any, item: str, number: int) -> Edit:
    """Which control it is stands where other edits have what was edited."""
    return planned_edit(request.audit.name, OPERATOR, row, (number, number), item, row.text, placebo=True)


def varied(audit: Audit, prompt: Prompt) -> Prompts:
    """The other prompts of an audit, each once, by what their edits count for."""
    found, seen = dict[str, Prompt](), {prompt.digest}
    for item, other in VARIED[str(audit.find.options["vary"])](prompt, audit.find.options).items():
        if other.digest not in seen:
            found[item] = other
            seen.add(other.digest)
    return found


def prompt_of(edit: Edit, audit: Audit, prompt: Prompt) -> Prompt:
    """The prompt that answers an edit."""
    return list(controls(prompt).values())[edit.slot[0]] if edit.placebo else varied(audit, prompt)[edit.item]


def _listed(prompt: Prompt) -> list[tuple[int, int]]:
    """Where the instruction names the labels, in its order: the first place of each class's first word."""
    found = []
    for words in prompt.labels.values():
        word = re.escape(words[0].strip())
        hit = re.search(rf"(?<!\w){word}(?!\w)", prompt.template, re.IGNORECASE) if word else None
        if hit:
            found.append(hit.span())
    return sorted(set(found))


def _put(text: str, places: Sequence[tuple[int, int]], words: Sequence[str]) -> str:
    for (start, end), word in reversed(list(zip(places, words, strict=True))):
        text = text[:start] + word + text[end:]
    return text


def _bare(rename: Callable[[str], str], word: str) -> str:
    """The word renamed, the space before it kept."""
    bare = word.lstrip()
    return word[: len(word) - len(bare)] + rename(bare)


def _renamed(prompt: Prompt, labels: dict[str, list[str]]) -> Prompts:
    if labels == prompt.labels or len({word for own in labels.values() for word in own}) < sum(
        map(len, labels.values())
    ):
        return {}
    template = prompt.template
    for name, words in prompt.labels.items():
        old, new = words[0].strip(), labels[name][0].strip()
        template = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new.replace("\\", r"\\"), template)
    item = " / ".join(own[0].strip() for own in labels.values())
    return {item: prompt.changed(labels=labels, template=template)}


def _fields(prompt: Prompt, write: Callable[[re.Match[str]], str]) -> dict[str, str]:
    return {part: _FIELD.sub(write, getattr(prompt, part)) for part in ("template", "answer")}
