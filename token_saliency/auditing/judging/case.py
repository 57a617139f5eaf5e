"""What the claims of one audit may know: plain data, no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from token_saliency.auditing.audit import AREA, IN_SECOND, SEGMENTS, Audit, Match
from token_saliency.auditing.edits.paired import sides_of
from token_saliency.auditing.judging.verdicts import AUDIT_ALPHA, ClaimEstimate
from token_saliency.auditing.spans.templates import is_meant
from token_saliency.results import Edit, Interval, ScoredRow
from token_saliency.stats import crossed as cr
from token_saliency.stats import estimate as st
from token_saliency.stats.looks import WHOLE, last_of
from token_saliency.store.trace import ScoredRows

PICTURES = "pictures"


def things_of(audit: Audit) -> str:
    """What is counted, in words: rows, or pictures."""
    return PICTURES if audit.find.matcher == AREA else "rows"


def judged_classes(rows: Iterable[ScoredRow], classes: Sequence[str]) -> list[int]:
    """One class of a binary model (the other is its mirror), every class of any other.

    The two labels of a multi-label head are no mirrors: their probabilities do not sum to 1.
    """
    mirrored = all(abs(sum(row.probabilities) - 1) < 1e-4 for row in rows)
    return [len(classes) - 1] if len(classes) == 2 and mirrored else list(range(len(classes)))


NO_CLASS = -1
"""The index of what is said of the output as a whole."""
ANY_CLASS = "any class"


def class_name(classes: Sequence[str], index: int) -> str:
    """The class, or that it may be any."""
    return ANY_CLASS if index == NO_CLASS else classes[index]


def unit_of(classes: Sequence[str]) -> str:
    """Behind a number: nothing for probabilities, SD for standard deviations of the output of a regression head."""
    return " SD" if len(classes) == 1 else ""


def bounded(interval: Interval, classes: Sequence[str]) -> Interval:
    """No change of a probability lies beyond 1; the output of a regression head has no such ends."""
    low, high = interval
    return interval if len(classes) == 1 else (max(-1.0, low), min(1.0, high))


def output_of(classes: Sequence[str], index: int) -> str:
    """What moves, in words: the probability of a class, or the one number of a regression head."""
    if index == NO_CLASS:
        return "the probabilities"
    return f"the output {classes[index]}" if unit_of(classes) else f"P({classes[index]})"


@dataclass(frozen=True)
class Case:
    """All that the claims of one audit may know: plain answers of the model, no model.

    `stratum` names the axis where the audit has several; `families` is how many of them share the audit's alpha.
    `spans` are those of the texts, `second` those of the second texts of pairs; `part` says which of both are judged,
    and is then the text of `rows` (0: the first, or all).
    """

    audit: Audit
    rows: Mapping[str, ScoredRow]
    spans: Mapping[str, Sequence[Match]]
    edits: Sequence[Edit]
    classes: Sequence[str]
    cluster: Mapping[str, int]
    seed: int
    notes: list[str] = field(default_factory=list)
    labels_from: Case | None = None
    """Whose labels make the poles of `lean`; None: its own. A comparison asks both runs about the same poles."""
    stratum: str = ""
    families: int = 1
    alpha: float = AUDIT_ALPHA
    """The one-sided level of this look at the answers."""
    second: Mapping[str, Sequence[Match]] = field(default_factory=dict)
    part: int = 0
    unseen: frozenset[str] = frozenset()
    """Of an older run the rows whose second text holds what the audit looks for: its edits are in first texts alone."""

    @cached_property
    def judged_classes(self) -> list[int]:
        """See the function of this name."""
        return judged_classes(self.rows.values(), self.classes)

    @cached_property
    def exclusive(self) -> bool:
        """Whether the classes of a row share a probability of 1."""
        return all(abs(sum(row.probabilities) - 1) < 1e-4 for row in self.rows.values())

    def output(self, index: int) -> str:
        """See `output_of`."""
        return output_of(self.classes, index)

    @property
    def unit(self) -> str:
        """See `unit_of`."""
        return unit_of(self.classes)

    @property
    def called(self) -> str:
        """Its stratum, of the second texts with the word that it is of these; empty of the only one."""
        return f"{self.stratum or self.audit.title.lower()}{IN_SECOND}" if self.part else self.stratum

    @cached_property
    def held(self) -> Mapping[str, Sequence[Match]]:
        """The spans of both texts of each row."""
        second = self.second
        return {row: [*own, *second.get(row, ())] for row, own in self.spans.items()} if second else self.spans

    def documents(self, rows: Iterable[str]) -> st.Ints:
        """[rows] the document cluster of each."""
        return np.array([self.cluster[row] for row in rows], dtype=np.int64)

    @cached_property
    def homes(self) -> dict[str, set[int]]:
        """The document clusters in which each item occurs."""
        homes: dict[str, set[int]] = {}
        for row, matches in self.held.items():
            for match in matches:
                homes.setdefault(match.item, set()).add(self.cluster[row])
        return homes


# --- the texts of pairs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Turned(Mapping[str, ScoredRow]):
    """Rows with their second text first, without tokens."""

    rows: Mapping[str, ScoredRow]

    def __getitem__(self, row: str) -> ScoredRow:
        own = self.rows[row]
        return replace(own, text=own.text_pair or "", text_pair=own.text, tokens=(), spans=())

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def by_text(case: Case) -> list[Case]:
    """The case of first and the one of second texts: those that were edited; the case itself of single texts."""
    second = [edit for edit in case.edits if edit.part]
    if not second:
        return [case]
    first = replace(case, edits=[edit for edit in case.edits if not edit.part])
    spans = {row: case.second.get(row, ()) for row in case.spans}
    other = replace(case, rows=Turned(case.rows), spans=spans, second=case.spans, edits=second, part=1)
    return [first, other] if first.edits else [other]


Between = tuple[str, str] | None


def named(case: Case, between: Between) -> Between:
    """What is compared, told apart by the text of a pair that it stands in."""
    if not case.part:
        return between
    item, other = between or (case.audit.title.lower(), "one another")
    return f"{item}{IN_SECOND}", other


def plain(between: Between) -> tuple[Between, str]:
    """What is compared, as its audit names it, and in which texts: empty where in the first, or the only ones."""
    if between is None or not between[0].endswith(IN_SECOND):
        return between, ""
    return (between[0].removesuffix(IN_SECOND), between[1]), IN_SECOND


@dataclass(frozen=True)
class CrossedAnswers:
    """The crossed answers of one operator: slots x items x classes, and whether each flipped the prediction.

    Slots of one of the `kinds` were filled by the same items.
    """

    slots: list[tuple[str, int]]
    items: list[str]
    values: st.Floats
    flipped: st.Bools
    docs: st.Ints
    used: st.Bools
    kinds: st.Ints

    def of_class(self, index: int) -> cr.Crossed:
        """The crossed design of one class."""
        return cr.crossed(self.values[:, :, index], self.used, self.docs, self.kinds)

    @property
    def rows(self) -> int:
        """Distinct rows that lend a slot."""
        return len({row for row, _ in self.slots})

    @property
    def flip_rate(self) -> float:
        """The share of fillings that change the predicted class."""
        return float(self.flipped[self.used].mean()) if self.used.any() else 0.0


def table(case: Case, operator: str, placebo: bool) -> CrossedAnswers | None:
    """The answers of the operator as an array; None where there are none. An item is unused in its own documents."""
    edits = [edit for edit in case.edits if edit.operator == operator and edit.placebo == placebo]
    if not edits:
        return None
    slots = sorted({(edit.row, edit.slot[0]) for edit in edits})
    items = sorted({edit.item for edit in edits})
    slot_at, item_at = {s: i for i, s in enumerate(slots)}, {t: j for j, t in enumerate(items)}
    at = (
        np.array([slot_at[edit.row, edit.slot[0]] for edit in edits]),
        np.array([item_at[edit.item] for edit in edits]),
    )
    after, before = np.array([edit.after for edit in edits]), np.array([edit.before for edit in edits])
    values = np.full((len(slots), len(items), len(case.classes)), np.nan)
    flipped = np.zeros(values.shape[:2], dtype=bool)
    values[at], flipped[at] = after, after.argmax(1) != before.argmax(1)
    docs = case.documents(row for row, _ in slots)
    home = np.array([[int(doc) in case.homes.get(item, ()) for item in items] for doc in docs])
    filled = np.isfinite(values[:, :, 0])
    kinds = np.unique(filled, axis=0, return_inverse=True)[1].reshape(-1)
    return CrossedAnswers(slots, items, np.nan_to_num(values), flipped, docs, ~home & filled, kinds)


# --- what is inserted decides only where the rows themselves carry it --------------------------------


def asked_of_rows(case: Case) -> Case:
    """The case as it is judged: exploratory where nothing that it inserts, or takes away, stands in the rows."""
    audit = case.audit
    inserted = {edit.item for edit in case.edits if edit.operator == "insert" and not edit.placebo}
    if not _by_rows(audit) or any(carried(item, case.held) for item in inserted) or _often_held(case):
        return case
    return replace(case, audit=replace(audit, expectation="exploratory"))


def asks_on(case: Case) -> bool:
    """Whether its edits are those of a look before the last of their design."""
    look = max((edit.look for edit in case.edits if not edit.placebo), default=WHOLE)
    return look != last_of(look)


def without_tokens(case: Case) -> Case:
    """The case without the tokens of its rows: no claim needs them, and they are made each time a row is looked at."""
    return replace(case, rows=case.rows.heads) if isinstance(case.rows, ScoredRows) else case


def decides(case: Case, estimate: ClaimEstimate) -> bool:
    """Whether the claim is judged: by its operator and, where only what rows carry decides, by its item."""
    audit = case.audit
    if audit.edit.judge in SEGMENTS:
        return estimate.must_move
    if estimate.operator != audit.edit.judge or audit.expectation == "exploratory" or not _by_rows(audit):
        item = estimate.between[0] if estimate.between else ""
        meant = _by_rows(audit) and audit.expectation != "exploratory" and is_meant(item)
        return estimate.operator == audit.edit.judge or (audit.edit.beside(estimate.operator, item) and not meant)
    return estimate.between is None or carried(estimate.between[0], case.spans)


def carried(item: str, spans: Mapping[str, Sequence[Match]]) -> bool:
    """Whether a row holds the item, or both sides of a template that goes around the row."""
    sides = sides_of(item)
    parts = {_plain(part) for part in ((item,) if sides is None else sides) if part}
    return any(parts <= _items(matches) for matches in spans.values())


def _often_held(case: Case) -> bool:
    """Whether so many rows hold an item that what its absence does can be told: an end of the rows is never put in."""
    told = ([match for match in own if not is_meant(match.item)] for own in case.held.values())
    held = Counter(item for matches in told for item in _items(matches))
    return bool(case.audit.edit.also) and max(held.values(), default=0) >= case.audit.judge.min_rows


def _by_rows(audit: Audit) -> bool:
    return audit.judge.gate == "rows" and audit.edit.judge == "insert"


def _items(matches: Iterable[Match]) -> set[str]:
    return {_plain(match.item) for match in matches}


def _plain(item: str) -> str:
    """`REVIEW :` is `Review:`."""
    return "".join(item.lower().split())
