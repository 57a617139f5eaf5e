"""`live MODEL [RUN]`: a page to type a text, change a word and see what the model says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import ModelOptions
from token_saliency.cli.running.load_inputs import calibrated, load_classifier
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError

LOOPBACK = "127.0.0.1"
FinishedRun = Annotated[
    Path | None,
    typer.Argument(metavar="RUN", help="A run directory: its rows by `?row=ID` in the address.", show_default=False),
]
Export = Annotated[
    Path | None,
    typer.Option(
        "--export",
        metavar="DIR",
        help="Write a folder for a Hugging Face Space instead of serving.",
        show_default=False,
    ),
]
Host = Annotated[str, typer.Option("--host", help="The address to serve at; 0.0.0.0 lets others in.")]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Default: the first free one from 7860.", show_default=False),
]


@grouped
def live(
    model: arguments.Model,
    run: FinishedRun = None,
    export: Export = None,
    host: Host = LOOPBACK,
    port: Port = None,
    audits_dir: arguments.AuditsFolder = None,
    *,
    machine: Annotated[
        ModelOptions, "prompt", "device", "dtype", "batch_tokens", "max_length", "long", "trust_remote_code"
    ],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> None:
    """Serve a page on which a word of a text is changed and the answer of MODEL seen beside a control.

    Nothing leaves this machine, and nobody else can see the page unless --host says so.
    """
    from token_saliency.live.space import exported, rows_of

    rows = {} if run is None else rows_of(run)
    if export is not None:
        exported(export, model, run, machine.prompt)
        typer.echo(f"written: {printable(str(export))}; try it with: python {printable(str(export / 'app.py'))}")
        return
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is there
    import gradio  # noqa: F401 - what is missing is told before a model is loaded

    from token_saliency.auditing.definitions.selection import chosen_audits
    from token_saliency.live.desk import Desk, room
    from token_saliency.live.page import launch

    audits, _ = chosen_audits(None, audits_dir, {})
    classifier = load_classifier(model, machine)
    desk = Desk(calibrated(classifier, list(rows.values()), None, 0) if rows else classifier, audits, rows, room())
    try:
        made = launch(desk, model, host, port, wait=False)
    except OSError as error:  # gradio's own words name its options, not ours
        raise OptionError(f"Nothing can be served at {host}, port {port or '7860 and on'}: choose another.") from error
    typer.echo(f"serving {printable(made.local_url)} (Ctrl-C ends it)")
    made.block_thread()
