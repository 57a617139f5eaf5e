"""`benchmarks/fuzz.py` for a few seconds: nothing unexpected. Ten minutes are run by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.fuzz import TARGETS, Bench, bench, fuzzed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("target", TARGETS)
def test_drawn_files_end_in_no_traceback(target: Callable[[Bench, Any], None], made: Bench) -> None:
    fuzzed(made, target, 7, 12)

    assert made.tried
    assert made.faults == {}
