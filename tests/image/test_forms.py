"""One picture in many forms: what the preprocessing can use reaches the model, what cannot is told."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from token_saliency import ImageClassifier, run_image_audits
from token_saliency.image.audits.rows import ImageRow
from token_saliency.image.counterfactual import counterfactual
from token_saliency.image.pixels.bands import edited, looks
from token_saliency.image.pixels.fills import FILLS, filled
from token_saliency.image.validating import validate_images

SIDE = 16
Made = Callable[[Image.Image], Tensor]


def tensor(picture: Image.Image) -> Tensor:
    values = np.asarray(picture, dtype=np.float64)
    return torch.from_numpy(values if values.ndim == 3 else values[..., None]).permute(2, 0, 1)


def rgb(picture: Image.Image) -> Tensor:
    return tensor(picture.convert("RGB").resize((SIDE, SIDE))) / 255


def as_stored(picture: Image.Image) -> Tensor:
    """As torchvision's ToTensor: one channel a band, 16 bits divided by their own range."""
    return tensor(picture) / (65535 if picture.mode.startswith("I") else 255)


def classifier(preprocess: Made, channels: int, weigh: Callable[[Tensor], Tensor] | None = None) -> ImageClassifier:
    """A model that says `bright` by a weighted mean of its pixels, and takes that many channels alone."""

    class Weighing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(channels, 1, 1, bias=False).double()
            self.first.weight.data[:] = 1 / channels

        def forward(self, pixels: Tensor) -> Tensor:
            found = (
                self.first(pixels).mean((1, 2, 3)) if weigh is None else weigh(pixels) + 0 * self.first(pixels).sum()
            )
            return torch.stack([-found, found], 1) * 40

    return ImageClassifier(Weighing(), preprocess, labels=["dark", "bright"])


def deep(seed: int = 0, side: int = SIDE) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 65536, (side, side), dtype=np.uint16))


