"""Audits of regions: pictures -> predictions -> edited pictures -> verdicts -> Report.

The rules are those of the text audits: attribution nominates, edits beside matched controls decide, and what is random
depends on content and seed alone.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from token_saliency import __version__
from token_saliency.auditing.judging import alpha_note, crashed
from token_saliency.auditing.sampling import content_hash, generator
from token_saliency.auditing.verdicts import BLOCKING, EXIT_OK, EXIT_UNDECIDED, exit_code, report_verdict
from token_saliency.errors import DataError, ModelError, OptionError, unknown
from token_saliency.image.areas import placebo
from token_saliency.image.attribution import ImageAttribution
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.definition import EXCHANGE, RegionAudit, load_image_audits, with_options
from token_saliency.image.edits import PictureEdit, Seen, areas_of, edits_of, small
from token_saliency.image.fills import Mask
from token_saliency.image.judged import Answer, Measured, judge_regions, share_of
from token_saliency.image.rows import ImageRow, ImageRows, content_key, load_images, look_key
from token_saliency.image.strips import strip
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    AttributionShare,
    AuditResult,
    Cost,
    DatasetInfo,
    EditedPicture,
    Report,
    Tool,
)

ROWS = 300
EXPLAINED = 60
"""Rows whose attribution is looked at: it nominates, and a mean over so many is near enough."""
SHOWN = 8
AT_ONCE = 32
DIGITS = 6
NO_OBJECTS = (
    "background: not run: no picture says where its object is (columns left, top, right, bottom, or mask, in a CSV)."
)
OnProgress = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """All that was chosen, defaults included."""

    method: str
    baseline: str
    rows_limit: int | None
    seed: int
    fail_on: str
    allow_inconclusive: bool


def run_image_audits(
    classifier: ImageClassifier,
    rows: Any,
    audits: Sequence[str | RegionAudit] | None = None,
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
    chosen, skipped = _chosen(audits, config or {})
    _check(classifier, rows_limit, fail_on)
    source = load_images(rows, classifier.labels)
    if audits is None and not any(row.box is not None or row.mask is not None for row in source.rows):
        chosen, skipped = [audit for audit in chosen if audit.area != "background"], [*skipped, NO_OBJECTS]
    own = ImageSettings(method or classifier.default_method, baseline, rows_limit, seed, fail_on, allow_inconclusive)
    run = _Run(classifier, chosen, own, on_progress or _silent)
    return run.report(source, dataset_id or source.id, command, skipped)


@dataclass(slots=True)
class _Run:
    classifier: ImageClassifier
    audits: list[RegionAudit]
    settings: ImageSettings
    tell: OnProgress
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    def report(self, source: ImageRows, dataset: str, command: str, skipped: list[str]) -> Report:
        before = replace(self.classifier.meter)
        rows = self._seen(source.rows)
        maps = self._maps(rows)
        results = {audit.name: self._audited(audit, rows, maps) for audit in self.audits}
        spent = self.classifier.meter
        return Report(
            schema_version=SCHEMA_VERSION,
            tool=Tool("token-saliency", __version__),
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            command=command,
            disclaimer=DISCLAIMER,
            model=self.classifier.info,
            dataset=DatasetInfo(dataset, None, len(source.rows), len(rows), _fingerprint(rows)),
            settings=self._described(),
            verdict=report_verdict(results.values()),
            exit_code=self._code(results.values()),
            audits=results,
            discovery=[],
            calibration=None,
            cost=Cost(
                spent.forward - before.forward,
                spent.backward - before.backward,
                spent.tokens - before.tokens,
                round(time.perf_counter() - self.started, 3),
            ),
            warnings=[*source.notes, *skipped, *self.notes],
        )

    # --- what the model says of the pictures ------------------------------------------------------

    def _seen(self, rows: Sequence[ImageRow]) -> list[Seen]:
        """Distinct pictures in the order of their hash, each with its prediction."""
        distinct: dict[str, tuple[ImageRow, str, tuple[int, int]]] = {}
        for row in rows:
            picture = small(row)
            key = content_key(picture)
            if key not in distinct or (row.label or "", row.id) < (distinct[key][0].label or "", distinct[key][0].id):
                distinct[key] = row, row.cluster or look_key(picture), picture.size
        kept = sorted(distinct, key=lambda key: content_hash(self.settings.seed, key))[: self.settings.rows_limit]
        if not kept:
            raise DataError("There are no pictures at all to audit: check the folder or the CSV.")
        found = [distinct[key] for key in kept]
        clusters = np.unique([cluster for _, cluster, _ in found], return_inverse=True)[1].tolist()
        answers = self._answers([partial(small, row) for row, _, _ in found], "predict")
        box = self.classifier.sight.box
        return [
            Seen(row, key, cluster, int(np.argmax(p)), tuple(map(float, p)), size, box(size) or (0, 0, *size))
            for key, (row, _, size), cluster, p in zip(kept, found, clusters, answers, strict=True)
        ]

    def _answers(self, makers: Sequence[Callable[[], Image.Image]], stage: str) -> np.ndarray:
        """Probabilities [n, C], rounded; pictures are drawn a few at a time."""
        parts, done = [np.zeros((0, len(self.classifier.labels)))], 0
        for some in _batches(makers, AT_ONCE):
            parts.append(self.classifier.predict([make() for make in some]).probabilities)
            done += len(some)
            self.tell(stage, done, len(makers))
        return np.asarray(np.concatenate(parts).round(DIGITS))

    def _maps(self, rows: Sequence[Seen]) -> dict[str, ImageAttribution]:
        """Attributions of the first rows; a method that the model does not admit is a note, not an end."""
        some = rows[:EXPLAINED]
        try:
            maps = self._explained(some, self.settings.method)
        except ModelError as error:
            self.notes.append(f"{error} Attribution shares are of 'gradient' instead.")
            self.settings = replace(self.settings, method="gradient")
            maps = self._explained(some, "gradient")
        return {seen.row.id: one for seen, one in zip(some, maps, strict=True)}

    def _explained(self, rows: Sequence[Seen], method: str) -> list[ImageAttribution]:
        found: list[ImageAttribution] = []
        for some in _batches(rows, AT_ONCE):
            found += self.classifier.explain(
                [small(seen.row) for seen in some], method, baseline=self.settings.baseline, seed=self.settings.seed
            )
            self.tell("explain", len(found), len(rows))
        return found

    # --- one audit --------------------------------------------------------------------------------

    def _audited(self, audit: RegionAudit, rows: Sequence[Seen], maps: Mapping[str, ImageAttribution]) -> AuditResult:
        try:
            edits = list(edits_of(audit, rows, self.settings.seed))
            after = self._answers([edit.make for edit in edits], audit.name)
            answers = [_answer(edit, p) for edit, p in zip(edits, after, strict=True)]
            notes = _missing(audit, edits, len(rows))
            self.notes += notes
            measured = Measured(
                audit, rows, answers, self._share(audit, rows, maps), self.classifier.labels, self.settings.seed, notes
            )
            shown = _shown(audit, list(zip(edits, answers, strict=True)))
            return judge_regions(measured, [self._picture(edit, answer, maps) for edit, answer in shown])
        except Exception as error:  # reported as ERROR with its message, exit code 2
            return crashed(audit.declared, error)

    def _share(
        self, audit: RegionAudit, rows: Sequence[Seen], maps: Mapping[str, ImageAttribution]
    ) -> AttributionShare | None:
        parts = []
        for seen in rows:
            areas = areas_of(audit, seen) if seen.row.id in maps else {}
            if areas:
                area = np.any(list(areas.values()), axis=0)
                rng = generator(self.settings.seed, seen.key, "share")
                parts.append(_part(maps[seen.row.id], seen, area, placebo(area, area, seen.box, rng)))
        return share_of([part for part in parts if part is not None])

    def _picture(self, edit: PictureEdit, answer: Answer, maps: Mapping[str, ImageAttribution]) -> EditedPicture:
        seen = edit.seen
        original = small(seen.row)
        overlay = [maps[seen.row.id].overlay()] if seen.row.id in maps else []
        return EditedPicture(
            row=seen.row.id,
            operator=edit.operator,
            item=edit.item,
            placebo=edit.placebo,
            class_=self.classifier.labels[seen.predicted],
            label=seen.row.label,
            before=seen.confidence,
            after=round(seen.confidence - answer.loss, DIGITS),
            strip=strip([original, *overlay, edit.make()]),
        )

    # --- what the report says of the run ----------------------------------------------------------

    def _described(self) -> dict[str, Any]:
        own = self.settings
        judged = {a.name: a.declared.judge for a in self.audits}
        levels = {a.name: a.declared.level for a in self.audits}
        return {
            "kind": "images",
            "method": own.method,
            "target": "predicted",
            "baseline": own.baseline,
            "rows_limit": own.rows_limit,
            "seed": own.seed,
            "fail_on": own.fail_on,
            "allow_inconclusive": own.allow_inconclusive,
            "audits": {
                name: {"level": levels[name], "margin": rule.margin, "min_rows": rule.min_rows}
                for name, rule in judged.items()
            },
            "effects": "losses of the probability of the predicted class; a token of the cost is a pixel",
            "statistics": alpha_note(),
        }

    def _code(self, results: Iterable[AuditResult]) -> int:
        code = exit_code(list(results), self.settings.fail_on)
        return EXIT_OK if code == EXIT_UNDECIDED and self.settings.allow_inconclusive else code


def _chosen(
    audits: Sequence[str | RegionAudit] | None, config: Mapping[str, Mapping[str, Any]]
) -> tuple[list[RegionAudit], list[str]]:
    named = None if audits is None else [audit for audit in audits if isinstance(audit, str)]
    found = load_image_audits(named) if named is None or named else {}
    found |= {audit.name: audit for audit in audits or () if isinstance(audit, RegionAudit)}
    for name in config:
        if name not in found and name not in load_image_audits():
            raise unknown("image audit in the configuration", name, load_image_audits())
    listed = [with_options(audit, config.get(name, {})) for name, audit in found.items()]
    off = [f"{audit.name} is off by configuration: not run." for audit in listed if audit.declared.level == "off"]
    return [audit for audit in listed if audit.declared.level != "off"], off


def _check(classifier: ImageClassifier, rows_limit: int | None, fail_on: str) -> None:
    if len(classifier.labels) < 2:
        raise OptionError("This model has one output and no classes: there is no decision that could flip.")
    if rows_limit is not None and rows_limit < 1:
        raise OptionError(f"rows must be at least 1 (or all), not {rows_limit}.")
    if fail_on not in BLOCKING:
        raise unknown("value of fail-on", fail_on, BLOCKING)


def _answer(edit: PictureEdit, after: np.ndarray) -> Answer:
    seen = edit.seen
    loss = round(seen.confidence - float(after[seen.predicted]), DIGITS)
    flipped = int(np.argmax(after)) != seen.predicted
    return Answer(seen.row.id, edit.operator, edit.item, edit.placebo, loss, flipped)


def _missing(audit: RegionAudit, edits: Sequence[PictureEdit], rows: int) -> list[str]:
    """What could not be asked, for the warnings."""
    if not edits and audit.area == "background":
        return [NO_OBJECTS]
    judged = {edit.seen.row.id for edit in edits if edit.operator == audit.operators[0] and not edit.placebo}
    if audit.operators[0] == EXCHANGE and not judged:
        return [f"{audit.name}: not run: all pictures have one predicted class, so none can take over from another."]
    return [f"{audit.name}: {rows - len(judged)} of {rows} pictures could not be asked."] if len(judged) < rows else []


def _part(
    found: ImageAttribution, seen: Seen, area: Mask, elsewhere: Mask | None
) -> tuple[float, float, float | None] | None:
    """The share of |score| on the area, its share of the pixels that are seen, and that of |score| on a placebo."""
    size = np.abs(found.heatmap)
    if size.sum() == 0:
        return None
    where, other = _on_map(area, seen, size.shape), None if elsewhere is None else _on_map(elsewhere, seen, size.shape)
    control = None if other is None else float((size * other).sum() / size.sum())
    return float((size * where).sum() / size.sum()), float(where.mean()), control


def _on_map(mask: Mask, seen: Seen, shape: tuple[int, ...]) -> np.ndarray:
    """A mask of the picture as shares of the pixels of the map."""
    box = tuple(round(edge) for edge in seen.box)
    cut = Image.fromarray(mask.astype(np.uint8) * 255).crop(box)  # type: ignore[arg-type]
    return np.asarray(cut.resize((shape[1], shape[0]), Image.Resampling.BOX), dtype=np.float64) / 255


def _shown(audit: RegionAudit, asked: Sequence[tuple[PictureEdit, Answer]]) -> list[tuple[PictureEdit, Answer]]:
    """Edits of the judged operator: the half that moved most, and as many by chance, so that a person can judge."""
    real = [one for one in asked if one[0].operator == audit.operators[0] and not one[0].placebo]
    order = sorted(real, key=lambda one: (-abs(one[1].loss), one[0].seen.key, one[0].item))
    by_chance = sorted(order[SHOWN // 2 :], key=lambda one: content_hash(one[0].seen.key, one[0].item))
    return [*order[: SHOWN // 2], *by_chance[: SHOWN // 2]]


def _fingerprint(rows: Sequence[Seen]) -> str:
    return content_hash(*sorted(f"{seen.key} {seen.row.label}" for seen in rows))[:16]


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""
