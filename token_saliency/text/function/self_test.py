"""What is checked about a function before any of its answers is believed: five texts, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from token_saliency.errors import ModelError, TextError
from token_saliency.results import SelfTest
from token_saliency.text.encoding import Text
from token_saliency.text.function.answers import Floats, FunctionAnswers
from token_saliency.text.model.self_test import PROBES

_TOLERANCE = 1e-6
_AGAIN = 5
"""Further calls of either kind where two equal ones differ: chance must not pass for an effect of company."""
_BEYOND = 4.0
"""Standard errors that company must move a noisy answer by; at a smaller bar noise would cost a call a text."""


def function_test(answers: FunctionAnswers, known: Sequence[str] = ()) -> SelfTest:
    """Two calls with two short probes, and one with the first alone. `known` are notes that need no check."""
    probed = replace(answers, kind="the self-test's probe", batch_size=len(PROBES))
    texts = _probes(probed)

    def asked(count: int) -> Floats:
        return _asked(probed, texts[:count])

    first, again, alone = asked(len(texts)), asked(len(texts)), asked(1)
    apart, company = _apart(first, again), _apart(first[:1], alone)
    if apart > _TOLERANCE:
        beside = [asked(len(texts))[0] for _ in range(_AGAIN)]
        company = _shown([first[0], again[0], *beside], [asked(1)[0] for _ in range(_AGAIN)])
    notes = ["A function: it has no embedding and no gradient, its tokens are words.", *known]
    if np.isnan(first).any():
        notes.append("The answers to the self-test's texts are nan: what is checked with them says little.")
    if apart > _TOLERANCE:
        notes.append(f"Two equal calls differ by {apart:.2g}: no number of this function can be repeated.")
    if company > _TOLERANCE:
        notes.append(f"Beside another text an answer moves by {company:.2g}: texts are given one at a time.")
    return SelfTest(
        embedding="none",
        route="function",
        eval_mode=True,
        hook_identity=False,
        embedding_hits=0,
        padding_invariant=company <= _TOLERANCE,
        deterministic=apart <= _TOLERANCE,
        fast_tokenizer=True,
        max_difference=max(apart, company),
        notes=notes,
    )


def _shown(beside: Sequence[Floats], alone: Sequence[Floats]) -> float:
    """How far the mean answer moves in company, as far as that is more than the noise of the answers; else 0."""
    sides = [np.array(one) for one in (beside, alone)]
    moved = np.abs(sides[0].mean(0) - sides[1].mean(0))
    error = np.sqrt(sum(one.var(0, ddof=1) / len(one) for one in sides))
    return float(np.where(moved > _BEYOND * error + _TOLERANCE, moved, 0.0).max())


def _probes(probed: FunctionAnswers) -> list[Text]:
    """Single texts, or pairs of a function of pairs that takes nothing else."""
    if probed.pairs:
        try:
            _asked(probed, PROBES)
        except ModelError:
            return [(probe, probe) for probe in PROBES]
    return [*PROBES]


def _asked(probed: FunctionAnswers, texts: Sequence[Text]) -> Floats:
    try:
        return probed.asked(texts, list(range(len(texts))))
    except TextError as error:
        raise ModelError(str(error)) from error.__cause__  # of no row


def _apart(one: Floats, other: Floats) -> float:
    """The largest difference; 1 where only one is a number."""
    far = np.where(np.isnan(one) & np.isnan(other), 0.0, np.abs(one - other))
    return float(np.nan_to_num(far, nan=1.0).max())
