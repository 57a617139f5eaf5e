"""What the page is given besides a model: the rows of a finished run; and the folder that serves it as a Space."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from token_saliency import __version__
from token_saliency.errors import DataError, OptionError
from token_saliency.results import DISCLAIMER, Example
from token_saliency.store import ROWS_FILE, read_record, read_rows
from token_saliency.store.records import RECORD

_APP = '''"""Serves the page of `token-saliency live`; on a Space to everybody, elsewhere to this machine alone."""

import os
import sys

from token_saliency.__main__ import main

os.chdir(os.path.dirname(os.path.abspath(__file__)))
own = "0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1"
place = ["--host", os.environ.get("GRADIO_SERVER_NAME", own), "--port", os.environ.get("GRADIO_SERVER_PORT", "7860")]
sys.argv = ["token-saliency", "live", *{words!r}, *place]
main()
'''
_README = """---
title: token-saliency live
emoji: 🔎
colorFrom: blue
colorTo: yellow
sdk: gradio
sdk_version: {gradio}
app_file: app.py
pinned: false
---

Type a text, change a word, and see what the model says, beside a control that should not matter.
Made by `token-saliency live --export`. {disclaimer}
"""


def rows_of(run: Path) -> dict[str, Example]:
    """The rows of a run directory by id. DataError where there are none, or where their texts are withheld."""
    folder = run if run.is_dir() else run.parent
    if read_record(run).settings.get("redact"):
        raise DataError(f"{run} was made with --redact: it holds no text to open. Leave RUN out, or run it without.")
    rows = read_rows(folder / ROWS_FILE)
    return {row.id: Example(row.id, row.text, row.text_pair, row.label, row.metadata) for row in rows}


def exported(folder: Path, model: str, run: Path | None, prompt: Path | None) -> None:
    """Writes the folder, whole or not at all: app.py, requirements.txt and README.md, with copies of what is local.

    OptionError where the folder holds something; ModuleNotFoundError without gradio, whose version the Space needs.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OptionError(f"{str(folder)!r} is not empty: choose a new folder for --export.")
    try:
        gradio = version("gradio")
    except PackageNotFoundError as error:
        raise ModuleNotFoundError("No module named 'gradio'", name="gradio") from error
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        part = Path(beside) / "space"
        part.mkdir()
        words = _copied(part, model, run, prompt)
        (part / "app.py").write_text(_APP.format(words=words), encoding="utf-8")
        (part / "requirements.txt").write_text(f"token-saliency[live]=={__version__}\n", encoding="utf-8")
        (part / "README.md").write_text(_README.format(gradio=gradio, disclaimer=DISCLAIMER + "."), encoding="utf-8")
        part.replace(folder)


def _copied(part: Path, model: str, run: Path | None, prompt: Path | None) -> list[str]:
    """The words of the command line inside the folder; a hub id stays one."""
    words = [model]
    if Path(model).exists():
        shutil.copytree(model, part / "model")
        words = ["model"]
    if run is not None:
        (part / "run").mkdir()
        for name in (RECORD, ROWS_FILE):
            shutil.copyfile((run if run.is_dir() else run.parent) / name, part / "run" / name)
        words.append("run")
    if prompt is not None:
        shutil.copyfile(prompt, part / "prompt.toml")
        words += ["--prompt", "prompt.toml"]
    return words
