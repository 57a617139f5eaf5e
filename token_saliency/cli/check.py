"""`check MODEL`: the self-test alone, before any number is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from token_saliency.cli.options import arguments
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import ModelOptions
from token_saliency.cli.running.load_inputs import load_classifier
from token_saliency.drawing.safe import printable

if TYPE_CHECKING:
    from token_saliency.results import ModelInfo, SelfTest
    from token_saliency.text.classifier import TextClassifier


@grouped
def check(
    model: arguments.Model,
    *,
    machine: Annotated[ModelOptions, "prompt", "samples", "device", "dtype", "max_length", "long", "trust_remote_code"],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Check that the classifier MODEL can be explained: 0 all checks hold, 1 one fails, 2 it cannot be loaded."""
    classifier = load_classifier(model, machine)
    test = classifier.self_test
    checks = checks_of(test)
    for name, fact in (_facts(classifier.info, test) | _outcomes(checks) | _handled(test)).items():
        typer.echo(f"{name:40}{printable(fact)}")
    for note in [*_prompted(classifier), *test.notes]:
        typer.echo(f"note: {printable(note)}")
    return 0 if all(checks.values()) else 1


def _facts(model: ModelInfo, test: SelfTest) -> dict[str, str]:
    return {
        "model": f"{model.id} ({model.architecture}, {model.dtype} on {model.device})",
        "classes": ", ".join(model.labels),
        "embedding": f"{test.embedding}, replaced by {test.route}",
        "largest difference seen": f"{test.max_difference:.1e}",
    }


def _prompted(classifier: TextClassifier) -> list[str]:
    """The prompt as the model sees it, and the words of each class."""
    info = classifier.prompt_info()
    if info is None:
        return []
    words = "; ".join(f"{name}: {', '.join(map(repr, own))}" for name, own in info.parts["labels"].items())
    return [f"prompt {info.hash}: {info.rendered!r}", f"label words {words}"]


def checks_of(test: SelfTest) -> dict[str, bool]:
    """What is checked, and whether it holds."""
    if test.route in ("endpoint", "function"):  # nothing else can be asked of them
        return {"two calls give the same answer": test.deterministic}
    return {
        "evaluated in eval mode": test.eval_mode,
        "the hook alone changes nothing": test.hook_identity,
        "the embedding is asked exactly once": test.embedding_hits == 1,
        "vectors decide, and no id beside them": test.vectors_decide is not False,
        "a step agrees with the gradient": test.gradient_agrees is not False,
        "two calls give the same answer": test.deterministic,
        "tokens know their characters": test.fast_tokenizer,
    }


def _outcomes(checks: dict[str, bool]) -> dict[str, str]:
    return {what: "holds" if held else "FAILED" for what, held in checks.items()}


def _handled(test: SelfTest) -> dict[str, str]:
    """What is no failure, since it is dealt with: a model that sees its padding never gets any."""
    alone = "holds" if test.padding_invariant else "no: rows of unequal length never share a batch"
    company = "no: rows are asked one at a time" if test.company_invariant is False else "holds"
    return {"a padded row answers as it does alone": alone, "rows of one length do not mix": company}
