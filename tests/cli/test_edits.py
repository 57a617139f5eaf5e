from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    lines = ["text,label"]
    lines += [f"Number {n} was read by Linda and by Kevin <b>{n}</b>.,{('good', 'bad')[n % 2]}" for n in range(40)]
    lines += [f"Nobody is in row {n}.,good" for n in range(10)]
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_no_model_is_asked_and_every_edit_is_marked_in_its_row(command: Command, rows: Path) -> None:
    ended = command("edits", rows, "--audit", "names", "--show", "7")

    assert ended.code == 0, ended.err
    assert "40 of 50 texts hold something of it" in ended.out
    assert re.search(r"planned: [\d,]+ edits and [\d,]+ controls", ended.out)
    shown = [line for line in ended.out.splitlines() if re.match(r" +\d+  ", line)]
    assert len(shown) == 7
    assert all(re.search(r"\[-(Linda|Kevin)-\]\{\+\w+\+\}", line) for line in shown)


def test_the_same_seed_draws_the_same_edits_whatever_the_order_of_the_rows(
    command: Command, rows: Path, tmp_path: Path
) -> None:
    head, *lines = rows.read_text().splitlines()
    turned = tmp_path / "turned.csv"
    turned.write_text("\n".join([head, *reversed(lines)]) + "\n")

    def drawn(file: Path, *more: str) -> list[str]:
        found = command("edits", file, "--audit", "names", "--show", "9", *more).out
        return re.findall(r"Number.*", found)

    assert drawn(rows) == drawn(turned)
    assert drawn(rows) != drawn(rows, "--seed", "5")


def test_the_page_escapes_rows_and_counts_what_is_ticked(command: Command, rows: Path, tmp_path: Path) -> None:
    ended = command("edits", rows, "--audit", "names", "--show", "3", "--html", "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert ended.code == 0
    assert "page.html" in ended.out
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert page.count('class="wrong"') == 3
    assert page.count("<del>") == page.count("<ins>") == 3


def test_the_classes_are_those_of_the_label_column_or_of_the_caller(command: Command, tmp_path: Path) -> None:
    texts = [f"sports of kind {n},sports" for n in range(30)] + [f"some money {n},business" for n in range(30)]
    (tmp_path / "topics.csv").write_text("\n".join(["text,label", *texts]) + "\n")

    assert "30 of 60 texts" in command("edits", "topics.csv", "--audit", "label_words").out
    other = command("edits", "topics.csv", "--audit", "label_words", "--label", "", "--labels", "money,time")
    assert "30 of 60 texts" in other.out
    assert "money (30)" in other.out


def test_rows_without_anything_of_it_are_no_sign_of_safety(command: Command, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text("text\nnothing at all\nand nothing more\n")

    ended = command("edits", "plain.csv", "--audit", "names")
    assert ended.code == 0
    assert "There is nothing to edit" in ended.out
    assert "no sign of safety" in ended.out


@pytest.mark.parametrize(("words", "said"), [(("--audit", "nams"), "names"), (("--audit", ","), "one name")])
def test_what_is_no_audit_is_an_error(command: Command, rows: Path, words: tuple[str, ...], said: str) -> None:
    ended = command("edits", rows, *words)
    assert ended.code == 2
    assert said in ended.err
