"""Figures that no edit of an audit of numbers may change (57%, 7/10, 10am): what its verdict says nothing of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from token_saliency.auditing.audit import Audit
from token_saliency.results import AuditedSpan, Example

MATCHER = "numbers"
EXAMPLES = 3

_FIGURE = re.compile(r"(?<![\w@&#/.-])\d")
"""No part of a name, a handle, a tag or an entity (user7, #39;)."""
_PLAIN = re.compile(r"(?<!\S)\d[\d.,:/]{0,4}(?:%|[ap]m|st|nd|rd|th)?(?=[\s,.;:!?)]|$)")
"""Short ones of digits and few signs: no telephone number and nothing to be escaped."""


def unreached_notes(
    audits: Iterable[Audit], rows: Sequence[Example], spans: Mapping[str, Iterable[AuditedSpan]], *, redact: bool
) -> list[str]:
    """Of each audit of numbers, in how many rows stand such figures alone; nothing where a verdict needs more rows."""
    notes = []
    for audit in audits:
        if audit.find.matcher == MATCHER:
            reached = {row for row, own in spans.items() if any(span.audit == audit.name for span in own)}
            texts = _alone(rows, reached)
            if len(texts) >= audit.judge.min_rows:
                shown = "" if redact else _examples(texts)
                notes.append(
                    f"{audit.name}: in {len(texts):,} of {len(rows):,} rows stand figures that no edit may change, "
                    f"and no others{shown}: its verdict says nothing of them."
                )
    return notes


def _alone(rows: Iterable[Example], reached: Container[str]) -> list[str]:
    texts = (f"{row.text}\n{row.text_pair or ''}" for row in rows if row.id not in reached)
    return [text for text in texts if _FIGURE.search(text)]


def _examples(texts: Iterable[str]) -> str:
    seen = Counter(figure.rstrip(".,:/") for text in texts for figure in {*_PLAIN.findall(text)})
    most = sorted(seen, key=lambda figure: (-seen[figure], figure))[:EXAMPLES]
    return f" ({', '.join(most)})" if most else ""
