"""What the rows say of a suspect, before anybody judges it: its labels in matched contexts, its company, its kind.

Nothing here knows which words are spurious. Texts are read before they are redacted; what is kept holds none of them.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy import sparse

from token_saliency.auditing.discovery.suspects import Suspect, words
from token_saliency.resources import shipped
from token_saliency.results import Example, ScoredRow, Span
from token_saliency.stats.estimate import Bools, Floats
from token_saliency.stats.sampling import content_hash

NEIGHBOURS = 5
NEAR = 0.6
"""Rows whose other words are so much alike (cosine) are of near-equal content."""
ROWS_MATCHED = 200
ROWS_READ = 4000
"""Rows among which the neighbours of a row are looked for: by the order of the sample, which is random."""
USUAL = 0.2
"""Words in more of the rows say nothing of what a row is about."""
FEWEST = 10
TOLD = 0.1
"""A correlation of labels and polarity from which on the lists say something of a class."""
POLAR = 1.0, 0.1
"""Valence and polarity from which on a word is for or against something."""

_NEAR_TOKENS = re.compile(r"(\w+|[^\w\s])?\s*$"), re.compile(r"\s*(\w+|[^\w\s])?")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the rows say of a suspect and a class; None where they say nothing.

    `raw`: by how much its rows are more often of the class; `z` its clearness; `matched`: the same against the rows
    that are most alike in their other words. `stays`: of `pairs` rows of near-equal content and different labels the
    share that both hold it. `parts`: the association in each part of the rows (by length, by metadata) where it is
    clear. `support`: per list +1 or -1 (says it is for or against the class), 0 (says nothing); None: no list tells the
    class. `part`: what it is, in words, with how suspicious that is. `frame`: how often its neighbour is the same.
    `second`: the share of its rows in which a second model decides otherwise without it. `feeling`: it is a noun that
    stands for a feeling and for no judgement.
    """

    raw: float
    z: float
    matched: float | None
    pairs: int
    stays: float | None
    parts: tuple[float, ...]
    support: tuple[int, ...] | None
    part: tuple[str, float]
    frame: float
    second: float | None = None
    feeling: bool = False


@cache
def polarity() -> Mapping[str, tuple[float, float]]:
    """Valence (-4 to 4) and polarity (-1 to 1) of English words from two open lists; 0 where a list says nothing."""
    with (shipped("audits") / "lexicons" / "polarity.csv").open(encoding="utf-8", newline="") as file:
        return {
            line["item"]: (float(line["valence"] or 0), float(line["polarity"] or 0)) for line in csv.DictReader(file)
        }


@cache
def _forms() -> Mapping[str, str]:
    with (shipped("audits") / "lexicons" / "words.csv").open(encoding="utf-8", newline="") as file:
        return {line["item"]: line["forms"] for line in csv.DictReader(file)}


@cache
def judgement(word: str) -> tuple[float, float]:
    """What the two lists say of a word, or more clearly of the one that it is a form of (recommended, recommend)."""
    known = [polarity().get(form, (0.0, 0.0)) for form in (word, *_bases(word))]
    valence, polar = (max((one[n] for one in known), key=abs) for n in (0, 1))
    return valence, polar


def _bases(word: str) -> list[str]:
    """What it may be an adverb, a past, a participle or a plural of."""
    stems = [word.removesuffix(end) for end in ("ly", "ed", "d", "ing", "s") if word.endswith(end)]
    return [stem for stem in stems if len(stem) > 3]


def feeling_alone(word: str) -> bool:
    """A noun that is tied to a feeling and is no judgement: war, gift, horror. What a row is about may be called so."""
    kinds = set(_forms().get(word, ""))
    valence, polar = judgement(word)
    return abs(valence) >= POLAR[0] and abs(polar) < POLAR[1] and "n" in kinds and not kinds & {"a", "d"}


