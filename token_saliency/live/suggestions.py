"""What may be put in place of a word: the edits that the audits would plan for this very row, with their controls.

Nothing is invented here. Where an audit knows the word, its panel and its matched controls fill the slot; any other
word is changed beside an ordinary word of the same text that is as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.edits.request import CountTokens
from token_saliency.auditing.planning import found_and_planned
from token_saliency.errors import OptionError
from token_saliency.results import Edit, Example, Span, Word
from token_saliency.stats.sampling import content_hash

BUDGET = 400
"""So many edits an audit may plan for one row."""
CONTROLS = 8
"""So many controls are asked beside one edit, those that the audit itself puts first."""
BY_HAND = ("swap", "delete", "mask")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One edit of an audit at a word: `edited` is the whole text after it, `controls` those of its controls."""

    audit: str
    operator: str
    item: str
    edited: str
    controls: tuple[str, ...]

    @property
    def name(self) -> str:
        """What names it in a list."""
        return self.item if self.operator == "swap" else f"{self.item}: {self.operator}"


@dataclass(frozen=True, slots=True)
class RowEdits:
    """What the audits find in a row and would do with it."""

    spans: tuple[tuple[str, Match], ...]
    edits: tuple[Edit, ...]

    def audits_at(self, word: Span) -> list[str]:
        """The audits that have a span at the word."""
        return list(dict.fromkeys(audit for audit, match in self.spans if _meet((match.start, match.end), word)))

    def suggestions(self, text: str, word: Span) -> list[Suggestion]:
        """The edits that change the text at the word, by audit; of two that put the same the first."""
        found: dict[str, Suggestion] = {}
        for audit, slot in self._slots(word):
            own = [edit for edit in self.edits if edit.audit == audit and edit.slot == slot]
            for edit in own:
                beside = [other.text for other in own if other.placebo and other.operator == edit.operator]
                if not edit.placebo and edit.text != text:
                    one = Suggestion(audit, edit.operator, edit.item, edit.text, tuple(beside[:CONTROLS]))
                    found.setdefault(one.name, one)
        return list(found.values())

    def _slots(self, word: Span) -> list[tuple[str, Span]]:
        """The slots that hold the word: all places where the same item stands are one."""
        slots = []
        for audit, match in self.spans:
            if _meet((match.start, match.end), word):
                same = [other for name, other in self.spans if name == audit and other.item == match.item]
                whole = (min(one.start for one in same), max(one.end for one in same))
                slots += [(audit, whole), (audit, (match.start, match.end))]
        return list(dict.fromkeys(slots))


def known_of(row: Example, audits: Sequence[Audit], count: CountTokens, mask: str) -> RowEdits:
    """The spans and the planned edits of every audit that can be planned for one row, a single text."""
    spans: list[tuple[str, Match]] = []
    edits: list[Edit] = []
    for audit in audits:
        found, planned = found_and_planned(audit, [row], BUDGET, 0, count, mask=mask)
        spans += [(audit.name, match) for match in found.first[row.id]]
        edits += planned
    return RowEdits(tuple(spans), tuple(edits))


def by_hand(operator: str, text: str, words: Sequence[Word], word: Word, item: str, known: RowEdits) -> Suggestion:
    """A change that no audit plans, beside the same change of an ordinary word that is as long, where there is one."""
    if operator not in BY_HAND:
        raise OptionError(f"A word can be changed by {', '.join(BY_HAND)}, not by {operator}.")
    if operator == "swap" and not item:
        raise OptionError("Choose or type what stands in place of the word.")
    others = [one for one in words if one.segment == word.segment and _free(one, word, known)]
    others.sort(key=lambda one: (abs(len(one.text) - len(word.text)), content_hash(text, one.start)))
    controls = tuple(_put(operator, text, one, item) for one in others[:1])
    return Suggestion("", operator, item, _put(operator, text, word, item), controls)


def _put(operator: str, text: str, word: Word, item: str) -> str:
    return OPERATORS[operator](text, Match(word.start, word.end, word.text), "" if operator == "delete" else item)


def _free(one: Word, word: Word, known: RowEdits) -> bool:
    """Another word of the same sort, and no audit watches it: letters beside letters, a mark beside a mark."""
    if one.text.lower() == word.text.lower() or _lettered(one) != _lettered(word):
        return False
    return not _lettered(one) or not known.audits_at((one.start, one.end))


def _lettered(word: Word) -> bool:
    return any(letter.isalpha() for letter in word.text)


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
