"""The pytest plugin: `def test_names(saliency): saliency.check(classifier, rows, audit="names")`.

Found by pytest through the entry point `pytest11`; imports nothing heavy before the fixture is used.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import pytest

from token_saliency.report import Report
from token_saliency.reporters.ci.alarms import Alarm, alarms
from token_saliency.results import BLOCKING

if TYPE_CHECKING:
    from token_saliency.auditing.evidence.asking import Classifier


class SaliencyWarning(UserWarning):
    """A small but real reliance: worth a look, no reason to fail."""


class Saliency:
    """What the fixture `saliency` gives: audits that pass, fail or skip the test that asks for them."""

    def check(self, classifier: Classifier, rows: Any, *, audit: str, **options: Any) -> Report:
        """Runs one audit; `options` are those of `run_audits` (`rows_limit`, `seed`, `config`, `audits_dir` ...).

        A FAIL fails the test with the sentence that says why (with `fail_on="warn"` a WARN too, with "never" none);
        what does not fail is a warning (`SaliencyWarning`). With too little evidence the test is skipped with what is
        missing; an audit that could not run fails, and so does a wrong option. Returns the report.
        """
        __tracebackhide__ = True
        from token_saliency.auditing.run import run_audits  # imports scipy

        report = run_audits(classifier, rows, [audit], **options)
        found = [alarm for alarm in alarms(report) if alarm.accepted is None]
        verdicts = {alarm.verdict for alarm in found}
        red = verdicts & {"ERROR", *BLOCKING[report.settings["fail_on"]]}
        if red:
            pytest.fail(_said(found, red), pytrace=False)
        if verdicts & {"FAIL", "WARN"}:
            warnings.warn(_said(found, {"FAIL", "WARN"}), SaliencyWarning, stacklevel=2)
        elif verdicts == {"INCONCLUSIVE"} or report.verdict == "INCONCLUSIVE":
            pytest.skip(_said(found, {"INCONCLUSIVE"}))
        return report


def _said(found: list[Alarm], verdicts: Collection[str]) -> str:
    entries = [alarm for alarm in found if alarm.verdict in verdicts]
    lines = [f"{alarm.verdict} {alarm.rule}: {alarm.sentence}" for alarm in entries]
    return "\n".join(dict.fromkeys([*lines, *(alarm.advice for alarm in entries if alarm.advice)]))


@pytest.fixture
def saliency() -> Saliency:
    """Audits as tests: `saliency.check(classifier, rows, audit="names")`."""
    return Saliency()
