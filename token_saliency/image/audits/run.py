"""Audits of regions: pictures -> predictions -> edited pictures -> Evidence -> verdicts (`judge`) -> Report.

The rules are those of the text audits: attribution nominates, edits beside matched controls decide, and what is random
depends on content and seed alone. All that the model answers goes by in blocks, so a stopped run goes on where it was.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from token_saliency import __version__
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.region_audits import chosen_image_audits
from token_saliency.auditing.definitions.selection import AuditNames, Config, options_of
from token_saliency.auditing.evidence.asking import OnProgress, silent
from token_saliency.auditing.judging.judge import alpha_note
from token_saliency.auditing.judging.outcome import Outcome, Policy, failed, judge
from token_saliency.auditing.judging.verdicts import check_fail_on
from token_saliency.auditing.regions import NO_OBJECTS, against_predicted, judge_regions
from token_saliency.auditing.trust import check_on_doubt, trusted
from token_saliency.engines import engaged
from token_saliency.engines.engine import AnyEngine
from token_saliency.errors import OptionError, withholding
from token_saliency.image.audits.edits import PictureEdit, Seen, edits_of, small
from token_saliency.image.audits.predictions import DIGITS, Maps, Picture, PictureAnswers
from token_saliency.image.audits.redaction import redacted
from token_saliency.image.audits.rows import load_images
from token_saliency.image.audits.shares import attribution_shares
from token_saliency.image.classifier import ImageClassifier
from token_saliency.image.pixels.overlay import strip
from token_saliency.report import Report
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    AttributionShare,
    AuditedSpan,
    AuditResult,
    Cost,
    DatasetInfo,
    Edit,
    EditedPicture,
    ScoredRow,
    Tool,
)
from token_saliency.shared.state import notes_of_caller
from token_saliency.stats.sampling import check_limit, check_seed, content_hash
from token_saliency.store.blocks import Block, Memory, OnBlock, unkept
from token_saliency.store.evidence import Evidence

ROWS = 300
SHOWN = 8


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
    redact: bool
    on_doubt: str


# fmt: off
def run_image_audits(
    classifier: ImageClassifier, rows: Any, audits: AuditNames = None, *,
    rows_limit: int | None = ROWS, seed: int = 0, method: str | None = None, baseline: str = "black",
    config: Config | None = None, fail_on: str = "fail", allow_inconclusive: bool = False, redact: bool = False,
    on_doubt: str = "note", dataset_id: str | None = None, command: str = "", asked: Mapping[str, Any] | None = None,
    finished: Iterable[Block] = (), on_progress: OnProgress | None = None, on_block: OnBlock | None = None,
    engine: AnyEngine | None = None,
) -> Report:
    """Audits which regions of pictures an image classifier decides by.

    `rows`: a folder of class folders, a table (path, label, and for the background left, top, right, bottom or mask),
    or a list of (picture, label). `audits`: names (`load_image_audits`), None for all that apply. `config`: margins
    and levels by audit. All effects are losses of the probability of the predicted class. With `redact` nothing that
    comes out holds a picture or the name of one; with `on_doubt` "undecided" a doubt turns exit code 0 into 5.
    `finished` are blocks of an earlier run of the same model, pictures and settings; every new one goes to `on_block`,
    which may raise to stop. `asked` goes to the settings of the report.
    Raises DataError for pictures that cannot be read, OptionError for values that do not exist. An audit that crashes
    is an ERROR in the report, never an exception and never a pass.
    """
    chosen, skipped = chosen_image_audits(audits, config or {})
    _check(classifier, rows_limit, seed, fail_on)
    check_on_doubt(on_doubt)
    with withholding(redact):
        source = load_images(rows, classifier.labels)
    if audits is None and not any(row.box is not None or row.mask is not None for row in source.rows):
        chosen = [audit for audit in chosen if audit.find.options["area"] != "background"]
        skipped = [*skipped, f"background: {NO_OBJECTS}"]
    with withholding(redact), engaged(classifier, engine) as answering:
        answers = PictureAnswers(answering, Memory.of(finished), on_block or unkept, on_progress or silent)
        begun = time.perf_counter() - answers.memory.spent.seconds
        seen = answers.seen(source.read_by(classifier.reads), rows_limit, seed, redact=redact)
        maps = answers.maps(seen, method or classifier.default_method, baseline, seed)
        ends = (fail_on, allow_inconclusive, redact, on_doubt)
        own = ImageSettings(maps.method, "predicted", baseline, rows_limit, seed, *ends)
        run = _PictureRun(answers, seen, maps, own)
        for audit in chosen:
            run.collect(audit)
    about = {"asked": dict(asked)} if asked is not None else {}
    dataset = DatasetInfo(dataset_id or source.id, source.split, len(source.rows), len(seen), _fingerprint(seen))
    return _report(run, chosen, command, dataset, about, [*source.notes, *answers.notes, *skipped], begun)
# fmt: on


def _report(
    run: _PictureRun, chosen: Sequence[Audit], command: str, dataset: DatasetInfo, about: dict[str, Any],
    notes: Sequence[str], begun: float,
) -> Report:  # fmt: skip
    outcome, evidence, maps = run.judged(chosen), run.evidence(), run.maps
    spent = run.answers.memory.spent + maps.spent
    report = Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", __version__),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        command=command,
        disclaimer=DISCLAIMER,
        model=run.answers.classifier.info,
        dataset=dataset,
        settings=_described(run.settings, chosen) | about,
        verdict=outcome.verdict,
        exit_code=outcome.exit_code,
        audits=outcome.audits,
        discovery=[],
        calibration=None,
        cost=Cost(spent.forward, spent.backward, spent.tokens, round(time.perf_counter() - begun, 3)),
        warnings=[*notes_of_caller(run.answers.classifier), *notes, *maps.notes, *_notes(outcome, chosen)],
        evidence=(evidence.rows.values(), evidence.edits),
    )
    return trusted(report, evidence.rows.heads.values())


def _check(classifier: ImageClassifier, rows_limit: int | None, seed: int, fail_on: str) -> None:
    if len(classifier.labels) < 2:
        raise OptionError("This model has one output and no classes: there is no decision that could flip.")
    check_limit(rows_limit)
    check_seed(seed)
    check_fail_on(fail_on)


def _described(own: ImageSettings, audits: Sequence[Audit]) -> dict[str, Any]:
    notes = {
        "effects": "losses of the probability of the predicted class; what the cost counts are pixels",
        "statistics": alpha_note(),
    }
    return {"kind": "images"} | asdict(own) | {"audits": options_of(audits)} | notes


def _notes(outcome: Outcome, audits: Sequence[Audit]) -> list[str]:
    """What each audit could not ask: its notes besides those of its definition."""
    return [
        f"{audit.name}: {note}"
        for audit in audits
        for note in outcome.audits[audit.name].notes
        if note not in audit.notes
    ]


def _fingerprint(rows: Sequence[Seen]) -> str:
    return content_hash(*sorted(f"{seen.key} {seen.row.label}" for seen in rows))[:16]


# --- what the verdicts rest on --------------------------------------------------------------------


@dataclass(slots=True)
class _PictureRun:
    """The pictures with their predictions and maps, and what has been collected of each audit so far."""

    answers: PictureAnswers
    rows: Sequence[Seen]
    maps: Maps
    settings: ImageSettings
    edits: list[Edit] = field(default_factory=list)
    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By audit: the shown pictures, which no answer of the model holds."""
    shares: dict[str, dict[str, AttributionShare]] = field(default_factory=dict)
    """By audit and area: the share of the attribution."""
    broken: dict[str, AuditResult] = field(default_factory=dict)

    def collect(self, audit: Audit) -> None:
        """Puts the edits of one audit to the model; where that crashes, the audit is an ERROR."""
        try:
            edits = list(edits_of(audit, self.rows, self.settings.seed))
            after = self.answers.probabilities([Picture(edit.key, edit.make) for edit in edits], audit.name)
            answered = [_answered(audit, edit, list(p)) for edit, p in zip(edits, after, strict=True)]
            shares = attribution_shares(audit, self.rows, self.maps.of, self.settings.seed)
            shown = [] if self.settings.redact else _shown(audit, list(zip(edits, answered, strict=True)))
            pictures = [self._picture(edit, answer) for edit, answer in shown]
        except Exception as error:  # reported as ERROR with its message, exit code 2
            if error is self.answers.stop:
                raise
            self.broken[audit.name] = failed(audit, error, redact=self.settings.redact)
            return
        self.edits += answered
        self.added[audit.name] = {"pictures": pictures}
        self.shares[audit.name] = shares

    def judged(self, audits: Sequence[Audit]) -> Outcome:
        """The verdicts of all audits."""
        own = self.settings
        policy = Policy(own.fail_on, own.allow_inconclusive, own.redact)
        view = against_predicted(self.evidence())
        outcome = judge(view, audits, policy, broken=self.broken, by=judge_regions, calibrated=False)
        results = {
            name: replace(result, **self.added.get(name, {}), attribution=self._share(result))
            for name, result in outcome.audits.items()
        }
        return replace(outcome, audits=results)

    def _share(self, result: AuditResult) -> AttributionShare | None:
        """That of the area which decided: beside its effect nothing else is of use."""
        deciding = [one for one in result.intervention if one.judged and one.between]
        deciding.sort(key=lambda one: (one.verdict != result.verdict, -abs(one.effect)))
        area, shares = deciding[0].between[0] if deciding and deciding[0].between else "", self.shares.get(result.name)
        only = next(iter(shares.values())) if shares and len(shares) == 1 else None  # an exchange names other sides
        return (shares or {}).get(area, only)

    def evidence(self) -> Evidence:
        """The rows and edits as they are saved: with `redact` without a name or a hash of a picture."""
        classes, found = self.answers.classifier.labels, dict[tuple[str, str], set[str]]()
        for edit in self.edits:
            if not edit.placebo:
                found.setdefault((edit.row, edit.audit), set()).add(edit.item)
        rows = [_scored(seen, classes, found) for seen in self.rows]
        plain = Evidence.of(rows, self.edits, classes, self.settings.seed)
        return redacted(plain) if self.settings.redact else plain

    def _picture(self, edit: PictureEdit, answer: Edit) -> EditedPicture:
        seen = edit.seen
        overlay = [self.maps.of[seen.row.id].overlay()] if seen.row.id in self.maps.of else []
        return EditedPicture(
            row=seen.row.id,
            operator=edit.operator,
            item=edit.item,
            placebo=edit.placebo,
            class_=self.answers.classifier.labels[seen.predicted],
            label=seen.row.label,
            before=seen.confidence,
            after=answer.after[seen.predicted],
            strip=strip([small(seen.row), *overlay, edit.make()]),
        )


