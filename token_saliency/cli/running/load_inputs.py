"""The classifier and the rows that the options name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from token_saliency.cli.options import values
from token_saliency.cli.options.groups import ModelOptions, RowsOptions

if TYPE_CHECKING:
    from token_saliency.data import Rows
    from token_saliency.text.classifier import TextClassifier


def load_classifier(model: str, options: ModelOptions) -> TextClassifier:
    """The classifier on its device."""
    from token_saliency.text.classifier import TextClassifier  # imports torch

    return TextClassifier.from_pretrained(
        model,
        device=options.device,
        dtype=options.dtype,
        max_length=options.max_length,
        long=options.long,
        batch_tokens=options.batch_tokens,
        trust_remote_code=options.trust_remote_code,
    )


def checked_rows(options: RowsOptions) -> int | None:
    """The number of rows, None for all; what is wrong in `--rows` or `--label-map` is told before a model is loaded."""
    limit = values.rows_limit(options.rows)
    _label_map(options)
    return limit


def _label_map(options: RowsOptions) -> dict[str, str] | None:
    from token_saliency.data import parse_label_map  # imports pandas

    return None if options.label_map is None else parse_label_map(options.label_map)


def read_rows(data: Any, options: RowsOptions, labels: Sequence[str] | None) -> Rows:
    """The rows, their labels in the words of the model."""
    from token_saliency.data import load_rows  # imports pandas

    return load_rows(
        data,
        labels=labels,
        text=options.text,
        text_pair=options.text_pair,
        label=options.label,
        split=options.split,
        label_map=_label_map(options),
        cluster=options.cluster,
    )
