"""Given names that are firms or surnames in these rows, told by how other rows write them."""

from __future__ import annotations

from collections.abc import Sequence

from token_saliency import load_audits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.auditing.spans.templates import learned

NAMES = load_audits(["names"])["names"]
GIVEN = ["Kevin", "Susan", "Karen", "Brian", "Matthew", "Andrew", "Nancy", "Steven", "Linda", "Dorothy"]
FULL = [f"{name} Smith of row {i} said that he stays." for i in range(4) for name in GIVEN]
ALONE = [f"{name} of row {i} said that he stays." for i in range(4) for name in GIVEN]


def found(rows: Sequence[str], text: str) -> list[str]:
    """What the audit finds in the text, after it has read the rows."""
    return [text[m.start : m.end] for m in find_spans(text, learned(NAMES, [*rows, text]))]


def test_who_is_called_a_firm_elsewhere_is_no_person() -> None:
    rows = ["Elisa Corporation grew.", *(f"Sales of Elisa rose in week {i}." for i in range(9))]
    assert found(rows, "Elisa will expand the service.") == []
    assert found(rows, "Elisa Makinen will come.") == ["Elisa"], "a surname tells a person from the firm"
    assert found(rows[1:], "Elisa will expand the service.") == ["Elisa"], "nothing tells of a firm"


def test_whose_shares_are_traded_elsewhere_is_no_person() -> None:
    rows = [f"The shares of Otto rose in week {i}." for i in range(3)]
    assert found(rows, "Otto will expand the service.") == []
    assert found([], "Otto will expand the service.") == ["Otto"], "nothing tells of a firm"


def test_what_another_row_calls_a_film_is_no_person() -> None:
    assert found(["Titus is a film of our days."], "Titus is dull.") == []
    assert found(["Susan likes the film."], "Titus is dull.") == ["Titus"]


def test_a_word_of_the_rows_is_no_name_at_the_start_of_a_sentence() -> None:
    rows = [f"It took us {i + 2} miles to get there." for i in range(6)]
    assert found(rows, "Miles add up. Kevin knows.") == ["Kevin"]
    assert found(rows, "Miles Smith came.") == ["Miles"]
    assert found(rows[:3], "Miles add up.") == ["Miles"], "three rows tell nothing"


def test_one_report_of_a_firm_does_not_take_a_name_from_the_persons() -> None:
    rows = ["Karen Bank grew.", *(f"Karen said in week {i} that she stays." for i in range(40))]
    assert found(rows, "Karen left.") == ["Karen"]


def test_a_surname_that_stands_alone_is_no_given_name() -> None:
    alone = [f"The film of year {i} shows Allen as he was." for i in range(6)]
    assert found([*FULL, *alone, "Kevin Allen sings."], "A film by Allen starts.") == []
    assert found([*FULL, *alone], "A film by Allen starts.") == ["Allen"], "he may be a character of films"
    assert found([*ALONE, *alone, "Kevin Allen sings."], "A film by Allen starts.") == ["Allen"], "all stand alone"


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [*FULL, *(f"The film of year {i} shows Allen as he was." for i in range(6)), "Kevin Allen sings."]
    assert learned(NAMES, rows).find.options == learned(NAMES, rows[::-1]).find.options != NAMES.find.options


def test_a_month_is_no_person_whatever_follows() -> None:
    assert found([], "The launch in June went well.") == []
    assert found([], "June went home.") == ["June"]


def test_a_brand_is_known_with_either_apostrophe_and_cut_into_tokens() -> None:
    for text in ("the head of Papa John 's Russia", "the head of Papa John’s Russia", "the head of Papa John's Russia"):
        assert found([], text) == []
