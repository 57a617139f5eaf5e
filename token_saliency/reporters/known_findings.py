"""The findings of a run as a file for `--known`: to be read, given a reason and an owner, and then accepted."""

from __future__ import annotations

import json
import re

from token_saliency.reporters import summary
from token_saliency.results import AuditResult, Finding, RunRecord

_HEAD = """\
# Findings that are accepted: marked in every report, and no reason for exit code 1 any more.
# Delete what is not accepted; the rest needs a reason and an owner. expires = 2027-06-30 ends an acceptance.
"""
_UNWRITABLE = {0x7F: "\\u007f"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: RunRecord) -> str:
    """The findings as a file for `--known`; reasons and owners that are known already stay."""
    entries = [
        _entry(audit, finding)
        for audit in report.audits.values()
        if not summary.exploratory(audit)
        for finding in audit.intervention
        if finding.judged and finding.verdict in ("FAIL", "WARN") and finding.class_ is not None
    ]
    return "\n".join([_HEAD, *entries]) if entries else f"{_HEAD}\n# This run has no finding.\n"


def _entry(audit: AuditResult, finding: Finding) -> str:
    known = finding.known
    lines = [
        "[[known]]",
        f"audit = {_quoted(audit.name)}",
        f"claim = {_quoted(finding.claim)}",
        f"class = {_quoted(finding.class_ or '')}",
    ]
    if finding.between:
        lines.append(f"between = [{', '.join(map(_quoted, finding.between))}]")
    lines += [
        f"reason = {_quoted(known.reason if known else '')}",
        f"owner = {_quoted(known.owner if known else '')}",
        *([f"expires = {_quoted(known.expires)}"] if known and known.expires else []),
        f"effect = {finding.effect:.6f}",
        f"interval = [{min(finding.interval[0], finding.effect):.6f}, {max(finding.interval[1], finding.effect):.6f}]",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML string; what TOML cannot hold is replaced."""
    return json.dumps(_SURROGATE.sub("\ufffd", text), ensure_ascii=False).translate(_UNWRITABLE)
