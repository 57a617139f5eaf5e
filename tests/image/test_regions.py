"""Where a bright patch of a map lies on the original picture: not square, off the diagonal, with a margin cut off."""

from __future__ import annotations

import numpy as np

from token_saliency.image.pixels.overlay import bright_regions


def test_a_patch_lies_at_its_columns_and_rows() -> None:
    heatmap = np.zeros((10, 20))
    heatmap[1:3, 14:17] = 1.0

    (patch,) = bright_regions(heatmap, None)

    assert patch.box == (14.0, 1.0, 17.0, 3.0)
    assert (patch.share, patch.score) == (1.0, 6.0)


def test_a_patch_of_a_cropped_picture_keeps_what_was_cut_off_and_the_scale_of_each_axis() -> None:
    heatmap = np.zeros((10, 20))
    heatmap[1:3, 14:17] = -1.0

    (patch,) = bright_regions(heatmap, (5.0, 7.0, 45.0, 57.0))  # twice as wide, five times as high

    assert patch.box == (5.0 + 28.0, 7.0 + 5.0, 5.0 + 34.0, 7.0 + 15.0)
