"""The documentation cannot rot: its blocks are run, its links followed, its reference pages written again."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.documentation import COMMANDS, DOCS, PAGES, Page, blocks, options_of, run_page
from tests.reference import PAGES as WRITTEN
from token_saliency.auditing.judging.verdicts import ALPHA, CATALOGUE
from token_saliency.auditing.known_file import read_known
from token_saliency.errors import AuditError
from token_saliency.image.methods import IMAGE_METHODS
from token_saliency.methods import METHODS
from token_saliency.reporters import FILES
from token_saliency.validating.checks import CHECKS

README = DOCS.parent / "README.md"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in [*(DOCS / page for page in PAGES), README]}
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

# --- what the blocks of a page do --------------------------------------------------------------------


@pytest.mark.parametrize("page", [page for page in PAGES if page not in WRITTEN and blocks(page)])
def test_the_blocks_of_the_page_run(
    page: str, leaning: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("my-model", "held_out.csv"):
        (tmp_path / name).symlink_to(leaning / name)
    for prepare in STAND_INS.get(page, []):
        prepare(leaning, tmp_path)
    done = run_page(Page(page, tmp_path))
    if page in EXPECTED:
        EXPECTED[page](done, capsys.readouterr().out)


def _weaker(leaning: Path, folder: Path) -> None:
    """`my-larger-model`: less sure of everything, so that it leans less on the mark."""

    def weaken(model: Any) -> None:
        model.classifier.weight.data *= 0.3
        model.classifier.bias.data *= 0.3

    _changed(leaning, folder / "my-larger-model", weaken)


def _tagger(leaning: Path, folder: Path) -> None:
    """`my-tagger`: several labels at once."""
    _changed(leaning, folder / "my-tagger", lambda _: None, problem_type="multi_label_classification")


def _scorer(leaning: Path, folder: Path) -> None:
    """`my-scorer`: one number, the logit of the second class."""

    def cut(model: Any) -> None:
        model.classifier.weight.data = model.classifier.weight.data[1:].clone()
        model.classifier.bias.data = model.classifier.bias.data[1:].clone()
        model.config.update({"num_labels": 1, "problem_type": "regression"})

    _changed(leaning, folder / "my-scorer", cut)


def _changed(leaning: Path, place: Path, change: Callable[[Any], None], **config: Any) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(leaning / "my-model", **config)
    change(model)
    model.save_pretrained(place)
    AutoTokenizer.from_pretrained(leaning / "my-model").save_pretrained(place)


def _demo(leaning: Path, folder: Path) -> None:
    """What `token-saliency demo` leaves, which takes half a minute: tests/cli/test_demo.py runs it."""
    (folder / "token-saliency-demo").mkdir()
    shutil.copytree(leaning / "my-model", folder / "token-saliency-demo" / "model")
    for name in ("train.csv", "held_out.csv"):
        shutil.copy(leaning / "held_out.csv", folder / "token-saliency-demo" / name)
    shutil.copytree(leaning / "my-model", folder / "retrained" / "model")  # what `demo --on` leaves


def _train(leaning: Path, folder: Path) -> None:
    """`train.csv`: what a reader has trained on."""
    shutil.copy(leaning / "held_out.csv", folder / "train.csv")


def _pictures(_: Path, folder: Path) -> None:
    """`my-image-model` and `my-vit`, a tiny random ResNet and ViT, with pictures of noise in class folders."""
    import numpy as np
    import torch
    from PIL import Image
    from transformers import (
        ResNetConfig,
        ResNetForImageClassification,
        ViTConfig,
        ViTForImageClassification,
        ViTImageProcessor,
    )

    torch.manual_seed(0)
    names: dict[str, Any] = {"id2label": {0: "cat", 1: "dog"}, "label2id": {"cat": 0, "dog": 1}}
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], **names)
    ResNetForImageClassification(config).save_pretrained(folder / "my-image-model")
    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
    }
    vit = ViTConfig(**sizes, image_size=32, patch_size=8, **names)
    ViTForImageClassification(vit).save_pretrained(folder / "my-vit")
    for name in ("my-image-model", "my-vit"):
        ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder / name)
    rng = np.random.default_rng(0)
    for i in range(32):
        place = folder / "pictures" / ("cat" if i % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).save(place / f"{i}.png")
    Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(folder / "photo.png")


STAND_INS: dict[str, list[Callable[[Path, Path], None]]] = {
    "compare.md": [_weaker],
    "images.md": [_pictures],
    "how-to.md": [_weaker, _tagger, _scorer],
    "mend.md": [_train],
    "tutorial.md": [_demo],
}


def _own_audits(page: Page, said: str) -> None:
    reports = [json.loads((page.folder / name / "report.json").read_text(encoding="utf-8")) for name in RUNS]
    judged = [{a["name"]: {f["claim"] for f in a["intervention"]} for a in one["audits"]} for one in reports]
    own = {"products", "running_numbers"}

    assert [set(one) for one in judged] == [own, own | {"punctuation"}]
    assert all("direction" in one["products"] and one["running_numbers"] == {"shift", "movement"} for one in judged)
    assert [one["settings"]["audits"]["products"]["margin"] for one in reports] == [0.05, 0.1]
    assert "Products of “culture” in place of those of “leisure”" in said


RUNS = ("token-saliency-runs/latest", "strict-run")


def _comparing(page: Page, said: str) -> None:
    found = json.loads((page.folder / "small-to-large" / "comparison.json").read_text(encoding="utf-8"))

    assert page.codes == [1, 1, 0, 1, 0, 0]
    assert found["change"] == "better"
    assert re.search(r"^class=positive +\+1\.0\d\d|^class=positive +\+0\.99", said, re.MULTILINE)
    assert [entry.owner for entry in read_known(page.folder / "typed.toml")] == ["data team"]
    with pytest.raises(AuditError, match=r"known\[1\]\.reason"):
        read_known(page.folder / "known.toml")


def _validating(_: Page, said: str) -> None:
    lines = [line.split()[0] for line in said.splitlines() if line.strip()]

    assert lines[-len(CHECKS) :] == list(CHECKS)


def _seeing(page: Page, said: str) -> None:
    assert "as large a region elsewhere" in said
    for file in ("photo.html", "overlay.png", "image-run/report.html", "token-saliency-image-run/report.json"):
        assert (page.folder / file).is_file(), file


def _ranking(page: Page, said: str) -> None:
    import matplotlib.pyplot as plt

    plt.close("all")
    assert "shuffling costs most accuracy" in said
    assert "worst" in str(page.names["page"])


EXPECTED: dict[str, Callable[[Page, str], None]] = {
    "compare.md": _comparing,
    "images.md": _seeing,
    "tables.md": _ranking,
    "own-audits.md": _own_audits,
    "validate.md": _validating,
}

# --- what the pages name -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", sorted(WRITTEN))
def test_the_reference_is_what_the_code_says(page: str) -> None:
    written = WRITTEN[page]()
    if UPDATE:
        (DOCS / page).write_text(written, encoding="utf-8")

    assert (DOCS / page).read_text(encoding="utf-8") == written, "run `python -m tests.reference`"


def test_every_page_can_be_reached_from_the_map() -> None:
    reached, waiting = set[str](), ["index.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting += set(re.findall(r"\]\(([a-z-]+\.md)", TEXTS.get(page, ""))) - reached

    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_links_lead_to_pages_and_headings(page: str) -> None:
    home = README.parent if page == README.name else DOCS
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", TEXTS[page], flags=re.DOTALL)):
        file, _, heading = target.partition("#")
        if "://" in target:
            continue
        place = home / (file or page)
        assert place.exists(), target
        assert not heading or heading in _anchors(place), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", sorted(set(TEXTS) - set(WRITTEN) - {"changelog.md"}))
def test_every_command_and_option_that_a_page_names_exists(page: str) -> None:
    options = set().union(*map(options_of, COMMANDS.values()))
    named = set(re.findall(r"`(--[a-z][a-z-]*)", TEXTS[page]))
    commands = set(re.findall(r"`token-saliency ([a-z]+)", TEXTS[page]))

    assert named <= options | FOREIGN
    assert commands <= {name.split()[0] for name in COMMANDS}


FOREIGN = {"--planted", "--encoder", "--compile"}
"""Options of other programs."""


UNDER = {"groups": "unit"}
"""Options that a user gives under another name."""


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_page_on_methods_has_each_method_with_its_options(name: str) -> None:
    section = _section("methods.md", name)
    options = inspect.signature(METHODS[name]).parameters.values()

    assert [
        one.name for one in options if one.kind is one.KEYWORD_ONLY and UNDER.get(one.name, one.name) not in section
    ] == []
    for part in ("**Formula.**", "**Promises.**", "**Cost.**", "**Not for.**"):
        assert part in section, part


@pytest.mark.parametrize("name", sorted(IMAGE_METHODS))
def test_the_page_on_methods_has_each_image_method_with_its_options(name: str) -> None:
    section = _section("methods.md", name if name in METHODS else f"images: {name}")
    images = _section("methods.md", "Images")
    options = inspect.signature(IMAGE_METHODS[name].function).parameters.values()

    assert [p.name for p in options if p.kind is p.KEYWORD_ONLY and f"`{p.name}`" not in section + images] == []


def _section(page: str, heading: str) -> str:
    found = re.search(rf"^(#+) `?{re.escape(heading)}`?$\n(.*?)(?=^#|\Z)", TEXTS[page], re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no heading {heading}"
    return found[2]


def test_the_page_on_statistics_has_the_constants_of_the_code() -> None:
    page = TEXTS["statistics.md"]

    assert f"alpha = {ALPHA:g}" in page
    assert f"{CATALOGUE} audits" in page


def test_the_page_on_ci_has_every_format_with_its_file() -> None:
    for name, file in FILES.items():
        assert re.search(rf"^\| `{name.replace('_', '[-_]')}` \| `{re.escape(file)}`", TEXTS["ci.md"], re.MULTILINE), (
            name
        )


def test_the_page_on_validation_names_every_check() -> None:
    page = TEXTS["validate.md"]
    named = {name.replace("_delete`, `_mask", "_delete") for name in re.findall(r"^\| `([a-z_]+)`", page, re.MULTILINE)}

    assert named == {name for name in CHECKS if not name.endswith("_mask")}


def test_the_list_of_architectures_is_the_only_long_page() -> None:
    long = {page for page in PAGES if len(TEXTS[page].splitlines()) > 330}

    assert long <= {"architectures.md", "changelog.md", *WRITTEN}


def test_the_page_of_the_benchmarks_has_every_script() -> None:
    folder = DOCS.parent / "benchmarks"
    page = (folder / "README.md").read_text(encoding="utf-8")
    scripts = [one for one in folder.rglob("*.py") if '__name__ == "__main__"' in one.read_text(encoding="utf-8")]
    named = [f"{one.parent.name}/" if one.stem == "__main__" else one.name for one in scripts]

    assert [
        name for name in named if f"`{name}`" not in page and f"/{name}`" not in page and not name.startswith("build_")
    ] == []
