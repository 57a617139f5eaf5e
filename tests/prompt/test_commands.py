"""The commands with --prompt, on a tiny language model in a folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.prompt.conftest import language_model
from tests.text.conftest import build
from token_saliency import compare_runs
from token_saliency.__main__ import run
from token_saliency.auditing.comparing.wording import _about_prompts
from token_saliency.report import load_report
from token_saliency.reporters import REPORTERS
from token_saliency.reporters.comparison import render_terminal
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.store import report_schema

FILE = """
template = '''the film , a good day in the city :
{text}
is it good or not ?'''
answer = "it is"
calibrate = "batch"
[labels]
positive = " good"
negative = " not"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompted")
    tiny = language_model("llama")
    tiny.model.save_pretrained(folder / "lm")
    tiny.tokenizer.save_pretrained(folder / "lm")
    (folder / "prompt.toml").write_text(FILE, encoding="utf-8")
    (folder / "plain.toml").write_text(FILE.replace('calibrate = "batch"\n', ""), encoding="utf-8")
    names = "Linda Susan Karen Nancy Kevin Brian Edward Ronald".split()
    words, labels = ("good", "dull"), ("positive", "negative")
    rows = [f"{names[i % 8]} said film {i} is {words[i % 2]}!,{labels[i % 2]}" for i in range(60)]
    (folder / "rows.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def audit(place: Path, out: Path, prompt: str = "prompt.toml") -> int:
    command = f"audit {place / 'lm'} {place / 'rows.csv'} --prompt {place / prompt} --audits punctuation,names"
    return run([*command.split(), "--out", str(out), "--fail-on", "never", "--edits", "200", "--no-discovery", "-q"])


@pytest.fixture(scope="module")
def plain(place: Path) -> Path:
    assert audit(place, place / "plain", "plain.toml") in (0, 5)
    return place / "plain"


def test_an_audit_keeps_the_prompt_with_its_hash(place: Path, tmp_path: Path) -> None:
    assert audit(place, tmp_path / "run") in (0, 5)

    report = load_report(tmp_path / "run")
    assert report.prompt is not None
    assert report.prompt.parts["answer"] == "it is"
    assert report.prompt.hash in (report.model.revision or "")
    assert report.prompt.offset is not None
    assert report.prompt.labels is not None
    assert report.performance is not None
    assert "prompt" in report_schema()["properties"]
    for format in set(REPORTERS) - {"known", "gitlab"}:
        said = REPORTERS[format](report).replace("\\", "")
        assert report.prompt.hash[7:] in said, format
        assert "is it good or not" in said, format
    assert REPORTERS["html"](report).count("is it good or not ?") == 1


def test_two_prompts_are_compared_on_the_same_rows(place: Path, plain: Path, tmp_path: Path) -> None:
    other = (place / "plain.toml").read_text(encoding="utf-8").replace("a good day", "a film")
    (place / "other.toml").write_text(other, encoding="utf-8")
    assert audit(place, tmp_path / "other", "other.toml") in (0, 5)

    found = compare_runs(plain, tmp_path / "other")
    assert (found.kind, found.predictions and found.predictions.rows) == ("models", 60)
    assert all(claim.paired for one in found.audits for claim in one.claims)
    hashes = [load_report(run).prompt.hash[7:] for run in (plain, tmp_path / "other")]  # type: ignore[union-attr]
    assert len(set(hashes)) == 2
    for format in (render_terminal, render_html):
        assert all(hash in format(found) for hash in hashes)
    assert "template differs" in found.warnings[0]
    assert "a film in the city" in found.warnings[2]
    assert not any("training" in warning for warning in found.warnings)  # one model, asked in two ways
    own = load_report(plain)
    assert own.prompt is not None
    parts = own.prompt.parts | {"calibrate": "batch"}
    calibrated = replace(own, prompt=replace(own.prompt, parts=parts, hash="sha256:another"))
    assert _about_prompts(own, calibrated)[0].endswith(": calibrate is none in A and batch in B.")


def test_another_prompt_is_another_run(place: Path, plain: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert audit(place, plain) == 2
    assert "another prompt" in capfd.readouterr().err


def test_check_says_what_the_words_are(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(place / "lm"), "--prompt", str(place / "plain.toml")]) == 0
    out = capfd.readouterr().out
    assert "label words positive: ' good'; negative: ' not'" in out
    assert "{text}" in out


def test_explain_colours_the_row_and_counterfactual_takes_its_words(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = [str(place / "lm"), "not good , never dull", "--prompt", str(place / "plain.toml"), "--json"]
    assert run(["explain", *given]) == 0
    explained = json.loads(capfd.readouterr().out)[0]
    assert [word["text"] for word in explained["words"]] == ["not", "good", ",", "never", "dull"]
    assert explained["method"] == "occlusion"
    for asked in (["--method", "integrated_gradients"], ["--steps", "20"]):
        assert run(["explain", *given, *asked]) == 0
        assert json.loads(capfd.readouterr().out)[0]["method"] == "integrated_gradients"
    assert run(["counterfactual", *given]) == 0
    assert "not good , never dull" in capfd.readouterr().out


@pytest.mark.parametrize("words", [["--prompt", "no.toml"], ["--prompt", "plain.toml", "--long", "window"]])
def test_what_cannot_be_is_one_line(place: Path, capfd: pytest.CaptureFixture[str], words: list[str]) -> None:
    asked = [str(place / word) if word == "plain.toml" else word for word in words]
    assert run(["explain", str(place / "lm"), "text", *asked]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_explain_over_the_prompt_says_the_share_of_each_region(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = ["explain", str(place / "lm"), "not good", "--prompt", str(place / "plain.toml"), "--over", "prompt"]
    assert run([*given, "--json"]) == 0
    (found,) = json.loads(capfd.readouterr().out)
    assert found["text"].endswith("is it good or not ?\nit is")
    assert set(found["regions"]) == {"instruction", "row", "answer"}
    assert run(given) == 0
    assert "share of each region: instruction" in capfd.readouterr().out


@pytest.mark.parametrize(("kind", "asked"), [("seq2seq", "causal"), ("causal", "seq2seq"), ("nli", "causal")])
def test_a_model_of_another_kind_is_told_which(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str, asked: str
) -> None:
    model = place / "lm"
    if kind != "causal":
        tiny = language_model("t5") if kind == "seq2seq" else build("bert")
        tiny.model.save_pretrained(model := tmp_path / "other")
        tiny.tokenizer.save_pretrained(model)
    (tmp_path / "own.toml").write_text(
        f'kind = "{asked}"\n{(place / "plain.toml").read_text("utf-8")}', encoding="utf-8"
    )
    capfd.readouterr()
    assert run(["explain", str(model), "text", "--prompt", str(tmp_path / "own.toml")]) == 2
    (said,) = capfd.readouterr().err.splitlines()
    assert f"say kind = '{kind}'" in said


def test_words_that_an_audit_puts_into_pairs_are_counted(place: Path, tmp_path: Path) -> None:
    asked = "template = 'the film {text} or {text_pair} is it good or bad ?'\n[labels]\na = ' good'\nb = ' bad'\n"
    (tmp_path / "pairs.toml").write_text(asked, encoding="utf-8")
    names = "Linda Susan Karen Nancy Kevin Brian Edward Ronald".split()
    rows = [f"{names[i % 8]} said film {i} is good!,film {i} is dull,{'ab'[i % 2]}" for i in range(40)]
    (tmp_path / "rows.csv").write_text("text,text_pair,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    command = f"audit {place / 'lm'} {tmp_path / 'rows.csv'} --prompt {tmp_path / 'pairs.toml'} --audits names"
    assert run([*command.split(), "--out", str(tmp_path / "run"), "--fail-on", "never", "--edits", "100", "-q"]) in (
        0,
        5,
    )
    assert load_report(tmp_path / "run").audits["names"].verdict != "ERROR"


def test_a_language_model_without_a_prompt_is_told_of_it(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(place / "lm"), "text"]) == 2
    assert "fine-tune it first, or give it a prompt (--prompt)" in capfd.readouterr().err
    assert run(["explain", str(place / "lm"), "text", "--over", "prompt"]) == 2
    assert "--over prompt needs the prompt" in capfd.readouterr().err


@pytest.mark.parametrize("given", [True, False])
def test_a_preprocessing_is_tried_on_the_prompted_model_of_the_run(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], given: bool
) -> None:
    assert audit(place, tmp_path / "run") in (0, 5)
    prompt = ["--prompt", str(place / "prompt.toml")] if given else []
    code = run(["mend", str(tmp_path / "run"), "--wrap", str(tmp_path / "w.py"), "--audits", "punctuation", *prompt])

    said = capfd.readouterr()
    assert code == 0, said.err
    assert "Not tried" not in said.out
    assert (tmp_path / "w.html").is_file()
