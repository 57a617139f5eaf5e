"""The reference pages: `python -m tests.reference` writes them from the code, tests/test_docs.py compares."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main

import token_saliency
from tests.documentation import COMMANDS
from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.cli.app import app
from token_saliency.cli.options.config import MACHINE

DOCS = Path(__file__).resolve().parents[1] / "docs"
WRITTEN = "This page is written by `python -m tests.reference` from the code; a test fails where it is not."

# --- the command line --------------------------------------------------------------------------------

GROUP: Any = typer.main.get_command(app)


def cli_page() -> str:
    """Every command with its arguments and options."""
    head = f"# Commands and options\n\n{WRITTEN}\n\n{_links(COMMANDS)}\n\n{_prose(GROUP.help)}"
    return "\n".join([head, *(_command(name, command) for name, command in COMMANDS.items())])


def _links(names: Iterable[str]) -> str:
    return " · ".join(f"[{name}](#{name.lower().replace(' ', '-')})" for name in names)


def _command(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join(["token-saliency", name, *(_argument(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    parts = [f"## {name}\n\n`{usage}`\n\n{_prose(command.help)}"]
    if arguments:
        parts.append(_table(("argument", "what"), [(f"`{p.metavar or p.name}`", p.help) for p in arguments]))
    for panel in dict.fromkeys(p.rich_help_panel for p in options):
        inside = [p for p in options if p.rich_help_panel == panel]
        rows = [(_spelled(p), _values(p), _default(p), p.help) for p in inside]
        parts.append(_table((panel or "option", "value", "default", "what"), rows))
    return "\n".join(parts)


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required else f"[{name}]"


def _spelled(parameter: Any) -> str:
    return ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])


def _values(parameter: Any) -> str:
    """`N`, `mask|pad|zero|mean`; nothing for a switch."""
    if parameter.is_flag:
        return ""
    return f"`{parameter.metavar or _kind(parameter.type_descriptor.annotation)}`"


def _kind(annotation: Any) -> str:
    for one in (annotation, *get_args(annotation)):
        if get_origin(one) is Literal:
            return "|".join(map(str, get_args(one)))
    return str({str: "TEXT", int: "N", float: "N", Path: "PATH"}.get(annotation, annotation))


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or parameter.is_flag:
        return {True: "on", False: "off"}.get(value, "") if parameter.is_flag else ""
    return f"`{value}`"


# --- the configuration --------------------------------------------------------------------------------

_CONFIG = """\
# Configuration

{written}

Options of `audit` may stand in `token-saliency.toml`, or in the table `[tool.token-saliency]` of `pyproject.toml`. Keys
are the long options with underscores. The file is looked for in the current folder and in those above it up to the
root of the repository (without one only in the current folder), or named by `--config FILE`. What stands on the command
line wins. Paths are relative to the file. Unknown keys and wrong values are errors that name file, line and key.

`explain`, `counterfactual`, `check` and `validate` take from it, where they have the option: {machine}; `validate`
also `redact`. What lets others run code here (`trust_remote_code`, a `ray_address` other than `auto`) is only typed.

A list may stand for `NAME,...`, a table for `NAME=VALUE,...`:

```toml
audits = ["names", "punctuation"]
edits = 5000
fail_on = "fail"
label_map = {{ pos = "positive", neg = "negative" }}

[audit.names]
level = "error"
margin = 0.05
min_rows = 30
```

## Options

{options}
## Tables of audits

`[audit.NAME]`, or `[tool.token-saliency.audit.NAME]` in `pyproject.toml`, for every audit that there is:

| key | value | what |
| --- | --- | --- |
| `level` | `"off"`, `"warn"` or `"error"` | `off`: not run. `warn`: never worse than WARN. `error`: as found |
| `margin` | a number, in probability | the smallest effect that matters |
| `min_rows` | a whole number | with fewer rows a claim is not decided |
| `flips` | a number, a share | how many decisions edits may change beyond what their controls change (`movement`) |
| `gate` | `"always"` or `"rows"` | `rows`: what is inserted decides where a row holds it; a `level` means `always` |

