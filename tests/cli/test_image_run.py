"""`image audit` as a run: its files, how it goes on after a stop, and what is done with it afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

from token_saliency import load_report
from token_saliency.__main__ import run
from token_saliency.reporters import FILES
from token_saliency.store import EDITS_FILE, JOURNAL_FILE, ROWS_FILE, read_edits, read_rows

COUNT = 40


def saved_model(folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    config = ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16],
        depths=[1, 1],
        id2label={0: "cat", 1: "dog"},
        label2id={"cat": 0, "dog": 1},
    )
    ResNetForImageClassification(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, class folders with pictures, and a table of the same pictures with semicolons."""
    place = tmp_path_factory.mktemp("images")
    saved_model(place / "model", 0)
    saved_model(place / "other", 1)
    lines = ["name;path;label;site"]
    for i in range(COUNT):
        label = "cat" if i % 2 else "dog"
        (place / "pictures" / label).mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(i).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(values).save(place / "pictures" / label / f"secret{i}.png")
        lines.append(f"n{i};pictures/{label}/secret{i}.png;{label};{'north' if i % 4 < 2 else 'south'}")
    (place / "rows.csv").write_text("\n".join(lines).replace("name;", "id;"), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def audit(place: Path) -> Callable[..., int]:
    def audit(out: Path, *more: str, model: str = "model", data: str = "pictures") -> int:
        words = ["image", "audit", str(place / model), str(place / data), "--out", str(out), "--quiet"]
        return run([*words, "--audits", "border,corners", "--method", "gradient", *more])

    return audit


@pytest.fixture(scope="module")
def whole(place: Path, audit: Callable[..., int]) -> Path:
    """A finished run."""
    audit(place / "run")
    return place / "run"


def results(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_bytes())["audits"]


def test_rows_and_edits_stand_in_the_run(whole: Path) -> None:
    rows = {row.id: row for row in read_rows(whole / ROWS_FILE)}
    edits = list(read_edits(whole / EDITS_FILE))

    assert set(rows) == {f"{'cat' if i % 2 else 'dog'}/secret{i}.png" for i in range(COUNT)}
    first = rows["dog/secret0.png"]
    assert (first.label, len(first.probabilities)) == ("dog", 2)
    assert {span.item for span in first.spans if span.audit == "border"} == {"border"}
    assert {edit.operator for edit in edits if edit.audit == "border"} == {"inpaint", "blur", "mean", "exchange"}
    assert all(edit.before == rows[edit.row].probabilities for edit in edits)
    assert not (whole / JOURNAL_FILE).exists()


WORDS = re.compile(r"\b(tokens?|rows?|words?|texts?|hits?|spans?|sentences?|languages?)\b", re.IGNORECASE)
OWN = re.compile(
    r"token-saliency|token_saliency|rows\.parquet|asked\.rows|<style.*?</style>|<script.*?</script>|<[^>]*>", re.DOTALL
)


@pytest.mark.parametrize("format_", sorted({*FILES, "terminal"} - {"json", "known"}))
def test_a_report_of_pictures_does_not_speak_of_texts(whole: Path, tmp_path: Path, format_: str) -> None:
    assert run(["render", str(whole), "--format", format_, "--out", str(tmp_path / "found")]) == 0
    said = (tmp_path / "found").read_text(encoding="utf-8")
    if format_ in ("sarif", "gitlab"):
        said = "\n".join(_strings(json.loads(said)))

    assert format_ == "gitlab" or "corner" in said or "labelled pictures" in said
    assert WORDS.findall(OWN.sub(" ", said)) == []


def _strings(value: Any) -> list[str]:
    """What a reader sees of a JSON file: its values, not its keys."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else [str(value)]


def test_a_run_is_judged_again_from_its_files(whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--from", str(whole), "--out", str(tmp_path / "same"), "--quiet"]) in (0, 1, 5)
    assert results(tmp_path / "same") == results(whole)
    run(["image", "audit", "--from", str(whole), "--margin", "border=0.9", "--out", str(tmp_path / "a"), "--quiet"])
    again = load_report(tmp_path / "a").audits

    assert {finding.margin for finding in again["border"].intervention} == {0.9}
    assert {finding.margin for finding in again["corners"].intervention} == {0.05}
    assert again["border"].pictures == load_report(whole).audits["border"].pictures
    assert run(["image", "audit", "--from", str(whole), "--margin", "blur=0.9"]) == 2
    assert "blur" in capsys.readouterr().err


def test_a_stopped_run_goes_on_and_ends_like_one_that_was_not(
    tmp_path: Path, audit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    whole, out, stops, few = tmp_path / "whole", tmp_path / "run", 0, ("--rows", "20", "--audits", "border")
    audit(whole, *few)
    while (code := audit(out, *few, "--max-minutes", "0")) == 130:
        assert (out / JOURNAL_FILE).is_file()
        assert not (out / "report.json").exists()
        stops += 1
        assert stops < 50
    capsys.readouterr()

    assert stops > 3
    assert code == load_report(whole).exit_code
    assert results(out) == results(whole)
    assert load_report(out).cost.forward == load_report(whole).cost.forward  # nothing was put to the model twice


def test_the_same_command_renders_and_another_is_refused(
    whole: Path, audit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    created = load_report(whole).created
    audit(whole, "--format", "html,markdown")

    assert load_report(whole).created == created
    assert (whole / "report.md").is_file()
    assert audit(whole, "--seed", "1") == 2
    assert "with another seed" in capsys.readouterr().err


def test_two_models_are_compared_on_the_same_pictures(whole: Path, tmp_path: Path, audit: Callable[..., int]) -> None:
    audit(tmp_path / "b", model="other")
    code = run(["compare", str(whole), str(tmp_path / "b"), "--out", str(tmp_path / "found"), "--quiet"])
    found = json.loads((tmp_path / "found" / "comparison.json").read_bytes())
    border = next(one for one in found["audits"] if one["name"] == "border")

    assert code in (0, 1, 5)
    assert found["kind"] == "models"
    assert [claim["paired"] for claim in border["claims"] if claim["judged"]] == [True]
    effect = results(tmp_path / "b")[0]["intervention"][0]["effect"]
    assert border["claims"][0]["effect_b"] == pytest.approx(effect, abs=1e-6)
    same = run(["compare", str(whole), str(whole), "--quiet"])
    assert same in (0, 5)
    page = (tmp_path / "found" / "comparison.html").read_text(encoding="utf-8")
    assert f"{COUNT} pictures" in page
    assert WORDS.findall(OWN.sub(" ", page)) == []


def test_a_redacted_run_holds_neither_pictures_nor_their_names(
    whole: Path, tmp_path: Path, audit: Callable[..., int]
) -> None:
    audit(tmp_path / "run", "--redact", "--format", "html,markdown,junit")
    plain, veiled = load_report(whole), load_report(tmp_path / "run")

    for file in (tmp_path / "run").iterdir():
        content = file.read_bytes()
        assert b"secret" not in content, file.name
        assert b"data:image" not in content, file.name
    assert len({row.id for row in read_rows(tmp_path / "run" / ROWS_FILE)}) == COUNT
    for name, audit_ in veiled.audits.items():
        assert [one.effect for one in audit_.intervention] == [one.effect for one in plain.audits[name].intervention]


def test_a_table_with_semicolons_is_read_by_the_common_reader(
    whole: Path, tmp_path: Path, audit: Callable[..., int]
) -> None:
    audit(tmp_path / "run", data="rows.csv")
    rows = {row.id: row for row in read_rows(tmp_path / "run" / ROWS_FILE)}
    effects = [[one["effect"] for one in audit["intervention"]] for audit in results(whole)]

    assert [[one["effect"] for one in audit["intervention"]] for audit in results(tmp_path / "run")] == effects
    assert rows["n0"].metadata == {"site": "north"}
    assert "site=north" in {one["name"] for one in results(tmp_path / "run")[0]["by_slice"]}


def test_options_come_from_the_configuration_and_findings_may_be_known(
    tmp_path: Path, audit: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'seed = 3\nmethod = "attention"\n[audit.names]\nmargin = 0.2\n[audit.border]\nmargin = 0.0\nmin_rows = 5\n'
    (tmp_path / "token-saliency.toml").write_text(text, encoding="utf-8")
    audit(tmp_path / "run")
    report = load_report(tmp_path / "run")
    (finding,) = [one for one in report.audits["border"].intervention if one.judged]
    entry = (
        f'[[known]]\naudit = "border"\nclaim = "shift"\nclass = "{finding.class_}"\nbetween = ["border", "nothing"]\n'
    )
    (tmp_path / "known.toml").write_text(entry + 'reason = "seen"\nowner = "team"\n', encoding="utf-8")
    audit(tmp_path / "run", "--known", str(tmp_path / "known.toml"))

    assert (report.settings["seed"], report.settings["method"]) == (3, "gradient")
    assert report.settings["audits"]["border"] == {"level": "error", "margin": 0.0, "min_rows": 5}
    (line,) = load_report(tmp_path / "run").known
    assert line.state in ("accepted", "stale")
