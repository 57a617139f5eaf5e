"""What the pages of docs/ hold, and how their blocks are run.

Rules for whoever writes a page. A fenced block is

- ```` ```sh ````: lines of `token-saliency ...`, run in process and never ending with 2; a comment `# exit code N` says
  what a line ends with. Lines of `python FILE` run a file of the page. What begins with pip, git or python3 -m is not
  run, and neither is a line whose comment begins with "needs" (a GPU, the hub), but its options must exist.
- ```` ```python ````: executed, all blocks of a page in one namespace.
- ```` ```toml ````: without a file name read as a configuration, an audit or accepted findings, whichever it is.
- ```` ```yaml ```` and ```` ```json ````: read, not run. ```` ```text ````: what a command prints; not run.
- any language with a file name behind it: written to that file of the page's folder (and not run).

Everything happens in a folder of the page's own that holds stand-ins for what a reader has (`STAND_INS`).
"""

from __future__ import annotations

import io
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer.main
import yaml

from token_saliency.__main__ import run
from token_saliency.auditing.definitions.reader import read_audit
from token_saliency.auditing.known_file import read_known
from token_saliency.cli.app import app

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))


def _leaves(group: Any, path: str = "") -> dict[str, Any]:
    """`audit`, `image explain`: every command that can be run, by its words."""
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        inner = hasattr(command, "commands")
        found |= _leaves(command, f"{path}{name} ") if inner else {f"{path}{name}": command}
    return found


COMMANDS: dict[str, Any] = _leaves(typer.main.get_command(app))

_BLOCK = re.compile(r"^```(\w*)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_OURS = ("pip ", "git ", "python3 -m ", "source ", ". ")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file that it is written to, and what it says."""

    language: str
    file: str
    text: str


@dataclass(slots=True)
class Page:
    """A page in its folder: what its commands ended with, and what its Python defined."""

    name: str
    folder: Path
    codes: list[int] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    return [Block(*found) for found in _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))]


def commands(text: str) -> Iterator[tuple[list[str], str]]:
    """The words and the comment of every line of a shell block."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            yield shlex.split(line, comments=True), line.partition(" # ")[2].strip()


def options_of(command: Any) -> set[str]:
    """The options of a command, or of all commands of a group."""
    inside = [one for inner in getattr(command, "commands", {}).values() for one in inner.params]
    return {name for one in (*command.params, *inside) for name in (*one.opts, *one.secondary_opts)}


def run_page(page: Page) -> Page:
    """Runs all blocks in the page's folder, which is the current one."""
    for block in blocks(page.name):
        if block.file:
            place = page.folder / block.file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block.text, encoding="utf-8")
        else:
            RUNNERS[block.language](page, block.text)
    return page


def _shell(page: Page, text: str) -> None:
    for words, comment in commands(text):
        if words[0] == "token-saliency":
            _command(page, words[1:], comment)
        elif words[0] == "python":
            _python(page, (page.folder / words[1]).read_text(encoding="utf-8"))
        else:
            assert " ".join(words).startswith(_NOT_OURS), f"{page.name}: what is to be done with {words}?"


def _command(page: Page, words: list[str], comment: str) -> None:
    name = words[0] if words[0] in COMMANDS else " ".join(words[:2])
    known = {name for one in COMMANDS[name].params for name in (*one.opts, *one.secondary_opts)}
    given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert given <= known, f"{page.name}: {given - known} are no options of {words[0]}"
    if comment.startswith("needs"):
        return
    code = run(words)
    said = re.match(r"exit code (\d+)", comment)
    assert code == int(said[1]) if said else code in (0, 1, 5), f"{page.name}: {words} ended with {code}"
    page.codes.append(code)


def _python(page: Page, text: str) -> None:
    exec(compile(text, page.name, "exec"), page.names)


def _toml(page: Page, text: str) -> None:
    file, keys = page.folder / "typed.toml", tomllib.loads(text)
    if "tool" in keys:
        file = page.folder / "typed" / "pyproject.toml"
        file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    if "known" in keys and isinstance(keys["known"], list):
        read_known(file)
    elif "code" in keys:
        read_audit(file)
    else:
        said = io.StringIO()
        with redirect_stderr(said):
            run(["audit", "--config", str(file)])
        assert "Missing argument 'MODEL'" in said.getvalue(), said.getvalue()  # all else is as it should be


RUNNERS: dict[str, Callable[[Page, str], object]] = {
    "sh": _shell,
    "python": _python,
    "toml": _toml,
    "yaml": lambda _, text: yaml.safe_load(text),
    "json": lambda _, text: json.loads(text),
    "text": lambda _, __: None,
}
