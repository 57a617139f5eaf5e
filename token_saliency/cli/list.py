"""`list audits|methods|formats`: the registries, one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

from token_saliency.auditing.definitions.reader import audit_files, load_audits
from token_saliency.cli.options import arguments
from token_saliency.cli.options.method_names import method_lines
from token_saliency.drawing.safe import printable
from token_saliency.reporters import FILES, REPORTERS


def list_registry(registry: arguments.RegistryName = None, audits_dir: arguments.AuditsFolder = None) -> None:
    """List the audits, the attribution methods and the report formats, one line each."""
    for name in [registry] if registry else list(_REGISTRIES):
        _print_lines(name if registry is None else None, _REGISTRIES[name](audits_dir))


def _print_lines(heading: str | None, lines: dict[str, str]) -> None:
    if heading:
        typer.echo(f"{heading}:")
    width = max(map(len, lines))
    for name, line in sorted(lines.items()):
        typer.echo(f"{printable(name):{width}}  {printable(line)}")


def _audits(audits_dir: Path | None) -> dict[str, str]:
    return {
        name: f"{audit.code}  {audit.title} ({audit.expectation}, judged by {audit.edit.judge})"
        for name, audit in load_audits(sorted(audit_files(audits_dir)), audits_dir).items()
    }


def _methods(audits_dir: Path | None) -> dict[str, str]:  # noqa: ARG001 - one signature for the three
    return method_lines()


def _formats(audits_dir: Path | None) -> dict[str, str]:  # noqa: ARG001
    return {name: f"{FILES[name]}: {_first_line(render)}" for name, render in REPORTERS.items()}


def _first_line(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").partition("\n")[0]


_REGISTRIES: dict[str, Callable[[Path | None], dict[str, str]]] = {
    "audits": _audits,
    "methods": _methods,
    "formats": _formats,
}
