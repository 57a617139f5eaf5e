"""The register of checks: what is expected, where it was proposed, and what a pass does not show."""

from __future__ import annotations

from token_saliency.validating.canary import OUTWEIGHS, RECALL, canary_recall
from token_saliency.validating.faithfulness import PERTURBED, comprehensiveness, perturbation, sufficiency
from token_saliency.validating.invariance import AGREE, CHANGED, baseline_agreement, input_shift
from token_saliency.validating.labels import label_randomisation
from token_saliency.validating.numerics import ERROR, ROUGH, SAME, completeness, repetition
from token_saliency.validating.randomisation import LIKE, parameter_randomisation
from token_saliency.validating.subject import Subject
from token_saliency.validating.verdict import CheckDefinition

TextCheck = CheckDefinition[Subject]

_REMOVED = {"delete": "tokens deleted", "mask": "tokens masked"}
_UNSEEN = {
    "delete": "A text with holes is one that the model may never have seen: the loss mixes information and surprise.",
    "mask": "The mask token is an input of its own, and of a baseline 'mask' it favours the methods that use it.",
}

CHECKS: dict[str, TextCheck] = {
    "repetition": CheckDefinition(
        "Repetition",
        f"the scores of a text change by less than {SAME['float32']:.0%} when it is explained alone",
        "Numbers that repeat can be wrong each time.",
        "numerical hygiene, no paper",
        repetition,
    ),
    "completeness": CheckDefinition(
        "Completeness and convergence",
        f"less than {ROUGH:.0%} of the texts are off by more than {ERROR:.0%} or stop early",
        "Errors of single tokens can cancel in the sum, and a saturated or noisy gradient can still add up.",
        "Sundararajan et al. 2017",
        completeness,
    ),
    "parameter_randomisation": CheckDefinition(
        "Parameter randomisation",
        f"with every parameter random the scores keep a rank correlation below {LIKE}",
        "Shows that the scores depend on the weights, not that they are right. Much depends on how randomness is made "
        "and measured (Sundararajan and Taly 2018, Binder et al. 2023).",
        "Adebayo et al. 2018",
        parameter_randomisation,
    ),
    "label_randomisation": CheckDefinition(
        "Label randomisation",
        "shuffled labels change the scores more than the same fine-tuning on true labels",
        "A few steps on few rows, not a training from scratch as in the paper; what the copies fit stands beside it.",
        "after Adebayo et al. 2018",
        label_randomisation,
    ),
    **{
        f"perturbation_{operator}": CheckDefinition(
            f"Input perturbation, {what}",
            f"the top {PERTURBED:.0%} cost more than random tokens, and these more than the lowest",
            _UNSEEN[operator],
            "Samek et al. 2017",
            perturbation(operator),  # type: ignore[arg-type]
        )
        for operator, what in _REMOVED.items()
    },
    **{
        f"comprehensiveness_{operator}": CheckDefinition(
            f"Comprehensiveness, {what}",
            "without its top tokens a text loses more than without random ones (AOPC)",
            _UNSEEN[operator],
            "DeYoung et al. 2020",
            comprehensiveness(operator),  # type: ignore[arg-type]
        )
        for operator, what in _REMOVED.items()
    },
    **{
        f"sufficiency_{operator}": CheckDefinition(
            f"Sufficiency, {what}",
            "with its top tokens alone a text loses less than with random ones (AOPC)",
            _UNSEEN[operator] + " A lone token is farther still from what the model knows.",
            "DeYoung et al. 2020",
            sufficiency(operator),  # type: ignore[arg-type]
        )
        for operator, what in _REMOVED.items()
    },
    "input_shift": CheckDefinition(
        "Input shift",
        f"a shift that the model takes back changes the scores by less than {CHANGED:.0%}",
        "The baseline is shifted along, as it must be; a method passes without being right about anything.",
        "Kindermans et al. 2019",
        input_shift,
    ),
    "baseline_agreement": CheckDefinition(
        "Agreement between baselines",
        f"any two baselines rank tokens alike, correlation above {AGREE}",
        "Each baseline asks another question: disagreement is no error, it says that the answer depends on a choice.",
        "Sturmfels et al. 2020",
        baseline_agreement,
    ),
    "canary_recall": CheckDefinition(
        "Planted canary",
        f"a token worth {OUTWEIGHS:g} x the range of outputs has the highest score in {RECALL:.0%} of texts",
        "The canary adds to the output, past all layers and interactions: easier than a shortcut that was learned.",
        "after Bastings et al. 2022",
        canary_recall,
    ),
}
"""Every check by its name, in the order in which they run."""
