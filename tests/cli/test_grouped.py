"""A dataclass as a parameter of a command: its fields are options, some of them may be left out, defaults replaced."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, get_type_hints

import pytest
import typer
from typer.testing import CliRunner

from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, MethodOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running.auditing import Order

GROUPS = (RowsOptions, AuditOptions, MethodOptions, OutputOptions, ModelOptions)


@dataclass(frozen=True, slots=True)
class Paint:
    colour: Annotated[str, typer.Option("--colour", help="Which one.")] = "red"
    coats: Annotated[int, typer.Option("--coats", min=1)] = 2
    matt: Annotated[bool, typer.Option("--matt")] = False


_TWICE = Paint(coats=4)


def paint(wall: str, *, paint: Paint) -> None:
    """Paints."""
    typer.echo(f"{wall} {paint}")


def some(*, paint: Annotated[Paint, "colour", "matt"] = _TWICE) -> None:
    typer.echo(f"{paint}")


def typed(command: object, *words: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(grouped(command))  # type: ignore[arg-type]
    ended = CliRunner().invoke(app, words)
    return ended.exit_code, ended.output.strip()


def test_each_field_is_an_option_and_the_command_gets_the_dataclass() -> None:
    assert typed(paint, "north") == (0, f"north {Paint()}")
    assert typed(paint, "north", "--coats", "3", "--matt") == (0, f"north {Paint(coats=3, matt=True)}")
    assert typed(paint, "north", "--coats", "0")[0] == 2


def test_fields_may_be_left_out_and_defaults_replaced() -> None:
    assert typed(some, "--colour", "blue") == (0, f"{Paint('blue', coats=4)}")
    assert typed(some, "--coats", "3")[0] == 2


def test_no_two_groups_have_an_option_of_the_same_name() -> None:
    names = [field.name for group in GROUPS for field in fields(group)]
    assert len(names) == len(set(names))
    assert all(set(get_type_hints(group)) == {field.name for field in fields(group)} for group in GROUPS)


@pytest.mark.parametrize(
    ("group", "changed", "same"),
    [
        ("rows", {"text": "review"}, False),
        ("judging", {"margin": "0.1"}, False),
        ("explaining", {"seed": 5}, False),
        ("output", {"redact": True}, False),
        ("output", {"discovery": False}, False),
        ("output", {"fail_on": "fail"}, True),
        ("output", {"quiet": True, "resume": False, "formats": "json"}, True),
        ("machine", {"dtype": "bfloat16"}, False),
        ("machine", {"workers": 3, "batch_tokens": 9, "max_minutes": 1.0}, True),
    ],
)
def test_a_run_goes_on_only_with_the_options_that_decide_what_it_finds(
    group: str, changed: dict[str, object], same: bool
) -> None:
    order = Order("m", "d", RowsOptions(), AuditOptions(), {}, MethodOptions(), OutputOptions(), ModelOptions())
    other = replace(order, **{group: replace(getattr(order, group), **changed)})
    assert (order.asked() == other.asked()) is same
