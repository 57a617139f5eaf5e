"""docs/architecture.md names files, functions and registries that are there, and walks of at most twelve steps."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(token_saliency/[\w/]+\.py):(\w+)`", PAGE)))
REGISTERED = sorted(set(re.findall(r"`([A-Z]+)` in `(token_saliency/[\w/]+\.py)`", PAGE)))
WALKS = dict(re.findall(r"## (The way of an? \w+)\n(.*?)(?=\n## )", PAGE, flags=re.DOTALL))


def defined(file: str) -> set[str]:
    nodes = list(ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))))
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [
        t
        for n in nodes
        if isinstance(n, ast.Assign | ast.AnnAssign)
        for t in getattr(n, "targets", [getattr(n, "target", None)])
    ]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_a_step_names_a_function_of_its_file(file: str, function: str) -> None:
    assert function in defined(file)


@pytest.mark.parametrize(("registry", "file"), REGISTERED)
def test_a_registry_is_where_the_page_says(registry: str, file: str) -> None:
    assert registry in defined(file)


def test_each_walk_has_a_file_for_each_of_at_most_twelve_steps() -> None:
    assert set(WALKS) == {"The way of a row", "The way of an edit"}
    for body in WALKS.values():
        steps = re.findall(r"^\d+\. .*$", body, flags=re.MULTILINE)
        assert 6 <= len(steps) <= 12
        assert all("token_saliency/" in step for step in steps)


def test_every_room_of_the_package_is_on_the_page() -> None:
    package = ROOT / "token_saliency"
    rooms = [one.name for one in package.iterdir() if one.is_dir() and (one / "__init__.py").is_file()]
    assert [room for room in rooms if f"`{room}/`" not in PAGE] == []
    inner = [one.name for one in (package / "auditing").iterdir() if one.is_dir() and (one / "__init__.py").is_file()]
    assert [room for room in inner if f"`{room}/`" not in PAGE] == []
    files = [one.name for one in (package / "auditing").glob("*.py") if one.name != "__init__.py"]
    assert [file for file in files if f"`{file}`" not in PAGE] == []
