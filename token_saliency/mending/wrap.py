"""`mend --wrap`: a preprocessing that makes alike what a run found, as a file, and what it does to the model."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.comparing.compare import compare
from token_saliency.auditing.comparing.pairing import Run
from token_saliency.auditing.definitions.reader import audit_files
from token_saliency.auditing.definitions.region_audits import home_of
from token_saliency.auditing.edits.by_axis import entries_of, strata_of
from token_saliency.auditing.run import run_audits
from token_saliency.errors import OptionError
from token_saliency.mending.mend import chosen_audits_of
from token_saliency.mending.preprocessing import Normaliser, Step
from token_saliency.mending.which_repair import failing, no_way
from token_saliency.report import Report
from token_saliency.results import Comparison, Edit, Example
from token_saliency.store.evidence import Evidence

KEPT_APART = 3
"""So many names may a text keep apart."""
TERMS_A_STRATUM = 4
_CANNOT = "no preprocessing makes numbers alike without another meaning: draw them anew in the training rows."


def normaliser(
    report: Report, evidence: Evidence, audits: Sequence[str] | None = None, audits_dir: str | None = None
) -> tuple[Normaliser, dict[str, str]]:
    """What makes alike the items of each FAIL and WARN (or of `audits`), and why that is not done for the others.

    Of the items of a sample those are put that moved this model least. OptionError where nothing is left.
    """
    chosen = chosen_audits_of(report, audits, audits_dir)
    steps, cannot = dict[str, Step](), dict[str, str]()
    for audit in chosen:
        operators = {finding.operator for finding in failing(report.audits[audit.name])}
        if why := no_way(audit) or (_CANNOT if audit.find.matcher == "numbers" else None):
            cannot[audit.name] = why
        elif "swap" in operators and "swap" in audit.edit.operators:
            steps[audit.name] = _items(audit, [edit for edit in evidence.edits if edit.audit == audit.name])
        else:
            judge = next((name for name in audit.edit.also if name in operators), audit.edit.judge)
            steps[audit.name] = "delete" if judge == "insert" else judge
    if not steps:
        raise OptionError("; ".join(f"{name}: {why}" for name, why in cannot.items()))
    home = None if steps.keys() <= audit_files().keys() else home_of(report, audits_dir)
    return Normaliser(steps, None if home is None else str(home)), cannot


def _items(audit: Audit, edits: Sequence[Edit]) -> list[str]:
    if audit.items == "fixed":
        return [audit.edit.reference or audit.edit.panel[0]]
    ranked = _least_moving(edits) or list(audit.edit.panel)
    if not audit.edit.strata:
        return [item for item in ranked if item not in _ambiguous(audit)][:KEPT_APART]
    own = ({entry.item for entry in entries_of(audit, name)} for name in strata_of(audit))
    return [item for items in own for item in [one for one in ranked if one in items][:TERMS_A_STRATUM]]


def _ambiguous(audit: Audit) -> set[str]:
    return {entry.item for entry in audit.find.lexicon if entry.ambiguous}


def _least_moving(edits: Sequence[Edit]) -> list[str]:
    """The items of the crossed design, the one first whose answers are nearest to the mean of its slots."""
    slots: dict[Any, list[Edit]] = defaultdict(list)
    for edit in edits:
        if edit.operator == "swap" and not edit.placebo and edit.slot[0] < edit.slot[1]:
            slots[edit.row, edit.part, edit.slot].append(edit)
    moved: dict[str, list[Any]] = defaultdict(list)
    for own in slots.values():
        mean = np.mean([edit.after for edit in own], axis=0)
        for edit in own:
            moved[edit.item].append(np.asarray(edit.after) - mean)
    size = {item: float(np.abs(np.mean(found, axis=0)).max()) for item, found in moved.items()}
    often = max((len(found) for found in moved.values()), default=0)
    return sorted((i for i in size if 2 * len(moved[i]) >= often), key=lambda item: (round(size[item], 6), item))


def wrapper_file(made: Normaliser) -> str:
    """The preprocessing as a Python file that needs nothing but this package.

    Characters stand as they are: the halves that JSON makes of an emoji are two characters to Python.
    """
    steps, title = (json.dumps(own, indent=4, ensure_ascii=False) for own in (dict(made.steps), made.title))
    return _FILE.format(steps=steps, home=repr(made.audits_dir), title=title[1:-1])


_FILE = '''"""Makes texts alike before a model reads them ({title}).

Written by `token-saliency mend --wrap`. `prepared(text)` is the preprocessing, for serving and for training alike;
`classifier(MODEL)` is the model behind it, for `run_audits`, `explain` and `predict`.
"""

from typing import Any

from token_saliency import Normaliser

NORMALISER = Normaliser({steps}, {home})


def prepared(text: Any) -> Any:
    """A text, or a (text, text_pair) tuple, made alike."""
    return NORMALISER(text)


def classifier(model: Any, **options: Any) -> Any:
    """The model (a folder, a hub id or a TextClassifier) behind the preprocessing."""
    return NORMALISER.wrapped(model, **options)
'''


def tried(report: Report, evidence: Evidence, made: Normaliser, model: Any, folder: str, **watch: Any) -> Comparison:
    """The run again with the model behind the preprocessing, on the same rows with the same edits, and compared."""
    rows = [Example(row.id, row.text, row.text_pair, row.label, row.metadata) for row in evidence.rows.heads.values()]
    own: Mapping[str, Any] = report.settings
    names = [name for name, audit in report.audits.items() if audit.verdict != "ERROR"]
    again = run_audits(
        made.wrapped(model),
        rows,
        names,
        audits_dir=home_of(report, made.audits_dir),
        rows_limit=None,
        edits=int(own.get("edits", 10_000)),
        seed=evidence.seed,
        exhaustive=bool(own.get("exhaustive", True)),
        config={name: options for name, options in own.get("audits", {}).items() if name in names},
        cluster=own.get("cluster"),
        method="random",
        discovery=False,
        dataset_id=report.dataset.id,
        **watch,
    )
    assert again.evidence is not None
    found = Evidence.of(*again.evidence, again.model.labels, evidence.seed)
    return compare(
        Run(folder, report, evidence), Run("wrapped", again, found), audits_dir=home_of(report, made.audits_dir)
    )
