"""What a run sends to somebody else's server, counted before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.edits.reprompts import OPERATOR
from token_saliency.auditing.evidence.asking import Answers, How, text_of
from token_saliency.auditing.evidence.explain_rows import Sent, forward_a_row
from token_saliency.auditing.evidence.other_prompts import by_prompt
from token_saliency.results import Edit, Example


def sent_ahead(
    answers: Answers,
    rows: Sequence[Example],
    explained: Sequence[Example],
    planned: Sequence[Edit],
    audits: Sequence[Audit],
    how: How,
) -> Sent:
    """The prompts that have no answer yet: rows, edits, other prompts, each row without each of its words."""
    remote: Any = answers.classifier
    texts = [text_of(row) for row in rows]
    sizes: dict[Any, int] = remote.unpaid([*texts, *(text_of(e) for e in planned if e.operator != OPERATOR)])
    for prompt, at in by_prompt(remote, planned, {audit.name: audit for audit in audits}):
        sizes |= remote.unpaid([text_of(planned[i]) for i in at], prompt)
    prompts, tokens = len(sizes) + remote.own_costs(), sum(sizes.values())
    for row in answers.untraced(explained, how):
        variants = forward_a_row(how, remote.count_tokens([text_of(row)])[0])
        prompts, tokens = prompts + variants, tokens + variants * remote.tokens_of(text_of(row))
    return Sent(prompts, tokens, remote.priced(tokens))
