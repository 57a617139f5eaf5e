"""Which rows the report shows beside an audit: those that its edits moved most."""

from __future__ import annotations

from collections.abc import Iterable

from token_saliency.auditing.audit import Audit
from token_saliency.results import Edit
from token_saliency.stats.sampling import content_hash

SHOWN_EXAMPLES = 6


def shown_edits(audit: Audit, edits: Iterable[Edit]) -> list[Edit]:
    """The edits that stand beside the shown rows of an audit: neither margins nor token scores have a say."""
    largest: dict[str, Edit] = {}
    for edit in edits:
        if edit.placebo or edit.operator != audit.edit.judge or edit.audit != audit.name:
            continue
        if edit.row not in largest or _move(edit) > _move(largest[edit.row]):
            largest[edit.row] = edit
    return sorted(largest.values(), key=lambda edit: (-_move(edit), content_hash(edit.text)))[:SHOWN_EXAMPLES]


def _move(edit: Edit) -> float:
    return round(max(abs(a - b) for a, b in zip(edit.after, edit.before, strict=True)), 5)
