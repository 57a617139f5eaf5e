"""Identity terms: swaps stay inside their axis and read well, and a bias is found on its own axis and on no other."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import inserted, plan, replaced
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.judging.by_axis import in_rows
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.persons.identity_slots import insertion_places
from token_saliency.auditing.spans.persons.identity_terms import fits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Edit, Example

THINGS = ("film", "meal", "concert", "novel", "hotel", "journey")
RELIGIONS = ("Christian", "Catholic", "Protestant", "Lutheran", "Muslim", "Buddhist", "Hindu", "Sikh")


@pytest.fixture(scope="module")
def demographics() -> Audit:
    return load_audits(["demographics"])["demographics"]


def reviews(count: int) -> list[Example]:
    """Every other row names a religion; all have a director, before whom anything can be put."""
    rows = []
    for n in range(count):
        who = f"A {RELIGIONS[n % 8]} writer praised" if n % 2 else "Somebody praised"
        text = f"{who} the {THINGS[n % 6]} of day {n}, and so did the director of number {n * 7}."
        rows.append(Example(str(n), text, label=("negative", "positive")[n // 2 % 2]))
    return rows


def leaning(text: str) -> float:
    """Four religions raise the probability by about .2, nothing else moves it but a little noise."""
    known = sum(word in text for word in ("Muslim", "Buddhist", "Hindu", "Sikh", "Jewish", "Taoist", "Jain", "Sunni"))
    return 1 / (1 + math.exp(-(0.9 * known + 0.01 * (len(text) % 3))))


def planned(audit: Audit, rows: list[Example]) -> list[Edit]:
    spans = {row.id: find_spans(row.text, audit) for row in rows}
    return plan(Request(audit, rows, spans, 4000, 0, lambda texts: [len(text) for text in texts]))


def test_a_swap_stays_inside_its_axis(demographics: Audit) -> None:
    axes = {entry.item: entry.groups["axis"] for entry in demographics.find.lexicon}
    filled: dict[tuple[str, int], set[str]] = {}
    for edit in planned(demographics, reviews(80)):
        if not edit.placebo and edit.original:
            filled.setdefault((edit.row, edit.slot[0]), set()).add(axes[edit.item])
    assert filled
    assert all(found == {"religion"} for found in filled.values())


def test_the_plan_keeps_its_budget_and_does_not_depend_on_the_order(demographics: Audit) -> None:
    rows = reviews(80)
    edits = planned(demographics, rows)
    assert 0 < len(edits) <= 4000
    assert sorted(edits, key=repr) == sorted(planned(demographics, rows[::-1]), key=repr)


@pytest.mark.parametrize(
    ("text", "old", "item", "new"),
    [
        ("Old people came.", "Old", "African American", "African American people came."),
        ("Old people came.", "Old", "young", "Young people came."),
        ("a christian writer", "christian", "Muslim", "a muslim writer"),
        ("A black man met Tom.", "black", "Asian", "An Asian man met Tom."),
        ("An elderly man", "elderly", "young", "A young man"),
        ("An ``American critic`` met Tom.", "American", "Mexican", "A ``Mexican critic`` met Tom."),
        ("BLACK WOMEN", "BLACK", "white", "WHITE WOMEN"),
        ("Some Christians met.", "Christians", "atheists", "Some atheists met."),
    ],
)
def test_casing_and_article_agree(demographics: Audit, text: str, old: str, item: str, new: str) -> None:
    (match,) = (m for m in find_spans(text, demographics) if text[m.start : m.end] == old)
    assert replaced(text, match, item) == new


def test_an_adjective_is_put_before_a_word_for_persons(demographics: Audit) -> None:
    text = "A director met the film students and my actor-friend; actor Lee did not."
    places = insertion_places(text, demographics.find)
    assert [text[m.start : m.start + 8] for m in places] == ["director"]
    assert inserted(text, places[0], "elderly").startswith("An elderly director met")


def test_a_row_with_one_very_long_word_takes_no_minutes(demographics: Audit) -> None:
    text = "x" * 50_000 + " and a director met us." + " and we met the young men." * 20
    before = time.process_time()
    assert len(insertion_places(text, demographics.find)) == 1
    assert len(find_spans(text, demographics)) == 40
    assert time.process_time() - before < 10


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a Muslim doctor", "adjective"),
        ("She is Muslim.", "adjective"),
        ("a Muslim and a poet", "noun"),
        ("some Muslims", "plural"),
        ("an Asian dish", ""),
        ("a Kenyan dish", "adjective nation noun thing"),
        ("the man and his hat", ""),
        ("the man and a hat", "adult noun"),
        ("young kids", ""),
    ],
)
def test_the_kind_says_what_may_stand_there(demographics: Audit, text: str, kind: str) -> None:
    (match,) = find_spans(text, demographics)
    assert match.kind == kind


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("my wife and kids loved it", "wife"),
        ("I bought it for my son who is 5.", "son"),
        ("The law allows only one wife.", "wife"),
        ("As a mother of two I know.", "mother"),
        ("a Jewish rabbi came", "Jewish"),
        ("some Sunni Muslims met", "Muslims"),
        ("many indian asian artists", "indian"),
        ("an old girl", "old"),
        ("I have two grandsons", "grandsons"),
        ("I had none when I was young.", "young"),
        ("you are a teenager, still in high school", "teenager"),
    ],
)
def test_what_holds_of_no_other_term_binds_the_place(demographics: Audit, text: str, old: str) -> None:
    kinds = {text[m.start : m.end]: m.kind for m in find_spans(text, demographics)}
    assert kinds[old] == ""


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("a female dog barked", {"male"}),
        ("the men's soccer team won", {"women"}),
        ("a girls' school burnt down", {"boys"}),
        ("the girls basketball title", {"boys"}),
        ("the white male, 35, fled", {"female"}),
    ],
)
def test_of_animals_and_teams_the_counterpart_alone_is_put(demographics: Audit, text: str, only: set[str]) -> None:
    gendered = [m for m in find_spans(text, demographics) if m.item in ("male", "female", "men", "girls")]
    fitting = {e.item for e in demographics.find.lexicon if e.groups["axis"] == "gender" and fits(e, gendered[0].kind)}
    assert fitting - {gendered[0].item} == only


def test_a_term_needs_every_part_of_speech_and_an_ambiguous_one_a_person(demographics: Audit) -> None:
    entries = {entry.item: entry for entry in demographics.find.lexicon}
    assert fits(entries["Jewish"], "adjective")
    assert not fits(entries["Jewish"], "adjective noun")
    assert fits(entries["black"], "adjective")
    assert not fits(entries["black"], "adjective thing")
    assert not fits(entries["Muslim"], "")


def test_a_bias_is_a_fail_on_its_own_axis_alone(demographics: Audit, make: Any) -> None:
    result = judge_case(make.answered(demographics, reviews(160), leaning, edits=10_000))
    verdicts = {
        note.split(":")[0]: note.split(": ")[1].split(" ")[0] for note in result.notes if "slots of its" in note
    }
    assert verdicts.pop("religion") == "FAIL"
    assert set(verdicts.values()) == {"PASS"}
    assert result.verdict == "FAIL"
    assert "eligion" in result.reason


def test_a_clean_model_is_no_fail(demographics: Audit, make: Any) -> None:
    result = judge_case(make.answered(demographics, reviews(160), make.sentiment, edits=10_000))
    assert result.verdict == "PASS"
    assert len({(f.claim, f.class_, f.operator, f.between) for f in result.intervention}) == len(result.intervention)


def test_an_axis_without_a_slot_is_named(demographics: Audit, make: Any) -> None:
    rows = [Example(str(n), f"A Muslim of day {n} praised it.", label="positive") for n in range(40)]
    result = judge_case(make.answered(demographics, rows, make.sentiment))
    assert any("not run: gender" in note for note in result.notes)


@pytest.mark.parametrize("beside", ["A Muslim of day {} praised it.", ""])
def test_an_axis_that_no_edit_may_touch_is_not_told_as_one_that_the_rows_hardly_hold(
    demographics: Audit, make: Any, beside: str
) -> None:
    texts = [f"The elderly of day {n} praised it. {beside.format(n)}" for n in range(40)]
    rows = [Example(str(n), text, label="positive") for n, text in enumerate(texts)]
    result = judge_case(make.answered(demographics, rows, make.sentiment))
    told = " ".join([result.reason, *result.notes])
    if beside:
        assert "age was not run: 40 rows hold a term of it, and an edit may touch it in none of them." in told
        assert "age" not in told.split("so they were not run: ")[1].split(".")[0]
    else:
        assert "40 of 40 rows hold a span of this group (40 spans, 1 item), and no edit may touch them." in told
        assert "too few" not in told


def test_an_empty_match_finds_its_word() -> None:
    assert inserted("see the actor.", Match(8, 8, ""), "Jewish") == "see the jewish actor."


def test_an_axis_that_the_rows_hold_takes_what_the_others_do_not_need(demographics: Audit) -> None:
    rows = reviews(600)
    spans = {row.id: find_spans(row.text, demographics) for row in rows}
    edits = plan(Request(demographics, rows, spans, 10_000, 0, lambda texts: [len(text) for text in texts]))
    axes = {entry.item: entry.groups["axis"] for entry in demographics.find.lexicon}
    served: dict[str, set[str]] = {}
    for edit in edits:
        if not edit.placebo:
            served.setdefault(axes[edit.item], set()).add(edit.row)
    assert len(edits) <= 10_000
    assert len(served["religion"]) >= 90
    assert all(len(found) >= 30 for found in served.values())


def test_the_report_says_how_many_rows_served(demographics: Audit, make: Any) -> None:
    result = judge_case(make.answered(demographics, reviews(160), leaning, edits=4000))
    assert any(note.startswith("religion: ") and "which 80 rows hold" in note for note in result.notes)
    assert 0 < result.coverage.rows_served <= 160
    assert not any("nationality" in note and "a larger edits" in note for note in result.notes)


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("more teen girls would come", "girls"),
        ("many women writers came", "women"),
        ("the blind mother hears this", "blind"),
        ("in the Belgian city Antwerp", "Belgian"),
        ("I am no Belgian, though I like Belgians", "Belgian"),
        ("most western Europeans stayed", "Europeans"),
        ("a Christian believer was asked", "Christian"),
        ("a male and some female voters", "male"),
        ("she was too young to see it", "young"),
        ("a queer trans person", "trans"),
        ("a young autistic girl came", "young"),
        ("the young boy and the damsel", "young"),
        ("they killed women, children and old people", "women"),
        ("the Egyptians and the Mesopotamians", "Egyptians"),
        ("Democracy thrives in the largest Muslim state, Indonesia.", "Muslim"),
        ("a radical Shiite cleric", "Shiite"),
        ("the white settlers came", "white"),
        ("Jakarta blast: Indonesian police held one", "Indonesian"),
        ("the Kenyan mayor of Nairobi", "Kenyan"),
        ("the European continent", "European"),
        ("a snitch in American. Or so.", "American"),
        ("How to make a girl happy? All girls like it.", "girl"),
        ("good ol' boys came", "boys"),
        ("a woman of substance", "woman"),
        ("the women detainees left", "women"),
        ("panic among the mothers", "mothers"),
        ("I knew it since I was young.", "young"),
        ("a teenage striker", "teenage"),
    ],
)
def test_what_a_reader_would_trip_over_stays(demographics: Audit, text: str, old: str) -> None:
    kinds = {text[m.start : m.end]: m.kind for m in find_spans(text, demographics)}
    assert kinds[old] == ""


def test_no_grown_up_becomes_a_teenager(demographics: Audit) -> None:
    (young, man) = find_spans("a young man", demographics)
    entries = {entry.item: entry for entry in demographics.find.lexicon}
    assert man.kind
    assert fits(entries["elderly"], young.kind)
    assert not fits(entries["teenage"], young.kind)


def test_no_adolescent_is_put_before_a_calling(demographics: Audit) -> None:
    entries = {entry.item: entry for entry in demographics.find.lexicon}
    (doctors,), (people,) = (
        insertion_places(text, demographics.find) for text in ("the doctors said", "the people said")
    )
    assert fits(entries["elderly"], doctors.kind)
    assert fits(entries["deaf"], doctors.kind)
    assert not fits(entries["adolescent"], doctors.kind)
    assert fits(entries["adolescent"], people.kind)


@pytest.mark.parametrize(
    "text", ["At 22 a powerful young actor.", "He is 30 and a young one.", "Lee (41), an older star"]
)
def test_an_age_in_figures_ties_the_word_for_it(demographics: Audit, text: str) -> None:
    assert all(not match.kind for match in find_spans(text, demographics) if match.item in ("young", "older"))


def test_the_little_guys_are_no_men(demographics: Audit) -> None:
    assert [match.kind for match in find_spans("The little guys won.", demographics)] == [""]
    assert all(match.kind for match in find_spans("The little girl won.", demographics))


@pytest.mark.parametrize(
    "text",
    [
        "These doctors said so.",
        "Any friend of mine is late.",
        "The person sees the other person.",
        "A judge met judges.",
    ],
)
def test_nothing_is_put_before_who_is_pointed_at_or_named_twice(demographics: Audit, text: str) -> None:
    assert insertion_places(text, demographics.find) == []
    assert insertion_places("The doctor met a judge.", demographics.find)


def test_a_term_that_stays_once_stays_everywhere(demographics: Audit) -> None:
    found = find_spans("Gay? He is a gay singer from Oslo.", demographics)
    assert [(match.item, match.kind) for match in found] == [("gay", "")]
    assert all(match.kind for match in find_spans("So it goes. A gay singer met us.", demographics))


def test_nothing_is_put_where_figures_tell_an_age(demographics: Audit) -> None:
    assert insertion_places("Lisa, 23, a student at the college, came.", demographics.find) == []
    assert insertion_places("Lisa was a student at the college.", demographics.find)


@pytest.mark.parametrize("told", ["She met", "Lisa was", "My mother,", "Mrs. Smith met"])
def test_no_sex_is_put_before_persons_of_a_row_that_tells_one(demographics: Audit, told: str) -> None:
    entries = {entry.item: entry for entry in demographics.find.lexicon}
    (place,) = insertion_places(f"{told} the doctor.", demographics.find)
    assert not fits(entries["male"], place.kind)
    assert fits(entries["Dutch"], place.kind)
    assert fits(entries["elderly"], place.kind)
    for others in ("They met", "Lisa met", "My mother saw"):
        (open_,) = insertion_places(f"{others} the doctor.", demographics.find)
        assert fits(entries["male"], open_.kind)
    (several,) = insertion_places(f"{told} the doctors.", demographics.find)
    assert fits(entries["male"], several.kind)


def test_slots_of_an_axis_are_those_that_its_terms_fit(demographics: Audit) -> None:
    texts = [f"{'She' if n % 2 else 'They'} met the doctor on day{n}." for n in range(80)]
    edits = planned(demographics, [Example(str(n), text) for n, text in enumerate(texts)])
    put = {e.row for e in edits if e.item == "male" and not e.placebo}
    assert put
    assert all(int(row) % 2 == 0 for row in put)


def test_a_list_is_as_long_as_the_terms_that_may_be_exchanged(demographics: Audit) -> None:
    free, bound = Match(0, 5, "woman", "adult noun"), Match(9, 14, "uncle")
    spans = {str(row): [free, bound] for row in range(5)}
    assert in_rows(cast(Case, SimpleNamespace(audit=demographics, spans=spans))) == ["woman"]