@dataclass(frozen=True)
class Company:
    """Rows [n] with their labels (or predicted classes), as vectors of their words."""

    rows: Sequence[Example]
    labels: Sequence[str]

    @cached_property
    def bags(self) -> list[set[str]]:
        """The words of each row."""
        return [{word for word, _ in words(row.text)} for row in self.rows]

    @cached_property
    def at(self) -> dict[str, int]:
        """The place of each row by its id."""
        return {row.id: place for place, row in enumerate(self.rows)}

    @cached_property
    def _table(self) -> tuple[sparse.csr_array, dict[str, int]]:
        """[rows, words] how rare each of its words is, and the columns: words that tell what a row is about."""
        seen = Counter(word for bag in self.bags for word in bag)
        most = max(FEWEST, USUAL * len(self.rows))
        columns = {word: n for n, word in enumerate(sorted(w for w, count in seen.items() if 2 <= count <= most))}
        at = [(place, columns[word]) for place, bag in enumerate(self.bags) for word in sorted(bag & columns.keys())]
        weight = np.log(len(self.rows) / np.array([seen[word] for word in columns] or [1], dtype=float))
        places = np.array(at, dtype=np.int64).reshape(-1, 2).T
        shape = len(self.rows), max(1, len(columns))
        return sparse.csr_array((weight[places[1]], (places[0], places[1])), shape=shape), columns

    def alike(self, some: Sequence[int], without: Iterable[str]) -> Floats:
        """[some, rows] cosine of all words but these."""
        table, columns = self._table
        kept = np.ones(table.shape[1])
        kept[[columns[word] for word in without if word in columns]] = 0.0
        table = table.multiply(kept[None, :]).tocsr()
        norms = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
        found = (table[np.array(some)] @ table.T).toarray()
        return np.asarray(found / np.maximum(norms[np.array(some)][:, None] * norms[None, :], 1e-9))

    @cached_property
    def _moods(self) -> Floats:
        """[rows] the mean valence of the words."""
        return np.array([sum(judgement(word)[0] for word in bag) / (len(bag) or 1) for bag in self.bags])

    def told(self, name: str) -> int:
        """Which polarity goes with the class in these rows: 1, -1, or 0 where the lists say nothing of it."""
        sums = self._moods
        own = np.array([label == name for label in self.labels], dtype=float)
        if len(own) < 5 * FEWEST or min(sums.std(), own.std()) == 0:
            return 0
        told = float(np.corrcoef(sums, own)[0, 1])
        return int(np.sign(told)) if abs(told) >= max(TOLD, 3 / np.sqrt(len(own))) else 0


def company_of(rows: Iterable[Example], heads: Mapping[str, ScoredRow] | None) -> Company:
    """The rows with a label, in an order that is theirs alone; where `heads` are given with the predicted class."""
    named = [(row, heads[row.id].predicted if heads else row.label) for row in rows]
    told = [(row, name) for row, name in named if name is not None]
    told.sort(key=lambda pair: content_hash(pair[0].text, pair[0].id))
    return Company([row for row, _ in told[:ROWS_READ]], [name for _, name in told[:ROWS_READ]])


def profile(company: Company, suspect: Suspect, at: Mapping[str, Sequence[Span]], name: str) -> Profile:
    """What the rows that hold the suspect (spans by row id) say of it and of a class."""
    places = sorted(company.at[row_id] for row_id in at if row_id in company.at)
    has = np.zeros(len(company.rows), dtype=bool)
    has[places] = True
    own = np.array([label == name for label in company.labels], dtype=float)
    raw, z = _association(own, has)
    inside = [word for word, _ in words(suspect.item)] if suspect.kind != "pattern" else []
    matched, pairs, stays = _matched(company, own, has, inside)
    return Profile(
        raw=raw,
        z=z,
        matched=matched,
        pairs=pairs,
        stays=stays,
        parts=tuple(_parts(company, own, has)),
        support=_support(inside, company.told(name)),
        part=_part_of(suspect, company, at),
        frame=_frame(company, at),
        feeling=bool(inside) and all(map(feeling_alone, inside)),
    )


def _association(own: Floats, has: Bools) -> tuple[float, float]:
    base, count = float(own.mean()), int(has.sum())
    if not 0 < count < len(own) or not 0 < base < 1:
        return 0.0, 0.0
    raw = float(own[has].mean() - own[~has].mean())
    return raw, raw / float(np.sqrt(base * (1 - base) * (1 / count + 1 / (len(own) - count))))


