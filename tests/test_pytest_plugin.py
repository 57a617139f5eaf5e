"""The plugin in a pytest of its own: what a failing, an undecided and a passing audit look like there."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

PLUGIN = "token_saliency.pytest_plugin"

BODY = """
import numpy as np
import pytest
from token_saliency import TextClassifier

ROWS = [f"{word} was {what}{end}" for word in "food room staff view desk lift bed bath".split()
        for what in "fine cold warm loud dark plain slow new".split() for end in ".!"]

def prefers(mark):
    def probabilities(texts):
        p = np.array([0.9 if mark in text else 0.2 for text in texts])
        return np.stack([1 - p, p], axis=1)
    return TextClassifier.from_function(probabilities, ["negative", "positive"])

def test_leaning(saliency):
    saliency.check(prefers("!"), ROWS, audit="punctuation")

def test_clean(saliency):
    report = saliency.check(prefers("no such mark"), ROWS, audit="punctuation")
    assert report.verdict == "PASS"

def test_too_few(saliency):
    saliency.check(prefers("!"), ROWS[:6], audit="punctuation")

def test_crashed(saliency, monkeypatch):
    from token_saliency.auditing import collect
    def broken(*places, **names):
        raise RuntimeError("no plan")
    monkeypatch.setattr(collect, "found_and_planned", broken)
    saliency.check(prefers("!"), ROWS, audit="punctuation")

@pytest.mark.filterwarnings("ignore")
def test_never_fails(saliency):
    assert saliency.check(prefers("!"), ROWS, audit="punctuation", fail_on="never").verdict == "FAIL"

@pytest.mark.parametrize("audit", ["", ",", [], ["punctuation", "names"], None])
def test_names_no_audit(saliency, audit):
    saliency.check(prefers("!"), ROWS, audit=audit)

def test_is_off(saliency):
    saliency.check(prefers("!"), ROWS, audit="punctuation", config={"punctuation": {"level": "off"}})
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints for the four tests."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "test_audits.py").write_text(BODY, encoding="utf-8")
    root = str(Path(__file__).resolve().parents[1])
    program = f"import sys; sys.path.insert(0, {root!r}); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "-rfEs", "-p", "no:cacheprovider"]
    if not any(entry.value == PLUGIN for entry in entry_points(group="pytest11")):  # an uninstalled checkout
        command += ["-p", PLUGIN]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300).stdout


def test_each_verdict_ends_its_test_in_its_own_way(said: str) -> None:
    assert "8 failed, 2 passed, 1 skipped" in said, said


def test_a_failing_test_shows_the_reason_sentence_and_no_traceback(said: str) -> None:
    assert "FAIL punctuation/shift: “!” in place of “.” moves P(positive) by +0.7" in said
    assert "def check" not in said


def test_a_skipped_test_says_what_is_missing(said: str) -> None:
    skipped = next(line for line in said.splitlines() if line.startswith("SKIPPED"))

    assert "INCONCLUSIVE" in skipped
    assert "30" in skipped


def test_a_crash_fails_and_is_never_a_pass(said: str) -> None:
    assert "ERROR punctuation/audit: The audit could not run: RuntimeError: no plan" in said
