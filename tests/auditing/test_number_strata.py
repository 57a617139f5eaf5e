"""Numbers in which a decade, a century, a size, a parity or their mere presence decides are found, and named."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from token_saliency.auditing.audit import STRATA, Match, stratum_of
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.number_strata import stratum
from token_saliency.auditing.edits.operators import Operator, everywhere
from token_saliency.auditing.edits.renumbering import alike, renumber
from token_saliency.auditing.edits.without_number import without_number
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.registry import find_spans, kinds
from token_saliency.results import Example

NUMBERS = load_audits(["numbers"])["numbers"]
WORDS = ("film", "meal", "concert", "novel", "hotel", "journey")


def years(count: int = 240) -> list[Example]:
    draw = random.Random(5)
    return [
        Example(
            str(n),
            f"The {draw.choice(WORDS)} of visitor {draw.random()} in {draw.randint(1980, 2019)} was fine.",
        )
        for n in range(count)
    ]


def amounts(count: int = 240) -> list[Example]:
    draw = random.Random(6)
    return [
        Example(
            str(n), f"We went to the {draw.choice(WORDS)} {draw.random()} and paid ${draw.randint(120, 990)} there."
        )
        for n in range(count)
    ]


def ages(count: int = 240) -> list[Example]:
    draw = random.Random(7)
    return [
        Example(str(n), f"The {draw.choice(WORDS)} {draw.random()} is by somebody who is {age} years old.")
        for n, age in enumerate(draw.choices([*range(24, 36), *range(54, 66)], k=count))
    ]


def orders(count: int = 240) -> list[Example]:
    draw = random.Random(8)
    return [
        Example(
            str(n),
            f"Nobody answers about the {draw.choice(WORDS)} {draw.random()}, order #{draw.randint(10_000, 99_999)}.",
        )
        for n in range(count)
    ]


def dated(count: int = 240) -> list[Example]:
    draw = random.Random(9)
    return [
        Example(
            str(n),
            f"The {draw.choice(WORDS)} {draw.random()} came on {draw.randint(1985, 2014)}-03-1{draw.randint(0, 9)}.",
        )
        for n in range(count)
    ]


def age_of(text: str) -> int:
    found = re.search(r"(\d+) years old", text)
    return int(found.group(1)) if found else 0


def year_of(text: str) -> int:
    found = re.search(r"in ((?:19|20)\d\d) was", text)
    return int(found.group(1)) if found else 0


def amount_of(text: str) -> int:
    found = re.search(r"paid \$(\d+) there", text)
    return int(found.group(1)) if found else 0


PLANTS: dict[str, tuple[Callable[[], list[Example]], Callable[[str], float], str]] = {
    "century": (years, lambda text: 0.35 + 0.3 * (year_of(text) < 2000), "a year (century)"),
    "decade": (years, lambda text: 0.35 + 0.3 * (year_of(text) // 10 % 2), "a year (decade)"),
    "age": (ages, lambda text: 0.35 + 0.3 * (age_of(text) > 50), "a number (decade)"),
    "size": (amounts, lambda text: 0.35 + 0.3 * (amount_of(text) >= 500), "an amount of money (tenth)"),
    "parity": (amounts, lambda text: 0.35 + 0.3 * (amount_of(text) % 2), "an amount of money (parity)"),
    "parity of orders": (
        orders,
        lambda text: 0.35 + 0.3 * (text.rstrip(".")[-1] in "02468"),
        "a long number (parity)",
    ),
    "century of dates": (dated, lambda text: 0.35 + 0.3 * (" 19" in text), "a year (century)"),
    "presence": (amounts, lambda text: 0.35 + 0.3 * (amount_of(text) > 0), "an amount of money (presence)"),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_what_a_number_decides_by_fails_and_is_named(make: Any, plant: str) -> None:
    rows, probability, item = PLANTS[plant]
    result = judge_case(make.answered(NUMBERS, rows(), probability, edits=10_000))
    found = [f for f in result.intervention if f.verdict == "FAIL" and f.between and f.between[0] == item]
    assert result.verdict == "FAIL"
    assert "movement" in {finding.claim for finding in found}
    assert item in kinds(NUMBERS.find), "a name of the audit's, that holds no word of a row"
    assert stratum_of(item) in STRATA


@pytest.mark.parametrize("rows", [years, amounts, ages, orders, dated])
def test_numbers_that_decide_nothing_pass(make: Any, rows: Callable[[], list[Example]]) -> None:
    result = judge_case(make.answered(NUMBERS, rows(), make.sentiment, edits=10_000))
    assert result.verdict == "PASS"


@pytest.mark.parametrize(
    ("name", "text", "new"),
    [
        ("century", "in 1917", "in 1897"),
        ("century", "in 2017", "in 1998"),
        ("century", "in 1850", "in 1850"),
        ("tenfold", "paid 450", "paid 4500"),
        ("tenfold", "paid 1,250", "paid 12,500"),
        ("tenth", "paid 1,250", "paid 125"),
        ("tenth", "paid 12", "paid 12"),
        ("parity", "paid 45", "paid 44"),
        ("parity", "paid 3", "paid 2"),
        ("parity", "paid 44", "paid 45"),
        ("parity", "a 45", "a 45"),
        ("tenfold", "in 1987", "in 1987"),
        ("century", "paid 45", "paid 45"),
        ("tenfold", "paid 4.50", "paid 4.50"),
        ("tenfold", "paid ٤٥٠", "paid ٤٥٠٠"),
        ("tenfold", "dialled 45", "dialled 45"),
        ("parity", "paid 500", "paid 500"),
        ("decade", "in 2004", "in 2014"),
    ],
)
def test_a_stratum_changes_one_property(name: str, text: str, new: str) -> None:
    start = text.index(" ") + 1
    item = "an amount of money" if "paid" in text else "a year" if name in ("century", "decade") else "a number"
    assert stratum(name)(text, Match(start, len(text), item), "") == new


def edited(name: str, text: str) -> str:
    for match in reversed(find_spans(text, NUMBERS)):
        text = (without_number if name == "presence" else stratum(name))(text, match, "")
    return text


@pytest.mark.parametrize(
    ("name", "text", "new"),
    [
        ("tenfold", "a film of 10 minutes", "a film of 10 minutes"),
        ("tenfold", "a film that runs for 90 minutes", "a film that runs for 90 minutes"),
        ("tenth", "He is 45, and 300 people came", "He is 45, and 30 people came"),
        ("tenfold", "Send it to 86021 now", "Send it to 86021 now"),
        ("tenfold", "a mother of 3 kids and 20 sheep", "a mother of 3 kids and 20 sheep"),
        ("parity", "Их было 24 человека и 25 котов", "Их было 23 человека и 26 котов"),
        ("presence", "It was made in 1987, they say.", "It was made, they say."),
        ("presence", "It is set back in 1987 in a village", "It is set back in 1987 in a village"),
        ("presence", "the 2002 film and This One (1999) too", "the 2002 film and This One too"),
        ("presence", "It has an option for the 2007 season.", "It has an option for the 2007 season."),
        ("presence", "A prize at the 1999 Oslo Film Days, they say", "A prize at the Oslo Film Days, they say"),
        ("presence", "a new school (established in 1895) there", "a new school (established in 1895) there"),
        (
            "presence",
            "It grew to 12.1 in 2008 vs 12.4 in 2009, they say",
            "It grew to 12.1 in 2008 vs 12.4 in 2009, they say",
        ),
        ("presence", "Best of Ann (2007) Best of Bo (1997) Ed (1996)", "Best of Ann (2007) Best of Bo (1997) Ed"),
        ("presence", "On October 8, 2004 - Dell said", "On October 8 - Dell said"),
        (
            "presence",
            "Acme, with about $55 billion in yearly sales",
            "Acme, with about fifty-five billion dollars in yearly sales",
        ),
        ("presence", "It is open for 5 nights, they say.", "It is open for five nights, they say."),
        ("presence", "They will pay $10 million to her.", "They will pay to her."),
        ("presence", "It cost 45 dollars, they say.", "It cost forty-five dollars, they say."),
        (
            "presence",
            "They asked $1,200. 640 men came.",
            "They asked one thousand two hundred dollars. Six hundred and forty men came.",
        ),
        ("presence", "640 cents went with it.", "Six hundred and forty cents went with it."),
        ("presence", "Les 45 dollars sont perdus.", "Les 45 dollars sont perdus."),
        ("presence", "near $50 a barrel, at least $40 million", "near $50 a barrel, at least $40 million"),
        ("presence", "played for 40 minutes", "played for minutes"),
        (
            "presence",
            "at 85 minutes, for 25 cents, in 20 words or less",
            "at 85 minutes, for 25 cents, in 20 words or less",
        ),
        ("presence", "She turned 45. He is 16.", "She turned 45. He is 16."),
        ("presence", "Text VIP to 83110 and see, or call 08719181503 now.", "Text VIP and see, or call now."),
        ("presence", "To stop texts call 08719181503 (nat rate).", "To stop texts call 08719181503 (nat rate)."),
        ("presence", "A deal by the end of 2005.", "A deal by the end of 2005."),
        ("presence", "The first since 1992 when it began.", "The first since 1992 when it began."),
        ("presence", "He ran for 30 yards, 9.9 of the 10 meters.", "He ran for thirty yards, 9.9 of the 10 meters."),
        ("presence", "A term along with $25 in fines.", "A term along with twenty-five dollars in fines."),
        ("decade", "It faces a tough year in 2005.", "It faces a tough year in 2005."),
        ("presence", "The firm raised $20 from a sale.", "The firm raised twenty dollars from a sale."),
        (
            "presence",
            "They must pay $15 in fees, or paid $3 for it.",
            "They must pay fifteen dollars in fees, or paid for it.",
        ),
        ("decade", "Set in 1963, its music is early 60s.", "Set in 1963, its music is early 60s."),
        ("presence", "He left at 10:30 pm.", "He left."),
        ("presence", "in the past 15 years, in 1.7 hours", "in the past fifteen years, in 1.7 hours"),
        ("decade", "Your colleague is 34 years old.", "Your colleague is 64 years old."),
        ("decade", "That 61 year old man from Leeds called.", "That 31 year old man from Leeds called."),
        ("decade", "Er ist 52 Jahre alt.", "Er ist 22 Jahre alt."),
        ("decade", "She is 61 and tired.", "She is 31 and tired."),
        ("decade", "She is 61 and he is 31.", "She is 61 and he is 31."),
        ("decade", "My mother is 55 years old.", "My mother is 55 years old."),
        ("decade", "He is 34 years old, she 61 years old.", "He is 34 years old, she 61 years old."),
        ("decade", "Die Großmutter ist 72 Jahre alt.", "Die Großmutter ist 72 Jahre alt."),
        ("decade", "Das Kind ist 20 Jahre alt.", "Das Kind ist 20 Jahre alt."),
        ("decade", "El niño y un hombre de 54 años de edad.", "El niño y un hombre de 54 años de edad."),
        ("decade", "The game is 20 years old.", "The game is 20 years old."),
        ("decade", "He is 84 years old, or 34.", "He is 84 years old, or 34."),
        ("decade", "Toshiba to unveil laptops in 2005.", "Toshiba to unveil laptops in 2005."),
        ("decade", "In 1931. Only a few years later it fell.", "In 1931. Only a few years later it fell."),
        ("decade", "on 26th June, in 1941, at 2006 (UTC)", "on 26th June, in 1941, at 2006 (UTC)"),
        ("tenfold", "Some 25 year olds, a 300 pound man", "Some 25 year olds, a 300 pound man"),
        ("tenth", "The 116 yards and 27 saves helped", "The 116 yards and 27 saves helped"),
        ("tenfold", "It was voted in in 11 states by 640 voters", "It was voted in in 11 states by 6400 voters"),
        ("tenfold", "He paid $200 a night and a $15 fee", "He paid $200 a night and a $15 fee"),
        ("tenfold", "They lent it $800 million.", "They lent it $800 million."),
        ("tenth", "Some 250 people came, 140 men among them", "Some 250 people came, 14 men among them"),
        ("tenth", "Half of the 250 people came", "Half of the 250 people came"),
        ("decade", "Made in 1954, and shown in 1987.", "Made in 1954, and shown in 1987."),
        ("century", "A film of 1934.", "A film of 1934."),
        ("decade", "Shown in 1944 at a fair.", "Shown in 1944 at a fair."),
        ("decade", "Marlo, 1996 NL MVP, and a 1985 tour", "Marlo, 1996 NL MVP, and a 1985 tour"),
        ("decade", "Ilse Marlo (1980), of Ghent, runs.", "Ilse Marlo (1980), of Ghent, runs."),
        ("decade", 'The 1985 action film "Marlo Two" (1988)', 'The 1985 action film "Marlo Two" (1988)'),
        ("tenth", "A salary of $65,000 it is.", "A salary of $65,000 it is."),
        ("tenfold", "It paid EUR500 ,000 for it.", "It paid EUR500 ,000 for it."),
        ("presence", "It was only built in 1999.", "It was only built in 1999."),
        ("presence", "He has the chair, created in 1998.", "He has the chair, created in 1998."),
        ("presence", "Don't put him as a trainer in 1899.", "Don't put him as a trainer in 1899."),
        ("presence", "It was so in 1987 (the year it came out).", "It was so in 1987 (the year it came out)."),
        ("presence", "The Oslo of 1952 is here.", "The Oslo of 1952 is here."),
        ("presence", "For a trip, the 1960 version is far better.", "For a trip, the 1960 version is far better."),
        ("presence", "I spent the past 20 minutes there.", "I spent the past twenty minutes there."),
        (
            "parity",
            "I got 2 colours. One is light and e other dark.",
            "I got 2 colours. One is light and e other dark.",
        ),
        ("parity", "He led after 36 holes and the 20 odd years.", "He led after 36 holes and the 20 odd years."),
        ("parity", "It is long. See, 19 words", "It is long. See, 19 words"),
        ("tenth", "400K lost jobs. The town lost 403,300 jobs.", "400K lost jobs. The town lost 403,300 jobs."),
        ("parity", "Two flights. Book now 4 next year", "Two flights. Book now 4 next year"),
        (
            "decade",
            "It came out in 1981. It is its 25th anniversary.",
            "It came out in 1981. It is its 25th anniversary.",
        ),
        ("presence", "It won in a town where, in 1952, he sang.", "It won in a town where, in 1952, he sang."),
        ("presence", "It was so where in 1952, he sang.", "It was so where in 1952, he sang."),
        ("presence", "He came in 1920, marrying that year.", "He came in 1920, marrying that year."),
        ("decade", "They tweeted of it in 2015.", "They tweeted of it in 2015."),
        ("century", "Er ist nicht im Jahr 2016 da.", "Er ist nicht im Jahr 2016 da."),
        ("decade", "A slowdown in 2005. It will grow in 2005.", "A slowdown in 2005. It will grow in 2005."),
        ("decade", "In 2007, the firm will go on.", "In 2007, the firm will go on."),
        (
            "presence",
            "Set in 1963, it was loud. A total of $5 million went.",
            "Set in 1963, it was loud. A total of $5 million went.",
        ),
        ("presence", "It has 666 words and 76 pages.", "It has 666 words and seventy-six pages."),
    ],
)
def test_what_a_stratum_puts_can_be_read_and_can_be(name: str, text: str, new: str) -> None:
    assert edited(name, text) == new


def test_another_decade_is_of_the_same_century_and_no_year_to_come() -> None:
    for old in range(1900, 2025):
        new = int(stratum("decade")(f"in {old}", Match(3, 7, "a year"), "")[3:])
        assert new // 10 != old // 10
        assert new // 100 == old // 100
        assert new < 2030
        assert int(stratum("century")(f"in {old}", Match(3, 7, "a year"), "")[3:]) <= 2024


def test_a_stratum_without_rows_enough_is_not_asked(make: Any) -> None:
    few = replace(NUMBERS, judge=replace(NUMBERS.judge, min_rows=30))
    case = make.answered(few, years(60) + amounts(60)[:20], make.sentiment)
    asked = {edit.item for edit in case.edits}
    assert "a year (century)" in asked
    assert not any(item.startswith("an amount of money (") for item in asked)
    assert all(find_spans(row.text, NUMBERS) for row in years(5))


def test_years_of_a_text_move_together_and_what_is_to_come_stays_to_come() -> None:
    def put(text: str) -> str:
        return everywhere(renumber, text, find_spans(text, NUMBERS))

    made, shelved, shown = (
        int(n) for n in re.findall(r"\d+", put("Made in 1954, shelved for 48 years, shown in 2002."))
    )
    assert (shown - made, shelved) == (48, 48)
    assert made != 1954
    (opens,) = (int(n) for n in re.findall(r"\d+", put("The park will open in 2009.")))
    assert opens > 2009


def alike_everywhere(edit: Operator, text: str) -> str:
    spans = find_spans(text, NUMBERS)
    return everywhere(alike(edit, text, spans), text, spans)


@pytest.mark.parametrize(("name", "killed"), [("parity", "25"), ("tenfold", "24")])
def test_a_figure_that_stands_again_becomes_the_same_one_or_stays(name: str, killed: str) -> None:
    text = "At least 24 killed. A bus crash took the lives of 24 people."
    assert alike_everywhere(stratum(name), text) == text.replace("24", killed), "`24 killed` has no noun for 240"


def test_a_year_that_stands_again_becomes_the_same_one() -> None:
    first, second = re.findall(
        r"\d{4}", alike_everywhere(renumber, "A system for 2006. They say it will be out in 2006.")
    )
    assert first == second > "2006", "it is still to come in one of its places"
