"""Runs one command line under each limit of the system, in forks of one process: torch is imported once.

`python tests/cli/limited.py MODEL DATA FOLDER` prints a JSON object: name -> [exit code, stdout, stderr].
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import torch  # noqa: F401 - once

from token_saliency.__main__ import run
from token_saliency.text.classifier import TextClassifier  # noqa: F401 - once

MEGABYTE = 2**20


def memory(more: int) -> Callable[[], None]:
    """So many bytes more than the process has now."""

    def limit() -> None:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    return limit


def lowered(kind: int, value: int) -> Callable[[], None]:
    """A limit of the system at this value."""
    return lambda: resource.setrlimit(kind, (value, value))


LIMITS: dict[str, Callable[[], None]] = {
    "files": lowered(resource.RLIMIT_NOFILE, 64),
    "few-files": lowered(resource.RLIMIT_NOFILE, 8),
    "memory": memory(4 * MEGABYTE),
    "more-memory": memory(40 * MEGABYTE),
    "file-size": lowered(resource.RLIMIT_FSIZE, 20_000),
    "small-file-size": lowered(resource.RLIMIT_FSIZE, 1000),
}


def limited(words: list[str], name: str, folder: Path) -> list[object]:
    """How the command ends under the limit."""
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    child = os.fork()
    if not child:
        os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY), 1), os.dup2(os.open(err, os.O_CREAT | os.O_WRONLY), 2)
        LIMITS[name]()
        code = run([*words, "--out", str(folder / name)])
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return [code, out.read_text(), err.read_text()]


def main() -> None:
    """All of them."""
    model, data, folder = sys.argv[1:]
    words = ["audit", model, data, "--audits", "names,punctuation", "--edits", "200", "--rows", "60", "--quiet"]
    print(json.dumps({name: limited(words, name, Path(folder)) for name in LIMITS}))


if __name__ == "__main__":
    main()
