"""Engines by name, and classifiers that are answered by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from token_saliency.engines.engine import AnyEngine, Start, inline
from token_saliency.engines.processes import processes
from token_saliency.engines.ray_cluster import RayCluster
from token_saliency.engines.ray_session import library
from token_saliency.errors import OptionError, option, unknown

ENGINES: dict[str, Start] = {"inline": inline, "processes": processes, "ray": RayCluster()}


def require_engine(engine: Any) -> None:
    """OptionError for no engine, or one whose library is missing."""
    if engine is None or (not isinstance(engine, str) and (callable(engine) or hasattr(engine, "map"))):
        return
    if not isinstance(engine, str):
        raise OptionError(f"engine is one of {', '.join(sorted(ENGINES))}, or an engine, not {engine!r}.")
    if engine not in ENGINES:
        raise unknown(option("engine"), engine, ENGINES)
    if engine == "ray":
        library()


@contextmanager
def engaged(classifier: Any, engine: AnyEngine | None, workers: int | None = None) -> Iterator[Any]:
    """The classifier itself, or the same answered by the engine; `workers` None is as many as the engine has."""
    require_engine(engine)
    if engine is None or engine == "inline":
        yield classifier
        return
    if not hasattr(classifier, "workers"):
        raise OptionError(f"A {type(classifier).__name__} is answered by this process alone: leave out the engine.")
    with classifier.workers(workers, engine) as many:
        yield many
