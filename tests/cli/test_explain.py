from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from token_saliency.cli.options.arguments import Output
from token_saliency.core.targets import OUTPUTS

Command = Callable[..., Any]
TEXT = "Linda said the film was long!"


@pytest.fixture
def model(leaning: Path) -> Path:
    return leaning / "my-model"


def test_the_words_of_the_text_are_shown(command: Command, model: Path) -> None:
    ended = command("explain", model, TEXT)

    assert ended.code == 0, ended.err
    assert all(word in ended.out for word in ("Linda", "film", "long", "!"))
    assert "positive" in ended.out


def test_json_holds_each_attribution_in_the_order_of_the_texts(command: Command, model: Path) -> None:
    ended = command("explain", model, TEXT, "Kevin said the book was new.", "--json", "--method", "gradient_x_input")

    first, second = json.loads(ended.out)
    assert (first["text"], first["predicted"]) == (TEXT, "positive")
    assert (second["text"], second["predicted"]) == ("Kevin said the book was new.", "negative")
    assert first["method"] == "gradient_x_input"
    assert all(token["text"] == TEXT[token["start"] : token["end"]] for token in first["tokens"])


def test_options_reach_the_explanation(command: Command, model: Path) -> None:
    ended = command(
        *("explain", model, TEXT, "--json", "--target", "0", "--output", "probability", "--baseline", "zero")
    )

    (only,) = json.loads(ended.out)
    assert (only["target"], only["output"], only["baseline"]) == ("negative", "probability", "zero")


def test_several_baselines_are_shown_with_how_far_they_agree(command: Command, model: Path, tmp_path: Path) -> None:
    asked = ("explain", model, TEXT, "--baseline", "mask,pad,zero")
    shown = command(*asked, "--html", "page.html")
    assert shown.code == 0, shown.err
    assert all(f"(baseline {name}: " in shown.out for name in ("mask", "pad", "zero"))
    assert "Rank agreement of the baselines" in shown.out
    assert "Rank agreement of the baselines" in (tmp_path / "page.html").read_text(encoding="utf-8")

    (only,) = json.loads(command(*asked, "--json").out)
    assert list(only["attributions"]) == ["mask", "pad", "zero"]
    assert [(one["first"], one["second"]) for one in only["agreement"]] == [
        ("mask", "pad"), ("mask", "zero"), ("pad", "zero"),
    ]  # fmt: skip


def test_references_come_from_a_file(command: Command, model: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("Kevin said the book was new.\n\nThe film was long.\n")
    asked = ("explain", model, TEXT, "--method", "expected_gradients")
    (only,) = json.loads(command(*asked, "--references", "rows.txt", "--json").out)
    (without,) = json.loads(command(*asked, "--json").out)
    assert (only["baseline"], without["baseline"]) == ("references", "mask")
    assert only["baseline_value"] != without["baseline_value"]
    assert "only on average" in command(*asked, "--references", "rows.txt").out


def test_a_long_text_is_read_whole_in_windows(command: Command, model: Path, tmp_path: Path) -> None:
    long = "Linda said the film was long! " * 8
    asked = ("explain", model, long, "--max-length", "16")
    ended = command(*asked, "--long", "window", "--html", "page.html")
    assert ended.code == 0, ended.err
    assert "overlapping windows" in ended.out
    assert "overlapping windows" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "[unseen:" not in ended.out
    assert "[unseen:" in command(*asked).out
    (only,) = json.loads(command(*asked, "--long", "window", "--json").out)
    assert (only["truncated"], only["windows"] > 2) == (0, True)


def test_every_output_can_be_asked_for() -> None:
    assert set(get_args(Output)) == set().union(*OUTPUTS.values())


def test_a_file_gives_one_text_a_line_and_a_page_is_written_beside(
    command: Command, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "texts.txt").write_text(
        "\ufeffLinda said the film was long!\r\n\r\nKevin <b>said</b> it\u2028was new.\n"
    )

    ended = command("explain", model, "--file", "texts.txt", "--html", "page.html")

    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert ended.code == 0, ended.err
    assert "written: page.html" in ended.out
    assert "Linda" in page
    assert "Kevin" in page
    assert "<b>said" not in page


def test_hostile_text_is_inert_in_the_terminal(command: Command, model: Path) -> None:
    ended = command(
        "explain", model, "\x1b]0;owned\x07 [red]bold[/red]\n::error::no </script><img src=x onerror=alert(1)>"
    )

    assert ended.code == 0, ended.err
    assert "\x1b]" not in ended.out
    assert "\x07" not in ended.out
    assert not any(line.lstrip().startswith("::") for line in ended.out.splitlines())


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "nothing to explain"),
        (["--file", "missing.txt"], "missing.txt"),
        (["--file", "latin.txt"], "not UTF-8"),
        ([TEXT, "--method", "gradiant"], "Did you mean 'gradient'"),
        ([TEXT, "--target", "label"], "label"),
        ([TEXT, "--baseline", "mask,pads"], "Did you mean 'pad'"),
        ([TEXT, "--baseline", "mask,"], "empty name"),
        ([TEXT, "--baseline", "mask,pad", "--method", "gradient"], "uses none of the baselines"),
        ([TEXT, "--references", "latin.txt"], "not UTF-8"),
        ([TEXT, "--references", "blank.txt", "--method", "expected_gradients"], "holds no text"),
        ([TEXT, "--references", "rows.txt"], "for --method expected_gradients"),
        ([TEXT, "--references", "missing.txt"], "missing.txt"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    words: list[str], named: str, command: Command, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "latin.txt").write_bytes("caf\xe9".encode("latin-1"))
    (tmp_path / "blank.txt").write_text("\n \n")
    (tmp_path / "rows.txt").write_text(TEXT)

    ended = command("explain", model, *words)

    assert ended.code == 2
    assert named in ended.error
    assert "unexpected" not in ended.error
