"""The journal of a run that is not finished: blocks of answers, appended one by one.

A line that says what was asked, then blocks of 8 bytes (length and checksum) and an `.npz`. A process may be killed at
any moment: a block that is cut or damaged ends the journal, and what stands before it counts. It holds no text, only
hashes, offsets and numbers.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import OptionError
from token_saliency.store.blocks import KEY_BYTES, Block, Explained, Paid, Predicted, Spent, Traced
from token_saliency.store.files import replaced
from token_saliency.store.trace import TOKEN, Trace

JOURNAL_FILE = "unfinished.journal"
_MAGIC = b"token-saliency journal 1 "
_HEAD = struct.Struct("<II")
_OTHERS = (
    *(ValueError, LookupError, TypeError, ArithmeticError, AttributeError, EOFError, OSError, RuntimeError),
    *(struct.error, zlib.error, zipfile.BadZipFile),
)
"""What arrays raise that we did not write."""


@dataclass(slots=True)
class Journal:
    """Appends blocks to the journal of a folder that is `held`; the file is made with the first of them."""

    file: Path
    asked: Mapping[str, Any]
    _stream: IO[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def blocks(self) -> list[Block]:
        """The finished blocks of an earlier run; a cut last one is taken off the file."""
        if not self.file.is_file():
            return []
        stream = self._opened()
        if _header(stream) is None:
            self.close()
            return []
        found, good = [], stream.tell()
        for block in _blocks(stream):
            found.append(block)
            good = stream.tell()
        stream.truncate(good)
        stream.seek(good)
        return found

    def append(self, block: Block) -> None:
        """Writes the block out; when this returns it survives the end of the process."""
        stream = self._stream or self._begun()
        payload = _packed(block)
        stream.write(_HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
        stream.flush()

    def close(self) -> None:
        """The file stays for the next run."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def remove(self) -> None:
        """The run is finished, or starts over."""
        self.close()
        self.file.unlink(missing_ok=True)

    def _begun(self) -> IO[bytes]:
        """A journal stands there with its first line whole, or not at all: an empty one could be anybody's."""
        with replaced(self.file) as part:
            part.write_bytes(_MAGIC + json.dumps(self.asked, sort_keys=True).encode() + b"\n")
        stream = self._opened()
        stream.seek(0, io.SEEK_END)
        return stream

    def _opened(self) -> IO[bytes]:
        try:
            self._stream = self.file.open("r+b")
        except OSError as error:
            raise OptionError(
                f"Cannot write {self.file}: {error.strerror}. Choose another place that can be written to."
            ) from error
        return self._stream


def read_asked(file: Path) -> dict[str, Any] | None:
    """What the run asked whose journal this is; None where there is none, or none of ours."""
    with suppress(OSError), _plain(file).open("rb") as stream:
        return _header(stream)
    return None


def is_journal(file: Path) -> bool:
    """Whether the file is ours."""
    with suppress(OSError), _plain(file).open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC
    return False


def _plain(file: Path) -> Path:
    """The file, if it is one: a pipe would be waited for."""
    if not file.is_file():
        raise FileNotFoundError(file)
    return file


def _header(stream: IO[bytes]) -> dict[str, Any] | None:
    line = stream.readline()
    if not (line.startswith(_MAGIC) and line.endswith(b"\n")):
        return None
    try:
        found = json.loads(line[len(_MAGIC) :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _blocks(stream: IO[bytes]) -> Iterator[Block]:
    while len(head := stream.read(_HEAD.size)) == _HEAD.size:
        length, checksum = _HEAD.unpack(head)
        payload = stream.read(length)
        if len(payload) != length or zlib.crc32(payload) != checksum:
            return
        try:
            yield _unpacked(payload)
        except _OTHERS:  # whole, and written by somebody else
            return


# --- one block as bytes ---------------------------------------------------------------------------


def _packed(block: Block) -> bytes:
    arrays: dict[str, NDArray[Any]] = {
        "keys": np.frombuffer(b"".join(block.keys), dtype=np.uint8).reshape(-1, KEY_BYTES),
        "spent": np.array(astuple(block.spent), dtype=np.float64),
    }
    if isinstance(block, Traced):
        arrays |= _trace_arrays(block)
    else:
        arrays |= {"paid": block.numbers} if isinstance(block, Paid) else {"probabilities": block.probabilities}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # the stub mixes them up with allow_pickle
    return buffer.getvalue()


def _trace_arrays(block: Traced) -> dict[str, NDArray[Any]]:
    traces, how = block.traces, block.explained
    errors = [np.nan if t.completeness_error is None else t.completeness_error for t in traces]
    return {
        "tokens": np.concatenate([t.tokens for t in traces]),
        "counts": np.array([len(t.tokens) for t in traces]),
        "errors": np.array(errors, dtype=np.float64),
        "numbers": np.array([(t.evaluations, t.truncated, t.converged) for t in traces], dtype=np.int64),
        "how": np.array([json.dumps([how.output, how.baseline, how.signed])]),
    }


def _unpacked(payload: bytes) -> Block:
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    keys = tuple(row.tobytes() for row in found["keys"])
    forward, backward, tokens, seconds = found["spent"].tolist()
    spent = Spent(int(forward), int(backward), int(tokens), seconds)
    if "probabilities" in found:
        return Predicted(keys, found["probabilities"], spent)
    if "paid" in found:
        return Paid(keys, found["paid"], spent)
    output, baseline, signed = json.loads(str(found["how"][0]))
    return Traced(keys, _traces(found), Explained(output, baseline, signed), spent)


def _traces(found: Mapping[str, Any]) -> tuple[Trace, ...]:
    tokens = np.split(found["tokens"].astype(TOKEN), np.cumsum(found["counts"])[:-1])
    return tuple(
        Trace(own, None if np.isnan(error) else float(error), int(evaluations), int(truncated), bool(converged))
        for own, error, (evaluations, truncated, converged) in zip(
            tokens, found["errors"], found["numbers"], strict=True
        )
    )
