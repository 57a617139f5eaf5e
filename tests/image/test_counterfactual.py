"""Removing what is highlighted, against as much elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from token_saliency import DataError, ImageClassifier, OptionError
from token_saliency.image.audits.rows import ImageRow
from token_saliency.image.counterfactual import counterfactual
from token_saliency.image.pixels.fills import FILLS, filled

Reader = Callable[[str], ImageClassifier]


@pytest.mark.parametrize("fill", ["mean", "noise"])
def test_the_highlighted_region_flips_more_than_random_ones(
    reader: Reader, labelled: list[ImageRow], fill: str
) -> None:
    classifier, pictures = reader("corner"), [row.source for row in labelled[:40]]
    found = counterfactual(classifier, pictures, classifier.explain(pictures, "gradient"), fill, area=0.03)

    assert found.flip_rate > found.random_flip_rate + 0.1
    assert found.flip_gain_interval[0] > 0
    assert found.loss_gain_interval[0] > 0
    assert found.area == pytest.approx(0.03, abs=0.002)


def test_random_maps_gain_nothing(reader: Reader, labelled: list[ImageRow]) -> None:
    classifier, pictures = reader("object"), [row.source for row in labelled[:40]]
    found = counterfactual(classifier, pictures, classifier.explain(pictures, "random"), "mean")

    assert found.loss_gain_interval[0] <= 0 <= found.loss_gain_interval[1]


def test_an_in_painter_may_be_plugged_in(reader: Reader, labelled: list[ImageRow]) -> None:
    met: list[tuple[str, tuple[int, int]]] = []

    def in_painter(picture: Image.Image, mask: Image.Image) -> Image.Image:
        met.append((mask.mode, mask.size))
        return Image.new("RGB", picture.size, (255, 0, 255))

    classifier, pictures = reader("corner"), [labelled[0].source]
    found = counterfactual(classifier, pictures, classifier.explain(pictures, "gradient"), in_painter, draws=2)

    assert met == [("L", (32, 32))] * 3
    assert found.fill == "in_painter"
    edited, original = np.asarray(found.pictures[0].edited), np.asarray(pictures[0])
    changed = (edited != original).any(2)
    assert changed.mean() == pytest.approx(found.area, abs=0.01)
    assert (edited[changed] == [255, 0, 255]).all()


def test_what_is_no_fill_or_no_picture_is_refused(reader: Reader, labelled: list[ImageRow]) -> None:
    classifier, pictures = reader("corner"), [labelled[0].source]
    maps = classifier.explain(pictures, "gradient")
    with pytest.raises(OptionError, match="Unknown fill 'blurr'"):
        counterfactual(classifier, pictures, maps, "blurr")
    with pytest.raises(DataError, match="not a PIL image"):
        counterfactual(classifier, pictures, maps, lambda _picture, _mask: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(DataError, match="1 images and 0 attributions"):
        counterfactual(classifier, pictures, [])
    with pytest.raises(OptionError, match="area must lie"):
        counterfactual(classifier, pictures, maps, area=1.5)


@pytest.mark.parametrize("fill", sorted(FILLS))
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (40, 21)])
def test_a_fill_changes_the_region_alone(fill: str, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))
    mask = rng.random((size[1], size[0])) < 0.3
    made = filled(picture, mask, fill, 0)

    assert made.size == picture.size
    assert (np.asarray(made)[~mask] == np.asarray(picture)[~mask]).all()
    whole = filled(picture, np.ones_like(mask), fill, 0)
    assert whole.size == picture.size


def test_inpainting_a_smooth_picture_gives_it_back() -> None:
    across = np.tile(np.linspace(50, 200, 64), (48, 1))
    picture = Image.fromarray(np.repeat(across[..., None], 3, 2).astype(np.uint8))
    mask = np.zeros((48, 64), dtype=bool)
    mask[20:28, 28:36] = True
    made = np.asarray(filled(picture, mask, "inpaint", 0), dtype=float)

    assert np.abs(made - np.asarray(picture))[mask].max() < 12
