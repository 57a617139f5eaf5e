"""Who is suspected: attribution times association, on one half of the rows.

A nominee is scored by lift x (1 + |z|): lift is its part of all |score| over its part of the tokens, z says how far the
class is over- or under-represented among its rows. The 1 keeps a token that the model leans on while these labels know
nothing of it. The other half of the rows is only counted here, never looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from token_saliency.auditing.discovery.pairs import joint, promising
from token_saliency.auditing.discovery.spread import SPREAD
from token_saliency.auditing.discovery.suspects import EDGES, Places, Suspect, parts_of, shorter, suspects
from token_saliency.auditing.edits.request import ordinary_words, words_of
from token_saliency.results import Example, ScoredRow, Span
from token_saliency.stats.estimate import Floats
from token_saliency.store.trace import Trace

NOMINEES = 50
BY_LIFT = 10
"""Of these so many by attribution alone: what pushes some rows up and others down goes with no label."""
WHOLE = 20
"""So many more at most of what is spread over a row, or over a sentence that recurs: its parts have low scores."""
MIN_ROWS = 10
"""Rows that a suspect must have in either half."""

EXPLAINED = 5
"""Rows with its attribution that every suspect has at least: a mean over them ranks it."""

CLEAR_Z = 3.0
"""Of several classes the labels name one by an association from here on; else it is the one that the answers of the
rows with the suspect lean to most: what no label goes with pushes a class all the same."""

SAME_ROWS = 0.9
"""Two suspects that share this part of their rows are one: that of the higher score is kept."""

MOST_OF_THE_SCORE = 0.8

ENOUGH_LABELS = 0.5
"""Where fewer of the rows are labelled, the predicted class stands for the label."""

Traces = Mapping[str, Trace]


@dataclass(frozen=True, slots=True)
class Nominee:
    """A suspect with what speaks against it: its class (by index), attribution and association on the first half.

    `let_go`: not all of its edits were asked, for the rest could hardly confirm it.
    """

    suspect: Suspect
    class_index: int
    share: float | None
    expected: float | None
    z: float | None
    rows: int
    listed: str | None
    let_go: bool = False

    @property
    def score(self) -> float:
        """lift x (1 + |z|), rounded so that the order does not hang on the last digits of a score."""
        return round(self.lift * (1 + abs(self.z or 0.0)), 2)

    @property
    def lift(self) -> float:
        """Its part of all |score| over its part of the tokens."""
        return round(self.share / self.expected, 4) if self.share is not None and self.expected else 1.0


@dataclass(frozen=True)
class Halves:
    """The rows that nominate and those that confirm, as the model sees them before any edit."""

    first: Sequence[Example]
    second: Sequence[Example]
    heads: Mapping[str, ScoredRow]
    classes: Sequence[str]
    judged: Sequence[int]

    @cached_property
    def labelled(self) -> bool:
        """Whether the labels of the rows serve, or the predicted classes have to."""
        return sum(row.label is not None for row in self.first) >= ENOUGH_LABELS * max(1, len(self.first))

    @cached_property
    def label(self) -> dict[str, str]:
        """The label (or predicted class) of the rows of the first half that have one."""
        found = {row.id: row.label if self.labelled else self.heads[row.id].predicted for row in self.first}
        return {row_id: label for row_id, label in found.items() if label is not None}

    @cached_property
    def answers(self) -> Floats:
        """[rows of the first half, judged] what the model says of them."""
        return np.array([[self.heads[row.id].probabilities[k] for k in self.judged] for row in self.first])

    @cached_property
    def ordinary(self) -> dict[str, int]:
        """Words that go with no label, with their rows in the first half: controls, and fillers of a slot."""
        rows = [Example(row.id, row.text, label=self.label.get(row.id)) for row in self.first]
        seen = Counter(word for row in rows for word in set(words_of(row.text)))
        return {word: seen[word] for word in sorted(ordinary_words(rows, ()))}

    @cached_property
    def places(self) -> tuple[Places, Places]:
        """Where the suspects with enough rows in both halves stand."""
        first, second = suspects(self.first), suspects(self.second)
        usual = [s for s in sorted(first) if min(len(first[s]), len(second.get(s, ()))) >= MIN_ROWS]
        return {s: first[s] for s in usual}, {s: second[s] for s in usual}

    @cached_property
    def explained(self) -> set[str]:
        """Rows of the first half that hold every suspect EXPLAINED times; those of the rarest come first."""
        place = {row.id: number for number, row in enumerate(self.first)}
        chosen = set[str]()
        for _, at in sorted(self.places[0].items(), key=lambda one: (len(one[1]), one[0])):
            others = sorted(at.keys() - chosen, key=place.__getitem__)
            chosen |= {*others[: max(0, EXPLAINED - len(at) + len(others))]}
        return chosen

    def at(self, side: int, suspect: Suspect) -> dict[str, list[Span]]:
        """Where a suspect stands in the first (0) or the second half (1)."""
        return joint(self.places[side], suspect) if suspect.kind == "pair" else self.places[side][suspect]


def nominees(halves: Halves, traces: Traces) -> list[Nominee]:
    """Pairs of words, then the suspects of the highest scores, and what is spread over a row or a sentence of it.

    Without traces by association alone (for a plan).
    """
    places = halves.places[0]
    pairs = promising(halves.places, traces, halves.label, MIN_ROWS)
    shares = _shares(places, traces)
    told = _told_by_others(places, shares)
    found = [_nominee(halves, one, at, shares.get(one)) for one, at in places.items() if one not in told]
    single, whole = ([one for one in found if _is_whole(one.suspect) is side] for side in (False, True))
    ranked = sorted(single, key=lambda one: (-one.score, one.suspect))
    kept = _told_apart(places, ranked, NOMINEES - BY_LIFT, [])
    kept = _told_apart(places, sorted(single, key=lambda one: (-one.lift, one.suspect)), NOMINEES, kept)
    whole = sorted(whole, key=lambda one: (one.suspect.kind == "sentence", -one.score, one.suspect))
    kept += [one for one in whole if not _told_by_one(places, one, kept)][:WHOLE]
    together = [_nominee(halves, one, halves.at(0, one), None) for one in pairs]
    return [*together, *sorted(kept, key=lambda one: (-one.score, one.suspect))]


def _told_apart(places: Places, ranked: Sequence[Nominee], most: int, kept: Sequence[Nominee]) -> list[Nominee]:
    """Those kept and the next of the ranking, none in the same rows as another."""
    kept = list(kept)
    for one in ranked:
        if len(kept) >= most:
            break
        if not any(_alike(places[one.suspect], places[other.suspect]) for other in kept):
            kept.append(one)
    return kept


def _is_whole(suspect: Suspect) -> bool:
    return suspect.item in SPREAD or suspect.kind == "sentence"


def _told_by_one(places: Places, whole: Nominee, kept: Sequence[Nominee]) -> bool:
    """What is spread over rows is told by a single thing that stands in the same ones and has most of its score."""
    return any(
        (one.share or 0.0) >= MOST_OF_THE_SCORE * (whole.share or 1.0)
        for one in kept
        if _alike(places[one.suspect], places[whole.suspect])
    )


def _told_by_others(places: Places, shares: Mapping[Suspect, tuple[float, float]]) -> set[Suspect]:
    """A beginning or ending whose score lies on words or marks that stand elsewhere too is told by these.

    So is one, or a recurring sentence, of which a single part has the score; of any other the parts that stand nowhere
    else go, and what is shorter by a word or two but stands in the same rows.
    """
    told: set[Suspect] = set()
    for whole in (one for one in places if one.kind in (*EDGES, "sentence")):
        parts = {part: shares.get(part, (0.0, 0.0))[0] for part in parts_of(whole) if part in places}
        own = {p for p in {*parts, *shorter(whole)} & places.keys() if _alike(places[p], places[whole])}
        several = [share for part, share in parts.items() if part not in own]
        if whole.kind == "sentence":  # most of its words stand elsewhere too
            several, own = [], own | _told_beside(places, whole)
        share = shares.get(whole, (1.0, 1.0))[0]
        if whole in own or max([sum(several), *parts.values()]) >= MOST_OF_THE_SCORE * share:
            told.add(whole)
        else:
            told |= own
    return told


def _told_beside(places: Places, sentence: Suspect) -> set[Suspect]:
    """Beginnings and endings that are part of the sentence in its rows; the sentence, if one of its words has more."""
    rows = places[sentence].keys()
    edges = [one for one in places if one.kind in EDGES and one.item in sentence.item]
    if any(one.item == sentence.item and len(places[one]) > len(rows) for one in edges):
        return {sentence}
    within = (one for one in edges if len(places[one].keys() & rows) >= SAME_ROWS * len(places[one]))
    return {*within, *(one for one in edges if one.item == sentence.item)}


def _alike(one: Mapping[str, Sequence[Span]], other: Mapping[str, Sequence[Span]]) -> bool:
    both = len(one.keys() & other.keys())
    return both >= SAME_ROWS * len(one.keys() | other.keys())


def _nominee(
    halves: Halves, suspect: Suspect, at: Mapping[str, Sequence[Span]], share: tuple[float, float] | None
) -> Nominee:
    scores = [(index, _z(halves, at, halves.classes[index])) for index in halves.judged]
    index, z = max(scores, key=lambda pair: (abs(pair[1] or 0.0), -pair[0]))
    if len(scores) > 1 and abs(z or 0.0) < CLEAR_Z:
        index = halves.judged[int(np.argmax(np.abs(_lean(halves, at))))]
        z = dict(scores)[index]
    found, expected = share or (None, None)
    return Nominee(suspect, index, found, expected, z, len(at), _listed(halves, at))


def _z(halves: Halves, at: Mapping[str, Sequence[Span]], name: str) -> float | None:
    """z of P(class | suspect) against P(class); None where the labels hold only one of them."""
    hits = [label == name for row_id, label in halves.label.items() if row_id in at]
    base = sum(label == name for label in halves.label.values()) / max(1, len(halves.label))
    if not hits or not 0 < base < 1:
        return None
    return float((np.mean(hits) - base) / np.sqrt(base * (1 - base) / len(hits)))


def _lean(halves: Halves, at: Mapping[str, Sequence[Span]]) -> Floats:
    """[judged] how far the answers of the rows with the suspect lie from those without, in standard errors."""
    there = np.array([row.id in at for row in halves.first])
    with_it, without = halves.answers[there], halves.answers[~there]
    if min(len(with_it), len(without)) < 2:
        return np.zeros(halves.answers.shape[1])
    error = np.sqrt(with_it.var(0, ddof=1) / len(with_it) + without.var(0, ddof=1) / len(without))
    return np.asarray(np.round((with_it.mean(0) - without.mean(0)) / np.maximum(error, 1e-9), 6))


def _listed(halves: Halves, at: Mapping[str, Sequence[Span]]) -> str | None:
    """The audit that finds most of these spans too."""
    counts: dict[str, int] = {}
    total = 0
    for row_id, spans in at.items():
        for start, end in spans:
            total += 1
            for audit in {s.audit for s in halves.heads[row_id].spans if s.start < end and start < s.end}:
                counts[audit] = counts.get(audit, 0) + 1
    often = [audit for audit, count in counts.items() if 2 * count > total]
    return min(often, key=lambda audit: (-counts[audit], audit), default=None)


# --- attribution ----------------------------------------------------------------------------------------------------


def _shares(places: Places, traces: Traces) -> dict[Suspect, tuple[float, float]]:
    """The mean part of |score| on each suspect, and of the tokens, over its rows that were explained."""
    by_row: dict[str, list[tuple[Suspect, Span]]] = {}
    for suspect, at in places.items():
        for row_id, spans in at.items():
            by_row.setdefault(row_id, []).extend((suspect, span) for span in spans)
    lines: dict[Suspect, dict[str, Floats]] = {}
    for row_id, hits in by_row.items():
        measure = _measure(traces[row_id]) if row_id in traces else None
        if measure is None:
            continue
        for (suspect, _), line in zip(hits, measure([span for _, span in hits]), strict=True):
            rows = lines.setdefault(suspect, {})
            rows[row_id] = rows.get(row_id, np.zeros(2)) + line
    means = {suspect: np.mean(list(rows.values()), axis=0) for suspect, rows in lines.items()}
    return {suspect: (float(mean[0]), float(mean[1])) for suspect, mean in means.items()}


def _measure(trace: Trace) -> Callable[[Sequence[Span]], Floats] | None:
    """For spans [n]: their parts of |score| and of the tokens [n, 2]; None where no token has a score."""
    tokens = trace.tokens[~trace.tokens["special"] & (trace.tokens["segment"] == 0)]
    sums = np.concatenate([[0.0], np.cumsum(np.abs(tokens["score"]))])
    if sums[-1] <= 0:
        return None

    def parts(spans: Sequence[Span]) -> Floats:
        edges = np.array(spans)
        low = np.searchsorted(tokens["end"], edges[:, 0], side="right")
        high = np.maximum(np.searchsorted(tokens["start"], edges[:, 1], side="left"), low)
        return np.stack([(sums[high] - sums[low]) / sums[-1], (high - low) / len(tokens)], axis=1)

    return parts
