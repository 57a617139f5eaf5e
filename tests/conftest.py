"""What several rooms need: where the kit lies, a tiny real classifier on disk, and one thread a test run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def kit() -> Path:
    """The folder with the real models and rows: `TOKEN_SALIENCY_KIT`, or `shared` beside the checkout."""
    folder = Path(os.environ.get("TOKEN_SALIENCY_KIT", REPOSITORY.parent / "shared"))
    if not (folder / "models").is_dir():
        pytest.skip(f"the kit is not at {folder}; set TOKEN_SALIENCY_KIT")
    return folder
