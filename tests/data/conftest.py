"""What the tests of the data room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from token_saliency.data import load_rows
from token_saliency.errors import DataError, command_line

Refusal = Callable[..., str]
Write = Callable[[str, "str | bytes"], Path]


@pytest.fixture(autouse=True)
def typed() -> Iterator[None]:
    """Messages speak as to somebody who typed a command; test_doors.py has the words of Python."""
    with command_line():
        yield


@pytest.fixture
def refusal() -> Refusal:
    """Loads what cannot be loaded and returns the message: one line, no control characters."""

    def refused(source: Any, **options: Any) -> str:
        options.setdefault("labels", ["negative", "positive"])
        with pytest.raises(DataError) as caught:
            load_rows(source, **options)
        message = str(caught.value)
        assert message.isprintable()
        assert message.endswith((".", ")"))
        return message

    return refused


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file (text as UTF-8, line ends as they are) and returns its path."""

    def written(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written
