"""The model card of a folder that is pushed to the hub: what was audited stands in its README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from token_saliency.errors import DataError, first_line
from token_saliency.report import Report
from token_saliency.reporters.model_card import merged, render
from token_saliency.store.files import written_together


def write_model_card(report: Report, folder: Path | str) -> Path:
    """Puts the audit into the `README.md` of `folder`, with the metadata that the hub reads; returns its path.

    A card that is there keeps its text and metadata; an earlier section of ours and its result are replaced. No row
    text is written, and nothing is pushed: `huggingface_hub.upload_folder` does that. DataError for a card whose
    metadata cannot be read.
    """
    from huggingface_hub import ModelCard
    from yaml import YAMLError

    place = Path(folder) / "README.md"
    old = place.read_text(encoding="utf-8") if place.is_file() else f"# {_title(report)}\n"
    try:
        card = ModelCard(old, ignore_metadata_errors=False)
        data: Any = card.data
        data.tags = [*dict.fromkeys([*(data.tags or []), "token-saliency"])]
        data.pipeline_tag = data.pipeline_tag or "text-classification"
        _add_result(card, report)
        card.text = merged(card.text, render(report))
    except (ValueError, YAMLError) as error:
        said = first_line(error)
        raise DataError(f"{place}: its metadata cannot be read ({said}). Mend the lines between ---.") from error
    written_together({place: str(card)})
    return place


def _title(report: Report) -> str:
    return Path(report.model.id).name or "Model"


def _add_result(card: Any, report: Report) -> None:
    """The accuracy on the audited rows, as the hub shows results."""
    from huggingface_hub import EvalResult

    if report.performance is None:
        return
    name, kept = report.dataset.id, [one for one in card.data.eval_results or [] if one.source_name != "token-saliency"]
    result = EvalResult(
        task_type="text-classification",
        dataset_type=name,
        dataset_name=name,
        dataset_split=report.dataset.split,
        metric_type="accuracy",
        metric_value=round(report.performance.accuracy, 4),
        source_name="token-saliency",
        source_url="https://pypi.org/project/token-saliency",
    )
    card.data.model_name = card.data.model_name or _title(report)
    card.data.eval_results = [*kept, result]
