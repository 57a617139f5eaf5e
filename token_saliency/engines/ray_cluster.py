"""The engine of a Ray cluster: plain actors, each with what it has made, and a few parts of the work in flight at each.

An actor that dies, alone or with its node, is replaced, and what it had is given to another one. The process that
asks is the only one that keeps anything.
"""

from __future__ import annotations

import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle

from token_saliency.engines.engine import A, Engine, Make, P
from token_saliency.engines.messages import opened, pickled
from token_saliency.engines.ray_actor import Actor
from token_saliency.engines.ray_session import Room, connected, library, room_for
from token_saliency.errors import ModelError

_AHEAD = 2
"""So many parts an actor are begun: while one is answered the next one waits."""
_CHECK = 1.0
"""Seconds after which it is looked whether any actor is left."""
_PATIENCE = 300.0
"""Seconds within which an actor is given a place, where the cluster has room; a busy machine starts one slowly."""
_DEATHS = 3
"""So many actors may end over one part: then the part is what ends them."""
_CHUNK = 1 << 26
"""Bytes of a file that travel as one object."""


@dataclass(frozen=True, slots=True)
class RayCluster:
    """Starts the engine. `address`: as of `ray.init`, "auto" or "ray://host:10001".

    None is the cluster that this process is connected to, the one that RAY_ADDRESS names, or else one of this machine
    alone, with its files below `temp_dir` (default: RAY_TMPDIR). `gpus`: an actor has a GPU, where the cluster has any.
    """

    address: str | None = None
    gpus: bool = True
    temp_dir: str | None = None

    @contextmanager
    def __call__(self, make: Make, count: int | None, threads: int, file: Path | None = None) -> Iterator[Engine]:
        """`count` None: an actor for every GPU, or every CPU. `threads` 0: the CPUs of the cluster, divided."""
        size = 0 if file is None else file.stat().st_size
        with connected(self.address, count, size, self.temp_dir):
            room = room_for(count, self.gpus, threads)
            actors = _Actors(room, pickled(make, cloudpickle.dumps), _sent(file), secrets.token_hex(8))
            try:
                actors.begin()
                yield actors
            finally:
                actors.end()


def _sent(file: Path | None) -> list[Any] | None:
    """The file in the object store, in pieces: it is never in memory as a whole."""
    if file is None:
        return None
    with file.open("rb") as stream:
        return [library().put(piece) for piece in iter(lambda: stream.read(_CHUNK), b"")]


@dataclass(slots=True, eq=False)
class _Place:
    """One actor: which parts it has, by the reference of the answer, and whether it is ready for more."""

    actor: Any
    number: int
    begun: Any
    since: float
    ready: bool = False
    parts: int = 0


