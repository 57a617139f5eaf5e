"""What of a picture reaches the model: found out once for each size, for each preprocessing by itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from token_saliency import ImageClassifier
from token_saliency.image.pixels.geometry import seen_box

RULERS = 4
"""A black, a white and two graded pictures."""


class Counted:
    """Cuts `edge` pixels off every side, and counts the pictures that it was given."""

    def __init__(self, edge: int) -> None:
        self.edge, self.calls = edge, 0

    def __call__(self, picture: Image.Image) -> Tensor:
        self.calls += 1
        box = (self.edge, self.edge, picture.width - self.edge, picture.height - self.edge)
        return torch.from_numpy(np.array(picture.crop(box).resize((32, 32)), dtype=np.float32)).permute(2, 0, 1) / 255


def test_a_crop_is_seen_through_a_resize() -> None:
    assert seen_box(Counted(8), (64, 48)) == pytest.approx((8, 8, 56, 40), abs=0.5)


def test_a_size_is_measured_once_whatever_the_batches(reader: Callable[[str], ImageClassifier]) -> None:
    preprocess = Counted(8)
    classifier = ImageClassifier(reader("object").model, preprocess, labels=["a", "b"], batch_size=1)
    pictures = [Image.new("RGB", size, (90, 90, 90)) for size in ((64, 48), (48, 64), (64, 48), (64, 48))]

    classifier.explain(pictures, "gradient")
    first = preprocess.calls
    classifier.explain(pictures, "gradient")

    assert (first, preprocess.calls - first) == (len(pictures) + 2 * RULERS, len(pictures))


def test_another_preprocessing_has_boxes_of_its_own(reader: Callable[[str], ImageClassifier]) -> None:
    model, grey = reader("object").model, Image.new("RGB", (64, 64), (90, 90, 90))
    whole, cut = (ImageClassifier(model, Counted(edge), labels=["a", "b"]) for edge in (0, 8))

    assert whole.explain([grey], "gradient")[0].seen == pytest.approx((0, 0, 64, 64))
    assert cut.explain([grey], "gradient")[0].seen == pytest.approx((8, 8, 56, 56), abs=0.5)
    with pytest.raises(AttributeError):
        whole.preprocess = cut.preprocess  # type: ignore[misc]
