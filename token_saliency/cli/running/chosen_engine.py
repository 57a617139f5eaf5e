"""`--engine`, `--workers N` and `--ray-address`: who answers, one process, several or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from token_saliency.cli.options.groups import ModelOptions
from token_saliency.engines import RayCluster, engaged, require_engine
from token_saliency.errors import OptionError

PLACES = ("workers", "engine", "ray_address")
"""The options of ModelOptions that this is about."""


def require_workers(machine: ModelOptions) -> None:
    """OptionError for options that do not go together, and for an engine that is not installed."""
    if machine.ray_address is not None and machine.engine != "ray":
        raise OptionError("--ray-address is for --engine ray: say that too, or leave it out.")
    if machine.engine == "inline" and (machine.workers or 1) > 1:
        raise OptionError("--engine inline is this process alone: leave out --workers, or say --engine processes.")
    require_engine(machine.engine)


@contextmanager
def working(classifier: Any, machine: ModelOptions, console: Console) -> Iterator[Any]:
    """The classifier itself, or the same answered by as many processes as were asked for and can work at once."""
    require_workers(machine)
    workers, engine = machine.workers, machine.engine or ("inline" if (machine.workers or 1) == 1 else "processes")
    if engine == "processes" and workers is not None and not getattr(classifier, "remote", False):
        from token_saliency.text.working import places  # imports torch

        count, of = places(classifier.info.device)
        if count < workers:
            console.print(f"--workers {workers}: there are {count} {of}, so {count} processes work.")
    gpus = not machine.device.startswith("cpu")
    with engaged(classifier, RayCluster(machine.ray_address, gpus) if engine == "ray" else engine, workers) as many:
        yield many