What the shipped audits have:

{audits}"""


def config_page() -> str:
    """Every key of the configuration."""
    options = [p for p in GROUP.commands["audit"].params if p.param_type_name == "option" and p.name != "config"]
    rows = [(f"`{_key(p)}`", _toml_kind(p), _toml_default(p), p.help) for p in options if p.name != "help"]
    audits = [
        (
            f"`{name}`",
            audit.expectation,
            f"`{audit.level}`",
            f"{audit.judge.margin:g}",
            f"{audit.judge.min_rows}",
            f"`{audit.judge.gate}`",
        )
        for name, audit in sorted(load_audits().items())
    ]
    return _CONFIG.format(
        written=WRITTEN,
        machine=", ".join(f"`{key}`" for key in MACHINE),
        options=_table(("key", "value", "default", "what"), rows),
        audits=_table(("audit", "expectation", "`level`", "`margin`", "`min_rows`", "`gate`"), audits),
    )


def _key(parameter: Any) -> str:
    return str(parameter.opts[0].removeprefix("--").replace("-", "_"))


def _toml_kind(parameter: Any) -> str:
    if parameter.is_flag:
        return "`true` or `false`"
    words = {int: "whole number", float: "number", Path: "path"}
    kind = parameter.type_descriptor.annotation
    return words.get(kind) or _values(parameter)


def _toml_default(parameter: Any) -> str:
    value = parameter.default
    return "" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


# --- Python -------------------------------------------------------------------------------------------

_PYTHON = """\
# Python

{written} The package exports these names and no others; what is not here may change without notice.

{links}

