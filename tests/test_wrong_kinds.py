"""A value of the wrong kind is refused by one line of the error tree, wherever it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from torch import nn, tensor

from token_saliency import (
    DataError,
    ImageClassifier,
    ModelError,
    OptionError,
    TabularClassifier,
    TextClassifier,
    TokenSaliencyError,
    compare_runs,
    counterfactuals,
    load_audits,
    mend,
    validate,
)
from token_saliency.data import load_rows
from token_saliency.errors import unknown
from token_saliency.image.methods import chosen_method as chosen_image_method
from token_saliency.shared.options import chosen_method, chosen_targets

ROWS = {"text": ["a", "b"], "label": [1, 0]}
CLASSES = ["negative", "positive"]
NETWORK = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def _classifier() -> TextClassifier:
    return TextClassifier.from_function(lambda texts: np.full((len(texts), 2), 0.5), CLASSES)  # type: ignore[return-value]


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "labels that are one number": (lambda: chosen_targets("label", 1, 1, CLASSES), "labels is a list"),  # type: ignore[arg-type]
    "labels that are one name": (lambda: chosen_targets("label", "positive", 1, CLASSES), "labels is a list"),
    "a method that is a number": (lambda: chosen_method(3, None), "Unknown method 3"),  # type: ignore[arg-type]
    "a method that is None": (lambda: chosen_method(None, None), "Unknown method None"),  # type: ignore[arg-type]
    "options in a list": (lambda: chosen_method("gradient", [1]), "mapping"),  # type: ignore[arg-type]
    "options of pictures in a list": (lambda: chosen_image_method("grad_cam", [1]), "mapping"),  # type: ignore[arg-type]
    "audits that are a number": (lambda: load_audits(3), "audits is a list"),  # type: ignore[arg-type]
    "a map of labels that is a number": (lambda: load_rows(ROWS, labels=CLASSES, label_map=3), "mapping"),  # type: ignore[arg-type]
    "a run that is none": (lambda: compare_runs(None, "b"), "not NoneType"),  # type: ignore[arg-type]
    "a classifier for a run": (lambda: compare_runs(["a"], [_classifier()]), "report.save"),  # type: ignore[list-item]
    "a growth that is a word": (lambda: compare_runs("a", "b", smallest_growth="x"), "smallest_growth"),  # type: ignore[arg-type]
    "one name for all columns": (lambda: TabularClassifier(nn.Linear(3, 2), "abc"), "feature_names is a list"),
    "a name of columns twice": (lambda: TabularClassifier(nn.Linear(2, 2), ["a", "a"]), "twice"),
    "an unknown method of tables": (lambda: TabularClassifier(len, ["a"]).explain([[1.0]], "nope"), "Unknown method"),
    "labels of a function that are one text": (lambda: TextClassifier.from_function(len, "ab"), "labels is a list"),
    "no labels of a function": (lambda: TextClassifier.from_function(len, None), "labels is a list"),  # type: ignore[arg-type]
    "a network for its name": (lambda: TextClassifier.from_pretrained(NETWORK), "is no name of a model"),  # type: ignore[arg-type]
    "words for a number of words": (lambda: counterfactuals(_classifier(), ["a b"], max_words="3"), "max_words"),  # type: ignore[arg-type]
    "steps that are no number": (lambda: validate(_classifier(), ["a"], train_steps="x"), "train-steps"),  # type: ignore[arg-type]
    "one check that is none": (lambda: validate(_classifier(), ["a"], checks="canary"), "Unknown check 'canary'"),
    "a classifier that is none": (lambda: validate(None, ["a"]), "NoneType is no classifier"),  # type: ignore[arg-type]
    "a folder for a report": (lambda: mend("run", ROWS), "load_report"),  # type: ignore[arg-type]
    "a function for a network": (lambda: ImageClassifier(len, str), "torch.nn.Module"),  # type: ignore[arg-type]
    "a number for a preprocessing": (lambda: ImageClassifier(NETWORK, 3), "preprocess"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_of_the_wrong_kind_is_one_error_of_the_tree(name: str) -> None:
    call, said = WRONG[name]
    with pytest.raises(TokenSaliencyError) as told:
        call()
    assert said in str(told.value)
    assert isinstance(told.value, OptionError | ModelError | DataError)


def test_what_is_unknown_is_quoted_as_given_and_found_in_any_case() -> None:
    assert str(unknown("layer", 2, ["2", "3"])) == "Unknown layer 2. Did you mean '2'? Known: 2, 3."
    assert str(unknown("class", np.str_("POSITIVE"), CLASSES)).startswith(
        "Unknown class 'POSITIVE'. Did you mean 'positive'?"
    )


def test_whole_floats_are_indices_as_a_column_with_gaps_has_them() -> None:
    assert chosen_targets("label", [1.0, np.float64(0)], 2, CLASSES) == [1, 0]
    with pytest.raises(OptionError, match=r"Unknown class 0\.5"):
        chosen_targets(0.5, None, 1, CLASSES)


def test_a_map_of_labels_may_be_written_as_in_a_command() -> None:
    written: Any = "pos=positive,neg=negative"
    rows = load_rows({"text": ["a", "b"], "label": ["pos", "neg"]}, labels=CLASSES, label_map=written)
    assert [row.label for row in rows.examples] == ["positive", "negative"]


def test_an_array_of_pictures_is_a_list_of_them() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3), dtype=np.uint8)
    classifier = ImageClassifier(NETWORK, lambda image: tensor(np.asarray(image) / 255).float().permute(2, 0, 1))

    assert classifier.predict(pixels).logits == pytest.approx(classifier.predict([*pixels]).logits)
