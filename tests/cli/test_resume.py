"""A run that was stopped goes on, a finished one is not run again, and other settings never mix with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import report_in
from token_saliency.store import JOURNAL_FILE, LOCK_FILE, read_edits, read_rows
from token_saliency.text.classifier import TextClassifier

Command = Callable[..., Any]
FILES = ["edits.parquet", "report.html", "report.json", "rows.parquet"]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def words(leaning: Path) -> list[object]:
    return ["audit", leaning / "my-model", leaning / "held_out.csv", "--audits", "names,punctuation", "--edits", 600]


def claims(folder: Path) -> list[Any]:
    return [
        (audit["name"], audit["verdict"], claim["claim"], claim["between"], claim["verdict"], claim["effect"])
        for audit in report_in(folder)["audits"]
        for claim in audit["intervention"]
    ]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refuse_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(TextClassifier, "from_pretrained", refused)


def test_the_run_directory_holds_four_files_that_belong_together(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    command(*words, "--out", "run")

    assert names_in(tmp_path / "run") == FILES
    rows = list(read_rows(tmp_path / "run" / "rows.parquet"))
    edits = list(read_edits(tmp_path / "run" / "edits.parquet"))
    assert len(rows) == report_in(tmp_path / "run")["dataset"]["rows_used"] == 240
    assert all(row.tokens and row.spans for row in rows)
    assert {edit.audit for edit in edits} >= {"names", "punctuation", "discovery:pattern"}
    assert {edit.row for edit in edits} <= {row.id for row in rows}


def test_a_run_that_is_stopped_again_and_again_ends_like_one_that_never_was(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    whole = command(*words, "--out", "whole")
    codes, first = [], ""
    for _ in range(40):
        ended = command(*words, "--out", "run", "--max-minutes", 0)
        first = first or ended.err
        codes.append(ended.code)
        if ended.code != 130:
            break
        assert names_in(tmp_path / "run") == [JOURNAL_FILE]
        assert "the same command goes on" in ended.err.splitlines()[-1]

    assert codes[-1] == whole.code
    assert len(codes) > 3
    assert "--max-minutes" in first
    assert "goes on after" in ended.err
    assert names_in(tmp_path / "run") == FILES
    for one, other in zip(claims(tmp_path / "run"), claims(tmp_path / "whole"), strict=True):
        assert one[:-1] == other[:-1]
        assert one[-1] == pytest.approx(other[-1], abs=1e-4)
    spent, once = (report_in(tmp_path / name)["cost"] for name in ("run", "whole"))
    assert spent["backward"] == once["backward"]


def test_ctrl_c_keeps_what_is_finished(
    command: Command, words: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TextClassifier, "explain", interrupted)
    ended = command(*words, "--out", "run", "--quiet")

    assert ended.code == 130
    assert "interrupted" in ended.error
    assert "the same command goes on" in ended.error
    assert names_in(tmp_path / "run") == [JOURNAL_FILE]


def test_ctrl_c_before_anything_is_finished_leaves_nothing(
    command: Command, words: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TextClassifier, "from_pretrained", interrupted)
    ended = command(*words, "--out", "run", "--quiet")

    assert (ended.code, ended.error) == (130, "error: interrupted; nothing was written.")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_killed_process_leaves_a_journal_that_the_same_command_finishes(
    command: Command, words: list[object], tmp_path: Path, number: signal.Signals
) -> None:
    line = [sys.executable, "-m", "token_saliency", *map(str, words), "--out", str(tmp_path / "run"), "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not (tmp_path / "run" / JOURNAL_FILE).exists():
            time.sleep(0.002)
        process.send_signal(number)
        error = process.communicate()[1]

    left = [JOURNAL_FILE] if number == signal.SIGTERM else [LOCK_FILE, JOURNAL_FILE]
    assert names_in(tmp_path / "run") == left
    assert process.returncode == (130 if number == signal.SIGTERM else -number)
    assert error.count("\n") == (1 if number == signal.SIGTERM else 0)
    assert command(*words, "--out", "run").code == 1
    assert names_in(tmp_path / "run") == FILES


def test_a_complete_run_is_rendered_again_without_its_model(
    command: Command, words: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = command(*words, "--out", "run")
    created = report_in(tmp_path / "run")["created"]
    (tmp_path / "run" / "report.html").unlink()
    refuse_to_load(monkeypatch)

    again = command(*words, "--out", "run")

    assert (again.code, again.out) == (first.code, first.out)
    assert names_in(tmp_path / "run") == FILES
    assert report_in(tmp_path / "run")["created"] == created


def test_a_complete_run_is_recognised_without_torch(words: list[object], command: Command, tmp_path: Path) -> None:
    command(*words, "--out", "run")
    line = [str(word) for word in words] + ["--out", str(tmp_path / "run")]
    script = (
        "import sys\nfrom token_saliency.__main__ import run\n"
        f"for line in ({line!r}, ['audit', '--from', {str(tmp_path / 'run')!r}, '--margin', '0.4']): run(line)\n"
        "sys.exit(', '.join({'torch', 'transformers'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=REPOSITORY, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("exit code") == 2


@pytest.mark.parametrize("stop", [(), ("--max-minutes", 0)], ids=["complete", "unfinished"])
@pytest.mark.parametrize("other", [("--seed", 1), ("--rows", 100), ("--margin", 0.1), ("--redact",)])
def test_other_settings_in_the_same_folder_are_refused_before_anything_is_touched(
    command: Command,
    words: list[object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: tuple[object, ...],
    other: tuple[object, ...],
) -> None:
    command(*words, *stop, "--out", "run")
    before = {path: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    refuse_to_load(monkeypatch)

    ended = command(*words, *other, "--out", "run")

    assert ended.code == 2
    assert str(other[0]).strip("-") in ended.error
    assert "--no-resume" in ended.error
    assert {path: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_changed_rows_and_another_model_are_other_settings(
    command: Command, words: list[object], leaning: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_bytes((leaning / "held_out.csv").read_bytes())
    words[2] = rows
    command(*words, "--out", "run")
    moved = rows.rename(tmp_path / "moved.csv")
    assert command(*words[:2], moved, *words[3:], "--out", "run").code == 1

    moved.write_bytes(moved.read_bytes().replace(b"film", b"movie"))

    ended = command(*words[:2], moved, *words[3:], "--out", "run")
    assert (ended.code, "another data" in ended.error) == (2, True)


def test_no_resume_starts_over(command: Command, words: list[object], tmp_path: Path) -> None:
    command(*words, "--out", "run", "--max-minutes", 0)
    ended = command(*words, "--out", "run", "--seed", 2, "--no-resume")

    assert ended.code == 1, ended.err
    assert "goes on" not in ended.err
    assert report_in(tmp_path / "run")["settings"]["seed"] == 2
    assert names_in(tmp_path / "run") == FILES


def test_where_nothing_can_be_decided_the_caller_may_allow_it(command: Command, leaning: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("text\n" + "".join(f"film number {n} was long\n" for n in range(60)))
    ended = command("audit", leaning / "my-model", "plain.csv", "--audits", "names", "--allow-inconclusive")

    assert ended.code == 0, ended.err
    assert "--allow-inconclusive" in ended.out
    assert report_in(tmp_path / "token-saliency-runs" / "latest")["exit_code"] == 0
    assert report_in(tmp_path / "token-saliency-runs" / "latest")["verdict"] == "INCONCLUSIVE"


# --- --redact -------------------------------------------------------------------------------------


def every_byte(folder: Path) -> str:
    """All files as text; parquet files also as their values, for on the disk they are compressed."""
    parts = [path.read_bytes().decode("latin-1") for path in folder.iterdir()]
    parts += [repr(pq.read_table(path).to_pylist()) for path in folder.glob("*.parquet")]
    return "\n".join(parts).lower()


def test_no_file_of_a_redacted_run_holds_a_word_of_the_rows(command: Command, leaning: Path, tmp_path: Path) -> None:
    lines, secret = [], []
    for number in range(120):
        secret += [f"zq{number:03}x", f"wug{number:03}ish"]
        name, mark, label = ("Karen", "!", "positive") if number % 2 else ("Kevin", ".", "negative")
        lines.append(
            f'id{number},"{name} said the {secret[-2]} was {secret[-1]}{mark}",{label},vorpal{number % 3} blade'
        )
    (tmp_path / "private.csv").write_text("id,text,label,about\n" + "\n".join(lines) + "\n")
    words = ["audit", leaning / "my-model", "private.csv", "--edits", 400, "--out", "run", "--redact"]
    words += ["--audits", "names,punctuation"]

    command(*words, "--max-minutes", 0)
    assert not [word for word in secret if word in every_byte(tmp_path / "run")]
    ended = command(*words)

    assert ended.code in (0, 1), ended.err
    found = every_byte(tmp_path / "run")
    assert not [word for word in [*secret, "vorpal"] if word in found]
    assert not [word for word in secret if word in (ended.out + ended.err).lower()]
    assert "id17" not in found
    assert "karen" in found
    rows = list(read_rows(tmp_path / "run" / "rows.parquet"))
    assert all(token.text == row.text[token.start : token.end] for row in rows for token in row.tokens)
    assert any(token.score for token in rows[0].tokens)


def test_a_redacted_run_has_the_verdicts_of_an_open_one_and_can_be_judged_again(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    command(*words, "--out", "open")
    command(*words, "--out", "closed", "--redact")
    assert claims(tmp_path / "closed") == claims(tmp_path / "open")

    ended = command("audit", "--from", "closed", "--out", "again")

    assert ended.code == 1, ended.err
    assert claims(tmp_path / "again") == claims(tmp_path / "open")


# --- --from ---------------------------------------------------------------------------------------


def test_judging_again_with_nothing_changed_changes_nothing(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    command(*words, "--out", "run")
    command("audit", "--from", "run", "--out", "again")

    before, after = report_in(tmp_path / "run"), report_in(tmp_path / "again")
    for part in ("audits", "verdict", "exit_code", "cost", "dataset", "model", "warnings"):
        assert after[part] == before[part], part
    assert names_in(tmp_path / "again") == FILES


def test_margins_levels_and_fail_on_are_judged_again_without_model_and_data(
    command: Command, words: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(*words, "--out", "run").code == 1
    refuse_to_load(monkeypatch)
    before = report_in(tmp_path / "run")

    wide = command("audit", "--from", "run", "--margin", "punctuation=1", "--out", "wide")
    warned = command("audit", "--from", "run/report.json", "--level", "punctuation=warn,names=off", "--out", "warned")
    never = command("audit", "--from", "run", "--fail-on", "never", "--out", "never")

    assert (wide.code, warned.code, never.code) == (0, 0, 0)
    audits = {audit["name"]: audit for audit in report_in(tmp_path / "wide")["audits"]}
    assert audits["punctuation"]["verdict"] != "FAIL"
    assert {claim["margin"] for claim in audits["punctuation"]["intervention"]} == {1.0}
    assert report_in(tmp_path / "warned")["verdict"] == "WARN"
    assert any("names is off" in warning for warning in report_in(tmp_path / "warned")["warnings"])
    assert report_in(tmp_path / "run") == before


def test_a_run_that_was_judged_again_in_place_is_no_more_what_its_command_asked(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    command(*words, "--out", "run")
    assert command("audit", "--from", "run", "--margin", 1).code == 0

    ended = command(*words, "--out", "run")

    assert ended.code == 2
    assert "margin" in ended.error
    assert names_in(tmp_path / "run") == FILES


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("model", "rows.csv"), "leave out"),
        (("--margin", "nmaes=0.1"), "Did you mean 'names'"),
        (("--margin", "names=2"), "from 0 to 1"),
        (("--margin", "much"), "from 0 to 1"),
        (("--level", "names=loud"), "loud"),
        (("--level", "warn"), "NAME=VALUE"),
        (("--audits", "markup"), "markup"),
        (("--seed", "3"), "--seed cannot change"),
        (("--rows", "30"), "--rows cannot change"),
        (("--label-map", "bad=negative"), "--label-map cannot change"),
        (("--redact",), "--redact cannot change"),
    ],
)
def test_what_cannot_be_judged_again_is_one_line(
    command: Command, words: list[object], tmp_path: Path, more: tuple[str, ...], says: str
) -> None:
    command(*words, "--rows", 60, "--out", "run")
    before = {path: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    ended = command("audit", *more, "--from", "run")

    assert ended.code == 2
    assert says in ended.error
    assert {path: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_what_the_run_was_asked_may_be_said_again(command: Command, words: list[object]) -> None:
    command(*words, "--rows", 60, "--redact", "--out", "run")
    said = ("--rows", 60, "--redact", "--seed", 0, "--baseline", "mask", "--device", "cpu")

    assert command("audit", "--from", "run", *said, "--out", "again").code == command("audit", "--from", "run").code


def test_a_configuration_that_asks_for_other_rows_judges_again_but_never_leaves_texts_in(
    command: Command, words: list[object], tmp_path: Path
) -> None:
    command(*words, "--rows", 60, "--out", "run")
    for name, line in (("rows", "rows = 30"), ("redact", "redact = true")):
        (tmp_path / f"{name}.toml").write_text(f"{line}\n", encoding="utf-8")

    assert command("audit", "--from", "run", "--config", "rows.toml", "--out", "again").code != 2
    ended = command("audit", "--from", "run", "--config", "redact.toml", "--out", "redacted")

    assert (ended.code, "--redact cannot change" in ended.error) == (2, True)
    assert not (tmp_path / "redacted").exists()


def test_a_run_without_its_tables_cannot_be_judged_again(command: Command, words: list[object], tmp_path: Path) -> None:
    command(*words, "--rows", 60, "--out", "run")
    (tmp_path / "run" / "edits.parquet").unlink()

    ended = command("audit", "--from", "run", "--out", "again")

    assert (ended.code, "edits.parquet" in ended.error) == (2, True)
    assert not (tmp_path / "again").exists()
