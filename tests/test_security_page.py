"""docs/security.md against the list of attacks: no line without a test that exists, no attack that did not hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.security import ATTACKS, END, PAGE, START, table

TESTS = Path(__file__).parent


def _counts() -> dict[str, tuple[int, int]]:
    rows = re.findall(r"(?m)^\| (.+?) \| `.+` \| (\d+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"))
    return {what: (int(tried), int(held)) for what, tried, held in rows}


def test_the_page_lists_every_attack_and_each_held() -> None:
    counts = _counts()
    assert {*counts} == {*ATTACKS}
    assert all(tried == held > 0 for tried, held in counts.values()), counts
    between = PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    assert between.strip() == table(counts)


def test_every_test_that_is_named_exists() -> None:
    for test in (one for tests in ATTACKS.values() for one in tests):
        file, _, name = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in functions if name else any(one.startswith("test_") for one in functions), test


def test_every_test_that_a_page_names_exists() -> None:
    pages = PAGE.parent.glob("*.md")
    named = {
        one for page in pages for one in re.findall(r"`(\w+/test_\w+\.py::test_\w+)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    for file, name in (one.split("::") for one in named):
        assert f"def {name}(" in (TESTS / file).read_text(encoding="utf-8"), f"{file}::{name}"
