"""A report as the page shows it: every number written, every place on a chart known, nothing left to decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from token_saliency.drawing import numbers
from token_saliency.drawing.charts import Axis, axis_of
from token_saliency.drawing.colour import STEPS, Scale, scale_of
from token_saliency.drawing.safe import shortened, slug
from token_saliency.reporters import summary
from token_saliency.reporters.page import meanings
from token_saliency.reporters.page.performance import PerformanceView, performance_view
from token_saliency.reporters.page.reproduce import WITHHELD, again_of
from token_saliency.reporters.page.samples import all_scores
from token_saliency.reporters.page.view_audit import AuditView, audit_view, budget_of
from token_saliency.reporters.page.view_discovery import DiscoveryView, discovery_view
from token_saliency.reporters.page.view_parts import measured
from token_saliency.reporters.prompted import prompted
from token_saliency.results import RunRecord, SelfTest

_LONGEST_VALUE = 400
_UNFOLDED = 3
"""A page of so few audits shows all of each at once."""


@dataclass(frozen=True, slots=True)
class LegendStep:
    """One colour of the legend and the score that it begins to stand for."""

    level: int
    score: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours mean."""

    top: str
    signed: bool
    steps: list[LegendStep]
    method: str
    output: str
    target: str
    baseline: str


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """A line of the self-test: what was checked, whether it held, and what was seen."""

    name: str
    passed: bool | None
    seen: str


@dataclass(frozen=True, slots=True)
class ConcernView:
    """What to look at first: the audit and, in one sentence each, what was seen and what to do."""

    audit: str
    title: str
    verdict: str
    seen: str
    advice: str


def _concerns(report: RunRecord) -> list[ConcernView]:
    """The worst three; the advice of an audit stands once."""
    found, advised = list[ConcernView](), set[str]()
    for one in summary.concerns(report):
        audit, seen = one.audit, one.finding.reason if one.finding else one.audit.reason
        advice = "" if audit.name in advised else _first(audit.advice)
        advised.add(audit.name)
        found.append(ConcernView(slug(audit.name), audit.title, one.verdict, _first(seen), advice))
    return found


