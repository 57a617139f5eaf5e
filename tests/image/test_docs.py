"""The pages on images and tables cannot rot: their commands and their Python run, in this order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from PIL import Image
from transformers import ResNetConfig, ResNetForImageClassification, ViTImageProcessor

from token_saliency.__main__ import run
from token_saliency.image.definition import load_image_audits
from token_saliency.image.methods import IMAGE_METHODS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(name: str) -> list[tuple[str, str]]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    torch.manual_seed(0)
    config = ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16],
        depths=[1, 1],
        id2label={0: "cat", 1: "dog"},
        label2id={"cat": 0, "dog": 1},
    )
    ResNetForImageClassification(config).save_pretrained(tmp_path / "my-image-model")
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "my-image-model")
    rng = np.random.default_rng(0)
    for i in range(32):
        place = tmp_path / "pictures" / ("cat" if i % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).save(place / f"{i}.png")
    Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_on_images_does_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language, block in blocks("images.md"):
        if language == "python":
            exec(compile(block, "images.md", "exec"), {})
        else:
            assert run(shlex.split(block)[1:]) in (0, 1, 5)
    said = capsys.readouterr().out

    assert "as large a region elsewhere" in said
    for file in ("photo.html", "overlay.png", "image-run/report.html", "token-saliency-image-run/report.json"):
        assert (folder / file).is_file(), file


def test_the_page_on_images_names_every_method_and_audit() -> None:
    text = (DOCS / "images.md").read_text(encoding="utf-8")
    named = {
        name for cell in re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE) for name in re.findall(r"\w+", cell)
    }

    assert named == {*IMAGE_METHODS, *load_image_audits()}
    assert (DOCS / "images" / "sheet.png").is_file()


def test_the_page_on_tables_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    ((_, block),) = blocks("tables.md")
    names: dict[str, object] = {}
    with mpl.rc_context({"backend": "agg"}):
        exec(compile(block, "tables.md", "exec"), names)
    import matplotlib.pyplot as plt

    plt.close("all")
    assert "shuffling costs most accuracy" in capsys.readouterr().out
    assert "worst" in str(names["page"])
