"""The floors of the house: who may import whom. Read from the source, so that a lazy import counts as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "token_saliency"
ROOT = PACKAGE.name

# The longest matching prefix decides. A module imports from its own floor or from below.
FLOORS = {
    "errors": 0,
    "resources": 0,
    "results": 0,
    "core": 0,
    "methods": 1,
    "data": 1,
    "text": 1,
    "image": 1,
    "image.auditing": 2,
    "image.counterfactual": 2,
    "image.validating": 3,
    "tabular": 1,
    "auditing": 1,
    "auditing.compare": 2,
    "auditing.counterfactual": 2,
    "auditing.runner": 2,
    "reporters": 2,
    "runs": 2,
    "validating": 2,
    "demo": 3,
    "pytest_plugin": 3,
    "cli": 4,
    "__main__": 5,
}

# Conveniences of the plain data (`report.to_html()`): imports inside a function, and the only ones that go upwards.
DOORS = {
    ("results.attributions", "reporters"),
    ("results.report", "reporters"),
    ("results.report", "runs"),
    ("results.tables", "reporters"),
}

NO_TRANSFORMERS = ("core", "methods")
NO_TORCH = (
    *("errors", "resources", "results", "runs", "reporters", "data"),
    *(f"auditing.{name}" for name in ("definition", "matchers", "edits", "statistics", "crossed", "verdicts")),
    *(f"auditing.{name}" for name in ("suspects", "nomination", "hunting", "discovery", "calibration")),
    *(f"auditing.{name}" for name in ("known", "accepting", "pairing", "growth", "comparing", "saying", "compare")),
)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, without the package's name where it is ours; `lazy` stands in a function."""

    importer: str
    target: str
    name: str | None
    ours: bool
    lazy: bool

    def __str__(self) -> str:
        return f"{self.importer} -> {self.target}"


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def statements(tree: ast.AST, lazy: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, lazy
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from statements(node, lazy or inside)


def imports_of(module: str) -> Iterator[Import]:
    for node, lazy in statements(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield resolved(module, alias.name, None, lazy)
        else:
            assert node.level == 0, f"{module}: relative imports hide the floor"
            for alias in node.names:
                yield resolved(module, node.module or "", alias.name, lazy)


def resolved(importer: str, dotted: str, name: str | None, lazy: bool) -> Import:
    package, _, inner = dotted.partition(".")
    if package != ROOT:
        return Import(importer, dotted, name, False, lazy)
    submodule = f"{inner}.{name}".lstrip(".") if name else inner
    return Import(importer, submodule if submodule in MODULES else inner, name, True, lazy)


IMPORTS = [found for module in MODULES for found in imports_of(module)]
INNER = [found for found in IMPORTS if found.ours and found.importer and found.target]


def within(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def floor_of(module: str) -> int:
    homes = [room for room in FLOORS if within(module, (room,))]
    assert homes, f"{module} has no floor in tests/test_house.py"
    return FLOORS[max(homes, key=len)]


def is_door(found: Import) -> bool:
    return found.lazy and (found.importer, found.target) in DOORS


def test_no_module_imports_from_a_floor_above() -> None:
    upwards = [str(i) for i in INNER if floor_of(i.target) > floor_of(i.importer) and not is_door(i)]

    assert upwards == []


def test_nothing_but_main_imports_the_command_line() -> None:
    assert [str(i) for i in INNER if within(i.target, ("cli",)) and not within(i.importer, ("cli", "__main__"))] == []


def test_modules_import_each_other_in_no_circle_even_for_types() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in INNER:
        if not is_door(found):
            graph[found.importer].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_front_door_is_for_visitors() -> None:
    inside = [i for i in IMPORTS if i.ours and i.importer and not i.target and i.name not in (None, "__version__")]

    assert [f"{i.importer} -> {i.name}" for i in inside] == []


def test_every_door_is_still_used() -> None:
    assert {(i.importer, i.target) for i in INNER if is_door(i)} == DOORS


@pytest.mark.parametrize(("rooms", "library"), [(NO_TRANSFORMERS, "transformers"), (NO_TORCH, "torch")])
def test_rooms_do_without_the_library(rooms: tuple[str, ...], library: str) -> None:
    outer = [i for i in IMPORTS if not i.ours and i.target.partition(".")[0] == library]

    assert [str(i) for i in outer if within(i.importer, rooms)] == []


def test_torch_free_rooms_load_no_torch_by_way_of_others() -> None:
    modules = [f"{ROOT}.{name}" for name in MODULES if within(name, (*NO_TORCH, "cli", "__main__")) and name]
    script = f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
    script += "print(sorted({'torch', 'transformers', 'captum'} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )

    assert loaded.stdout.strip() == "[]"
