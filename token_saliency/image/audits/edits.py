"""Which edited pictures an audit asks the model about. Nothing is drawn until it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image, ImageFilter

from token_saliency.auditing.audit import EXCHANGE, Audit
from token_saliency.auditing.definitions.region_audits import WHOLE
from token_saliency.image.audits.areas import AREAS, background, placebo
from token_saliency.image.audits.rows import ImageRow
from token_saliency.image.pixels.bands import edited
from token_saliency.image.pixels.fills import Mask, filled
from token_saliency.image.pixels.overlay import Box, Floats
from token_saliency.stats.sampling import content_hash, generator

Exchange = Callable[[Image.Image, Image.Image, Mask | None], Image.Image]
"""`(picture, donor, region) -> picture`; the whole picture is changed where no region is given."""
SIGMAS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def region_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:
    """The same place of the donor, which is first brought to the size of the picture."""
    other = donor.resize(picture.size, Image.Resampling.BILINEAR)
    if mask is None:
        return other
    return Image.composite(other, picture, Image.fromarray(mask.astype(np.uint8) * 255))


def colour_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:  # noqa: ARG001
    """The balance of the channels of the donor, at the brightness that the picture has."""
    values, means, other = _values(picture), _means(picture), _means(donor)
    wanted = other / max(other.mean(), 1.0) * means.mean()
    return _picture(values * (wanted / np.maximum(means, 1.0)))


def sharpness_of(picture: Image.Image, donor: Image.Image, mask: Mask | None) -> Image.Image:  # noqa: ARG001
    """As sharp as the donor: blurred where that is blurred, the detail raised where it is sharper."""
    wanted, own = detail(donor.resize(picture.size)), detail(picture)
    if own <= wanted:
        gain = min(4.0, wanted / max(own, 1e-6))
        soft = _values(picture.filter(ImageFilter.GaussianBlur(1)))
        return _picture(soft + gain * (_values(picture) - soft))
    softer = [picture.filter(ImageFilter.GaussianBlur(sigma)) for sigma in SIGMAS]
    return min(softer, key=lambda one: abs(detail(one) - wanted))


def detail(picture: Image.Image) -> float:
    """The share of contrast that lies between neighbours: 0 for a flat picture, small for a blurred one."""
    grey = np.asarray(picture.convert("L"), dtype=np.float64)
    steps = np.abs(np.diff(grey, axis=0)).mean() if grey.shape[0] > 1 else 0.0
    steps += np.abs(np.diff(grey, axis=1)).mean() if grey.shape[1] > 1 else 0.0
    return float(steps / max(grey.std(), 1.0))


EXCHANGES: dict[str, Exchange] = {"region": region_of, "colour": colour_of, "sharpness": sharpness_of}


def _means(picture: Image.Image) -> Floats:
    return np.asarray(_values(picture).mean((0, 1)))


def _values(picture: Image.Image) -> Floats:
    return np.asarray(picture, dtype=np.float64)


def _picture(values: Floats) -> Image.Image:
    return Image.fromarray(values.round().clip(0, 255).astype(np.uint8))


PLACEBOS = 2
SIDE = 1024
"""Larger pictures are shrunk to this longer side before they are edited: models see a few hundred pixels."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A row with what the model said: `predicted` is a class index, `key` its look, `cluster` the number of that."""

    row: ImageRow
    key: str
    cluster: int
    predicted: int
    probabilities: tuple[float, ...]
    size: tuple[int, int]
    box: Box

    @property
    def confidence(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.predicted]


@dataclass(frozen=True, slots=True)
class PictureEdit:
    """An edited picture to come; `item` is what the edit takes away.

    `key` is a hash of all that decides how the edited picture looks, so that a resumed run need not draw it.
    """

    seen: Seen
    key: str
    operator: str
    item: str
    placebo: bool
    make: Callable[[], Image.Image]


def small(row: ImageRow) -> Image.Image:
    """The picture of a row, no larger than SIDE."""
    picture = row.picture()
    if max(picture.size) > SIDE:
        gap = 2.0 if picture.mode == "RGB" else None  # Pillow shrinks 16 bits in one step alone
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=gap)
    return picture


