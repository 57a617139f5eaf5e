"""`demo`: the whole tool in a minute, offline, on a model whose shortcuts are known."""

from __future__ import annotations


def demo() -> int:
    """Train a small classifier with two known shortcuts, audit it, and print what was planted beside what was found."""
    return 1
