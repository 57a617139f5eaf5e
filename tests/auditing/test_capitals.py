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
