"""Rules of evidence that a wrong line of code would break without any verdict of the other tests changing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from scipy import stats

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.discovery.confirm import _missing
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.edits.same_class import polar_words
from token_saliency.auditing.judging.case import Case, table
from token_saliency.auditing.judging.verdicts import ClaimEstimate
from token_saliency.report import Report
from token_saliency.results import Edit, Example, ScoredRow


def test_an_item_has_no_score_in_the_documents_where_it_stands() -> None:
    rows = {
        name: ScoredRow(name, f"{name} came", None, None, "a", (0.5, 0.5), cluster=at)
        for at, name in enumerate(["Mary", "Susan"])
    }
    edits = [
        Edit(row, "names", "swap", (0, len(row)), row, item, False, f"{item} came", None, (0.5, 0.5), (0.4, 0.6))
        for row in rows
        for item in ("Mary", "Susan", "Laura")
    ]
    spans = {name: [Match(0, len(name), name)] for name in rows}
    case = Case(load_audits(["names"])["names"], rows, spans, edits, ["a", "b"], {"Mary": 0, "Susan": 1}, 0)

    found = table(case, "swap", placebo=False)

    assert found is not None
    used = {
        (row, item): bool(found.used[i, j])
        for i, (row, _) in enumerate(found.slots)
        for j, item in enumerate(found.items)
    }
    assert used == {(row, item): row != item for row in rows for item in ("Mary", "Susan", "Laura")}


def test_the_company_of_a_label_word_is_read_off_the_rows_without_it() -> None:
    """`withit` goes with the class only where the label word stands, `without` only where it does not."""
    audit = load_audits(["label_words"])["label_words"]
    texts = [("positive withit thing", "positive")] * 40 + [("without thing here", "positive")] * 40
    texts += [("dull thing here", "negative")] * 80
    rows = [Example(str(at), text, None, label) for at, (text, label) in enumerate(texts)]
    spans = {row.id: [Match(0, 8, "positive")] if row.text.startswith("positive") else [] for row in rows}
    request = Request(audit, rows, spans, 1000, 0, lambda words: [1] * len(words))

    found = polar_words(request, "positive", "positive")

    assert "without" in found
    assert "withit" not in found


@pytest.fixture(scope="module")
def report(make: SimpleNamespace) -> Report:
    classifier = TextClassifier.from_function(
        lambda texts: [[1 - make.leaning(text), make.leaning(text)] for text in texts], ["negative", "positive"]
    )
    return run_audits(classifier, make.reviews(400, correlated=True), ["punctuation"], edits=1500, exhaustive=True)


def test_suspects_share_the_error_by_benjamini_and_hochberg(report: Report) -> None:
    raw = [one.p for one in report.discovery]

    assert len({round(p, 4) for p in raw}) > 1
    assert [one.p_adjusted for one in report.discovery] == pytest.approx(list(stats.false_discovery_control(raw)))
    assert any(one.p_adjusted > one.p for one in report.discovery)


def test_a_suspect_is_not_confirmed_where_its_effect_may_be_chance() -> None:
    sound = ClaimEstimate(
        claim="shift", between=("word", "nothing"), class_index=1, operator="delete", effect=0.2, control=0.0,
        interval=(0.1, 0.3), beyond_control=0.1, p=0.001, p_margin=0.001, flip_rate=0.0, placebo_flip_rate=0.0, rows=80,
        items=1, smallest_detectable=0.05, resolvable=True, by_row={},
    )  # fmt: skip

    assert _missing([sound], None, 0.04, "") is None
    assert "not shown after the correction" in (_missing([sound], None, 0.06, "") or "")
    assert "opposite" in (_missing([sound, replace(sound, effect=-0.2)], None, 0.04, "") or "")
