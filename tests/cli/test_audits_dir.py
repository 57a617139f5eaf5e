"""`--audits-dir`: own audits beside the shipped ones, in their place, and wrong ones told before a model is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.definitions.reader import audit_files
from token_saliency.resources import shipped

Command = Callable[..., Any]

OWN = """
code = "OWN"
title = "Filler"
expectation = "irrelevant"
items = "fixed"
[find]
matcher = "lexicon"
items = ["long"]
[edit]
judge = "delete"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.toml").write_text(OWN, encoding="utf-8")
    return folder


def audits_in(folder: Path) -> dict[str, dict[str, Any]]:
    report = json.loads((folder / "token-saliency-runs" / "latest" / "report.json").read_text(encoding="utf-8"))
    return {audit["name"]: audit for audit in report["audits"]}


@pytest.mark.usefixtures("own")
def test_own_audits_run_by_name_beside_shipped_ones(command: Command, leaning: Path, tmp_path: Path) -> None:
    words = ("--audits-dir", "own", "--audits", "mine,punctuation", "--edits", 500)
    ended = command("audit", leaning / "my-model", leaning / "held_out.csv", *words)

    assert ended.code == 1, ended.err
    found = audits_in(tmp_path)
    assert list(found) == ["mine", "punctuation"]
    assert found["mine"]["verdict"] != "FAIL"
    assert found["punctuation"]["verdict"] == "FAIL"
    claims = [(finding["claim"], finding["between"]) for finding in found["mine"]["intervention"]]
    assert claims == [("shift", ["long", "nothing"]), ("movement", ["long", "nothing"])]


def test_all_audits_run_without_names(command: Command, leaning: Path, own: Path, tmp_path: Path) -> None:
    words = ("--audits-dir", own, "--edits", 300, "--rows", 60, "--method", "gradient")
    ended = command("audit", leaning / "my-model", leaning / "held_out.csv", *words)

    assert ended.code in (0, 1), ended.err
    found = list(audits_in(tmp_path))
    assert found == sorted(found)
    assert {"mine", "names", "punctuation", "length"} <= set(found) <= {"mine", *audit_files()}
    assert "markup" not in found, "no row holds any, so it does not apply"


def test_an_own_audit_with_a_shipped_name_stands_in_its_place(
    command: Command, leaning: Path, own: Path, tmp_path: Path
) -> None:
    (own / "mine.toml").rename(own / "names.toml")
    words = ("--audits-dir", own, "--audits", "names", "--edits", 300)
    command("audit", leaning / "my-model", leaning / "held_out.csv", *words)

    names = audits_in(tmp_path)["names"]
    assert names["code"] == "OWN"
    assert any("stands in for the shipped one" in note for note in names["notes"])


def test_the_configuration_beside_the_audits_is_no_audit(command: Command, own: Path, tmp_path: Path) -> None:
    (own / "mine.toml").rename(tmp_path / "mine.toml")
    (tmp_path / "token-saliency.toml").write_text('audits_dir = "."\n', encoding="utf-8")

    listed = command("list", "audits", "--audits-dir", ".")

    assert listed.code == 0, listed.err
    assert [line.split()[0] for line in listed.out.splitlines()] == sorted(["mine", *audit_files()])


WRONG = {
    "unknown name": ("", "mnie", "Unknown audit 'mnie'. Did you mean 'mine'?"),
    "unknown key": ("expectaton = 'irrelevant'\n", "mine", "mine.toml: `expectaton` is no known key"),
    "no TOML": ("code = \n", "mine", "mine.toml: is not valid TOML"),
}


@pytest.mark.parametrize(("before", "name", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_audit_is_one_line_before_the_model_is_loaded(
    command: Command, own: Path, before: str, name: str, says: str
) -> None:
    (own / "mine.toml").write_text(before + OWN, encoding="utf-8")

    ended = command("audit", "no-model", "no-rows.csv", "--audits-dir", own, "--audits", name)

    assert ended.code == 2
    assert says in ended.error


def test_a_shipped_audit_can_be_copied_and_given_synonyms(command: Command, own: Path) -> None:
    text = (shipped("audits") / "label_words.toml").read_text(encoding="utf-8")
    (own / "label_words.toml").write_text(text.replace("synonyms = []", 'synonyms = ["upbeat"]'), encoding="utf-8")

    assert command("list", "audits", "--audits-dir", own).code == 0
