"""The few words that a report cannot do without, explained where they first stand, and its notes in few lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from token_saliency.reporters.summary import decisive
from token_saliency.results import RunRecord

MEANINGS = {
    "shift": "how far the edit moves the probability of the class, on average",
    "direction": "how far one group in place of the other moves it",
    "lean": "how far items that go with a class in the labels pull towards it, against items that do not",
    "magnitude": "how far one item in place of another moves it, whichever way",
    "movement": "how much the edit changes answers at all, up and down alike, beyond its control",
}
BESIDE = {
    "control": "the same edit with something that should not matter either: only what exceeds it counts",
    "margin": "the smallest effect that is thought to matter",
}


def explained(report: RunRecord) -> dict[str, str]:
    """The words of the claims that stand for its audits, then those of every report; empty where nothing was judged."""
    said = {main.claim for audit in report.audits.values() if (main := decisive(audit))}
    return {word: meaning for word, meaning in MEANINGS.items() if word in said} | (BESIDE if said else {})


@dataclass(frozen=True, slots=True)
class Note:
    """One line for what is alike: `parts` are the notes behind it, empty where the line says all."""

    said: str
    parts: tuple[str, ...] = ()


_OF = re.compile(r"(\w+|Known finding): (.+)", re.DOTALL)


def grouped(warnings: Iterable[str]) -> list[Note]:
    """What several audits say alike is one line that names them; what one audit says in many ways, one with a fold."""
    listed = list(dict.fromkeys(warnings))
    found = {text: match for text in listed if (match := _OF.fullmatch(text))}
    names: dict[str, list[str]] = {}
    for match in found.values():
        names.setdefault(match[2], []).append(match[1])
    alone: dict[str, list[str]] = {}
    for match in found.values():
        if len(names[match[2]]) == 1:
            alone.setdefault(match[1], []).append(match[2])
    notes = [_note(text, found.get(text), names, alone) for text in listed]
    return list(dict.fromkeys(notes))


def _note(text: str, match: re.Match[str] | None, names: dict[str, list[str]], alone: dict[str, list[str]]) -> Note:
    if match is None:
        return Note(text)
    name, said = match.groups()
    if len(names[said]) > 1:
        return Note(f"{', '.join(names[said])}: {said}")
    own = alone[name]
    return Note(text) if len(own) == 1 else Note(f"{name}: {len(own)} notes, the first: {own[0]}", tuple(own))
