"""`audit MODEL DATA`: the main job, and `audit --from RUN`: its verdicts again without a model."""

from __future__ import annotations

import shlex
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import typer

from token_saliency.auditing.known_file import read_known
from token_saliency.cli.options import arguments
from token_saliency.cli.options.config import anchor, audit_options
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, MethodOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Order, Written, alone_in, audited, chosen_files, written_again
from token_saliency.cli.running.judge_again import judged_again, run_folder
from token_saliency.errors import OptionError
from token_saliency.report import Report


@grouped
def audit(
    context: typer.Context,
    model: arguments.ModelOrNone = None,
    data: arguments.DataOrNone = None,
    *,
    rows: RowsOptions,
    judging: AuditOptions,
    explaining: MethodOptions,
    output: OutputOptions,
    machine: ModelOptions,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Audit the classifier MODEL on the rows DATA.

    Edits spans that should not matter, asks the model again, compares with control edits. The same command goes on
    with a run that was stopped. With --from RUN a finished run is judged again: other margins, levels, --fail-on.

    Exit codes: 0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided, 130 stopped.
    """
    command = shlex.join(["token-saliency", *context.obj])
    files, accepted = chosen_files(output.formats), read_known(output.known)
    written = Written(files, command, accepted, anchor(context, data if output.from_ is None else None))
    tables = audit_options(context, every=output.from_ is not None)
    if output.from_ is not None:
        if model is not None:
            raise OptionError(
                f"--from {str(output.from_)!r} asks no model: leave out MODEL and DATA, or leave out --from."
            )
        again = partial(judged_again, output.from_, output, judging, tables, written, _needs_a_model(context, output))
        return alone_in(output.out or run_folder(output.from_), files, again, quiet=output.quiet)
    model, data = _in_order(_given("MODEL", model), _given("DATA", data))
    order = Order(model, data, rows, judging, tables, explaining, output, machine).checked()
    place = folder.claim(output.out or folder.own_place(model, data, order.asked(), resume=output.resume))
    return alone_in(place, files, partial(_finished, order, place, written), quiet=output.quiet)


def _finished(order: Order, place: Path, written: Written) -> Report:
    """The report of a run that is complete already, or of the run that is now begun or goes on."""
    if order.output.resume and folder.is_complete(place, order.asked()):
        return written_again(place, written)
    return audited(order, place, written)


def _needs_a_model(context: typer.Context, output: OutputOptions) -> dict[str, Any]:
    """The options on the command line that decide which texts the model gets: `--from` cannot follow them.

    Those of a configuration file are left out, for it serves new runs as well.
    """
    names = [field.name for group in (RowsOptions, MethodOptions) for field in fields(group)]
    names += ["redact", "discovery", "max_length", "long"]
    sources = {name: context.get_parameter_source(name) for name in names}
    typed = {name: context.params[name] for name, source in sources.items() if source and source.name == "COMMANDLINE"}
    return typed | ({"redact": True} if output.redact else {})


def _in_order(model: str, data: str) -> tuple[str, str]:
    if Path(model).is_file() and (Path(data) / "config.json").is_file():
        raise OptionError(f"MODEL comes first, then DATA: token-saliency audit {shlex.join([data, model])}.")
    return model, data


def _given(name: str, value: str | None) -> str:
    if value is None:
        raise OptionError(f"Missing argument '{name}'. Try 'token-saliency audit --help'.")
    return value
