"""Whatever is handed in as a picture: the right pixels, or one clear line."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from token_saliency import DataError, ImageClassifier, OptionError
from token_saliency.image.pixels.pictures import content_seed, opened, opened_all

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def corner(picture: Image.Image) -> tuple[int, ...]:
    found = picture.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


def message_of(source: object) -> str:
    with pytest.raises(DataError) as error:
        opened(source)
    assert "\n" not in str(error.value)
    return str(error.value)


def saved(picture: Image.Image, file: Path, **options: Any) -> Path:
    picture.save(file, **options)
    return file


def test_grayscale_becomes_three_equal_channels(tmp_path: Path) -> None:
    assert corner(opened(saved(Image.new("L", (4, 3), 70), tmp_path / "a.png"))) == (70, 70, 70)
    assert opened(Image.new("1", (4, 3), 1)).mode == "RGB"


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    assert corner(opened(saved(Image.new("RGBA", (4, 3), (255, 0, 0, 0)), tmp_path / "a.png"))) == WHITE
    assert corner(opened(saved(Image.new("RGBA", (4, 3), (255, 0, 0, 255)), tmp_path / "b.png"))) == RED
    assert corner(opened(Image.new("LA", (4, 3), (0, 0)))) == WHITE


def test_sixteen_bits_are_scaled_by_value(tmp_path: Path) -> None:
    values = np.array([[0, 32768, 65535]], dtype=np.uint16)
    picture = opened(saved(Image.fromarray(values), tmp_path / "a.png"))

    assert np.asarray(picture)[0, :, 0].tolist() == [0, 128, 255]
    assert np.asarray(opened(values))[0, :, 2].tolist() == [0, 128, 255]


def test_cmyk_is_converted(tmp_path: Path) -> None:
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))  # magenta and yellow make red

    red, green, blue = corner(opened(saved(ink, tmp_path / "a.jpg")))
    assert red > 200
    assert max(green, blue) < 60


def test_of_an_animation_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (6, 6), colour) for colour in (RED, BLUE, GREEN)]
    file = saved(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])

    assert corner(opened(file)) == RED


def test_a_palette_is_resolved(tmp_path: Path) -> None:
    assert corner(opened(saved(Image.new("RGB", (4, 4), GREEN).convert("P"), tmp_path / "a.gif"))) == GREEN


def test_a_photograph_stands_upright_as_its_exif_says(tmp_path: Path) -> None:
    lying = Image.new("RGB", (40, 20), BLACK)
    lying.paste(WHITE, (0, 0, 10, 20))  # left as stored
    exif = lying.getexif()
    exif[274] = 6  # turn it right by 90 degrees: what was left is at the top
    picture = opened(saved(lying, tmp_path / "a.jpg", exif=exif))

    assert picture.size == (20, 40)
    pixels = np.asarray(picture).mean(2)
    assert pixels[:8].mean() > 240
    assert pixels[12:].mean() < 15


def test_arrays_of_bytes_and_of_floats_are_the_same_picture() -> None:
    values = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)

    assert np.array_equal(np.asarray(opened(values)), values)
    assert np.array_equal(np.asarray(opened(values / 255)), values)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((2, 3, 4, 3)), "is no picture"),
        (np.zeros((3, 8, 8), dtype=np.uint8), "is no picture"),
        (np.zeros((0, 4, 3), dtype=np.uint8), "is no picture"),
        (np.full((4, 4, 3), 200.0), "floats must lie between 0 and 1"),
        (np.full((4, 4, 3), np.nan), "no brightness"),
        (np.full((4, 4, 3), -1), "no brightness"),
        (np.full((4, 4), 70000), "8 or 16 bits"),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray, says: str) -> None:
    assert says in message_of(array)


def test_other_things_are_no_pictures(tmp_path: Path) -> None:
    assert "A dict is no picture" in message_of({})
    assert "There is no image at" in message_of(tmp_path / "none.png")
    assert "There is no image at" in message_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello, I am a text", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_image(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)

    assert "a.png" in message_of(tmp_path / "a.png")


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "bmp", "webp", "tiff"])
def test_a_file_that_is_cut_off(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), tmp_path / f"a.{kind}").read_bytes()
    (tmp_path / f"a.{kind}").write_bytes(whole[: len(whole) // 2])

    assert "damaged or cut off" in (said := message_of(tmp_path / f"a.{kind}")) or "no image that can be read" in said


def test_a_picture_opened_by_the_caller_may_be_cut_off_too(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])

    with Image.open(tmp_path / "a.png") as picture:
        assert "damaged or cut off" in message_of(picture)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = b"".join(
        _chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)

    assert "shrink it" in message_of(tmp_path / "a.png")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_the_bad_one_of_many_is_numbered(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Image 1 \(0 is the first\)"):
        opened_all([Image.new("RGB", (4, 4)), tmp_path / "none.png"])


@pytest.mark.parametrize("source", ["a.png", Path("a.png"), Image.new("RGB", (4, 4)), np.zeros((4, 4, 3), np.uint8)])
def test_a_single_picture_wants_a_list(source: object) -> None:
    with pytest.raises(DataError, match=r"list of images: \[image\]"):
        opened_all(source)


def test_noise_depends_on_content_alone() -> None:
    red, blue = Image.new("RGB", (4, 4), RED), Image.new("RGB", (4, 4), BLUE)

    assert content_seed(red, 0) == content_seed(red.copy(), 0)
    assert len({content_seed(red, 0), content_seed(blue, 0), content_seed(red, 1)}) == 3


# --- through the classifier ---------------------------------------------------------------------------------


def classifier(size: int | None = 16) -> ImageClassifier:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )

    def preprocess(picture: Image.Image) -> Tensor:
        values = np.asarray(picture if size is None else picture.resize((size, size)))
        return torch.from_numpy(values.copy()).float().permute(2, 0, 1) / 255

    return ImageClassifier(model, preprocess, labels=["no", "yes"])


def test_an_option_of_another_kind_is_refused() -> None:
    with pytest.raises(OptionError, match=r"The option n of smoothgrad is 1\.5, not a whole number"):
        classifier().explain([Image.new("RGB", (4, 4), RED)], "smoothgrad", options={"n": 1.5})


def test_a_picture_of_one_pixel_is_explained() -> None:
    (found,) = classifier().explain([Image.new("RGB", (1, 1), RED)], "gradient")

    assert found.heatmap.shape == (16, 16)
    assert found.overlay().size == (1, 1)


def test_pictures_of_all_sizes_together() -> None:
    pictures = [Image.new("RGB", size, RED) for size in ((1, 1), (3, 50), (200, 7), (16, 16))]

    assert [one.image.size for one in classifier().explain(pictures, "grad_cam")] == [p.size for p in pictures]
    sizes = [one.heatmap.shape for one in classifier(None).explain(pictures[1:], "gradient")]
    assert sizes == [(50, 3), (7, 200), (16, 16)]


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_model_whose_classes_nobody_names_has_numbers(outputs: int) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, outputs))
    plain = ImageClassifier(model, classifier().preprocess)
    (found,) = plain.explain([Image.new("RGB", (16, 16), RED)])

    assert plain.labels == (["value"] if outputs == 1 else ["0", "1", "2"])
    assert found.target in plain.labels


def test_no_pictures_give_no_attributions() -> None:
    assert classifier().explain([]) == []
    assert classifier().predict([]).labels == []


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda _: torch.zeros(16, 16), r"not a float tensor \[3, H, W\]"),
        (lambda _: torch.zeros(3, 16, 16, dtype=torch.uint8), r"not a float tensor \[3, H, W\]"),
        (lambda picture: np.asarray(picture), r"not a float tensor \[3, H, W\]"),
    ],
)
def test_a_preprocess_that_returns_something_else(made: object, says: str) -> None:
    one = classifier()
    with pytest.raises(DataError, match=says):
        ImageClassifier(one.model, made, labels=one.labels).predict([Image.new("RGB", (4, 4))])
