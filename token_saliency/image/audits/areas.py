"""Which pixels an audit asks about, and matched places of the same size elsewhere in the picture.

Everything lies inside the box that the model sees: what a centre crop cuts off moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from token_saliency.image.pixels.fills import Mask
from token_saliency.image.pixels.overlay import Box

Size = tuple[int, int]
"""Width and height."""


def border(size: Size, seen: Box, share: float) -> dict[str, Mask]:
    """A ring along the edge, `share` of the shorter side wide."""
    left, top, right, bottom = rounded(seen, size)
    width = max(1, round(share * min(right - left, bottom - top)))
    ring = box_mask(size, (left, top, right, bottom))
    ring[top + width : max(top + width, bottom - width), left + width : max(left + width, right - width)] = False
    return {"border": ring}


def corners(size: Size, seen: Box, share: float) -> dict[str, Mask]:
    """Four boxes, each `share` of a side long: where watermarks and time stamps stand."""
    left, top, right, bottom = rounded(seen, size)
    across, down = max(1, round(share * (right - left))), max(1, round(share * (bottom - top)))
    places = {
        "top left": (left, top),
        "top right": (right - across, top),
        "bottom left": (left, bottom - down),
        "bottom right": (right - across, bottom - down),
    }
    return {f"{name} corner": box_mask(size, (x, y, x + across, y + down)) for name, (x, y) in places.items()}


AREAS: dict[str, Callable[[Size, Box, float], dict[str, Mask]]] = {"border": border, "corners": corners}
"""Areas that are known from the size of a picture alone."""


def background(size: Size, seen: Box, kept: Mask) -> dict[str, Mask]:
    """What the model sees outside of the object; nothing where nothing is left."""
    outside = box_mask(size, rounded(seen, size)) & ~kept
    return {"background": outside} if outside.any() else {}


def placebo(area: Mask, avoided: Mask, seen: Box, rng: np.random.Generator) -> Mask | None:
    """A box of the same number of pixels (as near as boxes come) that touches nothing of `avoided`, if there is room.

    Of the places that leave out `avoided`, one by chance; its shape is that of the free room.
    """
    left, top, right, bottom = rounded(seen, (area.shape[1], area.shape[0]))
    rows = np.flatnonzero(~avoided[top:bottom, left:right].all(1)) + top
    columns = np.flatnonzero(~avoided[top:bottom, left:right].all(0)) + left
    if not len(rows) or not len(columns):
        return None
    shape = _shape(int(area.sum()), area, len(columns), len(rows))
    integral = np.pad(avoided.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    places = _free_places(integral, (left, top, right, bottom), shape)
    if not len(places):
        return None
    y, x = places[rng.integers(len(places))]
    return box_mask((area.shape[1], area.shape[0]), (int(x), int(y), int(x) + shape[0], int(y) + shape[1]))


def _shape(pixels: int, area: Mask, across: int, down: int) -> Size:
    """The area's own shape where it is a box, else one of the proportions of the room."""
    ys, xs = np.flatnonzero(area.any(1)), np.flatnonzero(area.any(0))
    own = (int(xs[-1] - xs[0] + 1), int(ys[-1] - ys[0] + 1))
    if own[0] * own[1] == pixels:
        return own
    width = max(1, min(across, round((pixels * across / down) ** 0.5)))
    return width, max(1, round(pixels / width))


def _free_places(integral: np.ndarray, seen: tuple[int, int, int, int], shape: Size) -> np.ndarray:
    """[n, 2] rows and columns where a box of the shape covers nothing that is avoided."""
    (left, top, right, bottom), (width, height) = seen, shape
    if width > right - left or height > bottom - top:
        return np.zeros((0, 2), dtype=np.int64)
    cut = integral[top : bottom + 1, left : right + 1]
    covered = cut[height:, width:] - cut[:-height, width:] - cut[height:, :-width] + cut[:-height, :-width]
    return np.asarray(np.argwhere(covered == 0) + np.array([top, left]))


def box_mask(size: Size, box: tuple[int, int, int, int]) -> Mask:
    """[H, W], True inside the box."""
    found = np.zeros((size[1], size[0]), dtype=bool)
    found[box[1] : box[3], box[0] : box[2]] = True
    return found


def rounded(seen: Box, size: Size) -> tuple[int, int, int, int]:
    """The box in whole pixels, inside the picture and at least one pixel large."""
    left, top = min(max(0, round(seen[0])), size[0] - 1), min(max(0, round(seen[1])), size[1] - 1)
    return left, top, max(left + 1, min(size[0], round(seen[2]))), max(top + 1, min(size[1], round(seen[3])))