def _first(text: str) -> str:
    """The first sentence."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z“])", text, maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class PageView:
    """What the page says beside the record itself."""

    title: str
    headline: str
    tally: list[tuple[str, int]]
    deciding: list[tuple[str, int]]
    exploratory: int
    rows: str
    tool: str
    axis: Axis
    margin: str
    audits: list[AuditView]
    undecided: list[AuditView]
    known: list[tuple[str, str]]
    legend: Legend
    notes: list[meanings.Note]
    words: dict[str, str]
    concerns: list[ConcernView]
    self_test: list[ModelCheck]
    self_test_notes: list[str]
    settings: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    calibrated: list[str]
    doubts: list[str]
    performance: PerformanceView | None
    calibration: list[tuple[str, str]]
    discovery: DiscoveryView | None
    shown: str
    withheld: str

    @property
    def folds(self) -> bool:
        """Whether the audits are so many that each folds what lies behind its sentence."""
        return len(self.audits) > _UNFOLDED

    prompt: list[str]
    live: str


def page_view(report: RunRecord) -> PageView:
    """The page of one report."""
    audits = summary.worst_first(report)
    deciding = [audit for audit in audits if not summary.exploratory(audit)]
    budget = budget_of(audits)
    examples = [example for audit in audits for example in audit.examples[: budget.examples]]
    scale = scale_of(all_scores(examples))
    axis, again = axis_of([measured(main) for main in map(summary.decisive, audits) if main]), again_of(report)
    views = [audit_view(audit, axis, scale, budget, again, summary.thing(report) == "picture") for audit in audits]
    return PageView(
        title=f"{report.verdict}: {report.model.id} on {report.dataset.id}",
        headline=summary.headline(report),
        tally=[*summary.tally(audits)],
        deciding=[*summary.tally(deciding)],
        exploratory=len(audits) - len(deciding),
        rows=summary.rows_used(report),
        tool=f"{report.tool.name} {report.tool.version}",
        axis=axis,
        margin=_common_margin(views),
        audits=views,
        undecided=[view for view in views if view.record.verdict in ("INCONCLUSIVE", "ERROR")],
        known=[(line.state, summary.entry(line)) for line in report.known],
        legend=legend_of(scale, report.settings),
        notes=meanings.grouped(report.warnings),
        words=meanings.explained(report),
        concerns=_concerns(report),
        self_test=checks(report.model.self_test),
        self_test_notes=report.model.self_test.notes if report.model.self_test else [],
        settings=list(flattened(report.settings)),
        facts=_facts(report),
        calibrated=summary.calibrated(report.calibration),
        doubts=summary.doubts(report),
        performance=performance_view(report.performance, report.model.labels),
        calibration=_named(asdict(report.calibration) if report.calibration else {}),
        discovery=discovery_view(report, again) if report.discovery else None,
        shown=_shown(views, report),
        withheld=WITHHELD if again.redacted else "",
        prompt=prompted(report),
        live=again.live_command,
    )


def _shown(views: list[AuditView], report: RunRecord) -> str:
    """How much of the run stands on the page, and where the rest is."""
    if summary.thing(report) == "picture":
        shown = numbers.count(sum(len(view.pictures) for view in views), "edited picture")
        return (
            f"This page shows {shown}, half of them those that moved most. All numbers stand in report.json; the "
            "answers for every picture in rows.parquet and for every edit in edits.parquet, where the run wrote them."
        )
    rows = len({example.row for view in views for example in view.examples})
    pairs = sum(len(view.pairs) for view in views)
    return (
        f"This page shows {numbers.count(rows, 'row')} of {report.dataset.rows_used:,} in colour and "
        f"{numbers.count(pairs, 'edited pair')}, the worst rows first and the pairs at random. All numbers stand in "
        "report.json; every row in rows.parquet and every edit in edits.parquet, where the run wrote them."
    )


def _common_margin(views: list[AuditView]) -> str:
    margins = {view.margin for view in views if view.margin}
    return margins.pop() if len(margins) == 1 else ""


def legend_of(scale: Scale, settings: Mapping[str, Any]) -> Legend:
    """The legend of a page; what the settings do not say is left out."""
    low = -STEPS if scale.signed else 0
    steps = [LegendStep(level, _from(level, scale)) for level in range(low, STEPS + 1)]
    said = {key: str(settings.get(key) or "") for key in ("method", "output", "target", "baseline")}
    return Legend(numbers.plain(scale.top, 2), scale.signed, steps, **said)


def _from(level: int, scale: Scale) -> str:
    sign = 1 if level > 0 else -1
    return numbers.signed(sign * (abs(level) - 1) / STEPS * scale.top, 2) if abs(level) > 1 else ""


def checks(test: SelfTest | None) -> list[ModelCheck]:
    """What the model self-test saw."""
    if test is None:
        return []
    if test.route == "function":
        return _function_checks(test)
    return [
        ModelCheck("Evaluation mode", test.eval_mode, "dropout is off" if test.eval_mode else "the model is training"),
        ModelCheck("Putting back the same embedding changes nothing", test.hook_identity, test.embedding),
        ModelCheck(
            "The embedding is met once per pass", test.embedding_hits == 1, numbers.count(test.embedding_hits, "hit")
        ),
        ModelCheck(
            "A padded row equals the row alone", test.padding_invariant, f"largest difference {test.max_difference:.2g}"
        ),
        *_of_the_function(test),
        ModelCheck("Two calls give the same output", test.deterministic, ""),
        ModelCheck("The tokenizer knows character offsets", test.fast_tokenizer, ""),
        ModelCheck("Route of the gradient", None, test.route),
    ]


def _of_the_function(test: SelfTest) -> list[ModelCheck]:
    """Whether what is explained is what the model answers; a report of an earlier version does not say."""
    tried = [
        ("Vectors decide, and no id beside them", test.vectors_decide),
        ("A step of the model agrees with its gradient", test.gradient_agrees),
        ("Rows of one length leave each other alone", test.company_invariant),
    ]
    return [ModelCheck(what, held, "") for what, held in tried if held is not None]


def _function_checks(test: SelfTest) -> list[ModelCheck]:
    seen = f"largest difference {test.max_difference:.2g}"
    return [
        ModelCheck("A text is answered alike alone and beside another", test.padding_invariant, seen),
        ModelCheck("Two calls give the same output", test.deterministic, ""),
        ModelCheck("Route of the gradient", None, "none: a function of texts"),
    ]


def flattened(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as lines `key.inner: value`."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", shortened(_written(value), _LONGEST_VALUE)


def _named(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " ").replace(".", ": "), text) for key, text in flattened(values)]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.6g}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _facts(report: RunRecord) -> list[tuple[str, str]]:
    cost, model, data = report.cost, report.model, report.dataset
    unit = "pixel" if summary.thing(report) == "picture" else "token"
    return [
        ("Written by", f"{report.tool.name} {report.tool.version}"),
        ("Created", numbers.moment(report.created)),
        ("Model", f"{model.id} ({model.architecture}, {model.dtype} on {model.device})"),
        ("Revision", model.revision or "not known"),
        ("Classes", ", ".join(model.labels)),
        ("Data", f"{data.id}, {summary.rows_used(report)}"),
        (f"Fingerprint of the {summary.thing(report)}s", data.fingerprint),
        (
            "Cost",
            f"{numbers.count(cost.forward)} forward and {numbers.count(cost.backward)} backward passes, "
            f"{numbers.count(cost.tokens, unit)}, {numbers.duration(cost.seconds)}"
            + (f"; {spared}" if (spared := summary.spared(report)) else ""),
        ),
        ("Exit code", str(report.exit_code)),
    ]
