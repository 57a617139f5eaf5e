"""A report in MLflow and in Weights & Biases: its effects as metrics, itself as an artifact."""

from __future__ import annotations

import importlib
from typing import Any

from token_saliency.errors import ModelError, OptionError
from token_saliency.report import Report
from token_saliency.reporters import REPORTERS, summary

_NAME = "token-saliency"


def effects_of(report: Report) -> dict[str, float]:
    """The effect that stands for each audit, the exit code and the accuracy, under `token_saliency/...`."""
    found = {name: summary.decisive(audit) for name, audit in report.audits.items()}
    effects = {name: finding.effect for name, finding in found.items() if finding is not None}
    accuracy = {} if report.performance is None else {"accuracy": report.performance.accuracy}
    plain = {**effects, **accuracy, "exit_code": float(report.exit_code)}
    return {f"token_saliency/{name}": float(value) for name, value in plain.items()}


def log_to_mlflow(report: Report, *, step: int | None = None) -> None:
    """Logs effects, verdict and the report itself to the active run of MLflow, or to one that is begun for it.

    The page holds text of the rows unless the run was redacted. ModelError where mlflow is not installed.
    """
    mlflow = _imported("mlflow")
    mlflow.log_metrics(effects_of(report), step=step)
    mlflow.set_tag("token_saliency.verdict", report.verdict)
    for name, text in _files(report).items():
        mlflow.log_text(text, "/".join([_NAME, *([] if step is None else [f"step-{step}"]), name]))


def log_to_wandb(report: Report, *, run: Any = None, step: int | None = None) -> None:
    """Logs effects, verdict and the report itself to a run of Weights & Biases, by default the current one.

    The page holds text of the rows unless the run was redacted. ModelError where wandb is not installed, OptionError
    where no run was begun.
    """
    wandb = _imported("wandb")
    current = run or wandb.run
    if current is None:
        raise OptionError("There is no run of Weights & Biases: call wandb.init() first, or give run=...")
    current.log(effects_of(report), step=step)
    current.summary["token_saliency/verdict"] = report.verdict
    artifact = wandb.Artifact(_NAME, type="report", metadata={"verdict": report.verdict, "step": step})
    for name, text in _files(report).items():
        with artifact.new_file(name, encoding="utf-8") as file:
            file.write(text)
    current.log_artifact(artifact)


def _files(report: Report) -> dict[str, str]:
    return {"report.html": REPORTERS["html"](report), "report.json": REPORTERS["json"](report)}


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ModelError(f"{name} is not installed: pip install {name}.") from error
