"""Answers to edits: of the row by the classifier itself, of the prompt by the classifier with another prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.reprompts import OPERATOR, prompt_of
from token_saliency.auditing.evidence.asking import Answers, text_of
from token_saliency.results import Edit
from token_saliency.stats.estimate import Floats


def answered(answers: Answers, planned: Sequence[Edit], audits: Iterable[Audit], names: Sequence[str]) -> Floats:
    """Class probabilities [n, C] after each edit, in their order; `names` call the edits in an error."""
    own = [i for i, edit in enumerate(planned) if edit.operator != OPERATOR]
    found = np.empty((len(planned), len(answers.classifier.labels)))
    if own:
        found[own] = answers.probabilities("edits", [text_of(planned[i]) for i in own], [names[i] for i in own])
    many: Any = answers.classifier
    for prompt, at in by_prompt(many, planned, {audit.name: audit for audit in audits}):
        other = replace(answers, classifier=many.reprompted(prompt), salt=prompt.digest)
        found[at] = other.probabilities("prompts", [text_of(planned[i]) for i in at])
    return found


def by_prompt(classifier: Any, planned: Sequence[Edit], audits: dict[str, Audit]) -> list[tuple[Any, list[int]]]:
    """The other prompts, each with the places of its edits."""
    places: dict[tuple[str, str, int], list[int]] = {}
    for i, edit in enumerate(planned):
        if edit.operator == OPERATOR:
            key = ("", "", edit.slot[0]) if edit.placebo else (edit.audit, edit.item, -1)
            places.setdefault(key, []).append(i)
    first = [(planned[at[0]], at) for at in places.values()]
    return [(prompt_of(edit, audits[edit.audit], classifier.prompt), at) for edit, at in first]
