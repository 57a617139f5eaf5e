"""What a hurried user does: no folder is lost, made in vain or overwritten, and every mistake is one line."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Command, report_in
from token_saliency import __main__ as main
from token_saliency.cli.running import folder

FEW = ("--audits", "punctuation", "--edits", 100, "--rows", 40, "--no-discovery")
RUNS = "token-saliency-runs"


@pytest.fixture
def model(leaning: Path) -> Path:
    return leaning / "my-model"


@pytest.fixture
def rows(leaning: Path) -> Path:
    return leaning / "held_out.csv"


def runs_in(place: Path) -> list[str]:
    return sorted(path.name for path in (place / RUNS).iterdir() if not path.is_symlink())


def test_each_run_has_a_folder_of_its_own_and_the_same_command_finds_its_run_again(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    shutil.copy(rows, tmp_path / "my rows.csv")
    for seed in (1, 2, 1):
        ended = command("audit", model, "my rows.csv", *FEW, "--seed", seed)
        assert ended.code in (0, 1, 5), ended.err

    first, second = runs_in(tmp_path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[\w.-]+-my-rows", first)
    assert second == f"{first}-2"
    assert (tmp_path / RUNS / "latest").resolve() == tmp_path / RUNS / first
    assert report_in(tmp_path / RUNS / "latest")["settings"]["seed"] == 1
    assert f"Written to {RUNS}/{first}" in ended.out

    command("audit", model, "my rows.csv", *FEW, "--seed", 1, "--no-resume")
    assert runs_in(tmp_path) == [first, second, f"{first}-3"]


def test_latest_is_a_text_file_where_links_fail_and_never_replaces_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.chdir(tmp_path)
    place = folder.RUNS / "2026-01-01-a-b"
    place.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "symlink_to", refused)
        folder.point_latest(place)
    assert (folder.RUNS / "latest").read_text(encoding="utf-8") == "2026-01-01-a-b\n"
    folder.point_latest(place)
    assert (folder.RUNS / "latest").resolve() == place.resolve()
    (folder.RUNS / "latest").unlink()
    (folder.RUNS / "latest").mkdir()
    folder.point_latest(place)
    assert not (folder.RUNS / "latest").is_symlink()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("no-such-model", "rows.csv"), "no-such-model"),
        (("MODEL", "missing.csv"), "file not found"),
        (("MODEL", "rows.csv", "--text", "nope"), "no column 'nope' (--text)"),
        (("MODEL", "rows.csv", "--label", "nope"), "no column 'nope' (--label)"),
        (("MODEL", "rows.csv", "--id", "nope"), "no column 'nope' (--id)"),
        (("MODEL", "rows.csv", "--id", "label"), "more than once: --id must name each row once"),
        (("MODEL", "rows.csv", "--audits", ","), "--audits"),
        (("MODEL", "rows.csv", "--level", "punctuation=off", "--audits", "punctuation"), "Nothing is left to run"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_folder(
    command: Command, model: Path, rows: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    shutil.copy(rows, tmp_path / "rows.csv")
    for out in ((), ("--out", "mine")):
        ended = command("audit", *(str(model) if word == "MODEL" else word for word in words), *out)
        assert ended.code == 2
        assert says in ended.err
        assert ended.err.count("\n") == 1, ended.err
        assert not (tmp_path / RUNS).exists()
        assert not (tmp_path / "mine").exists()


def test_rows_are_called_by_the_column_that_is_named(command: Command, model: Path, tmp_path: Path) -> None:
    lines = [f"the food was fine,case-{number}" for number in range(3)] + ["the film was good!,x"]
    (tmp_path / "rows.csv").write_text("text,ticket\n" + "\n".join(lines), encoding="utf-8")
    command("audit", model, "rows.csv", *FEW, "--id", "ticket", "--out", "run")

    audit = (tmp_path / "run" / "rows.parquet").read_bytes()
    assert b"case-0" in audit


@pytest.mark.parametrize("words", [["-"], []])
def test_explain_reads_standard_input(
    command: Command, model: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("the food was good\n\nthe film was bad\n"))
    ended = command("explain", model, *words, "--json")

    assert ended.code == 0, ended.err
    assert [one["text"] for one in json.loads(ended.out)] == ["the food was good", "the film was bad"]


def test_nothing_to_explain_is_told(command: Command, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ended = command("explain", model)

    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "nothing to explain" in ended.err


@pytest.mark.parametrize("words", [("-V",), ("--version",)])
def test_the_version_has_a_short_name(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).out.startswith("token-saliency 0.")


def test_verbose_says_what_is_logged_wherever_it_stands_and_ends_with_its_command(
    command: Command, model: Path, rows: Path
) -> None:
    words = ("audit", model, rows, *FEW, "--quiet", "--out", "run", "--no-resume")
    for loud in (("-v", *words), (*words, "-v")):
        said = command(*loud).err
        assert said.count("token_saliency.auditing.run: plan: 40 rows") == 1
    assert command(*words).err == ""


def test_shells_can_complete_the_commands(command: Command) -> None:
    assert "--install-completion" in command("--help").out


@pytest.mark.parametrize(("module", "extra"), [("PIL", "image"), ("matplotlib.figure", "image"), ("peft", "peft")])
def test_a_missing_extra_is_one_line_with_what_installs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    def missing(_: list[str]) -> int:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(main, "_dispatch", missing)
    assert main.run(["image", "audit"]) == 2
    said = capsys.readouterr().err
    assert said == f"error: {module} is not installed, and this needs it: pip install 'token-saliency[{extra}]'.\n"


def test_every_extra_that_is_named_exists() -> None:
    project = tomllib.loads((Path(main.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(main.EXTRAS.values()) <= set(project["project"]["optional-dependencies"])


def test_compare_and_from_find_the_audits_of_their_runs(
    command: Command, model: Path, rows: Path, tmp_path: Path
) -> None:
    shipped = Path(main.__file__).parents[1] / "audits" / "punctuation.toml"
    (tmp_path / "mine").mkdir()
    shutil.copy(shipped, tmp_path / "mine" / "marks.toml")
    for out, seed in (("a", 1), ("b", 1)):
        few = ("--edits", 400, "--rows", 100, "--no-discovery", "--audits", "marks", "--audits-dir", "mine")
        assert command("audit", model, rows, *few, "--seed", seed, "--out", out).code in (0, 1)

    compared = command("compare", "a", "b")
    assert compared.code in (0, 5), compared.err
    assert "marks" in compared.out
    assert command("audit", "--from", "a", "--fail-on", "never").code == 0
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    record = json.loads((tmp_path / "c" / "report.json").read_text(encoding="utf-8"))
    record["settings"]["fail_on"] = "<script>"
    (tmp_path / "c" / "report.json").write_text(json.dumps(record), encoding="utf-8")
    assert "error: Unknown value of fail-on '<script>'" in command("audit", "--from", "c").err
    shutil.rmtree(tmp_path / "mine")
    assert "name its folder with --audits-dir" in command("compare", "a", "b").err
    record = json.loads((tmp_path / "a" / "report.json").read_text(encoding="utf-8"))
    del record["settings"]["seed"]
    (tmp_path / "a" / "report.json").write_text(json.dumps(record), encoding="utf-8")
    assert command("audit", "--from", "a").err == "error: The settings of the report lack seed: run the audit again.\n"
