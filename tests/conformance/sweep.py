"""Whether the sweep over all architectures has to run: only where what it sweeps has changed since it last passed.

`python -m tests.conformance.sweep` runs it and writes down what it passed with; with TOKEN_SALIENCY_SWEEP=1 it runs in
any case (every night).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "token_saliency/core",
    "token_saliency/methods",
    "token_saliency/shared",
    "token_saliency/text",
    "tests/conformance",
)
OUTSIDE = tuple(f"token_saliency/text/{room}/" for room in ("prompt", "endpoint", "function"))
"""What the sweep never enters: it is about heads of their own on networks at hand."""
LIBRARIES = ("torch", "transformers", "tokenizers")
PASSED = Path(__file__).with_name("passed.txt")
ALWAYS = ("bert", "roberta", "deberta-v2", "distilbert", "gpt2", "llama", "bart", "t5", "xlnet", "modernbert")
"""Swept on every run: one architecture of each kind of embedding, position and pooling."""


def state() -> str:
    """One hash of the rooms that the sweep is about and of the libraries under them."""
    digest = hashlib.sha256(" ".join(f"{name}={version(name)}" for name in LIBRARIES).encode())
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            if not name.startswith(OUTSIDE):
                digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def needed() -> bool:
    """Whether anything has changed since the sweep passed, or somebody wants it."""
    return os.environ.get("TOKEN_SALIENCY_SWEEP") == "1" or not PASSED.exists() or PASSED.read_text().strip() != state()


def main() -> int:
    """Runs the sweep; where it passes, its state is written down."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "tests/conformance"]
    code = subprocess.run(command, cwd=ROOT, env=os.environ | {"TOKEN_SALIENCY_SWEEP": "1"}, check=False).returncode
    if code == 0:
        PASSED.write_text(f"{state()}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
