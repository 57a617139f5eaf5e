"""A callback of `transformers.Trainer`: when in the training is a shortcut learned?"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from token_saliency.auditing.definitions.selection import chosen_audits
from token_saliency.auditing.run import check_options, run_audits
from token_saliency.data import Rows, load_rows
from token_saliency.errors import ModelError, OptionError, is_whole, unknown
from token_saliency.integrations.trackers import effects_of, log_to_mlflow, log_to_wandb
from token_saliency.report import Report
from token_saliency.text.classifier import TextClassifier

_SMALL: dict[str, Any] = {"rows_limit": 200, "edits": 1000, "discovery": False, "progress": False}


class AuditCallback(TrainerCallback):
    """Audits the model that is being trained, at each evaluation or every so many steps.

    Each report is saved to `folder/step-000100`; its effects go to `trainer.state.log_history` and to the runs of
    MLflow and Weights & Biases that are active. `options` are those of `run_audits`; without others 200 rows and 1,000
    edits an audit are asked, and discovery is left out. `reports` keeps every report by its step. The model's mode,
    gradients and the random generators are afterwards what they were.
    """

    def __init__(
        self, rows: Any, audits: Any = None, *, every: int | None = None,
        folder: Path | str = "token-saliency-training", **options: Any,
    ) -> None:  # fmt: skip
        if every is not None and not is_whole(every, 1):
            raise OptionError(f"every is a number of steps above 0, or None for each evaluation; not {every!r}.")
        _check(audits, _SMALL | options)
        self.rows, self.audits, self.every, self.folder = rows, audits, every, Path(folder)
        self.options = _SMALL | options
        self.reports: dict[int, Report] = {}
        self._read: Rows | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Reads the rows, so that a wrong column is told before the first step."""
        names = ("text", "text_pair", "label", "label_map", "split", "cluster")
        columns = {name: self.options.pop(name) for name in names if name in self.options}
        if "cluster" in columns:
            self.options["cluster"] = columns["cluster"]
        if self._read is None:
            self._read = load_rows(self.rows, labels=_classifier(given, state.global_step).labels, **columns)

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Audits at each evaluation, where no number of steps was given."""
        if self.every is None:
            self._audit(state, given)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ARG002
        """Audits every so many steps."""
        if self.every is not None and state.global_step % self.every == 0:
            self._audit(state, given)

    def _audit(self, state: Any, given: dict[str, Any]) -> None:
        step = int(state.global_step)
        if not state.is_world_process_zero or step in self.reports:
            return
        rows = self.rows if self._read is None else self._read
        report = run_audits(_classifier(given, step), rows, self.audits, **self.options)
        place = self.folder / f"step-{step:06d}"
        report.save(str(place))
        self.reports[step] = report
        linked = {"step": step, "token_saliency/verdict": report.verdict, "token_saliency/report": str(place)}
        state.log_history.append(linked | effects_of(report))
        if (mlflow := sys.modules.get("mlflow")) and mlflow.active_run():
            log_to_mlflow(report, step=step)
        if getattr(sys.modules.get("wandb"), "run", None):
            log_to_wandb(report)  # wandb counts its own steps, which the trainer moves on


def _check(audits: Any, options: dict[str, Any]) -> None:
    """What run_audits would refuse is told before the training, and not at its first evaluation."""
    taken = inspect.signature(run_audits).parameters
    for name in options:
        if name not in taken:
            raise unknown("option of run_audits", name, taken)
    usual = {name: taken[name].default for name in inspect.signature(check_options).parameters}
    check_options(**{name: options.get(name, value) for name, value in usual.items()})
    chosen_audits(audits, options.get("audits_dir"), options.get("config") or {})


def _classifier(given: dict[str, Any], step: int) -> TextClassifier:
    """The model as it is now. ModelError where the trainer was given no tokenizer."""
    tokenizer = given.get("processing_class") or given.get("tokenizer")
    if tokenizer is None:
        raise ModelError("AuditCallback needs the tokenizer: give Trainer(processing_class=tokenizer).")
    model = given["model"]
    while hasattr(model, "module"):  # what DataParallel and its kin wrap
        model = model.module
    name = getattr(model.config, "_name_or_path", "") or type(model).__name__
    return TextClassifier(model, tokenizer, id=f"{name} (step {step})")
