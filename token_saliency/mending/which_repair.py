"""Which repair a finding calls for, and which findings no training row can mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import IN_SECOND, Audit
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.auditing.edits.by_axis import entries_of, strata_of
from token_saliency.auditing.judging.case import plain
from token_saliency.auditing.planning import turned
from token_saliency.auditing.spans.templates import learned
from token_saliency.mending.presence import evened, renumbered, strata_asked, without
from token_saliency.mending.slots import Repair, Texts, exchanged
from token_saliency.results import BLOCKING, AuditResult, Example, Finding

FAILING = BLOCKING["warn"]
_PROMPT = "prompt"
"""The matcher of the audits that vary a prompt."""
_BY_MATCHER = {
    "segments": "no edit of a row can: the decision comes from one text of the pair alone, and another second text "
    "would need another label. Add pairs in which the same text stands with several labels.",
    "sentences": "no edit of a row can: where sentences stand, and how many there are, is no item that could be dealt "
    "over the labels. Cut, pad or shuffle rows at random while training.",
    "label_words": "no edit of a row can: the words name the classes, and ought to count. Add rows in which they stand "
    "beside the opposite.",
    _PROMPT: "the rows are not the cause: the prompt is. See the mended prompt.",
}


def failing(result: AuditResult) -> list[Finding]:
    """The judged findings that are FAIL or WARN; of an audit that has none, all that are judged."""
    judged = [finding for finding in result.intervention if finding.judged]
    return [finding for finding in judged if finding.verdict in FAILING] or judged


def of_prompts(audit: Audit) -> bool:
    """Whether the audit varies the prompt, and not the rows."""
    return audit.find.matcher == _PROMPT


def no_way(audit: Audit) -> str | None:
    """Why no row can be mended; None where it can."""
    if audit.edit.against:
        return _BY_MATCHER["label_words"]
    return _BY_MATCHER.get(audit.find.matcher)


def repaired(
    audit: Audit, findings: Sequence[Finding], rows: Sequence[Example], weights: Mapping[str, int], seed: object
) -> Repair:
    """The rows as the findings of one audit call for them; of several edits each works on what the last one left."""
    findings = [replace(finding, between=plain(finding.between)[0]) for finding in findings]
    found: Repair | None = None
    for operator in _operators(audit, findings):
        for second in (False, True) if any(row.text_pair is not None for row in rows) else (False,):
            sides = _turned(rows) if second else rows
            own = learned(audit, [row.text for row in sides])
            one = _repair(own, operator, findings, sides, weights, (seed, "second") if second else seed)
            one = _of_second(one) if second else one
            rows = with_texts(rows, one)
            found = one if found is None else _both(found, one)
    return found or Repair("")


def taken_away(suspect: Suspect, rows: Sequence[Example], weights: Mapping[str, int], seed: object) -> Repair:
    """The rows in which a suspect of the discovery is as frequent in every label, of either text of a pair."""
    if not suspect.item.endswith(IN_SECOND):
        return without(suspect, rows, weights, seed)
    named = Suspect(suspect.kind, suspect.item.removesuffix(IN_SECOND))
    return _of_second(without(named, _turned(rows), weights, (seed, "second")))


def _repair(
    audit: Audit,
    operator: str,
    findings: Sequence[Finding],
    rows: Sequence[Example],
    weights: Mapping[str, int],
    seed: object,
) -> Repair:
    if operator == "swap":
        return exchanged(audit, rows, seed, _strata(audit, findings))
    if operator == "renumber":
        asked = strata_asked([side for finding in findings for side in finding.between or ()])
        return renumbered(audit, rows, weights, asked, seed)
    return evened(audit, rows, weights, operator, seed)


def _turned(rows: Sequence[Example]) -> list[Example]:
    return [turned(row) for row in rows if row.text_pair is not None]


def _of_second(repair: Repair) -> Repair:
    back: dict[str, Texts] = {row: (first or "", second) for row, (second, first) in repair.texts.items()}
    said = {row: f"{word} in the second text" for row, word in repair.said.items()}
    return replace(repair, texts=back, said=said)


def with_texts(rows: Sequence[Example], repair: Repair) -> list[Example]:
    """The rows with their new texts."""
    new = {row.id: repair.texts.get(row.id, (row.text, row.text_pair)) for row in rows}
    return [replace(row, text=new[row.id][0], text_pair=new[row.id][1]) for row in rows]


def _operators(audit: Audit, findings: Sequence[Finding]) -> list[str]:
    """The edits by which the findings moved the decision; what was inserted is deleted where it stands."""
    asked = dict.fromkeys(finding.operator for finding in findings)
    names = ["delete" if name in ("insert", "cut", "mask") else name for name in asked]
    if "swap" in names and "swap" not in audit.edit.operators:  # groups of items that a run has found by itself
        names = [audit.edit.judge if name == "swap" else name for name in names]
    return sorted(dict.fromkeys(names or [audit.edit.judge]), key=lambda name: (name != "swap", name))


def _strata(audit: Audit, findings: Sequence[Finding]) -> set[str]:
    """The strata that the findings are about; none where the audit has none, or the findings name none."""
    found = set[str]()
    for name in strata_of(audit) if audit.edit.strata else ():
        groups = {value for entry in entries_of(audit, name) for value in entry.groups.values()}
        sides = [set(finding.between) for finding in findings if finding.between]
        if any(own <= groups or any(f"{name} terms" in side for side in own) for own in sides):
            found.add(name)
    return found


def _both(first: Repair, then: Repair) -> Repair:
    said = {
        row: ", ".join(filter(None, (first.said.get(row), then.said.get(row)))) for row in (*first.said, *then.said)
    }
    return Repair(
        first.how if first.how == then.how else f"{first.how}; {then.how}",
        first.texts | then.texts,
        said,
        first.held | then.held,
        first.left + then.left,
        first.ties,
    )
