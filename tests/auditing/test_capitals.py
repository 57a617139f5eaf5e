"""Which capitals are a way of shouting, and which are the way a word is always written."""

from __future__ import annotations

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.auditing.spans.templates import learned

CASING = load_audits(["casing"])["casing"]


def recased(text: str, rows: tuple[str, ...] = ()) -> str:
    audit = learned(CASING, rows) if rows else CASING
    for match in reversed(find_spans(text, audit)):
        text = OPERATORS["recase"](text, match, "")
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is NO SUCH THING", "There is no such thing"),
        ("WHO DID YOU VOTE FOR", "Who did you vote for"),
        ("GUYSSSSS YOU KNOW", "Guysssss you know"),
        ("So PLEASE DO NOT CREAT PROBLEMS here", "So please do not creat problems here"),
        ("LOOK AT THE FILM URE A BEAUTIFUL WOMAN", "Look at the film URE a beautiful woman"),
        ("HE COMES FROM NEW MEXICO AND IS HERE", "He comes from New Mexico and is here"),
        ("Ask the POTUS about OSHA, NALGO or MYOB.", "Ask the POTUS about OSHA, NALGO or MYOB."),
        ("I DON'T know. I'M SO TIRED", "I don't know. I'm so tired"),
        ("It ended.<br /><br />THE FILM IS BAD", "It ended.<br /><br />The film is bad"),
        ("THIS IS THE BEST FILM THAT SHROYER EVER MADE", "This is the best film that Shroyer ever made"),
        ("NEW YORK/CHICAGO (Reuters)", "NEW YORK/CHICAGO (Reuters)"),
        ("see you at 10 AM PT, 7:48 AM", "see you at 10 AM PT, 7:48 AM"),
        ("the AIDS crisis and XIII", "the AIDS crisis and XIII"),
        ("`  ==WHY do you ask", "`  ==Why do you ask"),
        (
            "The best was Bobby Vernon's DON'T KID ME. It's SO bad",
            "The best was Bobby Vernon's DON'T KID ME. It's so bad",
        ),
        ("On Friends six people talk. DON'T WATCH FRIENDS!", "On Friends six people talk. Don't watch Friends!"),
        ("Text your NAME and send YES", "Text your name and send YES"),
        ("HELLO PEACH! MY CAKE TASTS LUSH!", "Hello peach! My cake tasts lush!"),
        ("THEY WERE EATEN BY A PACK OF RABID BABOONS", "They were eaten by a pack of rabid baboons"),
        ("WHY DID YOU PLAY AFROJACK TO US?", "Why did you play Afrojack to us?"),
        ("It was KIND OF slow and she COMES BACK ALONE.", "It was kind of slow and she comes back alone."),
        ("They give no ONE LINE answer to a ONE LINE letter", "They give no one line answer to a one line letter"),
        (
            "***POSSIBLE SPOILER*** He wins. (END OF SPOILER) Fine.",
            "***Possible spoiler*** He wins. (End of spoiler) Fine.",
        ),
        (
            "It SHINES, it really SHINES, and I could EASILY see it",
            "It shines, it really shines, and I could easily see it",
        ),
        ("Rents fall. TENANTS in the town, A BAKER who moved", "Rents fall. Tenants in the town, A BAKER who moved"),
        ("Rents fall. A BAKER who moved paid less.", "Rents fall. A baker who moved paid less."),
        ("HARBOUR CLOSED AFTER FIRE IN OSLO. All is well.", "Harbour closed after fire in Oslo. All is well."),
        ("WEATHER: Rain later. CHESS: A draw.", "Weather: Rain later. Chess: A draw."),
        ("I saw it.THIS FILM IS BAD.the end is worse", "I saw it.This film is bad.the end is worse"),
        ("WOT DID KEVIN ZORBLAK SAY 2 U? I DUNNO", "Wot did Kevin Zorblak say 2 U? I dunno"),
        ("TROLLS ARE KIND TO OSLO, KEVIN IS NOT", "Trolls are kind to Oslo, Kevin is not"),
        (
            "He said 'NEVER', and that is MY FRIEND's car? HAHAHA!",
            "He said 'never', and that is my friend's car? Hahaha!",
        ),
    ],
)
def test_a_phrase_changes_whole_and_names_stay(text: str, expected: str) -> None:
    assert recased(text) == expected


