"""What several commands take outside the groups of `groups.py`: arguments, single options, the words they know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from token_saliency.cli.console import speak_up
from token_saliency.cli.options.config import configure

Baseline = Literal["mask", "pad", "zero", "mean"]
EngineName = Literal["inline", "processes", "ray"]
FailOn = Literal["fail", "warn", "never"]
OnDoubt = Literal["note", "undecided"]
Output = Literal["logit", "margin", "probability", "log_probability", "loss", "score"]
LongText = Literal["truncate", "window"]
Registry = Literal["audits", "methods", "formats"]

ASKED = "What is asked"
"""The heading over these options in `--help`."""

_MODEL = typer.Argument(
    metavar="MODEL", help="A local folder or a hub id: owner/name or owner/name@revision.", show_default=False
)
Model = Annotated[str, _MODEL]
ModelOrNone = Annotated[str | None, _MODEL]
Data = Annotated[str, typer.Argument(metavar="DATA", help="A .csv or .jsonl file of held-out rows.")]
DataOrNone = Annotated[str | None, typer.Argument(metavar="DATA", help="A file, folder or hub id with held-out rows.")]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or its report.json.")]
Texts = Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="One or more texts, each in quotes.")]
RegistryName = Annotated[
    Registry | None,
    typer.Argument(metavar="audits|methods|formats", help="Which one; all three if left out."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        is_eager=True,  # its values must be there before another option asks for its default
        callback=configure,
        help="Options from this file. Default: token-saliency.toml or pyproject.toml, here or above.",
    ),
]
AuditsFolder = Annotated[
    Path | None,
    typer.Option("--audits-dir", metavar="DIR", help="A folder with audits of your own.", rich_help_panel=ASKED),
]
Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        help="Attribution method (see 'list methods'). Default: integrated_gradients; of prompts occlusion.",
        rich_help_panel=ASKED,
    ),
]
Target = Annotated[
    str,
    typer.Option("--target", metavar="predicted|label|CLASS", help="The explained class.", rich_help_panel=ASKED),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", callback=speak_up, help="Say what happens, as logged by `token_saliency`.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Same rows and seed: same result.", rich_help_panel=ASKED)]

MethodOption = Annotated[
    list[str],
    typer.Option(
        "--method-option",
        metavar="K=V",
        help="An option of the method, such as cap=64 or reduce=square; may be given again.",
        rich_help_panel=ASKED,
        show_default=False,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps",
        metavar="N",
        min=1,
        help="Gradients at most (integrated_gradients), or draws (smoothgrad, expected_gradients).",
        rich_help_panel=ASKED,
        show_default=False,
    ),
]
