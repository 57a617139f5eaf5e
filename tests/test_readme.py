"""The README cannot rot: its commands, options, links and Python are held against the real thing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from token_saliency.cli.app import app
from token_saliency.results import DISCLAIMER

README = Path(__file__).resolve().parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
CODE = re.findall(r"`(token-saliency [^`]+)`", TEXT) + re.findall(r"^token-saliency .+$", TEXT, re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def options_of(command: str) -> set[str]:
    """Of a command of its own, or of `group command`."""
    group, _, inner = command.partition(" ")
    found = COMMANDS[group].commands[inner] if inner else COMMANDS[group]
    return {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}


def all_commands() -> set[str]:
    """`audit`, `image explain` ..."""
    groups = {name: getattr(command, "commands", None) for name, command in COMMANDS.items()}
    return {f"{name} {inner}" if inner else name for name, inside in groups.items() for inner in inside or ("",)}


@pytest.mark.parametrize(
    ("word", "run"), [("token-saliency demo", "token-saliency demo"), ("pytest", "python3 -m pytest -n auto")]
)
def test_the_first_line_that_names_it_installs_and_runs(word: str, run: str) -> None:
    line = next(line for line in TEXT.splitlines() if word in line)
    install, second = line.split(" && ")
    words = shlex.split(install)

    assert second == run
    assert words[:4] == ["python3", "-m", "pip", "install"]
    assert words[4:6] == ["-c", "constraints.txt"]
    assert words[-1] in {".", ".[dev]"}


def test_every_command_that_is_shown_exists() -> None:
    shown = {line.split()[1] for line in CODE}

    assert shown <= set(COMMANDS)
    assert shown == set(COMMANDS) - {"demo"}, "the README leaves a command out"


def test_every_option_that_is_shown_exists() -> None:
    shown = {option for row in TEXT.splitlines() for option in re.findall(r"`(--[a-z-]+)", row)}
    known = set().union(*(options_of(name) for name in all_commands()))

    assert shown <= known


def test_options_stand_beside_the_command_that_has_them() -> None:
    rows = re.findall(r"^\| `token-saliency ([a-z]+(?: [a-z]+(?= [A-Z]))?)[^|]*\|(.*)\|$", TEXT, re.MULTILINE)

    assert {name.removesuffix(" audits") for name, _ in rows} == all_commands() - {"demo"}
    for command, does in rows:
        assert set(re.findall(r"`(--[a-z-]+)", does)) <= options_of(command), command


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)

    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


def test_the_disclaimer_stands_in_it() -> None:
    assert DISCLAIMER in TEXT


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_runs_on_a_small_model(
    block: str, leaning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("my-model", "held_out.csv"):
        (tmp_path / name).symlink_to(leaning / name)
    monkeypatch.chdir(tmp_path)

    exec(compile(block, "README.md", "exec"), {})

    assert (tmp_path / "token-saliency-run" / "report.html").is_file()