"""


def python_page() -> str:
    """Every public name with its signature and docstring, as the code has them."""
    names = sorted(token_saliency.__all__, key=str.lower)
    head = _PYTHON.format(written=WRITTEN, links=_links(names))
    return head + "\n".join(_named(name, getattr(token_saliency, name)) for name in names)


def _named(name: str, value: Any) -> str:
    parts = [f"## {name}\n"]
    if inspect.isclass(value):
        parts += _class(name, value)
    else:
        parts += [f"`{_signature(name, value)}`\n", _doc(value)]
    return "\n".join(part for part in parts if part)


def _class(name: str, value: type) -> Iterator[str]:
    if is_dataclass(value):
        yield _doc(value)
        yield _table(("field", "type"), [(f"`{one.name}`", f"`{one.type}`") for one in fields(value)])
    elif issubclass(value, BaseException):
        yield f"`{name}({value.__bases__[0].__name__})`\n"
        yield _doc(value)
    else:
        yield f"`{_signature(name, value.__init__)}`\n"
        yield _doc(value)
    for key, member in vars(value).items():
        if key.startswith("_") or not inspect.getdoc(member):
            continue
        yield from _member(key, member)


def _member(key: str, member: Any) -> Iterator[str]:
    if isinstance(member, (property, cached_property)):
        function: Any = member.fget if isinstance(member, property) else member.func
        yield f"### `.{key}` → `{_returned(function)}`\n"
        yield _doc(function)
    elif isinstance(member, (classmethod, staticmethod)) or inspect.isfunction(member):
        function = getattr(member, "__func__", member)
        yield f"### `.{key}`\n\n`{_signature(f'.{key}', function)}`\n"
        yield _doc(function)


def _signature(name: str, function: Callable[..., Any]) -> str:
    """As in the source: annotations are strings there, and stand without quotes."""
    shown, bare = list[str](), True
    for one in inspect.signature(function).parameters.values():
        if one.name in ("self", "cls"):
            continue
        if one.kind is one.KEYWORD_ONLY and bare:
            shown.append("*")
            bare = False
        shown.append(_parameter(one))
    returned = _returned(function)
    return f"{name}({', '.join(shown)})" + ("" if returned in ("", "None") else f" -> {returned}")


def _parameter(one: inspect.Parameter) -> str:
    stars: dict[Any, str] = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}
    text = stars.get(one.kind, "") + one.name
    typed = one.annotation is not one.empty
    if typed:
        text += f": {one.annotation}"
    if one.default is not one.empty:
        text += f"{' = ' if typed else '='}{_literal(one.default)}"
    return text


def _literal(value: Any) -> str:
    return str(value.__name__) if isinstance(value, types.FunctionType) else repr(value)


def _returned(function: Callable[..., Any]) -> str:
    annotation = inspect.signature(function).return_annotation
    return "" if annotation is inspect.Signature.empty else str(annotation)


def _doc(value: Any) -> str:
    return _prose(inspect.getdoc(value) or "")


# --- the audits -----------------------------------------------------------------------------------------

_EXAMPLES = 3


def audits_page() -> str:
    """Every shipped audit: what it looks for, what it asks, its notes and some of its own cases."""
    audits = load_audits()
    rows = [(f"[{n}](#{n})", a.code, a.title, a.expectation, f"`{a.edit.judge}`") for n, a in sorted(audits.items())]
    head = f"# The shipped audits\n\n{WRITTEN} An audit of your own: [own-audits.md](own-audits.md).\n\n"
    table = _table(("audit", "code", "looks for", "expectation", "judged by"), rows)
    return "\n".join([head + table, *(_audit(name, audit) for name, audit in sorted(audits.items()))])


def _audit(name: str, audit: Audit) -> str:
    pairs = [f"{a} against {b}" for contrast in audit.contrasts for a, b in contrast.between]
    facts = {
        "expectation": audit.expectation,
        "items": f"{audit.items}{f', a list of {len(audit.find.lexicon)}' if len(audit.find.lexicon) else ''}",
        "edits": ", ".join(f"{one}{' (judged)' if audit.edit.judges(one) else ''}" for one in audit.edit.operators),
        "groups compared": "; ".join(pairs),
        "margin, fewest rows": f"{audit.judge.margin:g}, {audit.judge.min_rows}",
    }
    parts = [f"## {name}\n\n{_prose(audit.why)}", _table(("", ""), [(k, v) for k, v in facts.items() if v])]
    if audit.notes:
        parts.append("".join(f"- {note}\n" for note in audit.notes))
    parts.append("Finds, marked by ⟦⟧ (its own test cases):\n\n```text\n" + _cases(audit) + "```\n")
    return "\n".join(parts)


def _cases(audit: Audit) -> str:
    shown = [case for case in audit.cases if case.spans][:_EXAMPLES]
    return "".join(f"{_marked(case.text, find_spans(case.text, audit))}\n" for case in shown)


def _marked(text: str, matches: Sequence[Match]) -> str:
    for match in reversed(matches):
        text = f"{text[: match.start]}⟦{text[match.start : match.end]}⟧{text[match.end :]}"
    return " ⏎ ".join(text.split("\n"))


# --- Markdown -----------------------------------------------------------------------------------------


def _prose(text: str) -> str:
    """A docstring as paragraphs: its indented blocks stay as they are."""
    text = inspect.cleandoc(text or "").replace("\b\n", "")
    return _blocks(text).strip() + "\n"


def _blocks(text: str) -> str:
    return "\n\n".join(" ".join(part.split("\n")) if "\n    " not in part else part for part in text.split("\n\n"))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(cell: str | None) -> str:
    return (cell or "").replace("|", r"\|")


PAGES: dict[str, Callable[[], str]] = {
    "reference-audits.md": audits_page,
    "reference-cli.md": cli_page,
    "reference-config.md": config_page,
    "reference-python.md": python_page,
}


def write() -> None:
    """All of them into docs/."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
