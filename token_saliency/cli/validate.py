"""`validate MODEL DATA`: does the attribution method deserve trust on this model?"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.running import folder
from token_saliency.cli.running.progress import progress
from token_saliency.reporters.validation import FILES, print_validation, validation_html, validation_json
from token_saliency.results import Validation
from token_saliency.store.files import written_together

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


def validate(
    context: typer.Context,
    model: arguments.Model,
    data: arguments.Data,
    text: arguments.TextColumn = None,
    text_pair: arguments.TextPairColumn = None,
    label: arguments.LabelColumn = None,
    label_map: arguments.LabelMap = None,
    split: arguments.Split = None,
    rows: arguments.Rows = "100",
    cluster: arguments.Cluster = None,
    method: arguments.Method = arguments.DEFAULT_METHOD,
    baseline: arguments.BaselineKind = None,
    train_steps: TrainSteps = 60,
    seed: arguments.Seed = 0,
    out: OutFolder = None,
    as_json: AsJson = False,
    quiet: arguments.Quiet = False,
    device: arguments.Device = "auto",
    dtype: arguments.Dtype = "float32",
    batch_tokens: arguments.BatchTokens = None,
    max_length: arguments.MaxLength = None,
    trust_remote_code: arguments.TrustRemoteCode = False,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Check whether the scores of a method can be trusted on the classifier MODEL and the rows DATA.

    Randomised parameters and labels, removed tokens, shifted inputs, other baselines, a planted token: what was
    expected, what was seen, passed or not. The model is never changed, a copy is.

    Exit codes: 0 all passed, 1 a check failed, 2 could not run, 5 nothing could be decided.
    """
    from token_saliency.data import load_rows, parse_label_map  # imports pandas

    limit = values.rows_limit(rows)
    mapping = parse_label_map(label_map) if label_map is not None else None
    values.method(method)
    _claim(out)

    from token_saliency.text.classifier import TextClassifier  # imports torch
    from token_saliency.validating.validate import validate as validated

    classifier = TextClassifier.from_pretrained(
        model,
        device=device,
        dtype=dtype,
        max_length=max_length,
        batch_tokens=batch_tokens,
        trust_remote_code=trust_remote_code,
    )
    table = load_rows(
        data,
        labels=classifier.labels,
        text=text,
        text_pair=text_pair,
        label=label,
        split=split,
        label_map=mapping,
        cluster=cluster,
    )
    with progress(stderr(quiet)) as on_progress:
        found = validated(
            classifier,
            table,
            method=method,
            baseline=baseline,
            rows_limit=limit,
            seed=seed,
            train_steps=train_steps,
            cluster=cluster,
            command=shlex.join(["token-saliency", *context.obj]),
            on_progress=on_progress,
        )
    return _ended(found, out, as_json=as_json, quiet=quiet)


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