def test_the_rows_tell_which_words_of_their_language_are_ordinary() -> None:
    rows = ("Das ist sehr schön.", "Es war schön und sehr lang.", "Ich war in Wien.")
    assert recased("Das war SCHÖN und SEHR lang in WIEN", rows) == "Das war SCHÖN und SEHR lang in WIEN"
    assert recased("ES WAR SEHR SCHÖN UND LANG!", rows) == "ES WAR SEHR SCHÖN UND LANG!"
    assert recased("SEHR SCHÖN!", rows) == "Sehr schön!"
    turkish = ("Bir çok ışıklı gün, iki ay.", "Bu ışıklı gün çok iyi, iki kez.")
    assert recased("Bu ağaç ÇOK IŞIKLI İKİ GÜN!", turkish) == "Bu ağaç çok ışıklı iki gün!"


def test_a_word_that_the_rows_write_as_a_name_is_left() -> None:
    rows = ("He met Apple again.", "They own Apple now.")
    assert recased("What an APPLE it is") == "What an apple it is"
    assert recased("What an APPLE it is", rows) == "What an APPLE it is"


@pytest.mark.parametrize(
    "text",
    [
        "My favourite is NIGHT TRAIN, better than DEATH VALLEY and a STAR HOTEL film",
        "I saw SPLIT ROAD (HARD TIMES) by him",
        "HOLD YOUR FIRE is a film of 1987. I like HOLD YOUR FIRE more.",
        "It is the best version of CAROUSEL so far",
        "BOSTON (AP) -- The case. NEW YORK - Shares rose. A US soldier left.",
        "It is a matter of WHEELS and QXZT, CLEARLY and ZORBLY",
        "a WE vs. THEY world",
        "THIS IS THE Z-Q way",
    ],
)
def test_what_could_be_a_title_or_half_of_a_pair_is_left(text: str) -> None:
    assert recased(text) == text


def test_a_short_name_that_stands_alone_in_capitals_keeps_them_in_a_headline() -> None:
    assert recased("KLINE LINKED WITH BAR SALE. BAR's boss spoke.") == "Kline linked with BAR sale. BAR's boss spoke."


def test_only_keywords_of_one_sentence_are_left_together() -> None:
    kept = "Text your NAME and AGE."
    assert recased(f"{kept} It was an ATTEMPT. DESPAIR! He DOESNT say.") == (
        f"{kept} It was an attempt. Despair! He doesnt say."
    )


def test_what_the_rows_write_as_a_name_keeps_its_capital_however_short() -> None:
    rows = ("I thank God.", "For God he went.")
    assert recased("THE WORD OF GOD IS TRUE", rows) == "The word of God is true"


def test_places_and_peoples_keep_their_capital_whatever_the_rows_write() -> None:
    rows = ("A sikh came to delhi, not far.", "The sikh left delhi, it was late.") * 3
    assert (
        recased("THE HINDU GENERALS TOOK THE SIKH ARMY TO DELHI", rows)
        == "The Hindu generals took the Sikh army to Delhi"
    )


def test_what_rows_write_in_capitals_only_inside_calm_sentences_is_a_code_of_theirs() -> None:
    text = "Can I do a SWIFT transfer?"
    others = ("Are SWIFT transfers free", "My SWIFT transfer is late", "Do you take SWIFT transfers?")
    assert recased(text) == "Can I do a swift transfer?"
    assert recased(text, others) == text
    assert recased(text, (*others, "A swift answer", "So swift it was")) == "Can I do a swift transfer?"
    assert recased("This is SO good", ("It is SO bad", "I am SO glad", "We are SO late")) == "This is so good"
