"""A file of tiny sentences; the benchmarks lie beside the package and are not installed with it."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: an installed package stays the one under test

from benchmarks.planted.encoders import Recipe
from benchmarks.planted.texts import Bodies, load_bodies

_THINGS = ("film", "story", "plot", "cast", "music", "end", "joke", "scene")
_SAID = {"positive": ("splendid", "lovely", "fresh"), "negative": ("dull", "stale", "clumsy")}
SIZES = {"train": 240, "test": 90, "dev": 60}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Distinct labelled sentences in three splits."""
    draw, lines = random.Random(0), ["text,label,split"]
    for split, count in SIZES.items():
        for number in range(count):
            label = ("positive", "negative")[number % 2]
            first, second = draw.sample(_THINGS, 2)
            words = f"the {first} of {split} day {number} is {draw.choice(_SAID[label])} beside its {second}"
            lines.append(f"{words},{label},{split}")
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def bodies(data: Path) -> Bodies:
    """The sentences as the benchmarks read them."""
    return load_bodies(data)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models and results of this session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def tiny() -> Recipe:
    """A model of a second: it need not learn anything."""
    return Recipe(epochs=1, width=16, layers=1)
