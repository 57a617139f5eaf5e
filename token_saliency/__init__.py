"""token-saliency: which tokens a decision rests on, and whether they should matter.

The public names load lazily, so that `import token_saliency` stays instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from token_saliency.auditing.comparing.compare import compare_runs
    from token_saliency.auditing.definitions.reader import load_audits
    from token_saliency.auditing.run import run_audits
    from token_saliency.counterfactual import counterfactuals, flip_curve
    from token_saliency.errors import AuditError, DataError, ModelError, OptionError, TokenSaliencyError
    from token_saliency.image.audits.run import run_image_audits
    from token_saliency.image.classifier import ImageClassifier
    from token_saliency.integrations.hub_card import write_model_card
    from token_saliency.integrations.trackers import log_to_mlflow, log_to_wandb
    from token_saliency.integrations.trainer import AuditCallback
    from token_saliency.mending.mend import mend
    from token_saliency.mending.mended import Mended
    from token_saliency.mending.preprocessing import Normaliser
    from token_saliency.report import Report, load_report
    from token_saliency.results import (
        Attribution,
        Attributions,
        Comparison,
        Counterfactual,
        FlipCurve,
        Token,
        Validation,
        Word,
    )
    from token_saliency.tabular import TabularClassifier
    from token_saliency.text.classifier import TextClassifier
    from token_saliency.validating.validate import validate

__version__ = "0.1.0"

_HOMES = {
    "Attribution": "results",
    "Attributions": "results",
    "AuditCallback": "integrations.trainer",
    "AuditError": "errors",
    "Comparison": "results",
    "Counterfactual": "results",
    "DataError": "errors",
    "FlipCurve": "results",
    "ImageClassifier": "image.classifier",
    "Mended": "mending.mended",
    "ModelError": "errors",
    "Normaliser": "mending.preprocessing",
    "OptionError": "errors",
    "Report": "report",
    "TabularClassifier": "tabular",
    "TextClassifier": "text.classifier",
    "Token": "results",
    "TokenSaliencyError": "errors",
    "Validation": "results",
    "Word": "results",
    "compare_runs": "auditing.comparing.compare",
    "counterfactuals": "counterfactual",
    "flip_curve": "counterfactual",
    "load_audits": "auditing.definitions.reader",
    "load_report": "report",
    "log_to_mlflow": "integrations.trackers",
    "log_to_wandb": "integrations.trackers",
    "mend": "mending.mend",
    "run_audits": "auditing.run",
    "run_image_audits": "image.audits.run",
    "validate": "validating.validate",
    "write_model_card": "integrations.hub_card",
}

__all__ = [
    "Attribution",
    "Attributions",
    "AuditCallback",
    "AuditError",
    "Comparison",
    "Counterfactual",
    "DataError",
    "FlipCurve",
    "ImageClassifier",
    "Mended",
    "ModelError",
    "Normaliser",
    "OptionError",
    "Report",
    "TabularClassifier",
    "TextClassifier",
    "Token",
    "TokenSaliencyError",
    "Validation",
    "Word",
    "compare_runs",
    "counterfactuals",
    "flip_curve",
    "load_audits",
    "load_report",
    "log_to_mlflow",
    "log_to_wandb",
    "mend",
    "run_audits",
    "run_image_audits",
    "validate",
    "write_model_card",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'token_saliency' has no attribute {name!r}")
    return getattr(importlib.import_module(f"token_saliency.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
