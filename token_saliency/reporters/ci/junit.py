"""JUnit XML: a suite for each audit, a case for each claim. Read by GitLab, Jenkins, Azure and the like.

Names hold no number that changes between runs, since a CI server tells old from new failures by them.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from token_saliency.drawing.safe import printable
from token_saliency.reporters import summary
from token_saliency.reporters.ci.alarms import RAN, Alarm, alarms
from token_saliency.reporters.prompted import prompt_line
from token_saliency.results import AuditResult, RunRecord

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids, escaped or not (section 2.2)."""


def render(report: RunRecord) -> str:
    """The report as JUnit XML."""
    root = ET.Element("testsuites", name="token-saliency")
    cases = alarms(report)
    _model_suite(root, report)
    for audit in report.audits.values():
        _suite(root, report, [case for case in cases if case.audit is audit])
    if report.exit_code and not any(int(suite.get(key, "0")) for suite in root for key in ("failures", "errors")):
        _run_suite(root, report)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", _seconds(report.cost.seconds))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _model_suite(root: ET.Element, report: RunRecord) -> None:
    """How well the model agrees with the labels and, where the verdicts are in doubt, why (skipped: CI shows it)."""
    found = summary.doubts(report)
    suite = ET.SubElement(root, "testsuite", name="model", tests="2", failures="0", errors="0")
    suite.set("skipped", str(int(bool(found))))
    suite.set("time", _seconds(0))
    accuracy, trust = (
        ET.SubElement(suite, "testcase", classname="token-saliency.model", name=name, time=_seconds(0))
        for name in ("accuracy", "doubts")
    )
    said = f"{summary.accuracy(report)} {summary.confused(report)} {prompt_line(report)}".strip()
    ET.SubElement(accuracy, "system-out").text = _legal(printable(said))
    if found:
        ET.SubElement(trust, "skipped", message=_legal(printable(" ".join(found))))


def _run_suite(root: ET.Element, report: RunRecord) -> None:
    """The run as a whole: without it a run that ends red would be green here, as one that decided nothing (5)."""
    suite = ET.SubElement(root, "testsuite", name="run", tests="1", failures="0", errors="1", skipped="0")
    suite.set("time", _seconds(0))
    case = ET.SubElement(suite, "testcase", classname="token-saliency.run", name="decided", time=_seconds(0))
    why = "the verdicts are in doubt" if report.verdict != "INCONCLUSIVE" else "no audit could be decided"
    said = f"{report.verdict}, exit code {report.exit_code}: {why}."
    ET.SubElement(case, "error", message=said, type=report.verdict).text = said


def _suite(root: ET.Element, report: RunRecord, cases: list[Alarm]) -> None:
    audit = cases[0].audit
    suite = ET.SubElement(root, "testsuite", name=_legal(printable(audit.name)))
    if all(case.finding for case in cases):
        _empty_case(suite, audit, RAN, cases[0])
    for case in cases:
        _case(suite, case, report)
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    suite.set("time", _seconds(0))


def _empty_case(suite: ET.Element, audit: AuditResult, name: str, alarm: Alarm) -> ET.Element:
    return ET.SubElement(
        suite,
        "testcase",
        classname=_legal(f"token-saliency.{printable(audit.name)}"),
        name=_legal(name),
        time=_seconds(0),
        file=_legal(alarm.place.path),
        line=str(alarm.place.line),
    )


def _case(suite: ET.Element, alarm: Alarm, report: RunRecord) -> None:
    case = _empty_case(suite, alarm.audit, alarm.name, alarm)
    said = _legal(f"{alarm.verdict}: {alarm.sentence}\n{alarm.advice}".strip())
    if alarm.verdict == "ERROR":
        ET.SubElement(case, "error", message=_legal(alarm.sentence), type="ERROR").text = said
    elif alarm.fails(report):
        ET.SubElement(case, "failure", message=_legal(alarm.sentence), type=alarm.verdict).text = said
    elif alarm.verdict == "INCONCLUSIVE":
        ET.SubElement(case, "skipped", message=_legal(alarm.sentence))
    elif alarm.verdict != "PASS":
        ET.SubElement(case, "system-out").text = f"{said}\n{_why_it_passes(alarm)}".strip()


def _why_it_passes(alarm: Alarm) -> str:
    if alarm.accepted is not None:
        return _legal(f"Accepted: {alarm.accepted}")
    return "" if alarm.gates else "An exploratory audit: it never fails a build."


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
