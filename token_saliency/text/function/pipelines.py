"""Pipelines of transformers: the model and tokenizer inside, or of zero-shot classification a function of texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from token_saliency.errors import ModelError, OptionError
from token_saliency.text.function.answers import FunctionAnswers
from token_saliency.text.function.classifier_of import FunctionClassifier

CLASSIFIES = ("text-classification", "sentiment-analysis")
ZERO_SHOT = "zero-shot-classification"


def is_pipeline(model: Any) -> bool:
    """Whether this is a pipeline of transformers; the library is not imported to find out."""
    return all(hasattr(model, name) for name in ("task", "model", "tokenizer", "_preprocess_params"))


def is_zero_shot(model: Any) -> bool:
    """Whether this pipeline decides between labels that are given beside the text."""
    return is_pipeline(model) and model.task == ZERO_SHOT


def parts_of(model: Any, tokenizer: Any, labels: object) -> tuple[Any, Any]:
    """Model and tokenizer, also of a pipeline that classifies texts. ModelError for another pipeline."""
    if labels is not None:
        raise OptionError("labels are those of a zero-shot pipeline: another model brings its own, leave them out.")
    if tokenizer is None and isinstance(model, str | Path):
        raise ModelError(f"Give a folder or a hub id to TextClassifier.from_pretrained({str(model)!r}).")
    if tokenizer is None and hasattr(model, "predict_proba"):
        raise ModelError(
            "Give what is no transformer to TextClassifier.from_function(model.predict_proba, model.classes_)."
        )
    if tokenizer is not None or not is_pipeline(model):
        return model, tokenizer
    pipeline = model
    if pipeline.task not in CLASSIFIES:
        raise ModelError(
            f"A pipeline for {pipeline.task} classifies no texts; give one for {CLASSIFIES[0]} or {ZERO_SHOT}."
        )
    return pipeline.model, pipeline.tokenizer


def zero_shot(pipeline: Any, labels: Sequence[str] | None) -> FunctionClassifier:
    """The pipeline as a function of texts to the probabilities of `labels`, else of its own `candidate_labels`."""
    classes = _classes(labels, pipeline._preprocess_params.get("candidate_labels"))
    several = bool(pipeline._postprocess_params.get("multi_label", False))

    def predict(texts: Sequence[Any]) -> NDArray[np.float64]:
        found = pipeline(list(texts), candidate_labels=classes)
        answers = [found] if isinstance(found, dict) else found
        scores = [dict(zip(one["labels"], one["scores"], strict=True)) for one in answers]
        return np.array([[score[name] for name in classes] for score in scores])

    name = getattr(pipeline.model.config, "_name_or_path", "") or ZERO_SHOT
    answers = FunctionAnswers(predict, classes, pairs=False, exclusive=not several, batch_size=64)
    return FunctionClassifier(answers, name=name, revision=getattr(pipeline.model.config, "_commit_hash", None))


def _classes(labels: Sequence[str] | str | None, own: Sequence[str] | str | None) -> list[str]:
    given = own if labels is None else labels
    listed = [name.strip() for name in given.split(",")] if isinstance(given, str) else list(given or ())
    if len(listed) < 2 or len(set(listed)) < len(listed):
        raise OptionError(
            "A zero-shot pipeline decides between labels: give TextClassifier(pipeline, labels=[...]) two or more "
            "different ones."
        )
    return listed
