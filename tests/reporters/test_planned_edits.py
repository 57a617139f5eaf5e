from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from token_saliency.reporters.planned_edits import changes

TEXT = st.text(alphabet="ab! \n", max_size=30)


@given(TEXT, TEXT)
def test_the_pieces_give_both_texts_back(before: str, after: str) -> None:
    pieces = changes(before, after, around=1000)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "gone") == after


def test_far_from_a_change_the_text_is_cut() -> None:
    long = "word " * 100
    first, gone, new, last = changes(f"{long}Ann {long}", f"{long}Bob {long}", around=10)
    assert (gone, new) == (("gone", "Ann"), ("new", "Bob"))
    assert len(first[1]) < 20
    assert len(last[1]) < 20


def test_long_texts_that_share_nothing_are_one_change() -> None:
    before, after = "a b " * 3000, "c d " * 3000
    assert [kind for kind, _ in changes(before + "x", after + "y")] == ["gone", "new"]
