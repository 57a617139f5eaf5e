from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., Any]


def test_the_demo_finds_what_it_planted_and_nothing_else(command: Command, tmp_path: Path) -> None:
    ended = command("demo", "--out", "shown")

    assert ended.code == 0, ended.err + ended.out
    report = json.loads((tmp_path / "shown" / "report.json").read_text(encoding="utf-8"))
    verdicts = {audit["name"]: audit["verdict"] for audit in report["audits"]}
    assert (verdicts["names"], verdicts["punctuation"]) == ("FAIL", "FAIL")
    assert verdicts["places"] != "FAIL"
    assert "The audits found what was planted, and nothing else." in ended.out
    unlisted = [one["item"] for one in report["discovery"] if one["confirmed"] and not one["listed"]]
    assert ("Discovered besides, for a person to judge: " in ended.out) == bool(unlisted)
    assert ended.out.count(" ok  planted") == 2
    assert "training: " in ended.err
    for name in ("report.html", "rows.parquet", "edits.parquet"):  # a run directory as any other
        assert (tmp_path / "shown" / name).is_file()
    assert (tmp_path / "shown" / "model" / "config.json").is_file()
    assert len((tmp_path / "shown" / "held_out.csv").read_text(encoding="utf-8").splitlines()) == 1001
    effects = {a["name"]: max(f["effect"] for f in a["intervention"] if f["judged"]) for a in report["audits"]}
    for page in ("README.md", "docs/tutorial.md"):
        shown = re.findall(r"^ FAIL +(\w+) +([+-]\d\.\d+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert {name for name, _ in shown} == {"names", "punctuation"}
        assert {name: float(effect) for name, effect in shown} == pytest.approx(
            {name: effects[name] for name, _ in shown}, abs=0.03 if page == "README.md" else 0.05
        ), f"{page} shows other figures"


def test_a_folder_with_other_files_is_refused_before_anything_is_trained(command: Command, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    ended = command("demo", "--out", ".")

    assert (ended.code, ended.out) == (2, "")
    assert "holds other files" in ended.error
