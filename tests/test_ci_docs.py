"""The CI jobs of README and docs, as they are written: each step in a runner's environment, in a user's project."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.runner import ROOT, Runner

PINNED = re.compile(r"install git\+https://github\.com/owner/token-saliency@v[\d.]+")


def jobs(page: str) -> list[dict[str, Any]]:
    """The YAML blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]


@pytest.fixture
def project(leaning: Path, tmp_path: Path) -> Path:
    """A checkout that holds the model and the rows where the pages say."""
    (tmp_path / "data").mkdir()
    shutil.copytree(leaning / "my-model", tmp_path / "models" / "sentiment")
    shutil.copy(leaning / "held_out.csv", tmp_path / "data")
    return tmp_path


def test_the_github_job_of_the_readme_turns_red_and_still_writes_its_summary(project: Path) -> None:
    (workflow,) = jobs("README.md")
    runner, failed = Runner(project), False
    for step in (step for step in workflow["jobs"]["audit"]["steps"] if "run" in step):
        if not failed or step.get("if") == "always()":
            failed = runner.run(step["run"]) != 0 or failed

    assert failed
    assert len(runner.installed) == 1
    assert PINNED.fullmatch(runner.installed[0])
    assert "❌ token-saliency: FAIL" in runner.summary
    assert "::error file=data/held_out.csv,line=1,title=FAIL%3A punctuation" in runner.log
    assert (project / "saliency" / "report.html").stat().st_size


def test_the_gitlab_job_leaves_every_file_that_it_names(project: Path) -> None:
    (job,) = (block["audit"] for block in jobs("docs/ci.md") if "script" in block.get("audit", {}))
    runner = Runner(project)
    codes = [runner.run(line) for line in job["script"]]

    assert codes == [0, 1], runner.log
    assert (project / job["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8").startswith("<?xml")
    issues = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert {"description", "fingerprint", "location", "severity"} <= set(issues[0])
    assert all((project / path).is_dir() for path in job["artifacts"]["paths"])


def test_the_github_job_of_the_docs_gives_the_action_inputs_that_it_has() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (job,) = (block["jobs"]["audit"] for block in jobs("docs/ci.md") if "jobs" in block)
    (used,) = (step["with"] for step in job["steps"] if "token-saliency@" in step.get("uses", ""))

    assert set(used) <= set(action["inputs"])
    assert {name for name, about in action["inputs"].items() if about.get("required")} <= set(used)
    assert job["permissions"]["security-events"] == "write"