def _scored(seen: Seen, classes: Sequence[str], found: Mapping[tuple[str, str], set[str]]) -> ScoredRow:
    """A picture as a row: the hash of its content stands for the text, an area that was edited for a span."""
    own = {audit: items for (row, audit), items in found.items() if row == seen.row.id}
    return ScoredRow(
        id=seen.row.id,
        text=seen.key,
        text_pair=None,
        label=seen.row.label,
        predicted=classes[seen.predicted],
        probabilities=seen.probabilities,
        metadata=seen.row.metadata,
        spans=tuple(AuditedSpan(audit, 0, 0, item, "") for audit, items in own.items() for item in sorted(items)),
        cluster=seen.cluster,
    )


def _answered(audit: Audit, edit: PictureEdit, after: Sequence[float]) -> Edit:
    """An edited picture with its answer: a hash of what was edited stands for the text."""
    return Edit(
        row=edit.seen.row.id,
        audit=audit.name,
        operator=edit.operator,
        slot=(0, 0),
        original="",
        item=edit.item,
        placebo=edit.placebo,
        text=edit.key,
        text_pair=None,
        before=edit.seen.probabilities,
        after=tuple(map(float, after)),
    )


def _shown(audit: Audit, answered: Sequence[tuple[PictureEdit, Edit]]) -> list[tuple[PictureEdit, Edit]]:
    """Edits of the judged operator: the half that moved most, and as many by chance, so that a person can judge."""
    real = [one for one in answered if one[0].operator == audit.edit.judge and not one[0].placebo]
    order = sorted(real, key=lambda one: (-abs(_loss(*one)), one[0].seen.key, one[0].item))
    by_chance = sorted(order[SHOWN // 2 :], key=lambda one: content_hash(one[0].seen.key, one[0].item))
    return [*order[: SHOWN // 2], *by_chance[: SHOWN // 2]]


def _loss(edit: PictureEdit, answer: Edit) -> float:
    return round(edit.seen.confidence - answer.after[edit.seen.predicted], DIGITS)