def _matched(
    company: Company, own: Floats, has: Bools, inside: Sequence[str]
) -> tuple[float | None, int, float | None]:
    """The association against rows alike, and what pairs of near-equal rows with different labels share."""
    some = np.flatnonzero(has)[:ROWS_MATCHED].tolist()
    if not some or has.all():
        return None, 0, None
    alike = company.alike(some, inside)
    alike[np.arange(len(some)), some] = -1.0
    others = np.where(has[None, :], -1.0, alike)
    nearest = np.argsort(-others, axis=1, kind="stable")[:, : min(NEIGHBOURS, int((~has).sum()))]
    near = (alike >= NEAR) & (own[None, :] != own[some][:, None])
    pairs = int(near.sum())
    stays = float(has[np.nonzero(near)[1]].mean()) if pairs else None
    return float((own[some] - own[nearest].mean(1)).mean()), pairs, stays


def _parts(company: Company, own: Floats, has: Bools) -> Iterable[float]:
    """The association in the short and the long rows, and by each value of the metadata; clear ones only."""
    lengths = np.array([len(row.text) for row in company.rows])
    split = [lengths <= np.median(lengths), lengths > np.median(lengths)]
    for column in sorted({key for row in company.rows for key in row.metadata}):
        values = np.array([str(row.metadata.get(column)) for row in company.rows])
        kinds = sorted(set(values.tolist()))
        if 2 <= len(kinds) <= 8:
            split += [np.asarray(values == kind) for kind in kinds]
    for part in split:
        if (has & part).sum() >= FEWEST:
            raw, z = _association(own[part], has[part])
            if abs(z) >= 2:
                yield raw


def _support(inside: Sequence[str], told: int) -> tuple[int, ...] | None:
    """What either list says of the words of the suspect, seen from the class."""
    if not told:
        return None
    sums = np.sum([judgement(word) for word in inside] or [(0.0, 0.0)], axis=0)
    signs = [int(np.sign(value)) if abs(value) >= least else 0 for value, least in zip(sums, POLAR, strict=True)]
    return tuple(told * sign for sign in signs)


PHRASES = "a beginning", "an ending", "a sentence that recurs"
_PARTS = {"pattern": "a mark or pattern", **dict(zip(("prefix", "suffix", "sentence"), PHRASES, strict=True))}


def _part_of(suspect: Suspect, company: Company, at: Mapping[str, Sequence[Span]]) -> tuple[str, float]:
    """What it is, as far as a word list and its capitals tell; two words are what the stranger of them is."""
    if suspect.kind == "pair":
        said, score = max((_part_of_word(word, 0.0) for word, _ in words(suspect.item)), key=lambda one: one[1])
        return f"two words, one of them {said}", score
    if suspect.kind != "word":
        return _PARTS[suspect.kind], 1.0
    return _part_of_word(suspect.item, _capital(company, at))


def _part_of_word(word: str, capital: float) -> tuple[str, float]:
    forms, kinds = _forms(), set(_forms().get(word, ""))
    if any(letter.isdigit() for letter in word):
        return "a word with digits", 1.0
    if capital >= 0.8 and not kinds & {"a", "v"}:
        return "a name", 0.9
    if word not in forms:
        return "in no word list", 0.6
    if (not kinds or len(word) < 3) and word not in polarity():
        return "a function word", 0.9
    if kinds <= {"n", "s"}:
        return "a noun: it names a thing", 0.6
    return "an adjective, verb or adverb", 0.3


def _capital(company: Company, at: Mapping[str, Sequence[Span]]) -> float:
    """How often it has a capital where no sentence begins, in texts that have small letters as well."""
    found = []
    for row_id, spans in at.items():
        text = company.rows[company.at[row_id]].text if row_id in company.at else ""
        for start, end in spans:
            before = text[:start].rstrip()
            if before and before[-1] not in ".!?:\"'“”‘’([>-" and not text[start:end].isupper():
                found.append(text[start].isupper())
    return float(np.mean(found)) if len(found) >= 5 else 0.0


def _frame(company: Company, at: Mapping[str, Sequence[Span]]) -> float:
    """How often the commonest neighbour, before it or behind it, stands there."""
    sides: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    total = 0
    for row_id, spans in at.items():
        text = company.rows[company.at[row_id]].text if row_id in company.at else ""
        for start, end in spans if text else ():
            total += 1
            before, after = _NEAR_TOKENS[0].search(text[max(0, start - 30) : start]), _NEAR_TOKENS[1].match(text, end)
            for side, hit in zip(sides, (before, after), strict=True):
                word = (hit.group(1) or "") if hit else ""
                side[word] += _forms().get(word.lower(), "n") != ""  # "the" stands before anything
    return max((side.most_common(1)[0][1] for side in sides), default=0) / total if total else 0.0