@dataclass(slots=True)
class _Actors:
    """The actors at work, and what makes another one; see Engine."""

    room: Room
    make: bytes
    pieces: list[Any] | None
    token: str
    places: list[_Place] = field(default_factory=list)
    here: bool = False

    @property
    def count(self) -> int:
        """How many actors there are when all are well."""
        return self.room.count

    def begin(self) -> None:
        """Starts all of them; whatever one cannot make is raised here."""
        for number in range(self.count):
            self._start(number)
        while any(not place.ready for place in self.places):
            self._wait([])
        for place in self.places:
            place.actor.forget.remote(self.token)

    def end(self) -> None:
        """Ends all of them."""
        for place in self.places:
            library().kill(place.actor)
        self.places.clear()

    def map(self, task: Callable[[Any, P], A], parts: Iterable[P]) -> Iterator[tuple[P, A]]:
        """As they are done. What was begun when the reader stops early is answered for nobody."""
        work = _Parts(iter(parts))
        begun: dict[Any, tuple[int, P, _Place]] = {}
        try:
            while True:
                while (place := self._free()) is not None and (numbered := work.next()) is not None:
                    number, part = numbered
                    begun[place.actor.answer.remote(pickled((task, part), cloudpickle.dumps))] = number, part, place
                    place.parts += 1
                if not begun and work.done:
                    return
                for reference in self._wait([*begun]):
                    number, part, place = begun.pop(reference)
                    place.parts -= 1
                    reply = self._reply(reference, place)
                    if reply is None:
                        work.back(number, part, place.number)
                    else:
                        yield part, opened(reply)
        finally:
            for _, _, place in begun.values():
                place.parts -= 1

    def _free(self) -> _Place | None:
        ready = [place for place in self.places if place.ready and place.parts < _AHEAD]
        return min(ready, key=lambda place: place.parts, default=None)

    def _wait(self, references: list[Any]) -> list[Any]:
        """Those of the references that are done; actors that have begun meanwhile are ready afterwards."""
        starting = {place.begun: place for place in self.places if not place.ready}
        done, _ = library().wait([*references, *starting], timeout=_CHECK)
        for place in [starting[one] for one in done if one in starting]:
            reply = self._reply(place.begun, place)
            if reply is not None:
                opened(reply)
                place.ready = True
        self._require_any()
        return [one for one in done if one not in starting]

    def _require_any(self) -> None:
        """ModelError where no actor is ready and none gets a place."""
        late = [place for place in self.places if not place.ready and time.monotonic() - place.since > _PATIENCE]
        if not late or any(place.ready for place in self.places) or self._placed(late[0]):
            return
        raise ModelError(
            f"The Ray cluster gave no room to {len(late)} of {self.count} workers within {_PATIENCE:.0f} seconds "
            f"({self.room.said}, perhaps in use by others): free some, or take fewer with --workers."
        )

    def _placed(self, place: _Place) -> bool:
        """Whether the actor runs somewhere: then it may take its time, with a large model."""
        return bool(library().wait([place.actor.where.remote()], timeout=_CHECK)[0])

    def _reply(self, reference: Any, place: _Place) -> bytes | None:
        """None where the actor is gone: another one is started in its place."""
        from ray.exceptions import ObjectLostError, OutOfMemoryError, RayActorError, RayError

        try:
            reply: bytes = library().get(reference)
        except (RayActorError, ObjectLostError, OutOfMemoryError) as error:
            if not place.ready and self._again(error):
                raise ModelError(f"A worker of the Ray cluster cannot start ({_first(error)}).") from error
            self._replace(place)
            return None
        except RayError as error:
            raise ModelError(f"The Ray cluster cannot do this ({_first(error)}).") from error
        return reply

    def _again(self, error: Exception) -> bool:
        """Whether an actor died of what it is, and not with its node or by a signal: the next one would, too."""
        return "creation task" in str(error) or "ModuleNotFoundError" in str(error)

    def _replace(self, place: _Place) -> None:
        if place in self.places:
            self.places.remove(place)
            library().kill(place.actor)
            self._start(place.number)

    def _start(self, number: int) -> None:
        remote = library().remote(Actor).options(max_restarts=0, scheduling_strategy="SPREAD", **self.room.asked)
        actor = remote.remote(self.room.threads, "GPU" in self.room.kind)
        begun = actor.begin.remote(self.make, number, self.token, self.pieces)
        self.places.append(_Place(actor, number, begun, time.monotonic()))


@dataclass(slots=True)
class _Parts:
    """The parts that nobody has: those that came back, then the new ones."""

    new: Iterator[Any]
    returned: deque[tuple[int, Any]] = field(default_factory=deque)
    deaths: Counter[int] = field(default_factory=Counter)
    taken: int = 0
    empty: bool = False

    @property
    def done(self) -> bool:
        return self.empty and not self.returned

    def next(self) -> tuple[int, Any] | None:
        """A part with its number; None where nothing is left to begin."""
        if self.returned:
            return self.returned.popleft()
        for part in self.new:
            self.taken += 1
            return self.taken, part
        self.empty = True
        return None

    def back(self, number: int, part: Any, worker: int) -> None:
        """The part again, whose actor ended; ModelError where others have ended over it before."""
        self.deaths[number] += 1
        if self.deaths[number] >= _DEATHS:
            raise ModelError(
                f"{_DEATHS} workers ended over the same texts (the last was number {worker}), most likely because the "
                "memory of their node was used up: take a smaller batch_tokens, or nodes with more memory."
            )
        self.returned.append((number, part))


def _first(error: Exception) -> str:
    """What a Ray error says, on one line: its last line has the cause, the others where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}"[:300]