def colours(seed: int = 0) -> Image.Image:
    """Few enough for a palette."""
    few = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(few.repeat(SIDE // 4, 0).repeat(SIDE // 4, 1))


def png(values: np.ndarray, kind: int) -> bytes:
    """A PNG with 16 bits a channel, [H, W, C], which Pillow does not write."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    packed = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *(("a.png", mode) for mode in ("RGB", "RGBA", "P")),
        *(("a.tiff", mode) for mode in ("RGB", "RGBA")),
        *(("a.bmp", "RGB"), ("a.webp", "RGB"), ("a.gif", "P"), ("turned.png", "RGB")),
    ],
)
def test_one_picture_has_one_answer_however_it_is_saved(tmp_path: Path, name: str, mode: str) -> None:
    picture = colours()
    exif = Image.Exif()
    if name == "turned.png":
        exif[274] = 8  # it is to be turned left, so it is stored turned right
        picture.transpose(Image.Transpose.ROTATE_270).save(tmp_path / name, exif=exif)
    else:
        stored = picture.quantize(16) if mode == "P" else picture.convert(mode)
        stored.save(tmp_path / name, lossless=True)
    (found,) = classifier(rgb, 3).explain([tmp_path / name], "gradient_x_input")

    assert found.heatmap == pytest.approx(classifier(rgb, 3).explain([picture], "gradient_x_input")[0].heatmap)
    assert found.notes == ()
    assert classifier(rgb, 3).predict([tmp_path / name]).logits == pytest.approx(  # and no warning, which is an error
        classifier(rgb, 3).predict([picture]).logits
    )


@pytest.mark.parametrize("form", ["png", "tiff", "array", "pgm"])
def test_sixteen_bits_reach_a_preprocessing_that_reads_them(tmp_path: Path, form: str) -> None:
    values = np.asarray(deep())
    if form == "pgm":
        (tmp_path / "a.pgm").write_bytes(f"P5 {SIDE} {SIDE} 65535\n".encode() + values.astype(">u2").tobytes())
    elif form != "array":
        deep().save(tmp_path / f"a.{form}")
    source = values if form == "array" else tmp_path / f"a.{form}"
    reader = classifier(as_stored, 1)
    (found,) = reader.explain([source], "gradient_x_input", target="bright")

    assert reader.predict([source]).logits[0, 1] == pytest.approx(40 * (values / 65535).mean(), rel=1e-9)
    assert found.heatmap == pytest.approx(40 * (values / 65535) / values.size, rel=1e-9)
    assert (found.notes, found.image.mode, found.seen) == ((), "RGB", (0, 0, SIDE, SIDE))
    assert found.overlay().size == (SIDE, SIDE)


def test_sixteen_bits_that_are_not_read_are_told_of_once_and_never_clipped(tmp_path: Path) -> None:
    deep().save(tmp_path / "fine.png")
    whole = np.asarray(deep()) // 256
    Image.fromarray((whole * 257).astype(np.uint16)).save(tmp_path / "whole.png")
    (tmp_path / "colour.png").write_bytes(png(np.full((SIDE, SIDE, 3), 1000), 2))
    one = classifier(rgb, 3)  # whose convert("RGB") would make everything above 255 white

    with pytest.warns(UserWarning, match="2 of 3 pictures have more than 8 bits a channel") as told:
        found = one.predict([tmp_path / name for name in ("fine.png", "whole.png", "colour.png")])
    assert len(told) == 1
    assert found.logits[:2, 1] == pytest.approx(40 * (whole / 255).mean())
    notes = [explained.notes for explained in one.explain([tmp_path / "fine.png", tmp_path / "whole.png"], "gradient")]
    assert notes == [("The picture has more than 8 bits a channel, of which 8 are read.",), ()]


def test_a_preprocessing_that_knows_one_scale_alone_gets_that(tmp_path: Path) -> None:
    deep().save(tmp_path / "a.png")
    values = np.asarray(deep())
    bytes_, words = classifier(lambda p: tensor(p)[:1] / 255, 1), classifier(lambda p: tensor(p)[:1] / 65535, 1)

    with pytest.warns(UserWarning, match="8 bits"):
        assert bytes_.predict([tmp_path / "a.png"]).logits[0, 1] == pytest.approx(40 * (values // 256 / 255).mean())
    assert words.predict([tmp_path / "a.png"]).logits[0, 1] == pytest.approx(40 * (values / 65535).mean())


def test_a_fourth_channel_reaches_a_model_that_takes_four(tmp_path: Path) -> None:
    picture = colours()
    picture.putalpha(Image.fromarray(np.random.default_rng(1).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)))
    picture.save(tmp_path / "a.png")
    four = classifier(as_stored, 4)
    (found,) = four.explain([tmp_path / "a.png"], "gradient_x_input", target="bright")

    assert four.predict([tmp_path / "a.png"]).logits[0, 1] == pytest.approx(40 * (np.asarray(picture) / 255).mean())
    assert found.heatmap == pytest.approx(
        10 * (np.asarray(picture) / 255 - [0, 0, 0, 1]).sum(2) / SIDE**2
    )  # opaque black
    assert found.notes == ()
    (cam,) = four.explain([tmp_path / "a.png"], "grad_cam", layer="first")
    assert cam.heatmap.shape == (SIDE, SIDE)
    assert counterfactual(four, [tmp_path / "a.png"], [cam]).pictures[0].edited.mode == "RGBA"


def test_transparency_that_is_not_read_is_told(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "a.png")
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((9, 9, 9), (99, 99, 99))]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    clear, moving = classifier(rgb, 3).explain([tmp_path / "a.png", tmp_path / "a.gif"], "gradient")

    assert clear.notes == ("The picture has transparent parts, which are laid on white.",)
    assert moving.notes == ("The picture has several frames, of which the first is read.",)


def test_grey_stays_grey_for_a_model_of_one_channel(tmp_path: Path) -> None:
    colours().convert("L").save(tmp_path / "a.png")
    grey = classifier(as_stored, 1)
    named = ImageClassifier(grey.model, as_stored)

    assert named.labels == ["0", "1"]  # asked with grey noise, for no colour would do
    expected = 40 * (np.asarray(colours().convert("L")) / 255).mean()
    assert grey.predict([tmp_path / "a.png"]).logits[0, 1] == pytest.approx(expected)
    assert classifier(rgb, 3).predict([tmp_path / "a.png"]).logits.shape == (1, 2)


def test_a_text_in_a_file_is_no_loss(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("token_saliency lost", "<script>alert(1)</script>")
    colours().save(tmp_path / "a.png", pnginfo=text)

    assert classifier(rgb, 3).explain([tmp_path / "a.png"], "gradient")[0].notes == ()


# --- edits ----------------------------------------------------------------------------------------


def pictured(mode: str) -> Image.Image:
    rng = np.random.default_rng(2)
    if mode in ("RGBA", "LA"):
        return Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, len(mode)), dtype=np.uint8))
    made = {"I;16": deep(), "I": Image.fromarray(rng.integers(-900, 3000, (SIDE, SIDE), dtype=np.int32))}
    made |= {"F": Image.fromarray(rng.random((SIDE, SIDE), dtype=np.float32)), "L": colours().convert("L")}
    return made[mode]


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("mode", ["L", "RGBA", "LA", "I;16", "I", "F"])
def test_an_edit_keeps_the_form_and_every_bit_outside(mode: str, fill: str) -> None:
    picture, mask = pictured(mode), np.zeros((SIDE, SIDE), dtype=bool)
    mask[:6, :6] = True
    made = filled(picture, mask, fill, 0)
    before, after = np.asarray(picture), np.asarray(made)

    assert made.mode == mode
    assert np.array_equal(after[~mask], before[~mask])
    assert not np.array_equal(after[mask], before[mask])
    assert before.min() <= after.min()
    assert after.max() <= before.max() or mode == "F"
    if mode in ("RGBA", "LA"):
        assert not np.array_equal(after[mask][:, -1], before[mask][:, -1])  # transparency is edited as well


def test_an_exchange_takes_the_form_of_the_picture() -> None:
    made = edited(lambda one, two: two, deep(), colours())  # noqa: ARG005

    assert made.mode == "I;16"
    assert np.abs(np.asarray(made, dtype=float) / 257 - np.asarray(colours().convert("L"), dtype=float)).max() < 1
    assert np.array_equal(np.asarray(looks(made).convert("L")), np.asarray(colours().convert("L")))


def test_a_corner_of_the_fourth_channel_is_found(tmp_path: Path) -> None:
    rng, rows = np.random.default_rng(0), []
    for i in range(32):
        values = np.full((SIDE, SIDE, 4), 120, dtype=np.uint8) + rng.integers(-9, 10, (SIDE, SIDE, 1), dtype=np.int8)
        values = values.astype(np.uint8)
        values[:4, :4, 3] = 250 if i % 2 else 0
        Image.fromarray(values).save(tmp_path / f"{i}.png")
        rows.append(ImageRow(str(i), tmp_path / f"{i}.png", ["dark", "bright"][i % 2]))
    four = classifier(as_stored, 4, lambda x: x[:, 3, :4, :4].mean((1, 2)) - 0.47)
    report = run_image_audits(four, rows, ["corners"], method="gradient")

    assert report.audits["corners"].verdict == "FAIL"
    assert "top left" in report.audits["corners"].reason
    assert not any("transparent" in one for one in report.warnings)
    with_rgb = run_image_audits(classifier(rgb, 3), rows[:4], ["corners"], method="gradient")
    assert "4 of 4 pictures have transparent parts, which are laid on white." in with_rgb.warnings


def test_validation_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for i in range(3):
        colours(i).save(tmp_path / f"{i}.png")
    found = validate_images(classifier(rgb, 3), tmp_path, method="gradient", checks=["deletion"])

    assert (found.dataset.rows_seen, found.dataset.rows_used) == (4, 3)
    assert any("1 of 4 pictures cannot be read" in one for one in found.warnings)
