"""`counterfactual MODEL TEXT...`: which words have to go until the decision changes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.running import folder
from token_saliency.cli.running.progress import progress
from token_saliency.cli.running.working import working
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

_SHOWN = 5

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
MaxWords = Annotated[int, typer.Option("--max-words", min=1, help="At most so many words go.")]


def counterfactual(
    model: arguments.Model,
    texts: arguments.Texts = None,
    file: RowsFile = None,
    csv: CsvFile = None,
    as_json: AsJson = False,
    edit: EditChoice = "delete",
    placeholder: Placeholder = None,
    max_words: MaxWords = 10,
    text: arguments.TextColumn = None,
    text_pair: arguments.TextPairColumn = None,
    label: arguments.LabelColumn = None,
    label_map: arguments.LabelMap = None,
    split: arguments.Split = None,
    rows: arguments.Rows = "200",
    method: arguments.Method = arguments.DEFAULT_METHOD,
    baseline: arguments.BaselineKind = None,
    seed: arguments.Seed = 0,
    quiet: arguments.Quiet = False,
    device: arguments.Device = "auto",
    dtype: arguments.Dtype = "float32",
    batch_tokens: arguments.BatchTokens = None,
    workers: arguments.Workers = 1,
    max_length: arguments.MaxLength = None,
    long: arguments.Long = "truncate",
    trust_remote_code: arguments.TrustRemoteCode = False,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> None:
    """Take the most highlighted words of each TEXT away until the decision of MODEL changes.

    With --file the rows of a data set: the share of decisions that change, beside random words.
    In the CSV a cell that a spreadsheet could take for a formula has an apostrophe in front; --json is exact.
    """
    from token_saliency.data import load_rows, parse_label_map  # imports pandas

    if bool(texts) == (file is not None):
        raise OptionError("Give either texts after the model or a data set with --file, and not both.")
    limit = values.rows_limit(rows)
    mapping = parse_label_map(label_map) if label_map is not None else None
    values.method(method)
    folder.claim_file(csv)

    from token_saliency.counterfactual import Ask, study  # imports torch
    from token_saliency.stats.sampling import sample_rows
    from token_saliency.text.classifier import TextClassifier

    classifier = TextClassifier.from_pretrained(
        model,
        device=device,
        dtype=dtype,
        max_length=max_length,
        long=long,
        batch_tokens=batch_tokens,
        trust_remote_code=trust_remote_code,
    )
    table = load_rows(
        texts if file is None else file,
        labels=classifier.labels,
        text=text,
        text_pair=text_pair,
        label=label,
        split=split,
        label_map=mapping,
    )
    examples = sample_rows(table.examples, limit, seed) if file is not None else table.examples
    console = stderr(quiet)
    with working(classifier, workers, console) as answering, progress(console) as on_progress:
        ask = Ask(method, edit, placeholder, max_words, baseline, seed)
        found, curve = study(answering, examples, ask, control=file is not None, on_progress=on_progress)
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
        typer.echo(f"{len(flipped)} of {numbers.count(len(found), 'row')} flipped.")
        print_curve(curve, console)
