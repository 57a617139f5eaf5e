"""Three comparisons of picture runs: a CNN with a ViT, clean with foggy pictures, right with wrong predictions.

    python -m benchmarks.image_compare [--rows 200] [--seed 0]

Both networks are trained for seconds on shapes whose squares bear a corner tag, and audited on shapes where the tag
stands on half of both. The ViT never met the tag. Prints the three comparisons.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from PIL import Image

from benchmarks.shapes import CLASSES, preprocess, shapes, trained
from token_saliency import ImageClassifier, compare_runs, run_image_audits
from token_saliency.image.audits.rows import ImageRow
from token_saliency.store import read_rows

PLANT, TRAINED_ON = "corner tag", 1000


def foggy(row: ImageRow) -> ImageRow:
    """The same shape half hidden by white."""
    return ImageRow(row.id, Image.blend(row.source, Image.new("RGB", row.source.size, (255, 255, 255)), 0.5), row.label)


def main() -> None:
    """Trains, audits and compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        for name, first, second in _compared(Path(place), options.rows, options.seed):
            print(f"{name}\n{compare_runs(first, second)}\n")


def _compared(place: Path, count: int, seed: int) -> list[tuple[str, Path, Path]]:
    learned = {"cnn": 1.0, "vit": 0.0}
    models = {
        name: ImageClassifier(
            trained(name, shapes(TRAINED_ON, PLANT, tagged, 1000 + seed), seed),
            preprocess,
            labels=CLASSES,
            batch_size=64,
            id=name,
        )
        for name, tagged in learned.items()
    }
    listed = [
        ImageRow(str(i), one.picture, CLASSES[one.label]) for i, one in enumerate(shapes(count, PLANT, 0, 2000 + seed))
    ]

    def run(model: str, rows: list[ImageRow], name: str) -> Path:
        run_image_audits(models[model], rows, ["corners"], seed=seed).save(str(place / name))
        return place / name

    cnn, vit = run("cnn", listed, "cnn"), run("vit", listed, "vit")
    answers = {row.id: row.predicted == row.label for row in read_rows(cnn / "rows.parquet")}
    right, wrong = ([row for row in listed if answers.get(row.id) is good] for good in (True, False))
    fog = run("cnn", [foggy(row) for row in listed], "foggy")
    sides = run("cnn", right, "right"), run("cnn", wrong, "wrong")
    return [("CNN against ViT", cnn, vit), ("clean against foggy", cnn, fog), ("right against wrong", *sides)]


if __name__ == "__main__":
    main()
