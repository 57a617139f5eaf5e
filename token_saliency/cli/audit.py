"""`audit MODEL DATA`: the main job, and `audit --from RUN`: its verdicts again without a model."""

from __future__ import annotations

import shlex
from typing import Any

import typer

from token_saliency.auditing.known_file import read_known
from token_saliency.cli.options import arguments
from token_saliency.cli.options.config import anchor, audit_options
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Order, audited, chosen_files, ended, marked
from token_saliency.cli.running.judge_again import judged_again
from token_saliency.errors import OptionError
from token_saliency.report import load_report
from token_saliency.store import JOURNAL_FILE, save_report

ANSWERS = (
    "text", "text_pair", "label", "label_map", "split", "rows", "cluster", "method", "target", "baseline", "edits",
    "seed", "redact", "discovery", "max_length", "long",
)  # fmt: skip
"""The options that `--from` cannot follow: they say which rows and texts the model was asked, and how."""


def audit(
    context: typer.Context,
    model: arguments.ModelOrNone = None,
    data: arguments.DataOrNone = None,
    text: arguments.TextColumn = None,
    text_pair: arguments.TextPairColumn = None,
    label: arguments.LabelColumn = None,
    label_map: arguments.LabelMap = None,
    split: arguments.Split = None,
    rows: arguments.Rows = "1000",
    cluster: arguments.Cluster = None,
    audits: arguments.AuditNames = None,
    audits_dir: arguments.AuditsFolder = None,
    margin: arguments.Margins = None,
    level: arguments.Levels = None,
    method: arguments.Method = arguments.DEFAULT_METHOD,
    target: arguments.Target = "predicted",
    baseline: arguments.BaselineKind = None,
    edits: arguments.Edits = 10_000,
    seed: arguments.Seed = 0,
    out: arguments.RunFolder = None,
    formats: arguments.Formats = "html",
    fail_on: arguments.FailFromOrNone = None,
    allow_inconclusive: arguments.AllowInconclusive = None,
    known: arguments.KnownFile = None,
    redact: arguments.Redact = False,
    discovery: arguments.Discovery = True,
    resume: arguments.Resume = True,
    from_: arguments.From = None,
    quiet: arguments.Quiet = False,
    device: arguments.Device = "auto",
    dtype: arguments.Dtype = "float32",
    batch_tokens: arguments.BatchTokens = None,
    workers: arguments.Workers = 1,
    max_length: arguments.MaxLength = None,
    long: arguments.Long = "truncate",
    max_minutes: arguments.MaxMinutes = None,
    trust_remote_code: arguments.TrustRemoteCode = False,
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Audit the classifier MODEL on the rows DATA.

    Edits spans that should not matter, asks the model again, compares with control edits. The same command goes on
    with a run that was stopped. With --from RUN a finished run is judged again: other margins, levels, --fail-on.

    Exit codes: 0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided, 130 stopped.
    """
    command = shlex.join(["token-saliency", *context.obj])
    files, accepted = chosen_files(formats), read_known(known)
    if from_ is not None:
        if model is not None:
            raise OptionError(f"--from {str(from_)!r} asks no model: leave out MODEL and DATA, or leave out --from.")
        report = judged_again(
            from_,
            out,
            files,
            command,
            audits=audits,
            audits_dir=audits_dir,
            margin=margin,
            level=level,
            fail_on=fail_on,
            allow_inconclusive=allow_inconclusive,
            tables=audit_options(context),
            accepted=accepted,
            anchor=anchor(context, None),
            fixed=_typed(context) | ({"redact": True} if redact else {}),
        )
        return ended(report, out or from_, files, quiet=quiet)
    order = Order(
        model=_given("MODEL", model),
        data=_given("DATA", data),
        text=text,
        text_pair=text_pair,
        label=label,
        label_map=label_map,
        split=split,
        rows=rows,
        cluster=cluster,
        audits=audits,
        audits_dir=audits_dir,
        margin=margin,
        level=level,
        tables=audit_options(context),
        method=method,
        target=target,
        baseline=baseline,
        edits=edits,
        seed=seed,
        fail_on=fail_on or "fail",
        allow_inconclusive=bool(allow_inconclusive),
        redact=redact,
        discovery=discovery,
        device=device,
        dtype=dtype,
        max_length=max_length,
        long=long,
        trust_remote_code=trust_remote_code,
    ).checked()
    place = folder.claim(out or arguments.DEFAULT_FOLDER)
    if resume and folder.is_complete(place, order.asked()):
        report = marked(load_report(place), accepted)
        save_report(report, place, files)
        (place / JOURNAL_FILE).unlink(missing_ok=True)  # a kill may have come between the report and its removal
    else:
        report = audited(
            order,
            place,
            files,
            command,
            resume=resume,
            quiet=quiet,
            batch_tokens=batch_tokens,
            workers=workers,
            max_minutes=max_minutes,
            accepted=accepted,
            anchor=anchor(context, order.data),
        )
    return ended(report, place, files, quiet=quiet)


def _typed(context: typer.Context) -> dict[str, Any]:
    """What stands on the command line itself and shapes the answers of the model; a configuration is for both."""
    sources = {name: context.get_parameter_source(name) for name in ANSWERS}
    return {name: context.params[name] for name, source in sources.items() if source and source.name == "COMMANDLINE"}


def _given(name: str, value: str | None) -> str:
    if value is None:
        raise OptionError(f"Missing argument '{name}'. Try 'token-saliency audit --help'.")
    return value
