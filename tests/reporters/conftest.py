"""The reports made by hand, for the tests of this folder."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """What `tests/make_report.py` defines: reports and attributions of every kind."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "make_report.py")))


@pytest.fixture(scope="session")
def pages() -> SimpleNamespace:
    """What `tests/make_pages.py` defines: wide and long reports, and the pages that are no report."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "make_pages.py")))
