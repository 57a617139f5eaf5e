"""`image explain` and `image audit`, from the shell to the files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

from token_saliency import load_report
from token_saliency.__main__ import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random ResNet of two classes, with the processor that goes with it."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
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


def noise(seed: int, size: tuple[int, int] = (40, 30)) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders with 32 pictures."""
    for i in range(32):
        place = tmp_path / "pictures" / ("cat" if i % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        noise(i).save(place / f"{i}.png")
    return tmp_path / "pictures"


def test_explain_takes_the_output_and_the_options_of_a_method(
    model: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["image", "explain", str(model), str(folder / "dog" / "0.png"), "--json", "--method"]
    code = run([*command, "integrated_gradients", "--steps", "4", "--output", "probability"])
    (few,) = json.loads(capsys.readouterr().out)

    assert code == 0
    assert few["output"] == "probability"
    assert few["evaluations"] <= 5
    assert run([*command, "gradient", "--method-option", "colour=red"]) == 2
    assert "colour" in capsys.readouterr().err


def test_explain_writes_overlays_a_page_and_a_line(
    model: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [str(folder / "dog" / "0.png"), str(folder / "cat" / "1.png")]
    out, html = tmp_path / "overlays", tmp_path / "page.html"
    code = run(["image", "explain", str(model), *pictures, "--out", str(out), "--html", str(html)])
    said = capsys.readouterr().out

    assert code == 0
    assert [file.name for file in sorted(out.iterdir())] == ["000-0-grad_cam.png", "001-1-grad_cam.png"]
    with Image.open(out / "000-0-grad_cam.png") as overlay:
        assert overlay.size == (40, 30)
    page = html.read_text(encoding="utf-8")
    assert page.count('<img src="data:image/jpeg;base64,') == 2
    assert "img-src data:" in page
    assert "grad_cam" in said
    assert "layer resnet." in said


def test_explain_prints_json(model: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(folder / "dog" / "0.png")
    code = run(["image", "explain", str(model), picture, "--json", "--method", "gradient", "--target", "dog"])
    (found,) = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (found["method"], found["target"], found["image"]) == ("gradient", "dog", picture)
    assert np.shape(found["grid"]) == (32, 32)
    assert found["regions"][0]["share"] > 0


def test_audit_writes_a_run_that_can_be_read_and_rendered(
    model: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    code = run(["image", "audit", str(model), str(folder), "--out", str(out), "--method", "gradient"])
    said = capsys.readouterr().out
    report = load_report(out)

    assert code == report.exit_code
    assert f"{report.verdict}, exit code {code}" in said
    assert {"border", "corners"} <= set(report.audits)
    assert any("background: not run" in warning for warning in report.warnings)
    assert report.dataset.rows_used == 32
    assert "data:image/jpeg;base64," in (out / "report.html").read_text(encoding="utf-8")
    assert run(["render", str(out), "--format", "markdown"]) == 0
    assert "data:image" not in capsys.readouterr().out


@pytest.mark.browser
def test_the_page_of_an_audit_does_nothing_but_show(
    model: Path, folder: Path, tmp_path: Path, browser: Browser, watch: Callable[..., Any]
) -> None:
    hostile = folder / "dog" / "<img src=x onerror=alert(1)>.png"
    noise(99).save(hostile)
    run(["image", "audit", str(model), str(folder), "--out", str(tmp_path / "run"), "--audits", "corners", "--quiet"])
    seen = watch(browser.new_page(), tmp_path / "run" / "report.html")

    loaded = seen.page.evaluate("[...document.querySelectorAll('.picture img')].map(i => i.naturalWidth)")
    assert len(loaded) == 8
    assert all(width > 100 for width in loaded)
    assert [incident for incident in seen.incidents if not incident.startswith("request data:")] == []


BAD: dict[str, tuple[list[str], str]] = {
    "no picture": (["explain", "MODEL", "nowhere.png"], "There is no image at nowhere.png"),
    "no method": (["explain", "MODEL", "PICTURE", "--method", "gradcam"], "Did you mean 'grad_cam'?"),
    "no layer": (["explain", "MODEL", "PICTURE", "--layer", "conv9"], "Unknown layer 'conv9'"),
    "no class": (["explain", "MODEL", "PICTURE", "--target", "cow"], "Unknown --target 'cow'"),
    "no folder": (["audit", "MODEL", "nowhere"], "neither a folder of pictures nor a .csv"),
    "no audit": (["audit", "MODEL", "FOLDER", "--audits", "corner"], "Did you mean 'corners'?"),
    "no rows": (["audit", "MODEL", "FOLDER", "--rows", "none"], "is not a number of rows"),
    "no model": (["explain", "PICTURE", "PICTURE"], "error: "),
    "a model of texts": (
        ["explain", "TEXTS", "PICTURE"],
        "text classifiers go to 'token-saliency explain' and 'audit'.",
    ),
}


@pytest.mark.parametrize("kind", sorted(BAD))
def test_what_is_wrong_is_one_line_and_exit_2(
    kind: str,
    model: Path,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    words, says = BAD[kind]
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    places = {"MODEL": str(model), "FOLDER": str(folder), "PICTURE": str(folder / "dog" / "0.png"), "TEXTS": str(texts)}
    code = run(["image", *(places.get(word, word) for word in words)])
    error = capsys.readouterr().err.strip().splitlines()

    assert code == 2
    assert len(error) == 1, error
    assert says in error[0]
    assert not (tmp_path / "token-saliency-runs").exists()


def test_a_label_that_is_no_class_is_told(
    model: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "dog").rename(folder / "wolf")
    assert run(["image", "audit", str(model), str(folder), "--out", str(tmp_path / "run")]) == 2
    assert "no class of the model: 'wolf'" in (said := capsys.readouterr().err)
    assert "--label-map wolf=" in said


def test_labels_of_class_folders_and_of_a_list_are_read_and_mapped_as_those_of_a_table(folder: Path) -> None:
    from token_saliency.image.audits.rows import load_images

    every = load_images(folder, ["cat", "dog"]).rows
    (folder / "dog").rename(folder / "wolf")
    (folder / "cat").rename(folder / "CAT")
    listed = [{"path": row.source, "label": row.label} for row in every]

    for rows, mapping in ((folder, {"wolf": "dog"}), (listed, {"cat": "dog", "dog": "cat"})):
        mapped = load_images(rows, ["cat", "dog"], label_map=mapping).rows
        assert sorted(str(row.label) for row in mapped) == sorted(str(row.label) for row in every)
    assert {row.label for row in load_images(folder, ["cat", "dog"], label_map={"wolf": ""}).rows} == {"cat"}


def test_a_csv_with_boxes_reaches_the_background(model: Path, folder: Path, tmp_path: Path) -> None:
    lines = ["path,label,left,top,right,bottom"]
    lines += [f"{file.relative_to(tmp_path)},{file.parent.name},10,8,30,22" for file in sorted(folder.rglob("*.png"))]
    (tmp_path / "rows.csv").write_text("\n".join(lines), encoding="utf-8")
    run(["image", "audit", str(model), str(tmp_path / "rows.csv"), "--out", str(tmp_path / "run"), "--quiet"])

    assert "background" in load_report(tmp_path / "run").audits
