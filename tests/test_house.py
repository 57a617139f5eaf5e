"""Who may import whom, and how large a room may be: read from the source, so that lazy and type-only imports count.

At every level (the package, each folder, the single files) the imports must form no circle, and at the top every
package imports only from those before it in ORDER. There is no list of exceptions. The floors are printed (`-s`).
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "token_saliency"
ROOT = PACKAGE.name

ORDER = (
    *(
        "errors",
        "resources",
        "drawing",
        "results",
        "core",
        "stats",
        "methods",
        "shared",
        "reporters",
        "store",
        "report",
    ),
    *(
        "data",
        "engines",
        "text",
        "auditing",
        "counterfactual",
        "validating",
        "mending",
        "image",
        "tabular",
        "live",
        "demo",
        "integrations",
    ),
    *("pytest_plugin", "cli", "__main__"),
)
"""The rooms of the package, lowest first: a room imports from those before it alone."""

FILES, FILE_LINES, FUNCTION_LINES, MEDIAN_LINES, SAME_STEMS = 14, 300, 40, 7, 2

NO_TRANSFORMERS = ("core", "methods", "drawing", "results", "reporters", "store", "stats")
NO_TORCH = (
    *("errors", "resources", "drawing", "results", "reporters", "store", "report", "data"),
    "stats",
    *(
        f"auditing.{name}"
        for name in ("audit", "known", "known_file", "definitions", "spans", "edits", "discovery", "comparing")
    ),
    *(f"auditing.judging.{name}" for name in ("calibration", "verdicts", "wording")),
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
            assert node.level == 0, f"{module}: relative imports hide the room"
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


FOLDERS = sorted({module for module, path in MODULES.items() if path.name == "__init__.py"})
FILES_OF = {folder: sorted(PACKAGE.joinpath(*folder.split(".") if folder else ()).glob("*.py")) for folder in FOLDERS}


def child_of(folder: str, module: str) -> str:
    return module.removeprefix(f"{folder}." if folder else "").partition(".")[0]


def children(folder: str) -> dict[str, set[str]]:
    """Which child of the folder (file or sub-folder) imports which; imports by its own `__init__` are not its own."""
    graph: dict[str, set[str]] = {}
    for found in INNER:
        if folder and not (found.importer.startswith(f"{folder}.") and found.target.startswith(f"{folder}.")):
            continue
        ends = child_of(folder, found.importer), child_of(folder, found.target)
        if ends[0] != ends[1]:
            graph.setdefault(ends[0], set()).add(ends[1])
    return graph


def floors(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The nodes by floor, lowest first: each imports only from lower ones. CycleError where there is a circle."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    found = []
    while sorter.is_active():
        found.append(sorted(sorter.get_ready()))
        sorter.done(*found[-1])
    return found


def require_no_circle(graph: Mapping[str, set[str]]) -> list[list[str]]:
    try:
        return floors(graph)
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def functions() -> Iterator[tuple[str, int]]:
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1


TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in MODULES.items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder or ROOT for folder in FOLDERS])
def test_the_children_of_a_folder_import_each_other_in_no_circle(folder: str) -> None:
    for number, floor in enumerate(require_no_circle(children(folder))):
        print(f"{folder or ROOT}, floor {number}: {', '.join(floor)}")


def test_files_import_each_other_in_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for found in INNER:
        graph.setdefault(found.importer, set()).add(found.target)

    require_no_circle(graph)


def test_every_room_has_its_place_in_the_order() -> None:
    assert sorted({child_of("", module) for module in MODULES if module}) == sorted(ORDER)


def test_no_room_imports_from_one_above() -> None:
    place = {room: number for number, room in enumerate(ORDER)}
    upwards = [str(i) for i in INNER if place[child_of("", i.target)] > place[child_of("", i.importer)]]

    assert upwards == []


def test_an_upward_import_is_seen_in_a_function_and_under_type_checking() -> None:
    code = "def late():\n    from a import b\nif TYPE_CHECKING:\n    from c import d\n"
    found = [node.module for node, _ in statements(ast.parse(code)) if isinstance(node, ast.ImportFrom)]

    assert found == ["a", "c"]
    with pytest.raises(CycleError):
        floors({"a": {"b"}, "b": {"a"}})


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder or ROOT for folder in FOLDERS])
def test_a_folder_is_seen_at_a_glance(folder: str) -> None:
    assert len(FILES_OF[folder]) <= FILES


def test_no_two_classes_share_a_name() -> None:
    names = Counter(node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))

    assert sorted(name for name, times in names.items() if times > 1) == []


def test_a_name_of_a_file_says_which_one_it_is() -> None:
    stems = Counter(path.stem for path in MODULES.values() if path.stem != "__init__")

    assert sorted(stem for stem, times in stems.items() if times > SAME_STEMS) == []


def test_no_file_is_long() -> None:
    lines = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}

    assert {module: length for module, length in lines.items() if length > FILE_LINES} == {}


def test_no_function_is_long() -> None:
    assert {name: length for name, length in functions() if length > FUNCTION_LINES} == {}


def test_most_functions_are_small() -> None:
    assert statistics.median(length for _, length in functions()) <= MEDIAN_LINES


def test_nothing_but_main_imports_the_command_line() -> None:
    assert [str(i) for i in INNER if within(i.target, ("cli",)) and not within(i.importer, ("cli", "__main__"))] == []


def test_the_front_door_is_for_visitors() -> None:
    inside = [i for i in IMPORTS if i.ours and i.importer and not i.target and i.name not in (None, "__version__")]

    assert [f"{i.importer} -> {i.name}" for i in inside] == []


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


def test_no_pattern_has_a_possessive_group_which_python_before_3_11_5_reads_wrongly() -> None:
    files = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "audits").glob("*.toml")]
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}

    assert [name for name, text in texts.items() if re.search(r"\)[*+?]\+", text)] == []


def test_every_public_name_has_a_home() -> None:
    """They are imported when they are asked for, so that no other import would tell of a module that was renamed."""
    homes = next(
        ast.literal_eval(node.value)
        for node in TREES[""].body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and "_HOMES" in ast.unparse(node).split("=")[0]
    )
    assert {name: home for name, home in homes.items() if home not in MODULES} == {}
