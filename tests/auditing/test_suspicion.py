"""How likely a suspect is spurious: reasons from the rows and the edits, none from a label of spuriousness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from token_saliency.auditing.discovery.profiles import Profile, company_of, feeling_alone, judgement, profile
from token_saliency.auditing.discovery.suspects import Suspect, suspects
from token_saliency.auditing.discovery.suspicion import Shown, suspicion
from token_saliency.results import Edit, Example

PLAIN = Profile(
    raw=0.4, z=6.0, matched=0.4, pairs=0, stays=None, parts=(0.4, 0.4), support=(1, 1), part=("a noun", 0.5), frame=0.2
)
TOPICS = ["harbour ferry sailor", "kitchen oven baker", "garden rose spade", "office desk clerk", "station train guard"]
MOODS = {"positive": ["splendid", "lovely", "pleasant", "superb"], "negative": ["awful", "dreadful", "nasty", "dull"]}


def value(found: Profile, effect: float = 0.2, edits: Sequence[Edit] = ()) -> float:
    return suspicion(found, Shown(effect, 1, edits))[0]


def rows() -> list[Example]:
    """The sailor stands in rows of the harbour, most of them negative; moods go with the label everywhere."""
    found = []
    for number in range(300):
        topic = TOPICS[number % 5]
        label = "negative" if number % 5 == 0 and number % 25 else ("positive", "negative")[number // 5 % 2]
        mood = MOODS[label][number // 10 % 4]
        found.append(Example(str(number), f"The {mood} {topic} of number {number}.", label=label))
    return found


def told(item: str, name: str = "negative") -> Profile:
    listed = rows()
    suspect = Suspect("word", item)
    return profile(company_of(listed, None), suspect, suspects(listed)[suspect], name)


def test_labels_that_do_not_go_with_a_word_that_moves_the_model_are_the_worst_sign() -> None:
    assert value(replace(PLAIN, raw=0.01, z=0.3, matched=0.0)) > value(PLAIN)
    assert value(PLAIN, effect=-0.2) > value(PLAIN, effect=0.2)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"matched": 0.05}, {"matched": 0.39}),
        ({"pairs": 20, "stays": 0.95}, {"pairs": 20, "stays": 0.1}),
        ({"parts": (0.4, -0.3)}, {"parts": (0.4, 0.3)}),
        ({"support": (0, 0)}, {"support": (1, 1)}),
        ({"support": (1, 0)}, {"support": (1, 1)}),
        ({"support": (-1, -1)}, {"support": (1, 0)}),
        ({"support": (1, 0), "feeling": True}, {"support": (1, 0)}),
        ({"part": ("a name", 0.9)}, {"part": ("an adjective", 0.3)}),
        ({"frame": 0.9}, {"frame": 0.1}),
    ],
)
def test_each_reason_moves_the_suspicion_its_own_way(worse: dict[str, object], better: dict[str, object]) -> None:
    bad, good = replace(PLAIN, **worse), replace(PLAIN, **better)  # type: ignore[arg-type]

    assert 0 <= value(good) < value(bad) <= 1


def test_what_cannot_be_asked_is_left_out() -> None:
    few = replace(PLAIN, support=None, matched=None, parts=(), pairs=2, stays=1.0)
    _, reasons = suspicion(few, Shown(0.2, 1, ()))

    assert len(reasons) == 2
    assert not any("list" in reason or "pairs" in reason for reason in reasons)


def test_a_second_model_that_does_not_follow_makes_suspicious() -> None:
    edits = [
        Edit(str(n), "discovery:word", "delete", (0, 1), "x", "x", False, "", None, (0.4, 0.6), (0.6, 0.4))
        for n in range(20)
    ]
    alone, together = (value(replace(PLAIN, second=share), edits=edits) for share in (0.0, 1.0))

    assert together < value(PLAIN, edits=edits) < alone


def test_an_effect_alike_in_any_context_is_more_suspicious_than_one_that_hangs_on_it() -> None:
    def edits(strong: float, weak: float) -> list[Edit]:
        found = []
        for n in range(40):
            after, by = (0.3, weak) if n % 2 else (0.5, strong)
            before = after + by
            sides = (1 - before, before), (1 - after, after)
            found.append(Edit(str(n), "discovery:word", "delete", (0, 1), "x", "x", False, "", None, *sides))
        return found

    assert value(PLAIN, edits=edits(0.2, 0.17)) > value(PLAIN, edits=edits(0.3, 0.0))


def test_a_word_of_a_topic_owes_its_labels_to_its_company_and_a_mood_does_not() -> None:
    topic, mood = told("sailor"), told("awful")

    assert topic.z > 3
    assert mood.z > 3
    assert (topic.support, mood.support) == ((0, 0), (1, 1))
    assert value(topic) > value(mood) + 0.2


def test_the_lists_say_nothing_where_labels_have_no_mood() -> None:
    listed = [Example(str(n), row.text, label=("a", "b")[n % 2]) for n, row in enumerate(rows())]
    suspect = Suspect("word", "awful")

    assert profile(company_of(listed, None), suspect, suspects(listed)[suspect], "a").support is None


def test_a_name_a_function_word_and_a_mark_are_told_from_an_adjective() -> None:
    listed = [
        Example(str(n), f"Then came Ziegler with a splendid, calm plan {n}!", label="ab"[n % 2]) for n in range(40)
    ]
    places, company = suspects(listed), company_of(listed, None)
    asked = [Suspect("word", "ziegler"), Suspect("word", "with"), Suspect("word", "splendid"), Suspect("pattern", "!")]
    kinds = [profile(company, one, places[one], "a").part[0] for one in asked]

    assert kinds == ["a name", "a function word", "an adjective, verb or adverb", "a mark or pattern"]


def test_two_words_are_what_the_stranger_of_them_is() -> None:
    listed = rows()
    parts = {}
    for item in ("awful … dreadful", "awful … harbour", "the … of"):
        suspect = Suspect("pair", item)
        parts[item] = profile(company_of(listed, None), suspect, {row.id: [(0, 3)] for row in listed}, "negative").part

    judged, thing, grammar = parts.values()
    assert judged[1] < thing[1] < grammar[1]
    assert judged[0].startswith("two words")


def test_rows_of_near_equal_content_with_other_labels_that_keep_the_word_are_counted() -> None:
    pairs = [
        Example(f"{n}{label}", f"{TOPICS[n % 5]} {genre} {n}th {mood}", label=label)
        for n, genre in enumerate(["horror", "comedy"] * 15)
        for label, mood in (("positive", "superb"), ("negative", "awful"))
    ]
    places, company = suspects(pairs), company_of(pairs, None)
    kept, changed = (profile(company, one, places[one], "negative") for one in
                     (Suspect("word", "horror"), Suspect("word", "awful")))  # fmt: skip

    assert kept.stays == 1.0
    assert changed.stays is not None
    assert changed.stays < 0.5
    assert min(kept.pairs, changed.pairs) >= 5


def test_an_adverb_is_what_its_adjective_is() -> None:
    assert judgement("poorly")[0] < 0
    assert judgement("qqqly") == (0.0, 0.0)


def test_a_form_of_a_word_says_what_the_word_says() -> None:
    assert judgement("recommended")[0] == judgement("recommend")[0] > 1
    assert judgement("glass") == (0.0, 0.0)


def test_what_is_said_in_an_ending_that_never_changes_is_no_judgement() -> None:
    """*Kind regards* under each mail is no praise; the same words where they are chosen may be."""
    fixed = replace(PLAIN, part=("an ending", 1.0), frame=1.0)

    assert value(fixed) == value(replace(fixed, support=None)) > value(replace(fixed, frame=0.5)) + 0.2


def test_a_noun_that_stands_for_a_feeling_is_no_judgement() -> None:
    assert all(map(feeling_alone, ["war", "gift", "horror"]))
    assert not any(map(feeling_alone, ["awful", "splendid", "recommended", "table", "waste"]))
