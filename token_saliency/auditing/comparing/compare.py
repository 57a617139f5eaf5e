"""Compares two finished runs: has a reliance grown from A to B? No model is asked."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from numbers import Real
from pathlib import Path
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.comparing.growth import (
    ALONE,
    SMALL,
    ChangeRule,
    Growth,
    decide,
    worst,
)
from token_saliency.auditing.comparing.matched import found_by_key, growths_of
from token_saliency.auditing.comparing.pairing import Run, paired
from token_saliency.auditing.comparing.predictions import compared_predictions
from token_saliency.auditing.comparing.repaired import compared_suspects, exchanged_accuracy, mended_audits
from token_saliency.auditing.comparing.sides import (
    Pairings,
    about_sides,
    check_alike,
    pooled,
    sides_of,
    single_trainings,
)
from token_saliency.auditing.comparing.wording import audit_reason, claim_reason, gone_reason, notes_of
from token_saliency.auditing.definitions.reader import audit_files, configured
from token_saliency.auditing.definitions.region_audits import definitions_of, home_of, of_pictures
from token_saliency.auditing.judging.case import class_name
from token_saliency.auditing.judging.judge import alpha_note
from token_saliency.auditing.judging.verdicts import (
    EXIT_ERROR,
    EXIT_FINDINGS,
    EXIT_OK,
    EXIT_UNDECIDED,
    corrected,
    gates,
)
from token_saliency.auditing.judging.verdicts import worst as worst_verdict
from token_saliency.auditing.regions import against_predicted
from token_saliency.auditing.spans.label_words import bound
from token_saliency.errors import DataError, OptionError, option
from token_saliency.report import load_report
from token_saliency.results import (
    BLOCKING,
    CHANGES,
    DISCLAIMER,
    SCHEMA_VERSION,
    Change,
    ComparedAudit,
    ComparedClaim,
    Comparison,
    Side,
    Tool,
)
from token_saliency.store.evidence import read_evidence
from token_saliency.store.lock import require_at_rest

Runs = Path | str | Sequence[Path | str]
"""A run directory, or several of one side."""


def compare_runs(
    a: Runs,
    b: Runs,
    *,
    audits_dir: Path | str | None = None,
    smallest_growth: float | None = None,
    command: str = "",
) -> Comparison:
    """Compares the run directories `a` (before) and `b` (after); audits of your own are read from `audits_dir`.

    Two models on the same rows are compared edit by edit, one model on other rows estimate by estimate. Lists of runs
    are several trainings a side: the spread between them is part of the error. `smallest_growth` is the least growth
    that counts, and the interval must exceed it (in the unit of the margin); by default a tenth of the margin, and the
    margin itself where a single training of each model is given. Raises DataError where the runs have no classes, rows
    or audits in common, OptionError for an unknown audit, a side without runs, or a run that is named twice.
    """
    first, second = _folders(a), _folders(b)
    check_sides([str(run) for run in first], [str(run) for run in second])
    if smallest_growth is not None and not (isinstance(smallest_growth, Real) and 0 <= smallest_growth < math.inf):
        raise OptionError(f"{option('smallest_growth')} must be a number from 0 on, not {smallest_growth!r}.")
    sides = [[read_run(run) for run in side] for side in (first, second)]
    return compare(*sides, audits_dir=audits_dir, smallest_growth=smallest_growth, command=command)


def _folders(runs: Runs) -> list[Path | str]:
    found = [runs] if isinstance(runs, str | os.PathLike) or not isinstance(runs, Iterable) else list(runs)
    if wrong := [run for run in found if not isinstance(run, str | os.PathLike)]:
        raise OptionError(
            f"A run is the folder of a finished one, not {type(wrong[0]).__name__}: give its path "
            "(report.save(folder) writes one)."
        )
    return found


def check_sides(first: Sequence[str], second: Sequence[str]) -> None:
    """OptionError where a side is empty, or the same run would count as two trainings of it."""
    for name, side in (("before", first), ("after", second)):
        if not side:
            raise OptionError(f"No run stands on the side {name}: name at least one run directory a side.")
        places = [os.path.realpath(run) for run in side]
        for run, place in zip(side, places, strict=True):
            if places.count(place) > 1:
                raise OptionError(f"The run {run!r} stands twice on one side: each must be a training of its own.")


def read_run(path: Path | str) -> Run:
    """A finished run with its rows and edits. DataError where a file of it is missing, or is being written."""
    place = Path(path) if Path(path).is_dir() else Path(path).parent
    report = load_report(path)
    seed = int(report.settings.get("seed", 0))
    evidence = read_evidence(place, report.model.labels, seed)
    require_at_rest(place)  # afterwards: whoever began meanwhile is still there
    return Run(str(path), report, against_predicted(evidence) if of_pictures(report) else evidence)


def compare(
    a: Run | Sequence[Run],
    b: Run | Sequence[Run],
    *,
    audits_dir: Path | str | None = None,
    smallest_growth: float | None = None,
    command: str = "",
) -> Comparison:
    """The comparison of runs that were read already, one or several a side."""
    first, second = ([side] if isinstance(side, Run) else list(side) for side in (a, b))
    table = [[paired(ours, theirs) for theirs in second] for ours in first]
    check_alike(table)
    lead = table[0][0]
    notes = [*notes_of(lead), *about_sides(table, smallest_growth)]
    definitions = _definitions(table, audits_dir)
    audits = [_audit(table, audit, smallest_growth, notes) for audit in definitions]
    deciding = [audit for audit in audits if audit.gates] or audits
    red = {audit.name for audit in audits if audit.verdict_a in BLOCKING["warn"]}
    return Comparison(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        kind=lead.kind,
        a=_side(lead.a),
        b=_side(lead.b),
        settings=_settings(lead.b, audits_dir, smallest_growth),
        change=worst((audit.change for audit in deciding), CHANGES),
        exit_code=exit_code(deciding),
        predictions=compared_predictions(table),
        audits=audits,
        warnings=list(dict.fromkeys(notes)),
        base=[_side(run) for run in first],
        new=[_side(run) for run in second],
        exchanged=[one for audit in definitions if audit.name in red and (one := exchanged_accuracy(lead, audit))],
        suspects=compared_suspects(lead, mended_audits([(a.name, a.verdict_a, a.verdict_b) for a in audits])),
    )


def exit_code(deciding: Sequence[ComparedAudit]) -> int:
    """2 where an audit crashed in either run, 1 where one is worse, 5 where nothing was decided."""
    if any("ERROR" in (audit.verdict_a, audit.verdict_b) for audit in deciding):
        return EXIT_ERROR
    changes = {audit.change for audit in deciding}
    if "worse" in changes:
        return EXIT_FINDINGS
    return EXIT_UNDECIDED if changes <= {"undecided"} else EXIT_OK


def _side(run: Run) -> Side:
    report = run.report
    return Side(run.folder, report.created, report.model, report.dataset, report.verdict)


def _settings(b: Run, audits_dir: Path | str | None, smallest_growth: float | None) -> dict[str, Any]:
    kind = {"kind": b.report.settings["kind"]} if of_pictures(b.report) else {}
    return kind | {
        "audits_dir": None if audits_dir is None else str(audits_dir),
        "audits": b.report.settings.get("audits", {}),
        "smallest_growth": smallest_growth,
        "statistics": alpha_note(),
    }


# --- audits ------------------------------------------------------------------------------------------


def _definitions(table: Pairings, audits_dir: Path | str | None) -> list[Audit]:
    """The audits that all runs have, with the margins of the first of B."""
    first, second = table[0][0].a.report, table[0][0].b.report
    audits_dir = home_of(second, audits_dir) or home_of(first, audits_dir)
    runs = [run for side in sides_of(table) for run in side]
    names = [name for name in first.audits if all(name in run.report.audits for run in runs)]
    if not names:
        raise DataError(
            f"The runs have no audit in common ({', '.join(first.audits) or 'none'} and "
            f"{', '.join(second.audits) or 'none'}): run the same audits on both."
        )
    missing = [name for name in names if name not in audit_files(audits_dir) and not of_pictures(first)]
    if missing:
        raise OptionError(
            f"The definition of {', '.join(missing)} is not here: name its folder with {option('audits_dir')}."
        )
    own: Mapping[str, Mapping[str, Any]] = second.settings.get("audits", {})
    loaded = definitions_of(second, names, audits_dir).values()
    return [configured(bound(audit, first.model.labels), own.get(audit.name, {})) for audit in loaded]


def _audit(table: Pairings, audit: Audit, smallest_growth: float | None, notes: list[str]) -> ComparedAudit:
    first, second = ([run.report.audits[audit.name] for run in side] for side in sides_of(table))
    crashed = any(found.verdict == "ERROR" for found in first + second)
    claims = []
    if not crashed:
        growths = pooled([[growths_of(pairing, audit, notes) for pairing in row] for row in table])
        smallest = (ALONE if single_trainings(table) else SMALL) * audit.judge.margin
        rule = smallest if smallest_growth is None else smallest_growth
        claims = _claims(table, audit, growths, rule, notes)
    change = worst((claim.change for claim in claims if claim.judged and not _beside(audit, claim)), CHANGES)
    verdicts = worst_verdict(found.verdict for found in first), worst_verdict(found.verdict for found in second)
    gone = change == "undecided" and verdicts[1] == "PASS" and (verdicts[0] == "FAIL" or shrunk(verdicts[0], claims))
    return ComparedAudit(
        name=audit.name,
        title=audit.title,
        verdict_a=verdicts[0],
        verdict_b=verdicts[1],
        change="better" if gone else change,
        reason=gone_reason(verdicts[0], claims) if gone else audit_reason(claims, change, crashed=crashed),
        claims=claims,
        gates=gates(second[0]) and audit.level == "error",
    )


def _beside(audit: Audit, claim: ComparedClaim) -> bool:
    """Whether it cannot be told, beside the main question: no audit is undecided by that."""
    return claim.operator in audit.edit.also and claim.change == "undecided"


def shrunk(before: str, claims: Sequence[ComparedClaim]) -> bool:
    """Of a warning: whether all that is judged and not decided is shown to be smaller than it was."""
    left = [claim for claim in claims if claim.judged and claim.change == "undecided"]
    return before == "WARN" and all(claim.interval[1] < 0 for claim in left)


def _claims(
    table: Pairings, audit: Audit, growths: Sequence[Growth], smallest: float, notes: list[str]
) -> list[ComparedClaim]:
    """Holm over the judged claims, as in an audit. What stands out in one side alone is a claim of that side."""
    ours = [found_by_key(row[0].a, audit, row[0]) for row in table]
    theirs = [found_by_key(pairing.b, audit, pairing) for pairing in table[0]]
    known = [growth for growth in growths if any(all(growth.key in found for found in side) for side in (ours, theirs))]
    judging = {growth.key: (theirs[0].get(growth.key) or ours[0][growth.key]).judged for growth in known}
    judged = [growth for growth in known if judging[growth.key]]
    adjusted = dict(zip((g.key for g in judged), corrected([g.p for g in judged]), strict=True))
    adjusted |= {g.key: corrected([g.p])[0] for g in known if not judging[g.key]}
    notes += _left_out(audit, ours[0], theirs[0], {growth.key for growth in known})
    found, things = [], "pictures" if of_pictures(table[0][0].a.report) else "rows"
    for growth in known:
        a, b = (worst_verdict(one[growth.key].verdict for one in side if growth.key in one) for side in (ours, theirs))
        rule = ChangeRule(audit.judge.margin, audit.judge.min_rows, a, b, smallest, things)
        class_ = class_name(table[0][0].a.classes, growth.class_index)
        found.append(_claim(growth, adjusted[growth.key], rule, class_, judged=judging[growth.key]))
    return found


def _left_out(audit: Audit, first: Iterable[Any], second: Iterable[Any], known: set[Any]) -> list[str]:
    missing = sorted({str(key[0]) for key in [*first, *second] if key not in known and key[2] == audit.edit.judge})
    return [f"{audit.name}: {claim} was not compared for every class or item of both runs." for claim in missing]


def _claim(growth: Growth, p_adjusted: float, bar: ChangeRule, class_: str, *, judged: bool) -> ComparedClaim:
    change: Change = decide(growth, p_adjusted, bar)
    return ComparedClaim(
        claim=growth.claim,
        between=growth.between,
        class_=class_,
        operator=growth.operator,
        judged=judged,
        effect_a=growth.effect_a,
        effect_b=growth.effect_b,
        verdict_a=bar.verdict_a,
        verdict_b=bar.verdict_b,
        difference=growth.size,
        interval=growth.interval,
        p=growth.p,
        p_adjusted=p_adjusted,
        rows=growth.rows,
        items=growth.items,
        margin=bar.margin,
        paired=growth.paired,
        change=change,
        reason=claim_reason(growth, change, bar, class_),
        spread=growth.spread,
    )
