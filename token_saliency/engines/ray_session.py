"""The connection to a Ray cluster, and how many actors it has room for."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from token_saliency.engines.engine import cores
from token_saliency.errors import ModelError, OptionError, first_line, option

_STORE = 100_000_000
"""Bytes of the object store of a cluster that is started here, beside what a file needs: it holds texts and answers."""
_CROWD = 4
"""On a cluster that is started here so many actors may share a core."""
_PATIENCE = 10
"""Seconds in which the first machine of a cluster must answer."""
_OWN = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@dataclass(frozen=True, slots=True)
class Room:
    """How many actors with how many threads each; `kind` is what each of them takes one of."""

    count: int
    kind: str
    threads: int
    said: str

    @property
    def asked(self) -> dict[str, float]:
        """The resources of one actor, as Ray calls them."""
        return {"num_gpus": 1, "num_cpus": 0} if self.kind == "GPU" else {"num_cpus": 1}


def library() -> Any:
    """`ray`; OptionError where it is not installed."""
    return required()


def required() -> ModuleType:
    """The library itself."""
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        raise OptionError(
            f"{option('engine', 'ray')} needs Ray, which is not installed: pip install 'token-saliency[ray]'."
        ) from error


@contextmanager
def connected(address: str | None, count: int | None, size: int, temp_dir: str | None) -> Iterator[None]:
    """Connected to the cluster while the block runs; a connection that the caller has made is used, and kept."""
    ray = library()
    if ray.is_initialized():
        yield
        return
    os.environ |= {name: value for name, value in _OWN.items() if name not in os.environ}
    there = address or os.environ.get("RAY_ADDRESS")
    asked = _addressed(address) if there else _local(count, size, temp_dir)
    if there:
        require_answer(there)
    with _own_signals():
        try:
            ray.init(log_to_driver=False, logging_level="ERROR", **asked)
        except (Exception, SystemExit) as error:  # Ray fails in many ways: connection, version, folder
            raise _refused(there, error) from error
    try:
        with _no_obituaries():
            yield
    finally:
        ray.shutdown()


def require_answer(address: str) -> None:
    """ModelError where nothing listens at `[ray://]host:port`: Ray would try for minutes, and say so each time."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():  # "auto", or a way of Ray's own
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise _refused(address, error) from error


@contextmanager
def _no_obituaries() -> Iterator[None]:
    """Ray prints the last words of a node that died, forty lines, to stdout, whatever `log_to_driver` says; the engine
    goes on without it."""
    worker = import_module("ray._private.worker")
    before = getattr(worker, "print_to_stdstream", None)
    if before is not None:
        worker.print_to_stdstream = lambda *_, **__: None  # type: ignore[attr-defined]
    try:
        yield
    finally:
        if before is not None:
            worker.print_to_stdstream = before  # type: ignore[attr-defined]


def _addressed(address: str | None) -> dict[str, Any]:
    return {} if address is None else {"address": address}


def _local(count: int | None, size: int, temp_dir: str | None) -> dict[str, Any]:
    """A cluster of this machine alone; no page, a small store."""
    there = cores()
    if count is not None and count > _CROWD * there:
        raise OptionError(
            f"This machine has {there} cores, too few for {count} workers: take at most {_CROWD * there}, or name a "
            f"larger cluster with {option('ray_address', 'auto')}."
        )
    folder = {} if temp_dir is None else {"_temp_dir": temp_dir}
    room = {"num_cpus": max(there, count or 0), "object_store_memory": _STORE + 2 * size}
    return {"include_dashboard": False} | room | folder


def _refused(address: str | None, error: BaseException) -> ModelError:
    if address is None:
        return ModelError(f"Ray cannot be started on this machine ({first_line(error)}); see RAY_TMPDIR for its files.")
    return ModelError(
        f"No Ray cluster can be joined at {address!r} ({first_line(error)}): start one with 'ray start --head', with "
        "the same versions of Python and ray."
    )


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself; what the program had set stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def room_for(count: int | None, gpus: bool, threads: int) -> Room:
    """Room for `count` actors, or for as many as are free; OptionError where the cluster is too small."""
    there: dict[str, float] = library().cluster_resources()
    kind = "GPU" if gpus and there.get("GPU", 0) >= 1 else "CPU"
    most = int(there.get(kind, 0))
    said = f"{most} {kind}{'s' if most != 1 else ''}"
    if most < (count or 1):
        wanted = f"{count} workers" if count else "a worker"
        raise OptionError(
            f"The Ray cluster has {said}, too few for {wanted} (one {kind} each): take fewer with "
            f"{option('workers')}, or add nodes with 'ray start --address ...'."
        )
    free = int(library().available_resources().get(kind, 0))
    count = count or max(1, min(most, free))
    return Room(count, kind, threads or max(1, int(there.get("CPU", 1)) // count), said)
