"""What runs in an actor of a Ray cluster; of Ray it needs only what it is handed."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from token_saliency.engines.messages import THREADS, replied
from token_saliency.errors import ModelError, TextError, TokenSaliencyError, first_line


class Actor:
    """Makes something once, and answers parts of the work with it."""

    def __init__(self, threads: int, gpu: bool) -> None:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        if not gpu:
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._held: Any = None

    def where(self) -> str:
        """The address of the node."""
        import ray

        library: Any = ray
        return f"{library.util.get_node_ip_address()} ({library.get_runtime_context().get_node_id()[:8]})"

    def begin(self, make: bytes, number: int, token: str, pieces: Sequence[Any] | None) -> bytes:
        """Makes what is held, of a file that arrives in pieces of the object store where there is one."""

        def made() -> None:
            ready = pickle.loads(make)
            if pieces is not None:
                ready = partial(ready, file=str(_received(token, pieces)))
            self._held = ready(number)

        return replied(lambda: self._named(made))

    def forget(self, token: str) -> None:
        """Removes the file: all have opened it."""
        _place(token).unlink(missing_ok=True)

    def answer(self, payload: bytes) -> bytes:
        """The answer to one part."""

        def answered() -> Any:
            task, part = pickle.loads(payload)
            return task(self._held, part)

        return replied(lambda: self._named(answered, TokenSaliencyError))

    def _named(self, work: Callable[[], Any], meant: type[Exception] = TextError) -> Any:
        """An error that does not say it all already names the node."""
        try:
            return work()
        except meant:
            raise
        except Exception as error:  # anybody's code fails in its own way; raised again where it is asked for
            said = (
                str(error) if isinstance(error, TokenSaliencyError) else f"{type(error).__name__}: {first_line(error)}."
            )
            raise ModelError(f"A worker on node {self.where()} failed: {said}") from error


def _place(token: str) -> Path:
    return Path(tempfile.gettempdir()) / f"token-saliency-{token}"


def _received(token: str, pieces: Sequence[Any]) -> Path:
    """The file on this node: the first actor writes it, the others open the same one and share its memory."""
    import fcntl

    import ray

    place = _place(token)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            part = place.with_suffix(".part")
            with part.open("wb") as stream:
                for piece in pieces:
                    stream.write(ray.get(piece))
            part.replace(place)
    return place
