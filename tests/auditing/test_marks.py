"""Marks of other scripts, marks that belong to something else, and marks that come in pairs."""

from __future__ import annotations

import pytest

from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.operators import delete, everywhere, swap
from token_saliency.auditing.spans.registry import find_spans

PUNCTUATION = load_audits(["punctuation"])["punctuation"]


def swapped(text: str, item: str) -> str:
    for match in reversed(find_spans(text, PUNCTUATION)):
        text = swap(text, match, item) if match.kind == "terminal" else text
    return text


@pytest.mark.parametrize(
    ("text", "item", "expected"),
    [
        ("很好。太棒了！", "...", "很好……太棒了……"),
        ("すごい！", ".", "すごい。"),
        ("很好。", ",", "很好，"),
        ("هل هذا جيد؟", "?", "هل هذا جيد؟"),
        ("यह अच्छा है!", ".", "यह अच्छा है।"),
        ("It is good.", "!", "It is good!"),
        ("Use Yahoo! Mail. It is 6 . 5 km", "!", "Use Yahoo! Mail! It is 6 . 5 km"),
        ("Siehe Abs. 5 bzw. Hr. Meier. Gut", "!", "Siehe Abs. 5 bzw. Hr. Meier! Gut"),
        ("¡Qué bien! ¿Vienes? No.", "...", "¡Qué bien! ¿Vienes? No..."),
        ("Carl A. Merritt, setup.exe, e. g. this, 5. Mai", "!", "Carl A. Merritt, setup.exe, e. g. this, 5. Mai"),
    ],
)
def test_a_mark_is_exchanged_as_its_script_writes_it(text: str, item: str, expected: str) -> None:
    assert swapped(text, item) == expected


def test_both_marks_of_a_pair_go_together() -> None:
    text = "one (two) and a) three ``four``"
    spans = find_spans(text, PUNCTUATION)
    assert [m.item for m in spans] == ["()", "()", "``''", "``''"]
    assert everywhere(delete, text, [m for m in spans if m.item == "()"]) == "one two and a) three ``four``"


def test_an_inserted_mark_is_written_as_it_is() -> None:
    assert swap("很好", Match(2, 2, ""), "!") == "很好!"
