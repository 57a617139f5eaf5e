"""`validate MODEL DATA`: does the attribution method deserve trust on this model?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import MethodOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.chosen_engine import PLACES, require_workers, working
from token_saliency.cli.running.load_inputs import checked_rows, load_classifier, with_rows
from token_saliency.cli.running.progress import progress
from token_saliency.cli.running.redacted_errors import unquoting
from token_saliency.errors import OptionError
from token_saliency.reporters.validation import FILES, print_validation, validation_html, validation_json
from token_saliency.results import Validation
from token_saliency.store.files import written_together
from token_saliency.text.endpoint.wire import is_address

EXIT_CODES = {
    0: "every check that could be decided passed",
    1: "a check failed",
    2: "a check could not run",
    5: "no check could be decided",
}

OutFolder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write validation.json and validation.html here.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")]
TrainSteps = Annotated[
    int,
    typer.Option(
        "--train-steps", metavar="N", min=0, help="Of each copy that is fine-tuned on labels, at most; 0 leaves it out."
    ),
]

Redact = Annotated[
    bool, typer.Option("--redact", help="No message quotes the rows; the files hold none of their text in any case.")
]

_HUNDRED = RowsOptions(rows="100")


@grouped
def validate(
    context: typer.Context,
    model: arguments.Model,
    data: arguments.Data,
    *,
    rows: RowsOptions = _HUNDRED,
    explaining: Annotated[MethodOptions, "method", "baseline", "seed"],
    train_steps: TrainSteps = 60,
    out: OutFolder = None,
    as_json: AsJson = False,
    redact: Redact = False,
    output: Annotated[OutputOptions, "quiet"],
    machine: Annotated[
        ModelOptions, "prompt", "device", "dtype", "batch_tokens", *PLACES, "max_length", "trust_remote_code"
    ],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Check whether the scores of a method can be trusted on the classifier MODEL and the rows DATA.

    Randomised parameters and labels, removed tokens, shifted inputs, other baselines, a planted token: what was
    expected, what was seen, passed or not. The model is never changed, a copy is.

    Exit codes: 0 all passed, 1 a check failed, 2 could not run, 5 nothing could be decided.
    """
    checked_rows(rows)
    values.method(explaining.method)
    require_workers(machine)
    _claim(out)
    command = shlex.join(["token-saliency", *context.obj])
    with unquoting(redact):
        found = _validated(model, data, rows, explaining, machine, train_steps, command, stderr(output.quiet))
    return _ended(found, out, as_json=as_json, quiet=output.quiet)


def _validated(
    model: str,
    data: str,
    rows: RowsOptions,
    explaining: MethodOptions,
    machine: ModelOptions,
    train_steps: int,
    command: str,
    console: Console,
) -> Validation:
    from token_saliency.validating.validate import validate as validated  # imports torch

    if is_address(model):
        raise OptionError("validate changes copies of the model: it needs the model itself, not an endpoint.")
    classifier = load_classifier(model, machine)
    classifier, table = with_rows(classifier, data, rows, explaining.seed)
    with working(classifier, machine, console) as answering, progress(console) as on_progress:
        return validated(
            answering,
            table,
            method=explaining.method,
            baseline=explaining.baseline,
            rows_limit=values.rows_limit(rows.rows),
            seed=explaining.seed,
            train_steps=train_steps,
            cluster=rows.cluster,
            command=command,
            on_progress=on_progress,
        )


def _claim(out: Path | None) -> None:
    """OptionError where nothing can be written, told before the work; an earlier validation is replaced."""
    if out is None:
        return
    if not (out / FILES["json"]).is_file():
        folder.claim(out)
    folder.claim_file(out / FILES["json"])


def _ended(found: Validation, out: Path | None, *, as_json: bool, quiet: bool) -> int:
    if out is not None:
        written_together({out / FILES["json"]: validation_json(found), out / FILES["html"]: validation_html(found)})
    if as_json:
        sys.stdout.write(validation_json(found))
        return found.exit_code
    if not quiet:
        print_validation(found, stdout(), out)
    typer.echo(f"exit code {found.exit_code}: {EXIT_CODES[found.exit_code]}.")
    return found.exit_code