def areas_of(audit: Audit, seen: Seen) -> dict[str, Mask]:
    """The regions of a row by name; none where the object is not known, or the audit is of the whole look."""
    area, share = str(audit.find.options["area"]), float(audit.find.options["share"])
    if area in WHOLE:
        return {}
    if area != "background":
        return AREAS[area](seen.size, seen.box, share)
    kept = _object(seen)
    return {} if kept is None or not kept.any() else background(seen.size, seen.box, kept)


def edits_of(audit: Audit, rows: Sequence[Seen], seed: int) -> Iterator[PictureEdit]:
    """All edits of an audit, row by row: the region replaced, and the matched control."""
    for seen in rows:
        areas = areas_of(audit, seen)
        for operator in audit.edit.operators:
            if operator == EXCHANGE:
                yield from _exchanged(audit, seen, areas, rows, seed)
            else:
                yield from _filled(audit, seen, areas, operator, seed)


def _filled(audit: Audit, seen: Seen, areas: Mapping[str, Mask], operator: str, seed: int) -> Iterator[PictureEdit]:
    """Each region filled, and as many pixels elsewhere in the same picture."""
    avoided = np.any(list(areas.values()), axis=0) if areas else None
    for item, area in areas.items():
        key = _key(audit, seen, operator, item, seed, area)
        yield PictureEdit(seen, key, operator, item, False, partial(_fill, seen, area, operator, seed))
        for draw in range(PLACEBOS if avoided is not None else 0):
            rng = generator(seed, seen.key, item, draw, "placebo")
            place = placebo(area, avoided, seen.box, rng) if avoided is not None else None
            if place is not None:
                key = _key(audit, seen, operator, item, seed, place, draw)
                yield PictureEdit(seen, key, operator, item, True, partial(_fill, seen, place, operator, seed))


def _key(audit: Audit, seen: Seen, operator: str, item: str, seed: int, mask: Mask | None, *more: object) -> str:
    where = "" if mask is None else np.packbits(mask).tobytes().hex()
    return content_hash(audit.name, seen.key, operator, item, seed, where, *more)


def _fill(seen: Seen, mask: Mask, operator: str, seed: int) -> Image.Image:
    noise = int(generator(seed, seen.key, operator).integers(2**31))
    return filled(small(seen.row), mask, operator, noise)


def _exchanged(
    audit: Audit, seen: Seen, areas: Mapping[str, Mask], rows: Sequence[Seen], seed: int
) -> Iterator[PictureEdit]:
    """Taken from a picture of another predicted class; the control from one of the same class."""
    area, whole = str(audit.find.options["area"]), str(audit.find.options["item"])
    masks: Mapping[str, Mask | None] = {whole: None} if area in WHOLE else areas
    for same in (False, True) if masks else ():
        donor = _donor(seen, rows, same, seed, known=area == "background")
        if donor is None:
            continue
        for item, mask in masks.items():
            key = _key(audit, seen, EXCHANGE, item, seed, mask, same, donor.key, donor.row.box)
            yield PictureEdit(seen, key, EXCHANGE, item, same, partial(_exchange, area, seen, donor, mask))


def _exchange(area: str, seen: Seen, donor: Seen, mask: Mask | None) -> Image.Image:
    other = small(donor.row)
    if area == "background" and (kept := _object(donor)) is not None:
        other = filled(other, kept, "inpaint", 0)  # else the donor's object would come along
    change = EXCHANGES.get(area, region_of)
    return edited(lambda one, two: change(one, two, mask), small(seen.row), other)


def _donor(seen: Seen, rows: Sequence[Seen], same: bool, seed: int, *, known: bool) -> Seen | None:
    """The first in an order drawn for this picture, so that no other row decides who it is, unless it is nearer."""
    fitting = [
        one
        for one in rows
        if (one.predicted == seen.predicted) is same and one.cluster != seen.cluster and (not known or _known(one.row))
    ]
    if not fitting:
        return None
    return fitting[int(generator(seed, seen.key, "donor", same).integers(len(fitting)))]


def _known(row: ImageRow) -> bool:
    return row.box is not None or row.mask is not None


def _object(seen: Seen) -> Mask | None:
    """Boxes are in pixels of the original, which may have been shrunk."""
    row = seen.row
    if row.box is None:
        return row.object_mask(seen.size)
    original = row.picture().size
    whole = row.object_mask(original)
    if whole is None or original == seen.size:
        return whole
    shrunk = Image.fromarray(whole.astype(np.uint8) * 255).resize(seen.size, Image.Resampling.NEAREST)
    return np.asarray(shrunk) > 127
