"""The page on own audits cannot rot: its files are written, its commands and its Python run, in this order."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from token_saliency.__main__ import run

PAGE = Path(__file__).resolve().parents[1] / "docs" / "own-audits.md"
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(leaning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("my-model", "held_out.csv"):
        (tmp_path / name).symlink_to(leaning / name)
    (tmp_path / "my-audits").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_on_own_audits_does_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited = []
    for language, name, block in BLOCKS:
        if name:
            (folder / name).write_text(block, encoding="utf-8")
        elif language == "python":
            exec(compile(block, PAGE.name, "exec"), {})
        else:
            audited += [_typed(line, folder) for line in block.splitlines()]
    own = {"products", "running_numbers"}

    assert [set(audits) for audits in audited] == [set(), own, own | {"punctuation"}]
    assert audited[1]["products"]["margin"] == 0.05
    assert audited[2]["products"]["margin"] == 0.1
    assert "Products of “culture” in place of those of “leisure”" in capsys.readouterr().out


def _typed(line: str, folder: Path) -> dict[str, dict[str, float]]:
    """Runs the line, and reads which audits the report holds."""
    words = shlex.split(line)
    assert words[0] == "token-saliency"
    code = run(words[1:])
    if words[1] != "audit":
        assert code == 0
        return {}
    assert code in (0, 1)
    newest = max(folder.glob("*/report.json"), key=lambda path: path.stat().st_mtime_ns)
    report = json.loads(newest.read_text(encoding="utf-8"))
    judged = {audit["name"]: {f["claim"] for f in audit["intervention"]} for audit in report["audits"]}
    assert "direction" in judged["products"]
    assert judged["running_numbers"] == {"shift"}
    settings: dict[str, dict[str, float]] = report["settings"]["audits"]
    return settings


def test_the_page_on_validation_names_every_check_and_its_python_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from token_saliency.validating.checks import CHECKS

    assert folder.is_dir()
    page = (PAGE.parent / "validate.md").read_text(encoding="utf-8")
    named = {name.replace("_delete`, `_mask", "_delete") for name in re.findall(r"^\| `([a-z_]+)`", page, re.MULTILINE)}
    (block,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(compile(block, "validate.md", "exec"), {})

    assert named == {name for name in CHECKS if not name.endswith("_mask")}
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CHECKS)
