"""The options of an audit, in groups that several commands share: name, help text and default stand here alone.

A group is a parameter of a command (see `grouped`); each of its fields is an option and a key of the configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from token_saliency.cli.options import arguments
from token_saliency.cli.options.arguments import Baseline, EngineName, FailOn, LongText, OnDoubt

_rows = partial(typer.Option, rich_help_panel="Rows and labels")
_asked = partial(typer.Option, rich_help_panel=arguments.ASKED)
_written = partial(typer.Option, rich_help_panel="What comes out")
_machine = partial(typer.Option, rich_help_panel="Model and machine")


@dataclass(frozen=True, slots=True)
class RowsOptions:
    """Which rows are read, and how."""

    text: Annotated[str | None, _rows("--text", metavar="COL", help="Column of the text, if not a usual name.")] = None
    text_pair: Annotated[
        str | None, _rows("--text-pair", metavar="COL", help="Column of the second text of a pair.")
    ] = None
    label: Annotated[str | None, _rows("--label", metavar="COL", help="Column of the label, if not a usual name.")] = (
        None
    )
    label_map: Annotated[
        str | None,
        _rows(
            "--label-map",
            metavar="DATA=MODEL,...",
            help="The data's labels in the model's words (pos=positive,neg=negative); 'neutral=' drops those rows.",
        ),
    ] = None
    split: Annotated[
        str | None, _rows("--split", help="Rows of this split, or 'all'. Default: test, else validation or dev.")
    ] = None
    id: Annotated[str | None, _rows("--id", metavar="COL", help="Column that names each row once.")] = None
    rows: Annotated[str, _rows("--rows", metavar="N|all", help="At most so many rows, drawn by hash.")] = "1000"
    cluster: Annotated[
        str | None,
        _rows(
            "--cluster",
            metavar="COL",
            help="Rows with the same value here are copies of each other. Default: near-duplicate texts.",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """Which audits run, and how strictly they are judged."""

    audits: Annotated[
        str | None, _asked("--audits", metavar="NAME,...", help="These audits only (see 'list audits').")
    ] = None
    audits_dir: arguments.AuditsFolder = None
    margin: Annotated[
        str | None,
        _asked(
            "--margin",
            metavar="M|NAME=M,...",
            help="The smallest change of a probability that matters, for all audits or by name.",
        ),
    ] = None
    level: Annotated[str | None, _asked("--level", metavar="NAME=off|warn|error,...", help="How strict, by audit.")] = (
        None
    )


@dataclass(frozen=True, slots=True)
class MethodOptions:
    """How rows are explained, and how many edits of them are tried."""

    method: arguments.Method = None
    target: arguments.Target = "predicted"
    baseline: Annotated[
        Baseline | None,
        _asked(
            "--baseline", help="What stands for no information. Default: mask, or mean where there is no mask token."
        ),
    ] = None
    edits: Annotated[
        int,
        _asked("--edits", min=100, help="Edited texts an audit and operator, at most; of pairs, for either text."),
    ] = 10_000
    exhaustive: Annotated[
        bool,
        _asked("--exhaustive/--looks", help="Ask every edit, also of what a part of them has decided."),
    ] = False
    seed: arguments.Seed = 0


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What the report holds, where it is written, and which exit code it ends with."""

    out: Annotated[
        Path | None,
        _written("--out", metavar="DIR", help="The run directory. Default: a new one in token-saliency-runs."),
    ] = None
    formats: Annotated[
        str, _written("--format", metavar="F,...", help="Files beside report.json (see 'list formats').")
    ] = "html"
    fail_on: Annotated[
        FailOn | None, _written("--fail-on", help="The verdict from which the exit code is 1. Default: fail.")
    ] = None
    allow_inconclusive: Annotated[
        bool | None, _written("--allow-inconclusive", help="Exit with 0, not 5, where nothing could be decided.")
    ] = None
    on_doubt: Annotated[
        OnDoubt | None,
        _written(
            "--on-doubt",
            help="A doubt about the verdicts (self-calibration that cries wolf, labels below chance) is said, or turns "
            "exit code 0 into 5 as well. Default: note.",
        ),
    ] = None
    known: Annotated[
        Path | None,
        _written(
            "--known",
            metavar="FILE",
            help="Accepted findings, marked and no reason for exit code 1 (see 'render --format known').",
        ),
    ] = None
    redact: Annotated[
        bool,
        _written(
            "--redact", help="Codes stand for texts, ids and metadata; labels, numbers, listed words and marks stay."
        ),
    ] = False
    discovery: Annotated[
        bool,
        _asked(
            "--discovery/--no-discovery",
            help="Look for words and patterns that no audit lists, too: reported, never judged.",
        ),
    ] = True
    resume: Annotated[
        bool, _written("--resume/--no-resume", help="Go on with a run that was stopped, or start over.")
    ] = True
    from_: Annotated[
        Path | None,
        _written("--from", metavar="RUN", help="Judge this finished run again; needs no MODEL and no DATA."),
    ] = None
    verbose: arguments.Verbose = False
    quiet: Annotated[bool, _written("--quiet", "-q", help="No plan, no progress, no summary.")] = False


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How the model is loaded, and on what it runs."""

    prompt: Annotated[
        Path | None,
        _machine("--prompt", metavar="FILE", help="MODEL is a language model, asked by this prompt (a TOML file)."),
    ] = None
    samples: Annotated[
        int | None,
        _machine(
            "--samples",
            metavar="N",
            min=2,
            help="MODEL is an endpoint without log-probabilities: so many sampled answers a text.",
        ),
    ] = None
    price: Annotated[
        float | None,
        _machine("--price", metavar="DOLLARS", min=0, help="Of a million prompt tokens of an endpoint, for the plan."),
    ] = None
    device: Annotated[str, _machine("--device", metavar="auto|cpu|cuda|mps", help="Where to run.")] = "auto"
    dtype: Annotated[str, _machine("--dtype", metavar="float32|bfloat16|float16", help="The precision.")] = "float32"
    batch_tokens: Annotated[
        int | None,
        _machine(
            "--batch-tokens",
            metavar="N",
            min=1,
            help="Tokens in a batch: changes memory and speed, never a result.",
        ),
    ] = None
    workers: Annotated[
        int | None,
        _machine(
            "--workers",
            metavar="N",
            min=1,
            help="Processes that share one copy of the weights, or actors of a cluster. Default: 1; with --engine all.",
        ),
    ] = None
    engine: Annotated[
        EngineName | None,
        _machine("--engine", help="Who answers: this process, several (a GPU each, or a core), a Ray cluster."),
    ] = None
    ray_address: Annotated[
        str | None,
        _machine("--ray-address", metavar="ADDRESS", help="'auto', or ray://HOST:10001. Default: one started here."),
    ] = None
    max_length: Annotated[
        int | None,
        _machine(
            "--max-length", metavar="N", min=1, help="Cut texts to so many tokens. Default: what the model takes."
        ),
    ] = None
    long: Annotated[
        LongText,
        _machine(
            "--long",
            help="Texts longer than the model: cut, or read whole in overlapping windows, decided by their mean "
            "logits.",
        ),
    ] = "truncate"
    max_minutes: Annotated[
        float | None,
        _machine("--max-minutes", metavar="N", min=0, help="Stop after so long; the same command goes on."),
    ] = None
    trust_remote_code: Annotated[
        bool, _machine("--trust-remote-code", help="Run code that the model brings along.")
    ] = False
