"""Audits of regions: pictures -> predictions -> edited pictures -> verdicts -> Report.

The rules are those of the text audits: attribution nominates, edits beside matched controls decide, and what is random
depends on content and seed alone.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from token_saliency import __version__
from token_saliency.auditing.definitions.selection import options_of
from token_saliency.auditing.evidence.progress import OnProgress, silent
from token_saliency.auditing.judging.judge import alpha_note, crashed
from token_saliency.auditing.judging.verdicts import check_fail_on, report_verdict
from token_saliency.auditing.rejudge import ending
from token_saliency.errors import OptionError
from token_saliency.auditing.definitions.regions import EXCHANGE, Audit, chosen_image_audits
from token_saliency.image.audits.edits import PictureEdit, Seen, edits_of, small
from token_saliency.image.audits.judging import Answer, Measured, judge_regions
from token_saliency.image.audits.predictions import DIGITS, Asking, Maps
from token_saliency.image.audits.rows import load_images
from token_saliency.image.audits.shares import attribution_share
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.pixels.strips import strip
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    AuditResult,
    Cost,
    DatasetInfo,
    EditedPicture,
    Report,
    Tool,
)
from token_saliency.stats.sampling import check_limit, content_hash
from token_saliency.text.model.network import Meter

ROWS = 300
SHOWN = 8
NO_OBJECTS = (
    "background: not run: no picture says where its object is (columns left, top, right, bottom, or mask, in a CSV)."
)


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """All that was chosen, defaults included; `method` is the one that was used."""

    method: str
    target: str
    baseline: str
    rows_limit: int | None
    seed: int
    fail_on: str
    allow_inconclusive: bool


def run_image_audits(
    classifier: ImageClassifier,
    rows: Any,
    audits: Sequence[str | Audit] | None = None,
    *,
    rows_limit: int | None = ROWS,
    seed: int = 0,
    method: str | None = None,
    baseline: str = "black",
    config: Mapping[str, Mapping[str, Any]] | None = None,
    fail_on: str = "fail",
    allow_inconclusive: bool = False,
    dataset_id: str | None = None,
    command: str = "",
    on_progress: OnProgress | None = None,
) -> Report:
    """Audits which regions of pictures an image classifier decides by.

    `rows`: a folder of class folders, a CSV (path, label, and for the background left, top, right, bottom or mask), or
    a list of (picture, label). `audits`: names (`load_image_audits`), None for all that apply. `config` gives margins
    and levels by audit. All effects are losses of the probability of the predicted class.
    Raises DataError for pictures that cannot be read, OptionError for values that do not exist. An audit that crashes
    is an ERROR in the report, never an exception and never a pass.
    """
    chosen, skipped = chosen_image_audits(audits, config or {})
    _check(classifier, rows_limit, fail_on)
    source = load_images(rows, classifier.labels)
    if audits is None and not any(row.box is not None or row.mask is not None for row in source.rows):
        chosen, skipped = [audit for audit in chosen if audit.area != "background"], [*skipped, NO_OBJECTS]
    started, before = time.perf_counter(), replace(classifier.meter)
    asking = Asking(classifier, on_progress or silent)
    seen = asking.seen(source.rows, rows_limit, seed)
    maps = asking.maps(seen, method or classifier.default_method, baseline, seed)
    own = ImageSettings(maps.method, "predicted", baseline, rows_limit, seed, fail_on, allow_inconclusive)
    run = _Run(asking, seen, maps, seed, list(maps.notes))
    results = {audit.name: run.audited(audit) for audit in chosen}
    return Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        model=classifier.info,
        dataset=DatasetInfo(dataset_id or source.id, None, len(source.rows), len(seen), _fingerprint(seen)),
        settings=_described(own, chosen),
        verdict=report_verdict(results.values()),
        exit_code=ending(results.values(), fail_on, allow_inconclusive=allow_inconclusive),
        audits=results,
        discovery=[],
        calibration=None,
        cost=_cost(before, classifier.meter, started),
        warnings=[*source.notes, *skipped, *run.notes],
    )


def _check(classifier: ImageClassifier, rows_limit: int | None, fail_on: str) -> None:
    if len(classifier.labels) < 2:
        raise OptionError("This model has one output and no classes: there is no decision that could flip.")
    check_limit(rows_limit)
    check_fail_on(fail_on)


def _described(own: ImageSettings, audits: Sequence[Audit]) -> dict[str, Any]:
    notes = {
        "effects": "losses of the probability of the predicted class; a token of the cost is a pixel",
        "statistics": alpha_note(),
    }
    return {"kind": "images"} | asdict(own) | {"audits": options_of(audit.declared for audit in audits)} | notes


def _cost(before: Meter, now: Meter, started: float) -> Cost:
    seconds = round(time.perf_counter() - started, 3)
    return Cost(now.forward - before.forward, now.backward - before.backward, now.tokens - before.tokens, seconds)


def _fingerprint(rows: Sequence[Seen]) -> str:
    return content_hash(*sorted(f"{seen.key} {seen.row.label}" for seen in rows))[:16]


# --- one audit ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Run:
    """What every audit starts from: the pictures with their predictions and maps. `notes` grow with the audits."""

    asking: Asking
    rows: Sequence[Seen]
    maps: Maps
    seed: int
    notes: list[str]

    def audited(self, audit: Audit) -> AuditResult:
        """The result of one audit; where it crashes, an ERROR."""
        try:
            edits = list(edits_of(audit, self.rows, self.seed))
            after = self.asking.probabilities([edit.make for edit in edits], audit.name)
            answers = [_answer(edit, p) for edit, p in zip(edits, after, strict=True)]
            notes = _missing(audit, edits, len(self.rows))
            self.notes.extend(notes)
            share = attribution_share(audit, self.rows, self.maps.of, self.seed)
            labels = self.asking.classifier.labels
            measured = Measured(audit, self.rows, answers, share, labels, self.seed, notes)
            shown = _shown(audit, list(zip(edits, answers, strict=True)))
            return judge_regions(measured, [self._picture(edit, answer) for edit, answer in shown])
        except Exception as error:  # reported as ERROR with its message, exit code 2
            return crashed(audit.declared, error)

    def _picture(self, edit: PictureEdit, answer: Answer) -> EditedPicture:
        seen = edit.seen
        overlay = [self.maps.of[seen.row.id].overlay()] if seen.row.id in self.maps.of else []
        return EditedPicture(
            row=seen.row.id,
            operator=edit.operator,
            item=edit.item,
            placebo=edit.placebo,
            class_=self.asking.classifier.labels[seen.predicted],
            label=seen.row.label,
            before=seen.confidence,
            after=round(seen.confidence - answer.loss, DIGITS),
            strip=strip([small(seen.row), *overlay, edit.make()]),
        )


def _answer(edit: PictureEdit, after: np.ndarray) -> Answer:
    seen = edit.seen
    loss = round(seen.confidence - float(after[seen.predicted]), DIGITS)
    flipped = int(np.argmax(after)) != seen.predicted
    return Answer(seen.row.id, edit.operator, edit.item, edit.placebo, loss, flipped)


def _missing(audit: Audit, edits: Sequence[PictureEdit], rows: int) -> list[str]:
    """What could not be asked, for the warnings."""
    if not edits and audit.area == "background":
        return [NO_OBJECTS]
    judged = {edit.seen.row.id for edit in edits if edit.operator == audit.operators[0] and not edit.placebo}
    if audit.operators[0] == EXCHANGE and not judged:
        return [f"{audit.name}: not run: all pictures have one predicted class, so none can take over from another."]
    return [f"{audit.name}: {rows - len(judged)} of {rows} pictures could not be asked."] if len(judged) < rows else []


def _shown(audit: Audit, asked: Sequence[tuple[PictureEdit, Answer]]) -> list[tuple[PictureEdit, Answer]]:
    """Edits of the judged operator: the half that moved most, and as many by chance, so that a person can judge."""
    real = [one for one in asked if one[0].operator == audit.operators[0] and not one[0].placebo]
    order = sorted(real, key=lambda one: (-abs(one[1].loss), one[0].seen.key, one[0].item))
    by_chance = sorted(order[SHOWN // 2 :], key=lambda one: content_hash(one[0].seen.key, one[0].item))
    return [*order[: SHOWN // 2], *by_chance[: SHOWN // 2]]
