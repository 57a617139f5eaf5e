"""`counterfactual MODEL TEXT...`: which words have to go until the decision changes."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import MethodOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.chosen_engine import PLACES, require_workers, working
from token_saliency.cli.running.load_inputs import calibrated, checked_rows, load_classifier, read_rows
from token_saliency.cli.running.progress import progress
from token_saliency.drawing import numbers
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError
from token_saliency.reporters.counterfactuals import (
    counterfactuals_csv,
    counterfactuals_json,
    print_counterfactual,
    print_curve,
)
from token_saliency.results import Counterfactual, FlipCurve
from token_saliency.store.files import written_together

if TYPE_CHECKING:
    from token_saliency.counterfactual import Ask
    from token_saliency.text.classifier import TextClassifier

_SHOWN = 5
_TWO_HUNDRED = RowsOptions(rows="200")

RowsFile = Annotated[
    str | None, typer.Option("--file", metavar="DATA", help="Rows instead of texts.", show_default=False)
]
CsvFile = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Also write the flipped rows here, for retraining.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with the exact texts.")]
EditChoice = Annotated[Literal["delete", "mask"], typer.Option("--edit", help="What happens to a word.")]
Placeholder = Annotated[
    str | None,
    typer.Option(
        "--placeholder",
        metavar="TEXT",
        help="Stands in place of each word, with --edit mask. Default: the mask token.",
        show_default=False,
    ),
]
Machine = Annotated[
    ModelOptions, *("prompt", "samples", "device", "dtype", "batch_tokens", *PLACES, "max_length", "long"),
    "trust_remote_code",
]  # fmt: skip
MaxWords = Annotated[int, typer.Option("--max-words", min=1, help="At most so many words go.")]


@grouped
def counterfactual(
    model: arguments.Model,
    texts: arguments.Texts = None,
    file: RowsFile = None,
    csv: CsvFile = None,
    as_json: AsJson = False,
    edit: EditChoice = "delete",
    placeholder: Placeholder = None,
    max_words: MaxWords = 10,
    *,
    rows: Annotated[RowsOptions, "text", "text_pair", "label", "label_map", "split", "rows"] = _TWO_HUNDRED,
    explaining: Annotated[MethodOptions, "method", "baseline", "seed"],
    output: Annotated[OutputOptions, "quiet"],
    machine: Machine,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> None:
    """Take the most highlighted words of each TEXT away until the decision of MODEL changes.

    With --file the rows of a data set: the share of decisions that change, beside random words.
    In the CSV a cell that a spreadsheet could take for a formula has an apostrophe in front; --json is exact.
    What is shown and written are the words themselves, so there is no --redact: keep the file where the rows are kept.
    """
    if bool(texts) == (file is not None):
        raise OptionError("Give either texts after the model or a data set with --file, and not both.")
    checked_rows(rows)
    values.method(explaining.method)
    require_workers(machine)
    folder.claim_file(csv)
    from token_saliency.counterfactual import Ask  # imports torch

    ask = Ask(explaining.method or "", edit, placeholder, max_words, explaining.baseline, explaining.seed)
    found, curve = _found(load_classifier(model, machine), texts if file is None else file, rows, ask, machine, output)
    _written(found, curve, csv, as_json)


def _found(
    classifier: TextClassifier,
    source: list[str] | str | None,
    rows: RowsOptions,
    ask: Ask,
    machine: ModelOptions,
    output: OutputOptions,
) -> tuple[list[Counterfactual], FlipCurve | None]:
    """Of texts each one, of a data set (a string) a sample with random words beside it."""
    from token_saliency.counterfactual import study  # imports torch
    from token_saliency.stats.sampling import sample_rows

    ask = replace(ask, method=ask.method or classifier.default_method)
    examples, is_file = read_rows(source, rows, classifier.labels, ask.seed).examples, isinstance(source, str)
    if is_file:
        examples = sample_rows(examples, values.rows_limit(rows.rows), ask.seed)
        classifier = calibrated(classifier, examples, None, ask.seed)
    console = stderr(output.quiet)
    with working(classifier, machine, console) as answering, progress(console) as on_progress:
        return study(answering, examples, ask, control=is_file, on_progress=on_progress)


def _written(found: list[Counterfactual], curve: FlipCurve | None, csv: Path | None, as_json: bool) -> None:
    if csv is not None:
        written_together({csv: counterfactuals_csv(found)})
    if as_json:
        sys.stdout.write(counterfactuals_json(found, curve))
        return
    _show(found, curve)
    if csv is not None:
        typer.echo(f"written: {printable(str(csv))} ({numbers.count(sum(one.flipped for one in found), 'row')})")


def _show(found: list[Counterfactual], curve: FlipCurve | None) -> None:
    """Every text; of a data set the rows that flip soonest, and the curve."""
    console = stdout()
    flipped = sorted((one for one in found if one.flipped), key=lambda one: len(one.removed))
    for one in found if curve is None else flipped[:_SHOWN]:
        print_counterfactual(one, console)
        typer.echo()
    if curve is not None:
        if silent := sum(one.before is None for one in found):
            typer.echo(f"{numbers.count(silent, 'row')} without a class (logits that are nan or infinite) left out.")
        typer.echo(f"{len(flipped)} of {numbers.count(len(found), 'row')} flipped.")
        print_curve(curve, console)
