"""The options and arguments of the commands: one name and one help text each, wherever they appear."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from token_saliency.cli.options.config import configure

Baseline = Literal["mask", "pad", "zero", "mean"]
FailOn = Literal["fail", "warn", "never"]
Output = Literal["logit", "margin", "probability", "log_probability", "loss", "score"]
LongText = Literal["truncate", "window"]
Registry = Literal["audits", "methods", "formats"]

DEFAULT_METHOD = "integrated_gradients"
DEFAULT_FOLDER = Path("token-saliency-run")

_ROWS = "Rows and labels"
_ASKED = "What is asked"
_WRITTEN = "What comes out"
_MACHINE = "Model and machine"

# --- arguments ------------------------------------------------------------------------------------

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A local folder or a hub id: owner/name or owner/name@revision.", show_default=False
    ),
]
Data = Annotated[
    str, typer.Argument(metavar="DATA", help="A .csv or .jsonl file of held-out rows.", show_default=False)
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or its report.json.", show_default=False)]
Texts = Annotated[
    list[str] | None,
    typer.Argument(metavar="TEXT...", help="One or more texts, each in quotes.", show_default=False),
]
ModelOrNone = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL", help="A local folder or a hub id: owner/name or owner/name@revision.", show_default=False
    ),
]
DataOrNone = Annotated[
    str | None, typer.Argument(metavar="DATA", help="A file, folder or hub id with held-out rows.", show_default=False)
]
RegistryName = Annotated[
    Registry | None,
    typer.Argument(metavar="audits|methods|formats", help="Which one; all three if left out.", show_default=False),
]

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        is_eager=True,  # its values must be there before another option asks for its default
        callback=configure,
        help="Options from this file. Default: token-saliency.toml or pyproject.toml, here or above.",
        show_default=False,
    ),
]

# --- rows and labels ------------------------------------------------------------------------------

TextColumn = Annotated[
    str | None,
    typer.Option("--text", metavar="COL", help="Column of the text, if not a usual name.", rich_help_panel=_ROWS),
]
TextPairColumn = Annotated[
    str | None,
    typer.Option("--text-pair", metavar="COL", help="Column of the second text of a pair.", rich_help_panel=_ROWS),
]
LabelColumn = Annotated[
    str | None,
    typer.Option("--label", metavar="COL", help="Column of the label, if not a usual name.", rich_help_panel=_ROWS),
]
LabelMap = Annotated[
    str | None,
    typer.Option(
        "--label-map",
        metavar="DATA=MODEL,...",
        help="The data's labels in the model's words (pos=positive,neg=negative); 'neutral=' drops those rows.",
        rich_help_panel=_ROWS,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        help="Rows of this split, or 'all'. Default: test, else validation or dev.",
        rich_help_panel=_ROWS,
        show_default=False,
    ),
]
Rows = Annotated[
    str, typer.Option("--rows", metavar="N|all", help="At most so many rows, drawn by hash.", rich_help_panel=_ROWS)
]

Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="COL",
        help="Rows with the same value here are copies of each other. Default: near-duplicate texts.",
        rich_help_panel=_ROWS,
        show_default=False,
    ),
]

# --- what is asked --------------------------------------------------------------------------------

AuditNames = Annotated[
    str | None,
    typer.Option("--audits", metavar="NAME,...", help="These audits only (see 'list audits').", rich_help_panel=_ASKED),
]
AuditsFolder = Annotated[
    Path | None,
    typer.Option("--audits-dir", metavar="DIR", help="A folder with audits of your own.", rich_help_panel=_ASKED),
]
Method = Annotated[
    str, typer.Option("--method", help="Attribution method (see 'list methods').", rich_help_panel=_ASKED)
]
Target = Annotated[
    str,
    typer.Option("--target", metavar="predicted|label|CLASS", help="The explained class.", rich_help_panel=_ASKED),
]
ScoredOutput = Annotated[Output, typer.Option("--output", help="The explained output.", rich_help_panel=_ASKED)]
BaselineKind = Annotated[
    Baseline | None,
    typer.Option(
        "--baseline",
        help="What stands for no information. Default: mask, or mean where there is no mask token.",
        rich_help_panel=_ASKED,
        show_default=False,
    ),
]
BaselineKinds = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="mask|pad|zero|mean,...",
        help="What stands for no information; of several, how they agree. Default: mask, else mean.",
        rich_help_panel=_ASKED,
        show_default=False,
    ),
]
References = Annotated[
    Path | None,
    typer.Option(
        "--references",
        metavar="FILE",
        help="Texts, one a line, that expected_gradients starts from.",
        rich_help_panel=_ASKED,
        show_default=False,
    ),
]
Edits = Annotated[int, typer.Option("--edits", min=100, help="Edited texts an audit, at most.", rich_help_panel=_ASKED)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Same rows and seed: same result.", rich_help_panel=_ASKED)]
Discovery = Annotated[
    bool,
    typer.Option(
        "--discovery/--no-discovery",
        help="Look for words and patterns that no audit lists, too: reported, never judged.",
        rich_help_panel=_ASKED,
    ),
]

Margins = Annotated[
    str | None,
    typer.Option(
        "--margin",
        metavar="M|NAME=M,...",
        help="The smallest change of a probability that matters, for all audits or by name.",
        rich_help_panel=_ASKED,
    ),
]
Levels = Annotated[
    str | None,
    typer.Option("--level", metavar="NAME=off|warn|error,...", help="How strict, by audit.", rich_help_panel=_ASKED),
]

# --- what comes out -------------------------------------------------------------------------------

Formats = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="F,...",
        help="Files beside report.json (see 'list formats').",
        rich_help_panel=_WRITTEN,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No plan, no progress, no summary.", rich_help_panel=_WRITTEN)
]

RunFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="The run directory. Default: token-saliency-run.",
        rich_help_panel=_WRITTEN,
        show_default=False,
    ),
]
FailFromOrNone = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on",
        help="The verdict from which the exit code is 1. Default: fail.",
        rich_help_panel=_WRITTEN,
        show_default=False,
    ),
]
AllowInconclusive = Annotated[
    bool | None,
    typer.Option(
        "--allow-inconclusive",
        help="Exit with 0, not 5, where nothing could be decided.",
        rich_help_panel=_WRITTEN,
        show_default=False,
    ),
]
KnownFile = Annotated[
    Path | None,
    typer.Option(
        "--known",
        metavar="FILE",
        help="Accepted findings, marked and no reason for exit code 1 (see 'render --format known').",
        rich_help_panel=_WRITTEN,
        show_default=False,
    ),
]
Redact = Annotated[
    bool,
    typer.Option("--redact", help="No file holds text of the rows: codes stand for it.", rich_help_panel=_WRITTEN),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume/--no-resume", help="Go on with a run that was stopped, or start over.", rich_help_panel=_WRITTEN
    ),
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="RUN",
        help="Judge this finished run again; needs no MODEL and no DATA.",
        rich_help_panel=_WRITTEN,
        show_default=False,
    ),
]
MaxMinutes = Annotated[
    float | None,
    typer.Option(
        "--max-minutes",
        metavar="N",
        min=0,
        help="Stop after so long; the same command goes on.",
        rich_help_panel=_MACHINE,
        show_default=False,
    ),
]

# --- model and machine ----------------------------------------------------------------------------

Device = Annotated[
    str, typer.Option("--device", metavar="auto|cpu|cuda|mps", help="Where to run.", rich_help_panel=_MACHINE)
]
Dtype = Annotated[
    str,
    typer.Option("--dtype", metavar="float32|bfloat16|float16", help="The precision.", rich_help_panel=_MACHINE),
]
BatchTokens = Annotated[
    int | None,
    typer.Option(
        "--batch-tokens",
        metavar="N",
        min=1,
        help="Tokens in a batch: changes memory and speed, never a result.",
        rich_help_panel=_MACHINE,
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        help="Processes that share one copy of the weights, for many cores of a CPU.",
        rich_help_panel=_MACHINE,
    ),
]
MaxLength = Annotated[
    int | None,
    typer.Option(
        "--max-length",
        metavar="N",
        min=1,
        help="Cut texts to so many tokens. Default: what the model takes.",
        rich_help_panel=_MACHINE,
        show_default=False,
    ),
]
Long = Annotated[
    LongText,
    typer.Option(
        "--long",
        help="Texts longer than the model: cut, or read whole in overlapping windows, decided by their mean logits.",
        rich_help_panel=_MACHINE,
    ),
]
TrustRemoteCode = Annotated[
    bool,
    typer.Option("--trust-remote-code", help="Run code that the model brings along.", rich_help_panel=_MACHINE),
]
