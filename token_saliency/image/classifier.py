"""Image classifiers: predict, explain, and draw."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor, nn

from token_saliency.core.targets import output_function
from token_saliency.engines.engine import AnyEngine, Engine, Inline
from token_saliency.errors import DataError, ModelError, OptionError, is_whole
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.baselines import BASELINES
from token_saliency.image.explaining import PictureQuestion, PixelBatch, explain_group
from token_saliency.image.methods import chosen_method
from token_saliency.image.model.choosing import last_layer
from token_saliency.image.model.forms import Forms, noise
from token_saliency.image.model.layers import Layer, layer_named
from token_saliency.image.model.loading import load, preprocess_of
from token_saliency.image.model.network import ImageNetwork
from token_saliency.image.parts import PicturesAsked, answers_to
from token_saliency.image.pixels.bands import Preprocess
from token_saliency.image.pixels.geometry import Sight
from token_saliency.image.pixels.pictures import content_seed, opened_all
from token_saliency.results import ModelInfo, Predictions
from token_saliency.shared.heads import Head, head_of
from token_saliency.shared.options import chosen_targets
from token_saliency.text.model.meter import Meter
from token_saliency.text.working import started

BATCH, CHANNELS = 8, 4
PROBES = 4

Progress = Callable[[int], None] | None


class ImageClassifier:
    """An image classification model with its preprocessing, neither of which is ever changed.

    `preprocess` makes a tensor [3, H, W] of a PIL image; a Hugging Face image processor does as well. `labels` name the
    classes of a model without a config; of a model with one logit p they are two, and p speaks for the second. The
    model is any `torch.nn.Module` from pixels [N, 3, H, W] to logits [N, C].
    """

    default_method = "grad_cam"

    def __init__(
        self,
        model: nn.Module,
        preprocess: Any,
        *,
        labels: Sequence[object] | None = None,
        batch_size: int = BATCH,
        id: str | None = None,
        revision: str | None = None,
    ) -> None:
        if not is_whole(batch_size, 1):
            raise OptionError(f"batch_size is a number of images, not {batch_size!r}.")
        if not isinstance(model, nn.Module):
            raise ModelError(
                f"A {type(model).__name__} is no torch.nn.Module: give the model itself (of a pipeline its .model, and "
                ".image_processor as preprocess)."
            )
        if not callable(preprocess):
            raise OptionError(f"preprocess makes a tensor of a picture; it cannot be {preprocess!r}.")
        self.model = model
        self.batch_size = batch_size
        self.sight = Sight(preprocess_of(preprocess) if hasattr(preprocess, "image_mean") else preprocess)
        self._network = ImageNetwork(model)
        self._forms = Forms(self._network, self.preprocess)
        self._labels = None if labels is None else [str(label) for label in labels]
        self._network.binary = len(self._labels or ()) == 2
        self._id = id or getattr(getattr(model, "config", None), "_name_or_path", "") or type(model).__name__
        self._revision = revision
        self._engine: Engine = Inline(self)

    @classmethod
    def from_pretrained(
        cls,
        name: str,
        *,
        device: str = "auto",
        dtype: str = "float32",
        revision: str | None = None,
        trust_remote_code: bool = False,
        batch_size: int = BATCH,
    ) -> ImageClassifier:
        """The classifier in a folder or under a hub id `owner/name[@revision]`; ModelError where there is none."""
        loaded = load(name, device=device, dtype=dtype, revision=revision, trust_remote_code=trust_remote_code)
        return cls(loaded.model, loaded.preprocess, batch_size=batch_size, id=loaded.id, revision=loaded.revision)

    @property
    def preprocess(self) -> Preprocess:
        """How a picture becomes a tensor [3, H, W]. It cannot be replaced: what it cuts off is measured once."""
        return self.sight.preprocess

    @cached_property
    def head(self) -> Head:
        """What the logits mean. A model without a config chooses one class; `labels` or numbers name them."""
        if self._labels is None:
            return self._numbered() if getattr(self.model, "config", None) is None else head_of(self.model)
        kind = getattr(getattr(self.model, "config", None), "problem_type", None)
        return Head.named(str(kind), self._labels)

    def _numbered(self) -> Head:
        with self._network.session():
            outputs = self._network.logits(self._sample()).shape[1]
        if outputs == 1:
            return Head("regression", ("value",))
        return Head("single_label_classification", tuple(map(str, range(outputs))))

    @property
    def labels(self) -> list[str]:
        """The class names in index order; their numbers where neither the caller nor a config names them."""
        return list(self.head.classes)

    def reads(self, kind: str, size: tuple[int, int]) -> bool:
        """Whether pictures of a Pillow mode (16 bits, transparency) are put to the model as they are, else in RGB."""
        return self._forms.reads(kind, size)

    @property
    def meter(self) -> Meter:
        """What was spent so far; `tokens` counts pixels."""
        return self._network.meter

    @property
    def info(self) -> ModelInfo:
        """The model; the self-test of tokens does not apply to it."""
        return ModelInfo(
            id=self._id,
            revision=self._revision,
            architecture=type(self.model).__name__,
            labels=self.labels,
            dtype=str(self._network.dtype).removeprefix("torch."),
            device=str(self._network.device),
            self_test=None,
        )

    def predict(self, images: Any, *, progress: Progress = None) -> Predictions:
        """Logits, probabilities and class names in the order of the images (paths, PIL images or arrays)."""
        pictures = opened_all(images, self.reads, warned=True)
        logits = np.empty((len(pictures), len(self.labels)))
        for at, found in answers_to(self._engine, self.meter, self._parts(pictures), progress):
            logits[at] = found
        return Predictions(logits, self.head.probabilities(logits), self.head.names(logits))

    def explain(
        self,
        images: Any,
        method: str = "grad_cam",
        target: object = "predicted",
        *,
        labels: Sequence[object] | None = None,
        output: str = "logit",
        layer: str | None = None,
        baseline: str = "black",
        seed: int = 0,
        options: Mapping[str, Any] | None = None,
        progress: Progress = None,
    ) -> list[ImageAttribution]:
        """Which pixels of each image one output rests on, in the order of the images.

        `target` is "predicted", a class name or index, one per image, or "label" with `labels`. `layer` names the layer
        of grad_cam (default: the last one that all passes through and whose places all count; `attribution.layer` says
        which). `baseline` is black, white, mean, blur or noise. `options` of the method, and for methods of pixels
        `reduce` (sum, mean, max, l2, square over the channels) and `absolute`.
        """
        chosen = chosen_method(method, options)
        if baseline not in BASELINES:
            raise OptionError(f"Unknown baseline {baseline!r}. Known: {', '.join(BASELINES)}.")
        pictures = opened_all(images, self.reads)
        output = self.head.output(output)
        targets = chosen_targets(target, labels, len(pictures), self.labels)
        question = PictureQuestion(chosen, output, output_function(output, self.head.kind), baseline, self.labels, seed)
        parts = self._parts(pictures, partial(PicturesAsked, question=question, layer=layer), targets)
        found = dict(answers_to(self._engine, self.meter, parts, progress))
        return [found[i] for i in range(len(pictures))]

    @contextmanager
    def workers(self, count: int | None, engine: AnyEngine = "processes") -> Iterator[ImageClassifier]:
        """The same classifier answered by `count` processes, or by another engine; see TextClassifier.workers."""
        made_of = (self.model, self.preprocess, self._labels, self.batch_size)
        with started(made_of, self._network.device, count, engine, _remade) as running:
            many = copy.copy(self)
            many._engine = running
            yield many

    def _parts(
        self, pictures: list[Image], asked: Callable[..., PicturesAsked] = PicturesAsked, targets: Sequence[Any] = ()
    ) -> Iterator[PicturesAsked]:
        size = self.batch_size
        starts = range(0, len(pictures), size)
        return (asked(i, pictures[i : i + size], targets=targets[i : i + size]) for i in starts)

    def answered(self, asked: PicturesAsked) -> list[Any]:
        """The logits of each picture, or its attribution where a question is asked."""
        if asked.question is not None:
            return list(self._explained(asked.question, asked.pictures, asked.targets, asked.layer))
        logits = np.empty((len(asked.pictures), len(self.labels)))
        with self._network.session():
            for at, pixels in self._batches(asked.pictures):
                logits[at] = self._checked(self._network.logits(pixels)).double().cpu().numpy()
        return list(logits)

    def layer(self, name: str | None = None, image: Any = None) -> Layer:
        """The layer that grad_cam uses: the named one, or the one that is found by itself."""
        pictures = [] if image is None else opened_all([image], self.reads)
        with self._network.session():
            return self._layer(name, self._pixels(pictures) if pictures else self._sample())

    def _explained(
        self, question: PictureQuestion, pictures: list[Image], targets: Sequence[int | None], layer: str | None
    ) -> list[ImageAttribution]:
        found: dict[int, ImageAttribution] = {}
        with self._network.session():
            for at, pixels in self._batches(pictures):
                logits = self._checked(self._network.logits(pixels)).double().cpu().numpy()
                predicted = self.head.decided(logits, "picture")
                aims = [seen if targets[i] is None else targets[i] for i, seen in zip(at, predicted, strict=True)]
                group = PixelBatch(
                    pictures=[pictures[i] for i in at],
                    pixels=pixels,
                    predicted=predicted,
                    targets=[aim for aim in aims if aim is not None],
                    seeds=tuple(content_seed(pictures[i], question.seed) for i in at),
                    layer=None if question.chosen.method.at == "pixels" else self._layer(layer, pixels[:1]),
                )
                explained = explain_group(self._network, self.sight, question, group, self.batch_size)
                found |= zip(at, explained, strict=True)
        return [found[i] for i in range(len(pictures))]

    def _layer(self, name: str | None, pixels: Tensor) -> Layer:
        """Found with noise of the shape of the pixels: no picture decides which layer the others are explained at."""
        pixels = _probe(pixels)

        def run() -> Tensor:
            return self._network.forward(pixels.to(self._network.dtype))

        if name is not None:
            return layer_named(self.model, name, run, pixels.shape)
        return last_layer(self._network, pixels)

    def _sample(self) -> Tensor:
        found = self._forms.sample()
        return self._pixels([noise()]) if found is None else found

    def _batches(self, pictures: list[Image]) -> list[tuple[list[int], Tensor]]:
        """Pictures that become pixels of one shape go together."""
        each = [self._one(picture, number) for number, picture in enumerate(pictures)]
        shapes: dict[tuple[int, ...], list[int]] = {}
        for i, pixels in enumerate(each):
            shapes.setdefault(tuple(pixels.shape), []).append(i)
        return [(at, torch.stack([each[i] for i in at])) for at in shapes.values()]

    def _pixels(self, pictures: list[Image]) -> Tensor:
        return torch.stack([self._one(picture, number) for number, picture in enumerate(pictures)])

    def _one(self, picture: Image, number: int) -> Tensor:
        pixels = self.preprocess(picture)
        if not isinstance(pixels, Tensor) or pixels.ndim != 3 or not pixels.is_floating_point():
            shape = list(getattr(pixels, "shape", []))
            raise DataError(
                f"preprocess returns {type(pixels).__name__} {shape} for image {number}, not a float tensor [3, H, W]."
            )
        if pixels.shape[0] > CHANNELS >= pixels.shape[2]:
            raise DataError(
                f"preprocess returns {list(pixels.shape)} for image {number}, channels last: return [3, H, W], "
                "and wrap a model that wants them last."
            )
        return pixels.to(self._network.device, torch.promote_types(self._network.dtype, torch.float32))

    def _checked(self, logits: Tensor) -> Tensor:
        if logits.shape[1] != len(self.labels):
            raise ModelError(
                f"The model returns {logits.shape[1]} logits for {len(self.labels)} labels; give one label a class."
            )
        return logits


def _remade(made_of: tuple[Any, ...]) -> ImageClassifier:
    model, preprocess, labels, batch_size = made_of
    return ImageClassifier(model, preprocess, labels=labels, batch_size=batch_size)


def _probe(pixels: Tensor) -> Tensor:
    """Noise [PROBES, C, H, W], the same for every picture of that shape."""
    made = torch.randn(PROBES, *pixels.shape[1:], generator=torch.Generator().manual_seed(0))
    return made.to(pixels)
