"""With --redact the words of the rows are gone before anything is judged, and every offset still fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.evidence.redaction import Redaction, redacted
from token_saliency.results import AuditedSpan, Edit, Example, ScoredRow
from token_saliency.store.evidence import Evidence
from token_saliency.store.trace import TOKEN, ScoredRows, Trace

ROW = Example("7", "Karen whispered plainly, twice!")


def evidence() -> Evidence:
    spans = (AuditedSpan("names", 0, 5, "Karen"), AuditedSpan("names", 16, 23, "plainly"))
    head = ScoredRow(
        "7", ROW.text, "second secret", None, "a", (0.5, 0.5), metadata={"kind": "one", "title": "two words"}
    )
    tokens = [
        (0, 0, 0, True, 0),
        (0, 5, 1.0, False, 0),
        (6, 10, 2.0, False, 0),
        (10, 15, 0.5, False, 0),
        (0, 6, 1, False, 1),
    ]
    trace = Trace(np.array(tokens, dtype=TOKEN), None, 1, 0, True)
    moved = ((0.5, 0.5), (1.0, 0.0))
    edits = [
        Edit("7", "names", "swap", (0, 5), "Karen", "Juan", False, "Juan whispered plainly, twice!", None, *moved),
        Edit("7", "names", "delete", (6, 15), "whispered", "plainly", True, "Karen plainly, twice!", None, *moved),
    ]

    return Evidence(ScoredRows({"7": replace(head, spans=spans)}, {"7": trace}), edits, ["a", "b"], 0)


def test_no_word_is_left_but_items_of_the_list_and_offsets_fit(names: Audit) -> None:
    found = redacted(evidence(), Redaction.of([ROW], [names]))
    ((id_, row),) = found.rows.items()
    shown = repr((row, found.edits))

    for word in ("whispered", "whis", "plainly", "twice", "second", "secret", "two words"):
        assert word not in shown
    first, second = row.spans
    assert row.text[first.start : first.end] == first.item == "Karen"
    assert second.item.startswith("~")
    assert [row.text[t.start : t.end] == t.text for t in row.tokens if t.segment == 0] == [True] * 4
    assert row.tokens[4].text == (row.text_pair or "")[: row.tokens[4].end]
    swap, deletion = found.edits
    assert (swap.original, swap.item) == ("Karen", "Juan")
    assert swap.text == "Juan" + row.text[5:]
    assert len(deletion.text) < len(row.text)
    assert row.id == id_ == swap.row == deletion.row != "7"
    assert list(row.metadata) == ["kind", "title"]
    assert all(value.startswith("~") for value in row.metadata.values())


def test_the_same_rows_give_the_same_codes_and_other_rows_others(names: Audit) -> None:
    one, same = (redacted(evidence(), Redaction.of([ROW], [names])).rows for _ in range(2))
    other = redacted(evidence(), Redaction.of([ROW, Example("8", "more")], [names])).rows

    assert [(row.id, row.text) for row in one.values()] == [(row.id, row.text) for row in same.values()]
    assert not {*one} & {*other}
    assert [row.text for row in one.values()] != [row.text for row in other.values()]


@given(st.text(max_size=60), st.data())
def test_any_text_can_be_cut_anywhere(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))
    veil = Redaction(b"key", {}).text(text, cuts)

    places = [veil.at[cut] for cut in sorted(cuts)]
    assert places == sorted(places)
    assert veil.at[0] == 0 if text else True
    assert veil.at[len(text)] == len(veil.text)


def test_equal_words_in_other_places_have_other_codes() -> None:
    veil = Redaction(b"key", {}).text("same same", [])

    assert len(set(veil.text.split(" "))) == 2
