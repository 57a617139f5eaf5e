"""`action.yml`, its steps run as a runner runs them: inputs in the environment, `bash -e`, summary and output files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runner import ROOT, Runner

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]


@dataclass(frozen=True, slots=True)
class Ran:
    """How the steps ended."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    installed: list[str]


def filled(expression: str, inputs: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda hit: inputs[hit[1]], expression)


def ran(folder: Path, **given: str) -> Ran:
    """Runs the steps in turn until one fails."""
    inputs = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()}
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    runner, code = Runner(folder), 0
    for step in STEPS:
        code = runner.run(step["run"], {name: filled(value, inputs) for name, value in step["env"].items()})
        if code:
            break
    return Ran(code, runner.log, runner.summary, runner.outputs, runner.installed)


def test_no_input_is_pasted_into_a_script() -> None:
    assert [step["name"] for step in STEPS if "${{" in step["run"]] == []
    assert len(STEPS) == 2


def test_every_input_is_described_and_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")

    for name, about in ACTION["inputs"].items():
        assert about["description"]
        assert re.search(rf"inputs\.{name}\b", text), name


def test_a_finding_fails_the_job_and_says_why(leaning: Path, tmp_path: Path) -> None:
    found = ran(
        tmp_path,
        model=str(leaning / "my-model"),
        data=str(leaning / "held_out.csv"),
        audits="punctuation",
        arguments="--edits\n500\n\n--quiet",
    )

    assert found.code == 1, found.log
    assert found.outputs == {"exit-code": "1", "verdict": "FAIL", "report": "token-saliency-run/report.html"}
    assert "❌ token-saliency: FAIL" in found.summary
    assert "::error file=held_out.csv,line=1,title=FAIL%3A punctuation%2C shift" in found.log
    for name in ("report.html", "report.junit.xml", "report.sarif", "report.gitlab.json", "report.md"):
        assert (tmp_path / "token-saliency-run" / name).stat().st_size
    assert found.installed == [f"-m pip install --quiet {ROOT}"]


def test_never_failing_is_an_input(leaning: Path, tmp_path: Path) -> None:
    model, data = str(leaning / "my-model"), str(leaning / "held_out.csv")
    found = ran(
        tmp_path, model=model, data=data, audits="punctuation", arguments="--edits\n500", **{"fail_on": "never"}
    )

    assert (found.code, found.outputs["verdict"]) == (0, "FAIL")


def test_what_cannot_run_is_code_2_and_no_verdict_even_beside_an_earlier_report(tmp_path: Path) -> None:
    (tmp_path / "token-saliency-run").mkdir()
    (tmp_path / "token-saliency-run" / "report.json").write_text('{"verdict": "PASS"}', encoding="utf-8")
    found = ran(tmp_path, model="no-such-model", data="no-such.csv")

    assert found.code == 2
    assert found.outputs["verdict"] == ""
    assert found.outputs["exit-code"] == "2"
    assert "could not run (exit code 2)" in found.summary


@pytest.mark.parametrize("name", ["model", "data", "audits", "fail_on", "known", "arguments", "package", "out"])
def test_shell_characters_in_an_input_are_inert(tmp_path: Path, name: str) -> None:
    evil = "x'; touch pwned; $(touch pwned) `touch pwned` && touch pwned #\"\n--help\ntouch pwned"
    given = {"model": "no-such-model", "data": "no-such.csv"} | {name: evil}
    found = ran(tmp_path, **given)

    assert found.code in (0, 2)  # `--help` as a word of `arguments` is asked for and answered
    assert not list(tmp_path.rglob("pwned"))
    assert set(found.outputs) <= {"exit-code", "verdict", "report"}
