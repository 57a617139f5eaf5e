"""Leaves out the sweep over all architectures where nothing that it is about has changed since it passed."""

from __future__ import annotations

import pytest

from tests.conformance.sweep import ALWAYS, needed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    left_out = pytest.mark.skip(
        reason="nothing that the sweep is about has changed since it passed (tests/conformance/sweep.py)"
    )
    run = needed()
    for item in items:
        name = getattr(item, "callspec", None) and item.callspec.params.get("model_type")  # type: ignore[attr-defined]
        if not run and "tests/conformance" in item.nodeid and name is not None and name not in ALWAYS:
            item.add_marker(left_out)
