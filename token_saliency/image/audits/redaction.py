"""Takes names and hashes of pictures out of a run before it is judged: codes stand for them.

Ids are file names, and a hash of a picture tells whoever has the picture that it was there. The key of the codes is a
hash of all pictures, so the same pictures give the same codes and two redacted runs can still be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from token_saliency.auditing.evidence.redaction import Redaction
from token_saliency.results import Example, ScoredRow
from token_saliency.store.evidence import Evidence


def redacted(evidence: Evidence) -> Evidence:
    """The same answers without the name or the hash of a picture."""
    rows = list(evidence.rows.values())
    redaction = Redaction.of(_examples(rows), [])
    ids = {row.id: "".join(redaction.code(part, row.text) for part in ("picture", "name")) for row in rows}
    veiled = [replace(row, id=ids[row.id], text=ids[row.id], metadata=redaction.metadata(row.metadata)) for row in rows]
    edits = [replace(edit, row=ids[edit.row], text=redaction.code("edit", edit.text)) for edit in evidence.edits]
    return Evidence.of(veiled, edits, evidence.classes, evidence.seed)


def _examples(rows: Iterable[ScoredRow]) -> list[Example]:
    return [Example(row.id, row.text, None, row.label, {}) for row in rows]
