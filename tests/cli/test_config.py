"""The configuration file: where it is found, what it sets, and how it says what is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from token_saliency.cli.options.config import find_source

Command = Callable[..., Any]

FULL = """
audits = ["punctuation"]
edits = 300
rows = 120
seed = 3
method = "gradient"
fail_on = "never"
format = "json"
out = "runs/today"

[audit.punctuation]
level = "warn"
margin = 0.2
min_rows = 20
"""


def settings_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))["settings"]
    return found


def test_the_file_sets_what_the_command_line_leaves_open(command: Command, leaning: Path, tmp_path: Path) -> None:
    (tmp_path / "token-saliency.toml").write_text(FULL, encoding="utf-8")

    ended = command("audit", leaning / "my-model", leaning / "held_out.csv", "--seed", 4, "--fail-on", "warn")

    settings = settings_in(tmp_path / "runs" / "today")
    assert ended.code in (0, 1), ended.err
    assert (settings["edits"], settings["rows_limit"], settings["method"]) == (300, 120, "gradient")
    assert (settings["seed"], settings["fail_on"]) == (4, "warn"), "the command line wins"
    assert settings["audits"] == {"punctuation": {"level": "warn", "margin": 0.2, "min_rows": 20, "flips": 0.2}}


def test_a_table_of_pyproject_in_a_folder_above_counts_and_its_paths_start_there(
    command: Command, leaning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FULL.replace("[audit.", "[tool.token-saliency.audit.")
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\n[tool.token-saliency]\n{text}', encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "down")

    ended = command("audit", leaning / "my-model", leaning / "held_out.csv", "--quiet")

    assert ended.code == 0, ended.err
    assert settings_in(tmp_path / "runs" / "today")["audits"]["punctuation"]["margin"] == 0.2


def test_another_file_is_named_by_config(command: Command, tmp_path: Path) -> None:
    (tmp_path / "token-saliency.toml").write_text("edits = 'many'\n", encoding="utf-8")
    (tmp_path / "other.toml").write_text('dtype = "float7"\n', encoding="utf-8")

    assert "float7" in command("check", tmp_path, "--config", "other.toml").error
    assert "cannot be read" in command("check", tmp_path, "--config", "missing.toml").error


def test_the_nearest_file_counts_and_none_above_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "token-saliency.toml").write_text("seed = 1\n", encoding="utf-8")
    assert find_source(inner) is None, "there is no repository"
    (tmp_path / "repository" / ".git").mkdir()
    assert find_source(inner) is None, "the file lies above it"
    (tmp_path / "repository" / "pyproject.toml").write_text("[tool.token-saliency]\nseed = 2\n", encoding="utf-8")
    found = find_source(inner)
    assert found is not None
    assert found.values == {"seed": 2}
    (inner / "token-saliency.toml").write_text("seed = 3\n", encoding="utf-8")
    nearest = find_source(inner)
    assert nearest is not None
    assert nearest.values == {"seed": 3}


def test_a_pyproject_that_does_not_name_us_is_not_ours_to_judge(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("this is [no TOML", encoding="utf-8")

    assert find_source(tmp_path) is None


def test_explain_and_check_take_the_machine_and_leave_the_rest(command: Command, leaning: Path, tmp_path: Path) -> None:
    (tmp_path / "token-saliency.toml").write_text('target = "label"\ndtype = "float7"\n', encoding="utf-8")

    for words in (("check", leaning / "my-model"), ("explain", leaning / "my-model", "fine")):
        assert "float7" in command(*words).error
        assert command(*words, "--dtype", "float32").code == 0


WRONG = {
    "unknown key": ("sead = 3", "line 1: `sead` is no option", "Did you mean `seed`?"),
    "dash for underscore": ("fail-on = 'warn'", "`fail-on` is no option", "Did you mean `fail_on`?"),
    "wrong type": ("\n\nseed = 'three'", "line 3: `seed` must be a whole number, not 'three'", ""),
    "flag that is none": ("quiet = 1", "line 1: `quiet` must be true or false, not 1", ""),
    "out of range": ("edits = 5", "line 1: `edits` is 5: ", "100"),
    "unknown choice": ("fail_on = 'always'", "line 1: `fail_on` is 'always': ", "never"),
    "list for one": ("method = ['a']", "line 1: `method` must be a string, not ['a']", ""),
    "table for a list": ("audits = 3.5", "`audits` must be a string or a list of strings, not 3.5", ""),
    "unknown audit": ("[audit.nams]", "line 1: `audit.nams` is no audit", "Did you mean `names`?"),
    "unknown key of an audit": (
        "[audit.names]\nmargn = 0.1",
        "line 2: `audit.names.margn` is no option",
        "Did you mean `margin`?",
    ),
    "wrong margin": ("[audit.names]\nmargin = 5", "`audit.names.margin` is 5; it must lie between 0 and 1", ""),
    "wrong level": ("[audit.names]\nlevel = 'eror'", "`audit.names.level` is 'eror'", "Did you mean 'error'?"),
    "audit that is no table": ("audit = 'names'", "`audit` must hold a table for each audit", ""),
    "no TOML": ("seed = ", "is not valid TOML", ""),
}


@pytest.mark.parametrize("name", ["token-saliency.toml", "pyproject.toml"])
@pytest.mark.parametrize(("text", "says", "hint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_with_file_key_and_the_nearest_known_one(
    command: Command, tmp_path: Path, name: str, text: str, says: str, hint: str
) -> None:
    if name == "pyproject.toml":
        text = "[tool.token-saliency]\n" + text.replace("[audit.", "[tool.token-saliency.audit.")
        says = says.partition(": ")[2] if says.startswith("line ") else says
    (tmp_path / name).write_text(text + "\n", encoding="utf-8")

    ended = command("audit", "model", "rows.csv")

    assert ended.code == 2
    assert ended.error.startswith(f"error: {name}")
    assert says in ended.error
    assert hint in ended.error


def test_a_key_of_pyproject_is_found_behind_our_own_header(command: Command, tmp_path: Path) -> None:
    text = "[tool.other]\nseed = 1\n\n[tool.token-saliency]\nseed = 'x'\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    assert command("audit", "model", "rows.csv").error.startswith("error: pyproject.toml, line 5: `seed`")


def test_a_label_map_may_be_a_table(command: Command, leaning: Path, tmp_path: Path) -> None:
    rows = (
        (leaning / "held_out.csv")
        .read_text(encoding="utf-8")
        .replace(",positive", ",good")
        .replace(",negative", ",bad")
    )
    (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
    text = FULL.replace("[audit.punctuation]", '[label_map]\ngood = "positive"\nbad = "negative"\n[audit.punctuation]')
    (tmp_path / "token-saliency.toml").write_text(text, encoding="utf-8")

    assert command("audit", leaning / "my-model", "rows.csv", "--quiet").code == 0


def test_the_length_that_the_file_sets_counts_for_explain_too(command: Command, leaning: Path, tmp_path: Path) -> None:
    text = "Susan said the film was long , number 3 and the song was short !"
    plain = command("explain", leaning / "my-model", text, "--method", "gradient").out
    (tmp_path / "token-saliency.toml").write_text("max_length = 6\n", encoding="utf-8")

    cut = command("explain", leaning / "my-model", text, "--method", "gradient").out

    assert "beyond" in cut or "cut" in cut or "longer" in cut, cut
    assert cut != plain


@pytest.mark.parametrize("line", ["trust_remote_code = true", 'ray_address = "ray://elsewhere:10001"'])
@pytest.mark.parametrize("name", ["token-saliency.toml", "pyproject.toml"])
def test_no_file_lets_others_run_code_here(command: Command, tmp_path: Path, name: str, line: str) -> None:
    table = "[tool.token-saliency]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(table + line, encoding="utf-8")

    ended = command("audit", "my-model", "rows.csv")

    assert (ended.code, "type --" in ended.error, "others run code here" in ended.error) == (2, True, True), ended.err
    (tmp_path / name).write_text(table + 'trust_remote_code = false\nray_address = "auto"', encoding="utf-8")
    assert "others run code" not in command("audit", "my-model", "rows.csv").error
