from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.definitions.reader import audit_files
from token_saliency.methods import METHODS
from token_saliency.reporters import REPORTERS
from token_saliency.resources import shipped

Command = Callable[..., Any]


@pytest.mark.parametrize(
    ("registry", "names"), [("audits", audit_files()), ("methods", METHODS), ("formats", REPORTERS)]
)
def test_each_registry_is_listed_one_line_a_name(registry: str, names: dict[str, object], command: Command) -> None:
    ended = command("list", registry)

    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == sorted(names)
    assert all(len(line.split()) > 2 for line in ended.out.splitlines())


def test_what_is_listed_reads_as_it_was_written(command: Command) -> None:
    assert "：" not in command("list").out  # which stands for a colon that a CI runner could obey


def test_without_a_name_all_three_are_listed(command: Command) -> None:
    headings = [line for line in command("list").out.splitlines() if line.endswith(":")]

    assert headings == ["audits:", "methods:", "formats:"]


def test_audits_of_the_users_own_folder_are_listed_beside_the_shipped_ones(command: Command, tmp_path: Path) -> None:
    shipped_names = (shipped("audits") / "punctuation.toml").read_text(encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "my_marks.toml").write_text(shipped_names, encoding="utf-8")

    listed = command("list", "audits", "--audits-dir", "own").out

    assert "my_marks" in listed
    assert "names" in listed
