"""Takes the words out of a run before it is judged, so that whatever is written afterwards never saw them.

Every piece of a text becomes a code that depends on a key, on the whole text and on its place: neither word counts
nor a dictionary lead back. The key is a hash of all rows, so the same rows give the same codes. Ids and metadata become
codes as well. What stays are the items of the word lists and marks, labels, numbers and the names of columns.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from token_saliency.auditing.audit import ANY, Audit, Match, behind
from token_saliency.auditing.edits.operators import everywhere, mask
from token_saliency.auditing.edits.paired import sides_of
from token_saliency.auditing.spans.registry import kinds
from token_saliency.results import AuditedSpan, Edit, Example, ScoredRow, Span
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import ScoredRows, Trace

_PIECE = re.compile(r"\s+|\w+|[^\w\s]")
_LETTERS = "bcdfghjkmnpqrstvwxz2456789"
_LETTERS_A_CODE = 6


@dataclass(frozen=True, slots=True)
class Veiled:
    """A text in codes, and where its old offsets lie now (those that were asked for)."""

    text: str
    at: Mapping[int, int]

    def span(self, span: Span) -> Span:
        """The place of an old span."""
        return self.at[span[0]], self.at[span[1]]


@dataclass(frozen=True, slots=True)
class Redaction:
    """The key, the lower-case items of each audit (and of what else edits are filed under) that may be shown."""

    key: bytes
    known: Mapping[str, frozenset[str]]
    audits: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(
        rows: Iterable[Example], audits: Iterable[Audit], others: Mapping[str, frozenset[str]] | None = None
    ) -> Redaction:
        """The key comes from all texts: who does not have the rows cannot try words.

        `others` are names besides those of audits that edits are filed under: they show the items of all audits, and
        these of their own.
        """
        digest, listed_rows = hashlib.sha256(b"redaction"), list(rows)
        texts = (f"{row.text}\x1f{row.text_pair}" for row in listed_rows)
        for one in sorted(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts):
            digest.update(one)
        known = {audit.name: frozenset(_items(audit)) for audit in audits}
        listed = frozenset[str]().union(*known.values())
        beside = {name: listed | own for name, own in (others or {}).items()}
        ranks = {id_: rank for rank, id_ in enumerate(sorted(row.id for row in listed_rows))}
        return Redaction(digest.digest(), known | beside, frozenset(known), ranks)

    def code(self, *parts: object) -> str:
        """A code that says nothing but whether two things are the same."""
        content = "\x1f".join(map(repr, parts)).encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(content, key=self.key, digest_size=16).digest(), "big")
        letters = []
        for _ in range(_LETTERS_A_CODE):
            number, letter = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[letter])
        return "~" + "".join(letters)

    def shows(self, audit: str, item: str) -> bool:
        """Whether the item is from a word list of the audit, or a mark."""
        return item.lower() in self.known[audit] or not any(letter.isalnum() for letter in item)

    def item(self, audit: str, item: str) -> str:
        """The item, or its code where it was only seen in the rows."""
        return item if self.shows(audit, item) else self.code(audit, item)

    def text(self, text: str, cuts: Iterable[int], shown: Sequence[Span] = ()) -> Veiled:
        """The text in codes, cut at least at `cuts`; what stands in `shown` stays."""
        points = sorted({0, len(text), *cuts, *(hit.start() for hit in _PIECE.finditer(text))})
        at, pieces, length = {}, [], 0
        for start, end in pairwise(points):
            at[start] = length
            kept = any(a <= start and end <= b for a, b in shown)
            pieces.append(self._piece(text, start, end) if not kept else text[start:end])
            length += len(pieces[-1])
        return Veiled("".join(pieces), at | {len(text): length})

    def _piece(self, text: str, start: int, end: int) -> str:
        return " " if text[start:end].isspace() else self.code(text, start)

    def metadata(self, metadata: Mapping[str, str]) -> dict[str, str]:
        """The same value keeps the same code, so that slices stay slices."""
        return {key: self.code(key, value) for key, value in metadata.items()}

    def row(self, id: str) -> str:
        """The code of a row, for its id may be a name or an address; codes sort as the ids do, or sums would differ."""
        return f"{self.ranks[id]:0{len(str(len(self.ranks)))}}{self.code('row', id)}"


def _items(audit: Audit) -> Iterable[str]:
    rule = audit.edit
    listed = [entry.item for entry in audit.find.lexicon]
    option = audit.find.options
    sides = [side for item in rule.panel for side in sides_of(item) or ()]
    items = [
        *listed,
        *rule.panel,
        *sides,
        *rule.controls,
        rule.reference or "",
        option.get("item", ""),
        *kinds(audit.find),
    ]
    return (item.lower() for item in items)


def redacted(evidence: Evidence, redaction: Redaction) -> Evidence:
    """The same evidence without a word of the rows."""
    heads, traces, veils = {}, {}, {}
    slots: dict[str, tuple[set[int], set[int]]] = {}
    for edit in evidence.edits:
        slots.setdefault(edit.row, (set(), set()))[edit.part].update(edit.slot)
    for row_id, head in evidence.rows.heads.items():
        trace = evidence.rows.traces.get(row_id)
        veils[row_id] = texts = _veils(redaction, trace, head, slots.get(row_id, (set(), set())))
        code = redaction.row(row_id)
        heads[code] = _head(redaction, head, texts)
        if trace is not None:
            traces[code] = _trace(trace, texts)
    edits = [
        _edit(redaction, edit, evidence.rows.heads[edit.row], heads[redaction.row(edit.row)], veils[edit.row])
        for edit in evidence.edits
    ]
    return replace(evidence, rows=ScoredRows(heads, traces), edits=edits)


Veils = tuple[Veiled, Veiled | None]


def _veils(redaction: Redaction, trace: Trace | None, head: ScoredRow, slots: tuple[set[int], set[int]]) -> Veils:
    first, second = (_veil(redaction, trace, head, part, slots[part]) for part in (0, 1))
    return first, None if head.text_pair is None else second


def _veil(redaction: Redaction, trace: Trace | None, head: ScoredRow, part: int, slots: set[int]) -> Veiled:
    """One text of the row in codes; what only says that the second text holds an item (of an older run) is no place."""
    text = texts_of(head)[part] or ""
    own = [span for span in head.spans if span.part == part and (part or span.start < behind(text))]
    tokens = () if trace is None else trace.tokens
    edges = [int(t[side]) for t in tokens if int(t["segment"]) == part for side in ("start", "end")]
    places = [place for span in own for place in (span.start, span.end)]
    shown = [(s.start, s.end) for s in own if redaction.shows(s.audit, text[s.start : s.end])]
    return redaction.text(text, [*edges, *slots, *places], shown)


def _head(redaction: Redaction, head: ScoredRow, texts: Veils) -> ScoredRow:
    own, pair = texts
    return replace(
        head,
        id=redaction.row(head.id),
        text=own.text,
        text_pair=pair.text if pair else None,
        metadata=redaction.metadata(head.metadata),
        spans=tuple(_span(redaction, span, texts[span.part] or own, head) for span in head.spans),
    )


def _span(redaction: Redaction, span: AuditedSpan, veil: Veiled, head: ScoredRow) -> AuditedSpan:
    """The span in the text in codes; what is behind the end of the first text stays there."""
    placed = span.part or span.start < behind(head.text)
    start, end = veil.span((span.start, span.end)) if placed else (behind(veil.text),) * 2
    return replace(span, start=start, end=end, item=redaction.item(span.audit, span.item))


def _trace(trace: Trace, texts: Veils) -> Trace:
    tokens = trace.tokens.copy()
    for token in tokens:
        veil = texts[token["segment"]]
        if veil is not None:
            token["start"], token["end"] = veil.span((int(token["start"]), int(token["end"])))
    return replace(trace, tokens=tokens)


def _edit(redaction: Redaction, edit: Edit, row: ScoredRow, head: ScoredRow, veils: Veils) -> Edit:
    """The edited text is shown as the row in codes with the item in the slot, at all of its places; so is the other
    text of a pair where the edit changed both."""
    start, end = (veils[edit.part] or veils[0]).span(edit.slot)
    item = redaction.item(edit.audit, edit.item)
    # A word that stands in for a suspect is from the rows: the edit is filed under the suspect, not under it.
    filler = redaction.code("filler", edit.text) if edit.audit not in redaction.audits else item
    put = "" if edit.operator == "delete" else filler
    texts, other = [head.text, head.text_pair], 1 - edit.part
    original, places = (texts[edit.part] or "")[start:end], _places(head, edit, start, end)
    texts[edit.part] = everywhere(mask, texts[edit.part] or "", places, put)
    if all(new != old for new, old in zip(texts_of(edit), texts_of(row), strict=True)):
        items = {match.item for match in places}
        spans = [s for s in head.spans if (s.audit, s.part) == (edit.audit, other) and s.item in items]
        texts[other] = everywhere(mask, texts[other] or "", [Match(s.start, s.end, s.item) for s in spans], put)
    return replace(
        edit, row=head.id, slot=(start, end), original=original, item=item, text=texts[0] or "", text_pair=texts[1]
    )


def texts_of(row: ScoredRow | Edit) -> tuple[str, str | None]:
    """Both texts of a row, or of an edited one."""
    return row.text, row.text_pair


def _places(head: ScoredRow, edit: Edit, start: int, end: int) -> list[Match]:
    """Where in the slot its item stands, or all items; the slot itself where no span begins it."""
    spans = [span for span in head.spans if (span.audit, span.part) == (edit.audit, edit.part)]
    own = [span for span in spans if start <= span.start < span.end <= end]
    items = {span.item for span in own if span.start == start or edit.item == ANY}
    return [Match(s.start, s.end, s.item) for s in own if s.item in items] or [Match(start, end, "")]
