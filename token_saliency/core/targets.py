"""What is explained: functions of the logits, one number an example.

Three kinds of head, named as in a transformers config.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import logsigmoid

from token_saliency.errors import unknown

OutputFn = Callable[[Tensor, Tensor], Tensor]
"""`(logits [N, C], targets [N]) -> output [N]`; `targets` are class indices."""


def logit(logits: Tensor, targets: Tensor) -> Tensor:
    """The logit of the target."""
    return logits.gather(1, targets[:, None])[:, 0]


def margin(logits: Tensor, targets: Tensor) -> Tensor:
    """The logit of the target minus the mean of the others (minus 0 where there are no others)."""
    own, others = logit(logits, targets), max(1, logits.shape[1] - 1)
    return own - (logits.sum(1) - own) / others


def log_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """The logarithm of the probability of the target."""
    return logit(logits.log_softmax(1), targets)


def probability(logits: Tensor, targets: Tensor) -> Tensor:
    """The probability of the target."""
    return logit(logits.softmax(1), targets)


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The cross entropy of the target."""
    return -log_probability(logits, targets)


def sigmoid_log_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """The logarithm of the probability that the label is on, whatever the others are."""
    return logsigmoid(logit(logits, targets))


def sigmoid_probability(logits: Tensor, targets: Tensor) -> Tensor:
    """The probability that the label is on, whatever the others are."""
    return logit(logits, targets).sigmoid()


def sigmoid_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The binary cross entropy of the label being on."""
    return -sigmoid_log_probability(logits, targets)


def score(logits: Tensor, targets: Tensor) -> Tensor:
    """The number that a regression head returns."""
    return logit(logits, targets)


OUTPUTS: dict[str, dict[str, OutputFn]] = {
    "single_label_classification": {
        "logit": logit,
        "margin": margin,
        "probability": probability,
        "log_probability": log_probability,
        "loss": loss,
    },
    "multi_label_classification": {
        "logit": logit,
        "margin": logit,  # a label competes with its own absence, whose logit is 0
        "probability": sigmoid_probability,
        "log_probability": sigmoid_log_probability,
        "loss": sigmoid_loss,
    },
    "regression": {"score": score},
}
"""By kind of head, then by name."""


def output_function(name: str, head: str = "single_label_classification") -> OutputFn:
    """The named output of a kind of head; OptionError where it has none of that name."""
    outputs = OUTPUTS[head]
    if name not in outputs:
        raise unknown(f"output of a {head.replace('_', ' ')} head", name, outputs)
    return outputs[name]
