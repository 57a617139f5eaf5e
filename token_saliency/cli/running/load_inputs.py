"""The classifier and the rows that the options name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from token_saliency.cli.options import values
from token_saliency.cli.options.groups import ModelOptions, RowsOptions
from token_saliency.errors import OptionError
from token_saliency.text.endpoint.wire import is_address

if TYPE_CHECKING:
    from token_saliency.data import Rows
    from token_saliency.results import Example
    from token_saliency.text.classifier import TextClassifier


def load_classifier(model: str, options: ModelOptions, prompt: Any = None) -> TextClassifier:
    """The classifier on its device; a model is asked by `prompt` where the options name none (an endpoint costs)."""
    if is_address(model):
        found: TextClassifier = _endpoint(model, options)
        return found
    if options.samples is not None:
        raise OptionError("--samples is for an endpoint: MODEL is then an address, http://HOST/v1.")
    from token_saliency.text.classifier import TextClassifier  # imports torch

    names = ("device", "dtype", "max_length", "long", "batch_tokens", "trust_remote_code")
    given: dict[str, Any] = {name: getattr(options, name) for name in names}
    prompt = options.prompt or prompt
    if prompt is None:
        return TextClassifier.from_pretrained(model, **given)
    if options.long == "window":
        raise OptionError("--long window is not for --prompt: a row in a prompt is cut, never the prompt.")
    return TextClassifier.from_prompt(model, prompt=prompt, **given)


def _endpoint(url: str, options: ModelOptions) -> Any:
    """The server behind an address."""
    values.model(url)
    if options.prompt is None:
        raise OptionError("An endpoint is asked with a prompt: --prompt prompt.toml.")
    from token_saliency.text.endpoint.remote import endpoint_classifier  # imports torch

    return endpoint_classifier(url, None, options.prompt, samples=options.samples, price=options.price)


def with_rows(classifier: TextClassifier, data: str, options: RowsOptions, seed: int) -> tuple[TextClassifier, Rows]:
    """The rows, and the classifier calibrated over those that will be used, where its prompt asks for that."""
    rows = read_rows(data, options, classifier.labels, seed)
    return calibrated(classifier, rows.examples, values.rows_limit(options.rows), seed), rows


def calibrated(classifier: TextClassifier, rows: Sequence[Example], limit: int | None, seed: int) -> TextClassifier:
    """For a prompt with `calibrate = "batch"`: over the rows that will be used; any other classifier as it is."""
    from token_saliency.auditing.evidence.asking import text_of
    from token_saliency.stats.sampling import sample_rows

    prompt = getattr(classifier, "prompt", None)
    if prompt is None or prompt.calibrate != "batch":
        return classifier
    used = sample_rows(rows, limit, seed)
    return classifier.calibrated([text_of(row) for row in used])


def checked_rows(options: RowsOptions) -> int | None:
    """The number of rows, None for all; what is wrong in `--rows` or `--label-map` is told before a model is loaded."""
    limit = values.rows_limit(options.rows)
    _label_map(options)
    return limit


def _label_map(options: RowsOptions) -> dict[str, str] | None:
    from token_saliency.data import parse_label_map  # imports pandas

    return None if options.label_map is None else parse_label_map(options.label_map)


def read_rows(data: Any, options: RowsOptions, labels: Sequence[str] | None, seed: int | None = None) -> Rows:
    """The rows, their labels in the words of the model; of large files those that are drawn with the seed, if any."""
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
        id=options.id,
        limit=None if seed is None else values.rows_limit(options.rows),
        seed=seed or 0,
    )
