"""Reports that are wide or long (28 classes, pairs, 20 audits, thousands of rows), and the pages that are no report.

Everything is built from what `make_report.py` defines, which is handed in as `make`.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from token_saliency.report import Report
from token_saliency.results import (
    SCHEMA_VERSION,
    Association,
    AuditResult,
    Check,
    ComparedAudit,
    ComparedClaim,
    Comparison,
    DatasetInfo,
    Feature,
    FeatureImportance,
    Side,
    Step,
    TabularAttribution,
    TabularExplanation,
    Validation,
)

FEELINGS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval "
    "disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief "
    "remorse sadness surprise neutral"
).split()
LONG_TEXT = "The plot wanders, the jokes are clever, and Danielle says that the ending is wonderful. " * 26


def feelings(make: SimpleNamespace) -> Report:
    """28 classes: every claim once a class, edits that move several of them."""
    audit = make.names_audit()
    (first, second, described) = audit.intervention
    each = [
        replace(first, class_=name, effect=round(0.15 - 0.01 * i, 3), interval=(0.12 - 0.01 * i, 0.18 - 0.01 * i))
        for i, name in enumerate(FEELINGS)
    ]
    full = replace(
        audit,
        intervention=[*each, *(replace(second, class_=name) for name in FEELINGS), described],
        association=Association(9.8, (7.4, 12.1), {name: 4.0 - i / 3 for i, name in enumerate(FEELINGS)}, []),
        worst_items=[replace(item, class_=FEELINGS[i]) for i, item in enumerate(audit.worst_items)],
        examples=[replace(one, predicted=FEELINGS[i], label=FEELINGS[-i]) for i, one in enumerate(audit.examples)],
        pairs=[replace(one, class_=FEELINGS[i]) for i, one in enumerate(audit.pairs)],
    )
    base: Report = make.failing()
    return replace(base, audits={"names": full}, model=replace(base.model, labels=FEELINGS))


def pairs(make: SimpleNamespace) -> Report:
    """Rows of two texts: the second is coloured, too."""
    audit = make.names_audit()
    examples = [
        replace(one, text_pair="A dull sequel, says Brian.", tokens=[*one.tokens, *make.tokens_of("A dull sequel", 1)])
        for one in audit.examples
    ]
    model = replace(make.failing().model, labels=["entailment", "neutral", "contradiction"])
    return make.report([replace(audit, examples=examples)], "FAIL", 1, model=model)  # type: ignore[no-any-return]


def twenty(make: SimpleNamespace) -> Report:
    """Twenty audits, with one suspect confirmed and one not."""
    made = [make.clean_audit, make.names_audit, make.punctuation_audit, make.inconclusive_audit]
    audits = [replace(made[i % 4](), name=f"audit-{i}", title=f"Audit number {i}") for i in range(20)]
    suspect = make.discovered("director", "positive")
    weak = replace(
        suspect, item="lens", reason="Not shown.", confirmed=False, pairs=tuple(make.names_audit().pairs[:1])
    )
    return make.report(audits, "FAIL", 1, discovery=[suspect, weak])  # type: ignore[no-any-return]


def long_run(make: SimpleNamespace, rows: int, audits: int = 20) -> Report:
    """All that a run over so many rows could hand to the page: the record keeps more than the page may show."""
    shown = min(rows, 60)
    full = _full(make, shown)
    every = [replace(full, name=f"audit-{i}", title=f"Audit number {i}") for i in range(audits)]
    suspects = [replace(make.discovered(f"word{i}", "positive"), pairs=tuple(full.pairs[:10])) for i in range(50)]
    data = DatasetInfo("data/reviews.csv", "test", rows, rows, "b7e19c04a51d")
    warnings = [f"row {i}: was cut" for i in range(rows // 5)]
    return make.report(every, "FAIL", 1, dataset=data, discovery=suspects, warnings=warnings)  # type: ignore[no-any-return]


def _full(make: SimpleNamespace, shown: int) -> AuditResult:
    audit: AuditResult = make.names_audit()
    (first, *_) = audit.intervention
    some = make.shown(LONG_TEXT, "positive", 0.9, [], None)
    pair = make.pair(LONG_TEXT, "Danielle", "Vincent", 0.97, 0.9)
    items = [replace(audit.worst_items[0], item=f"Name{i}") for i in range(shown)]
    return replace(
        audit,
        intervention=[replace(first, between=(f"Group{i}", "the rest")) for i in range(3 * shown)],
        examples=[replace(some, row=f"row-{i}", edit=pair) for i in range(shown)],
        pairs=[replace(pair, row=f"row-{i}") for i in range(shown)],
        worst_items=items,
    )


def redacted(make: SimpleNamespace) -> Report:
    """A run with --redact."""
    base: Report = make.failing()
    return replace(base, settings=base.settings | {"redact": True})


def comparison(make: SimpleNamespace) -> Comparison:
    """A reliance that has grown."""
    report = make.failing()
    side = Side("runs/a", report.created, report.model, report.dataset, "INCONCLUSIVE")
    claim = ComparedClaim(
        "lean", None, "positive", "swap", True, 0.06, 0.091, "INCONCLUSIVE", "FAIL", 0.031, (0.02, 0.042),
        0.0001, 0.003, 120, 24, 0.05, True, "worse", "On positive, the lean has grown.",
    )  # fmt: skip
    calm = replace(claim, operator="delete", between=("!", "nothing"), judged=False, change="same", reason="Described.")
    audit = ComparedAudit("names", "Person names", "INCONCLUSIVE", "FAIL", "worse", claim.reason, [claim, calm])
    return Comparison(
        schema_version=SCHEMA_VERSION,
        tool=report.tool,
        created=report.created,
        command="token-saliency compare runs/a runs/b",
        disclaimer=report.disclaimer,
        kind="models",
        a=side,
        b=replace(side, folder="runs/b", verdict="FAIL"),
        settings={"alpha": 0.05},
        predictions=None,
        audits=[audit],
        change="worse",
        exit_code=1,
        warnings=["One audit ran in A only."],
    )


def validation(make: SimpleNamespace) -> Validation:
    """One check of each outcome."""
    report = make.failing()
    steps = [Step("head", 0.21, (0.1, 0.3)), Step("layer 1", 0.05)]
    common: dict[str, Any] = {"caveat": "A pass shows no more than that.", "source": "Adebayo et al. 2018"}
    checks = [
        Check("random", "Random weights", "below 0.5", "0.05", 0.05, (0.0, 0.1), 0.5, True, steps=steps, **common),
        Check("labels", "Random labels", "below 0.5", "0.71", 0.71, None, 0.5, False, steps=[], **common),
        Check("canary", "Canary", "found", "no rows", None, None, None, None, steps=[], **common),
    ]  # fmt: skip
    return Validation(
        schema_version=SCHEMA_VERSION,
        tool=report.tool,
        created=report.created,
        command="token-saliency validate m d.csv",
        disclaimer=report.disclaimer,
        method="gradient",
        model=report.model,
        dataset=report.dataset,
        settings={"rows": 40},
        checks=checks,
        passed=False,
        exit_code=1,
        cost=report.cost,
        warnings=["One row was empty."],
    )


def table() -> TabularExplanation:
    """Two explained rows of a table."""
    features = [Feature("age", 41.0, 0.8), Feature("<b>income</b>", 3.2, -0.3)]
    row = TabularAttribution(
        features, "integrated_gradients", True, "yes", "yes", "logit", 1.2, "mean", 0.2, 0.01, 12, True
    )
    ranked = [
        FeatureImportance(f.name, abs(f.score), (abs(f.score) - 0.1, abs(f.score) + 0.1), f.score, 2) for f in features
    ]
    return TabularExplanation((row, row), ranked)


REPORTS = {"feelings": feelings, "pairs": pairs, "twenty": twenty, "redacted": redacted}
