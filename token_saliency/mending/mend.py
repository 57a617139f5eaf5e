"""`mend`: training rows in which what an audit found no longer tells the label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.region_audits import definitions_of, of_pictures
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.auditing.spans.label_words import bound
from token_saliency.data.formats.like import Origin
from token_saliency.errors import DataError, OptionError, is_whole, option, unknown
from token_saliency.mending.copying import added
from token_saliency.mending.mended import CHANGED, COPY_OF, Mended, MendedFinding
from token_saliency.mending.prompts import mended_prompt, prompt_advice
from token_saliency.mending.slots import Repair
from token_saliency.mending.training import TrainingRows, put_column, training_rows
from token_saliency.mending.which_repair import FAILING, failing, no_way, of_prompts, repaired, taken_away, with_texts
from token_saliency.results import Discovered, Example, RunRecord

Names = str | Sequence[str] | None


def mend(
    report: RunRecord,
    rows: Any,
    *,
    audits: Names = None,
    spurious: Names = None,
    copies: int = 0,
    seed: int = 0,
    text: str | None = None,
    text_pair: str | None = None,
    label: str | None = None,
    split: str | None = None,
    id: str | None = None,
    audits_dir: Path | str | None = None,
) -> Mended:
    """Training rows in which the items of each FAIL and WARN of the report (or of `audits`) no longer tell the label.

    `rows` is whatever `run_audits` reads. Only the audits' own edits are made; no row is dropped, no label, split or id
    changed, and a column says row by row what was changed. Rows of held-out splits stay as they are, unless `split`
    names one or says "all". `spurious` names suspects of the report's discovery that should not count. With `copies`
    every row with an item may be added so many times again with other ones, labels in their old proportion.
    The same rows and seed give the same texts, in any order of the rows.
    OptionError where there is nothing to mend, DataError for rows that cannot be read or have no labels.
    """
    _check(report, copies)
    chosen = chosen_audits_of(report, _listed(audits), audits_dir, _listed(spurious) or ())
    suspects = [_suspect(report, word) for word in _listed(spurious) or ()]
    names = {"text": text, "text_pair": text_pair, "label": label, "id": id}
    cannot = {audit.name: why for audit in chosen if (why := no_way(audit))}
    able = [audit for audit in chosen if audit.name not in cannot]
    prompts = [audit.name for audit in chosen if of_prompts(audit)]
    prompt = mended_prompt(report.prompt, prompts) if prompts and report.prompt is not None else None
    train = training_rows(rows, report.model.labels, split, **names)
    work = _Work(report, train, seed)
    for audit in able:
        work.mend(audit)
    for suspect, found in suspects:
        work.take_out(suspect, found)
    return work.ended([a for a in able if "swap" in a.edit.operators], copies, cannot, prompt, prompt_advice(prompts))


def _check(report: object, copies: object) -> None:
    if not isinstance(report, RunRecord):
        raise OptionError(f"{type(report).__name__} is no report: give that of run_audits, or load_report(folder).")
    if not is_whole(copies, 0):
        raise OptionError(f"copies is a number from 0 on, not {copies!r}.")


def _listed(names: Names) -> list[str] | None:
    if names is None:
        return None
    return [name.strip() for name in (names.split(",") if isinstance(names, str) else names) if name.strip()]


def chosen_audits_of(
    report: RunRecord, names: Sequence[str] | None, audits_dir: Any, spurious: Sequence[str] = ()
) -> list[Audit]:
    """The audits that are mended, by name. OptionError where there is none."""
    if of_pictures(report):
        raise OptionError(
            "This run is of pictures, which rows of text cannot mend: paint over the area in both classes alike, or "
            "crop it, in training and in production."
        )
    for name in names or ():
        if name not in report.audits:
            raise unknown("audit of this run", name, report.audits)
    found = [name for name, result in report.audits.items() if result.verdict in FAILING] if names is None else names
    if not found and not spurious:
        raise OptionError(
            f"Nothing is to be mended: the run has no FAIL and no WARN. Name audits with {option('audits', 'NAME,...')}"
            f", or suspects that should not count with {option('spurious', 'WORD,...')}."
        )
    own = definitions_of(report, sorted(found), audits_dir) if found else {}
    return [bound(own[name], report.model.labels) for name in sorted(set(found))]


def _suspect(report: RunRecord, word: str) -> tuple[Suspect, Discovered]:
    for one in report.discovery:
        if one.item.casefold() == word.casefold():
            return Suspect(one.kind, one.item), one
    known = [one.item for one in report.discovery]
    if not known:
        raise OptionError(f"The run has discovered no suspect: {option('spurious')} has nothing to name.")
    raise unknown("suspect of this run", word, known)


class _Work:
    """The rows while they are mended: one repair after the other, each on what the last one left."""

    def __init__(self, report: RunRecord, train: TrainingRows, seed: int) -> None:
        self._report, self._train, self._seed = report, train, seed
        self._rows: list[Example] = list(train.distinct)
        self._weights = train.weights()
        self._said: dict[str, list[str]] = {}
        self._findings: list[MendedFinding] = []

    def mend(self, audit: Audit) -> None:
        """The repair that the findings of the audit call for."""
        result = self._report.audits[audit.name]
        findings = failing(result)
        done = repaired(audit, findings, self._rows, self._weights, self._seed)
        self._take(audit.name, result.verdict, done, audit.judge.min_rows)

    def take_out(self, suspect: Suspect, found: Discovered) -> None:
        """A suspect that the user calls spurious."""
        verdict = "confirmed" if found.confirmed else "suspected"
        self._take(suspect.item, verdict, taken_away(suspect, self._rows, self._weights, self._seed), 0)

    def _take(self, name: str, verdict: str, done: Repair, least: int) -> None:
        self._rows = with_texts(self._rows, done)
        for row, said in done.said.items():
            self._said.setdefault(row, []).append(f"{name} {verdict}: {said}")
        held, changed = (sum(self._weights[row] for row in rows) for rows in (done.held, done.texts))
        notes = self._too_few(done, held, least)
        self._findings.append(MendedFinding(name, verdict, done.how, changed, held, done.ties, tuple(notes)))

    def _too_few(self, done: Repair, held: int, least: int) -> list[str]:
        """What the rows cannot do, and how many would."""
        notes, total = [], self._train.rows
        labels = Counter(row.label or "" for row in self._rows)
        having = Counter(row.label or "" for row in self._rows if row.id in done.held)
        if held < least:
            like = f" (about {-(-least * total // held):,} rows like these)" if held else ""
            notes.append(f"Too few rows: {held} of {total:,} hold one, and {least} would do{like}; or add copies.")
        elif missing := [label for label in sorted(labels) if not having[label]]:
            notes.append(f"No row of {', '.join(missing)} holds one: that there is one still tells the label.")
        if held and not done.texts and not done.left:
            notes.append(
                "Even already: the model has not learned it from these labels; copies with other items may help."
            )
        if done.left:
            notes.append(f"{done.left:,} rows stay as they are, for the edit would not fit there.")
        return notes

    def ended(
        self, swaps: Sequence[Audit], copies: int, cannot: Mapping[str, str], prompt: Any, advice: Sequence[str]
    ) -> Mended:
        """The frame with the new texts, with what was said of them, and with copies."""
        train, frame = self._train, self._train.frame
        name, copy = (_free(column, frame) for column in (CHANGED, COPY_OF))
        texts, pairs, said = _columns(train, self._rows, self._said)
        frame = _with_columns(train, texts, pairs).assign(**{name: said})
        grown, copied = added(train, self._rows, frame, (name, copy), swaps, copies, self._seed)
        notes = (
            [f"There was a column {CHANGED!r} already: what was changed stands in {name!r}."] if name != CHANGED else []
        )
        if train.held_out:
            notes.append(f"{train.held_out:,} rows of other splits stay as they are.")
        if bare := len(train.frame) - train.held_out - train.rows:
            notes.append(f"{bare:,} rows without a text or a label stay as they are.")
        if not self._findings and not cannot:
            raise DataError("Nothing could be mended in these rows.")
        changed = sum(map(bool, said))
        new = frozenset(place for place in train.columns[: 3 if copied else 2] if place is not None)
        origin = None if train.file is None else Origin(train.file, [*range(len(frame)), *copied], new)
        told = dict(cannot), prompt, [*notes, *advice], origin
        return Mended(grown, train.rows, changed, len(copied), self._findings, *told)


def _free(column: str, frame: pd.DataFrame) -> str:
    """The name, or the next one that no column has."""
    names = (column, *(f"{column}_{n}" for n in range(2, len(frame.columns) + 3)))
    return next(name for name in names if name not in frame.columns)


def _columns(
    train: TrainingRows, rows: Sequence[Example], said: Mapping[str, Sequence[str]]
) -> tuple[dict[int, str], dict[int, str], list[str]]:
    """New texts and second texts by position, and a word on every row."""
    texts, pairs, words = dict[int, str](), dict[int, str](), [""] * len(train.frame)
    before = {row.id: row for row in train.distinct}
    for row in rows:
        for place in train.places[row.id]:
            if row.text != before[row.id].text:
                texts[place] = row.text
            if row.text_pair is not None and row.text_pair != before[row.id].text_pair:
                pairs[place] = row.text_pair
            words[place] = "; ".join(said.get(row.id, ()))
    return texts, pairs, words


def _with_columns(train: TrainingRows, texts: Mapping[int, str], pairs: Mapping[int, str]) -> pd.DataFrame:
    frame = train.frame
    for column, new in ((train.columns[0], texts), (train.columns[1], pairs)):
        if column is not None and new:
            cells = frame.iloc[:, column].astype(object).tolist()
            for place, text in new.items():
                cells[place] = text
            frame = frame.copy(deep=False)
            put_column(frame, column, cells)
    return frame
