"""token-saliency: which tokens a decision rests on, and whether they should matter.

The public names load lazily, so that `import token_saliency` stays instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from token_saliency.auditing.compare import compare_runs
    from token_saliency.auditing.counterfactual import counterfactuals, flip_curve
    from token_saliency.auditing.definition import load_audits
    from token_saliency.auditing.runner import run_audits
    from token_saliency.errors import AuditError, DataError, ModelError, OptionError, TokenSaliencyError
    from token_saliency.image.auditing import run_image_audits
    from token_saliency.image.classifier import ImageClassifier
    from token_saliency.results import (
        Attribution,
        Attributions,
        Comparison,
        Counterfactual,
        FlipCurve,
        Report,
        Token,
        Validation,
        Word,
    )
    from token_saliency.runs import load_report
    from token_saliency.tabular import TabularClassifier
    from token_saliency.text.classifier import TextClassifier
    from token_saliency.validating.validation import validate

__version__ = "0.1.0"

_HOMES = {
    "Attribution": "results",
    "Attributions": "results",
    "AuditError": "errors",
    "Comparison": "results",
    "Counterfactual": "results",
    "DataError": "errors",
    "FlipCurve": "results",
    "ImageClassifier": "image.classifier",
    "ModelError": "errors",
    "OptionError": "errors",
    "Report": "results",
    "TabularClassifier": "tabular",
    "TextClassifier": "text.classifier",
    "Token": "results",
    "TokenSaliencyError": "errors",
    "Validation": "results",
    "Word": "results",
    "compare_runs": "auditing.compare",
    "counterfactuals": "auditing.counterfactual",
    "flip_curve": "auditing.counterfactual",
    "load_audits": "auditing.definition",
    "load_report": "runs",
    "run_audits": "auditing.runner",
    "run_image_audits": "image.auditing",
    "validate": "validating.validation",
}

__all__ = [
    "Attribution",
    "Attributions",
    "AuditError",
    "Comparison",
    "Counterfactual",
    "DataError",
    "FlipCurve",
    "ImageClassifier",
    "ModelError",
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
    "run_audits",
    "run_image_audits",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'token_saliency' has no attribute {name!r}")
    return getattr(importlib.import_module(f"token_saliency.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
