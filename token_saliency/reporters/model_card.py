"""A fragment for the section "Bias, Risks, and Limitations" of a model card, between two markers.

`merged` puts it into a card that exists: in place of an earlier fragment, else at the end; nothing else is touched.
"""

from __future__ import annotations

from token_saliency.drawing import numbers
from token_saliency.errors import DataError
from token_saliency.reporters import summary
from token_saliency.reporters.markdown import asked, escaped, role
from token_saliency.reporters.page.meanings import explained, grouped
from token_saliency.reporters.prompted import prompt_line, prompted
from token_saliency.results import AuditResult, RunRecord

START = "<!-- token-saliency:start -->"
END = "<!-- token-saliency:end -->"
_TEXTS = "other languages, other kinds of text, other groups than those that the word lists hold"
_PICTURES = "other cameras, other places, other habits of whoever took the pictures"


def render(report: RunRecord) -> str:
    """The fragment with its markers."""
    subject = "parts of pictures" if summary.thing(report) == "picture" else "tokens"
    parts = [START, f"### Reliance on {subject} that should not matter", _introduction(report), _table(report)]
    parts += [escaped(" ".join([*prompted(report), prompt_line(report)]).strip())]
    parts += [_not_tested(report), END]
    return "\n\n".join(part for part in parts if part) + "\n"


def merged(card: str, fragment: str) -> str:
    """The card with the fragment in place of an earlier one, or at its end. DataError where the markers are broken."""
    starts, ends = card.count(START), card.count(END)
    if (starts, ends) == (0, 0):
        return card.rstrip("\n") + "\n\n" * bool(card.strip()) + fragment
    begin, end = card.find(START), card.find(END)
    if (starts, ends) != (1, 1) or end < begin:
        raise DataError(
            f"The model card holds {starts} of {START} and {ends} of {END}: leave one of each, in this order."
        )
    return card[:begin] + fragment.rstrip("\n") + card[end + len(END) :]


def _introduction(report: RunRecord) -> str:
    edited = "Pictures" if summary.thing(report) == "picture" else "Spans"
    revision = f", revision {escaped(report.model.revision)}" if report.model.revision else ""
    return (
        f"Audited with token-saliency {escaped(report.tool.version)} on {numbers.moment(report.created)}: "
        f"{escaped(report.model.id)}{revision}, on {escaped(report.dataset.id)} "
        f"({escaped(summary.rows_used(report))}). {edited} were edited, the model was asked again, and the change of a "
        f"probability was compared with matched control edits. Overall: "
        f"**{report.verdict}**. {summary.headline(report)} {escaped(summary.accuracy(report))}"
        + "".join(f"\n\n**Doubt:** {escaped(doubt)}" for doubt in summary.doubts(report))
    )


def _table(report: RunRecord) -> str:
    if not report.audits:
        return ""
    lines = [f"| audit | verdict | effect | interval | margin | {summary.thing(report)}s | what was asked |"]
    lines += ["| --- | --- | ---: | --- | ---: | ---: | --- |"]
    said = "; ".join(f"*{word}*: {meaning}" for word, meaning in explained(report).items())
    return "\n".join([*lines, *(_line(audit) for audit in report.audits.values()), *(["", f"{said}."] if said else [])])


def _line(audit: AuditResult) -> str:
    finding, title = summary.decisive(audit), escaped(audit.title) + role(audit)
    if finding is None:
        return f"| {title} | {audit.verdict} | | | | | {escaped(audit.reason, 200)} |"
    verdict = f"{audit.verdict} (accepted: {escaped(finding.known.reason)})" if finding.known else audit.verdict
    return (
        f"| {title} | {verdict} | {numbers.signed(finding.effect)} | "
        f"{numbers.interval(finding.interval)} | {finding.margin:g} | {finding.rows:,} | "
        f"{asked(finding)} ({escaped(finding.operator, 40)}) |"
    )


def _not_tested(report: RunRecord) -> str:
    undecided = [audit for audit in report.audits.values() if audit.verdict in ("INCONCLUSIVE", "ERROR")]
    lines = [f"- {escaped(audit.title)}: {audit.verdict}. {escaped(audit.reason)}" for audit in undecided]
    lines += [f"- {escaped(note.said)}" for note in grouped(report.warnings)[:20]]
    rest = _PICTURES if summary.thing(report) == "picture" else _TEXTS
    general = f"- Anything else: {rest}, and effects below the margin. An investigation, not a certification."
    return "\n".join(["What was not tested, or could not be decided:", "", *lines, general])
