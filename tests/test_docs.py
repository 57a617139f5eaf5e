"""The page on own audits cannot rot: its files are written, its commands and its Python run, in this order."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from token_saliency.__main__ import run
from token_saliency.auditing.known import read_known
from token_saliency.errors import AuditError

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


COMPARE = PAGE.with_name("compare.md")


def test_the_page_on_comparing_does_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _weaker(folder / "my-model", folder / "my-larger-model")
    codes = []
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```$", COMPARE.read_text(encoding="utf-8"), re.M | re.S):
        if language == "python":
            exec(compile(block, COMPARE.name, "exec"), {})
        if language == "sh":
            codes += [run(shlex.split(line)[1:]) for line in block.splitlines()]
        if language == "toml":
            (folder / "typed.toml").write_text(block, encoding="utf-8")

    assert codes == [1, 1, 0, 1, 0, 0]
    assert json.loads((folder / "small-to-large" / "comparison.json").read_text(encoding="utf-8"))["change"] == "better"
    assert re.search(r"^class=positive +\+1\.0\d\d|^class=positive +\+0\.99", capsys.readouterr().out, re.M)
    assert [entry.owner for entry in read_known(folder / "typed.toml")] == ["data team"]
    assert "known[1].reason" in _refused(folder / "known.toml")


def _weaker(model: Path, place: Path) -> None:
    """A model that is less sure of everything, and so leans less on the mark."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    other = AutoModelForSequenceClassification.from_pretrained(model)
    other.classifier.weight.data *= 0.3
    other.classifier.bias.data *= 0.3
    other.save_pretrained(place)
    AutoTokenizer.from_pretrained(model).save_pretrained(place)


def _refused(file: Path) -> str:
    with pytest.raises(AuditError) as caught:
        read_known(file)
    return str(caught.value)


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
