"""`audit MODEL DATA`: the main job."""

from __future__ import annotations

import shlex

import typer

from token_saliency.auditing.definition import load_audits
from token_saliency.cli import folder, options, values
from token_saliency.cli.config import audit_options
from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.progress import plan_line, progress
from token_saliency.reporters import FILES, format_name
from token_saliency.reporters.terminal import print_report
from token_saliency.runs import save_report

EXIT_CODES = {
    0: "nothing at or above --fail-on",
    1: "findings",
    2: "an audit could not run",
    5: "no audit could be decided",
}


def audit(
    context: typer.Context,
    model: options.Model,
    data: options.Data,
    text: options.TextColumn = None,
    text_pair: options.TextPairColumn = None,
    label: options.LabelColumn = None,
    label_map: options.LabelMap = None,
    split: options.Split = None,
    rows: options.Rows = "1000",
    audits: options.AuditNames = None,
    audits_dir: options.AuditsFolder = None,
    method: options.Method = options.DEFAULT_METHOD,
    target: options.Target = "predicted",
    baseline: options.BaselineKind = None,
    edits: options.Edits = 10_000,
    seed: options.Seed = 0,
    out: options.OutFolder = options.DEFAULT_FOLDER,
    formats: options.Formats = "html",
    fail_on: options.FailFrom = "fail",
    quiet: options.Quiet = False,
    device: options.Device = "auto",
    dtype: options.Dtype = "float32",
    batch_tokens: options.BatchTokens = None,
    max_length: options.MaxLength = None,
    trust_remote_code: options.TrustRemoteCode = False,
    config: options.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Audit the classifier MODEL on the rows DATA.

    Edits spans that should not matter, asks the model again, compares with control edits.

    Exit codes: 0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided.
    """
    from token_saliency.data import load_rows, parse_label_map  # imports pandas

    limit = values.rows_limit(rows)
    mapping = parse_label_map(label_map) if label_map is not None else None
    chosen = values.names("--audits", audits) if audits is not None else None
    files = {"json", *map(format_name, values.names("--format", formats))}
    values.method(method)
    load_audits(chosen, audits_dir)  # a wrong name is told before the model is loaded
    folder.claim(out)

    from token_saliency.auditing.runner import run_audits  # imports torch
    from token_saliency.text.classifier import TextClassifier

    classifier = TextClassifier.from_pretrained(
        model,
        device=device,
        dtype=dtype,
        max_length=max_length,
        batch_tokens=batch_tokens,
        trust_remote_code=trust_remote_code,
    )
    aim = values.target(target, classifier.labels, ("predicted", "label"))
    table = load_rows(
        data, labels=classifier.labels, text=text, text_pair=text_pair, label=label, split=split, label_map=mapping
    )
    console = stderr(quiet)
    with progress(console) as on_progress:
        report = run_audits(
            classifier,
            table,
            chosen,
            audits_dir=audits_dir,
            rows_limit=limit,
            edits=edits,
            seed=seed,
            method=method,
            target=aim,
            baseline=baseline,
            config=audit_options(context),
            fail_on=fail_on,
            command=shlex.join(["token-saliency", *context.obj]),
            on_plan=lambda plan: console.print(plan_line(plan)),
            on_progress=on_progress,
        )
    save_report(report, out, sorted(files))
    folder.forget(out, {FILES[name] for name in FILES if name not in files})
    if not quiet:
        print_report(report, stdout(), out)
    typer.echo(f"{report.verdict}, exit code {report.exit_code}: {EXIT_CODES[report.exit_code]}.")
    return report.exit_code
