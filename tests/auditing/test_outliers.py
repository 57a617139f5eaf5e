"""One item of many that stands out: named on one half of the documents, tested on the other."""

from __future__ import annotations

import random

import pytest

from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.claims.outliers import outliers
from token_saliency.auditing.judging.judge import findings_of
from token_saliency.results import Edit, Finding, ScoredRow

ITEMS = [f"Name{n}" for n in range(40)]
CONTROLS = [f"Place{n}" for n in range(20)]


def case_of(push: float, *, spread: float = 0.01, seed: int = 0, rows: int = 90, both: bool = False) -> Case:
    """Every name fills a slot of every row. The first moves the output by `push` (`both`: half of the names do)."""
    draw = random.Random(seed)
    own = {item: draw.gauss(0, spread) for item in [*ITEMS, *CONTROLS]}
    pushed = ITEMS[:20] if both else ITEMS[:1]
    heads, edits = {}, []
    for number in range(rows):
        id_, base = str(number), draw.uniform(0.3, 0.6)
        heads[id_] = ScoredRow(id_, "Ann said so", None, None, "a", (1 - base, base), cluster=number)
        for item, by in own.items():
            after = base + by + push * (item in pushed) + draw.gauss(0, 0.02)
            edits.append(Edit(id_, "names", "swap", (0, 3), "Ann", item, item in CONTROLS, f"{item} said so", None,
                              (1 - base, base), (1 - after, after)))  # fmt: skip
    spans = {row: [Match(0, 3, "Ann")] for row in heads}
    audit = load_audits(["names"])["names"]
    return Case(audit, heads, spans, edits, ["a", "b"], {row: head.cluster for row, head in heads.items()}, seed)


def judged(case: Case) -> list[Finding]:
    return findings_of(case.audit, case.classes, [(draft, True) for draft in outliers(case, "swap")])


@pytest.mark.parametrize("push", [0.15, 0.3, -0.3])
def test_one_name_that_moves_the_output_far_more_than_its_peers_is_named_and_fails(push: float) -> None:
    (found,) = judged(case_of(push))

    assert (found.verdict, found.claim, found.between) == ("FAIL", "shift", ("Name0", "other given names"))
    assert found.effect == pytest.approx(push, abs=0.05)
    assert found.reason.startswith("“Name0” in place of other given names moves P(b) by")
    assert (found.rows, found.controls) == (found.edits, 39)


def test_a_name_among_names_that_differ_as_much_is_none() -> None:
    assert judged(case_of(0.15, spread=0.1)) == []


def test_half_of_the_names_are_no_outliers() -> None:
    assert judged(case_of(0.2, both=True)) == []


def test_clean_models_name_nobody() -> None:
    drafts = [one for seed in range(3) for one in judged(case_of(0.0, spread=0.03, seed=seed))]

    assert drafts == []


def test_too_few_documents_or_peers_say_nothing() -> None:
    few = case_of(0.3, rows=12)
    assert judged(few) == []
