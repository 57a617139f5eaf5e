"""What a run asked, as plain values: two runs with the same ones have the same answers. No model is loaded for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def file_hash(file: Path) -> str:
    """sha256 of all its bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def source_hash(source: str | Path, *, deep: bool = True) -> str | None:
    """Of a file its content, of a folder its files; None for what is not on this disk (a hub id)."""
    path = Path(source)
    try:
        if path.is_file():
            return file_hash(path)
        return folder_hash(path, deep=deep) if path.is_dir() else None
    except (OSError, ValueError):  # not to be read, or no name that a file system takes: whoever needs it says so
        return None


def folder_hash(folder: Path, *, deep: bool = True) -> str:
    """Of the names and contents of its files (`deep`: and of its folders); hidden ones do not count."""
    digest = hashlib.sha256()
    files = [file for file in (folder.rglob("*") if deep else folder.glob("*")) if file.is_file()]
    names = [file.relative_to(folder) for file in files]
    for name in sorted(name for name in names if not any(part.startswith(".") for part in name.parts)):
        digest.update(f"{name.as_posix()}\x1f{file_hash(folder / name)}\x1e".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def differing(asked: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names of what two runs asked differently."""
    return [name for name in sorted({*asked, *other}) if asked.get(name) != other.get(name)]
