"""Marks of other scripts, marks that belong to something else, and marks that come in pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, SupportsIndex

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.operators import beside, delete, everywhere, swap
from token_saliency.auditing.judging.claims.beside import undecided
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.spans.marks import beside_marks
from token_saliency.auditing.spans.marks.taken_marks import taken_away
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Example

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


def test_a_possessive_ending_stays_when_a_mark_before_it_goes() -> None:
    text = 'the end of "Red Moon"\'s run'
    spans = [m for m in find_spans(text, PUNCTUATION) if m.item == '"']
    assert everywhere(delete, text, spans) == "the end of Red Moon's run"


def test_an_inserted_mark_is_written_as_it_is() -> None:
    assert swap("很好", Match(2, 2, ""), "!") == "很好!"


def without(text: str, item: str) -> str | None:
    """The text when the mark is taken away; None where it cannot be."""
    marks = [match for match in find_spans(text, PUNCTUATION) if match.item == item]
    assert marks, f"{item} is not found in {text!r}"
    taken = taken_away(text, marks, PUNCTUATION.find.options)
    return everywhere(delete, text, taken) if taken else None


def taken(text: str, item: str) -> bool:
    """Whether nothing stands in for it."""
    marks = [match for match in find_spans(text, PUNCTUATION) if match.item == item]
    assert marks, f"{item} is not found in {text!r}"
    found = taken_away(text, marks, PUNCTUATION.find.options)
    return bool(found) and not any(match.instead for match in found)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (",", "It was long, but it was fun."),
        (",", "Shares fell, sending the dollar to a new low."),
        (",", "The envoy, who arrived on Monday, left."),
        (",", "As far as I can tell, the film works."),
        (",", "In trying to be daring, it comes off as dull."),
        (",", "The best scene however, was long."),
        (",", "A wistful, endearing hero."),
        (",", "Mild, meandering teen flick."),
        (",", "A banal, boring and soulless film."),
        (",", "It shows shoe-loving, crippled children."),
        (",", "At its own breezy, distracted pace it goes."),
        (",", "Yeah, that is what I was thinking"),
        (",", "It was, however, good."),
        (",", "Ann, who's in every scene, shines."),
        (",", "I saw it there, too."),
        (",", "He met her, and his son, and left."),
        (",", 'Calling it "bold," as you did, is kind.'),
        (",", "I need you bad, princess!"),
        (",", "A poignant, artfully crafted film."),
        (",", "On August 25, 2004 they met."),
        (",", "Es war lang, aber gut, weil er sang."),
        (",", "C'était long, mais beau."),
        (",", "Era largo, pero bueno."),
        (",", "كان طويلا، وكان جيدا."),
        ("()", "The hills (but not the valley) are green."),
        ("()", "We left. (It was late.) She stayed."),
        ("()", "He wrote on 3 June 2007 (UTC) again."),
        ('"', 'The film "Red Moon" is a thrill.'),
        ("--", "It was silly -- and in the best way."),
        ("...", "It was fine... but too long."),
        ("...", "My life...!! gud night"),
        (":", "Call us, code: 49557"),
        (":", 'He said: "I am here."'),
        ("?", 'He asked "why?" and left.'),
        (".", "It was good."),
        ("!", "Avoid!<br /><br />It is bad"),
        ("!", "URGENT!: call us"),
    ],
)
def test_a_mark_of_style_may_be_taken_away(item: str, text: str) -> None:
    assert taken(text, item)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (",", "I like red, green and blue."),
        (",", "Past, present and future collide."),
        (",", "It works, I saw it there."),
        (",", "Bolstered by investors, Acme Corp. appears to win."),
        (",", "Another day, morning has come."),
        (",", "He saw no plot, interesting shots, or wit."),
        ("--", "It is silly -- and it is not -- it is merely long."),
        ("--", "It is all bluster -- in the end it is sweet."),
        ("...", "One of the few.. if not the only one."),
        ("()", "I hate it (as many people here still call it by name) or not."),
        ('"', 'It is in the "see it again and again" box.'),
        ('"', 'She fights ("I will go now," she says) and wins.'),
        ('"', 'The use of "homosexual" is clinical.'),
        (":", "Boy: gold Girl: no Boy: silver"),
        (",", "Insurers, banks settle with regulators"),
        (",", "GEORGE TOWN, Cayman Islands is hit."),
        (",", "They won 7-6, 6-2 in the end."),
        (",", "A first look, no plot, no wit."),
        (",", "He is on my phone, if you want I can text him"),
        ("()", "It is her husband's (Danny Glover) success."),
        (",", "No, Tiger Woods has not changed his plans."),
        (",", "The talks failed again, the company said on Monday."),
        (",", "Prices may rise, says the bank"),
        (",", "Oslo, the host of the games, was cold."),
        (",", "You Take Tea, I Say Coffee"),
        (",", "Chad, EU Envoys Meet Today"),
        (",", "Caution, sliding prices"),
        (",", "do not move this, ask for it first"),
        ('"', 'And well "earned!".'),
        (",", "很好，太棒了"),
        (",", "Ich mag Äpfel, Birnen und Pflaumen."),
        (",", "كتب، أقلام"),
        ("、", "苹果、香蕉"),
        ("()", "This page (Marble) is from here."),
        ("()", "They saw the link (counting from one) there."),
        ("()", "She met a tall girl (certainly that tall) there."),
        ("()", "At 9:45 am (2:45 am British time) it came."),
        ("()", "Shares rise (Reuters). Reuters - They rose."),
        ("()", "At its best (and it does have good scenes) it holds."),
        ("()", "The Communist Party (CCP) has read it."),
        ('"', 'He said "I am the one here" to us.'),
        ('"', 'Stop writing "That Thing" They never read it.'),
        ("-", "LONDON (Reuters) - Oil prices rose."),
        ("-", "AP - Two moons were seen."),
        ("--", "Her first role -- she does little."),
        ("...", "He was good... She was bad."),
        ("...", "It moves me (laughter, fear, ...), a lot"),
        (":", "Baseball's return: a long time coming."),
        (":", "LIVE: Rain stops play"),
        (":", "Agent: 'I play'"),
        (":", 'The union sent him a short note: "We go."'),
        (";", "It is short; it just tells a story."),
        (".", "Rain. Play stops."),
        ("?", "Which lesson? then you call me"),
        ("?", "are you there?yes i am"),
    ],
)
def test_a_mark_that_parts_stays(item: str, text: str) -> None:
    assert not taken(text, item)


@pytest.mark.parametrize(
    ("item", "text", "expected"),
    [
        (",", "I like red, green and blue.", "I like red & green and blue."),
        (",", "A pale, long face.", "A pale & long face."),
        (",", "Pudge, Guillen leave", "Pudge & Guillen leave"),
        (",", "Harbour rebels, UN meet. It was late.", "Harbour rebels & UN meet. It was late."),
        (",", "Wilding, Bo face long day. It was late.", "Wilding & Bo face long day. It was late."),
        (",", "Bo Day, Ann, and Cy are lame in it here.", "Bo Day & Ann and Cy are lame in it here."),
        (",", "Bo's furious, often gentle tune.", "Bo's furious & often gentle tune."),
        (",", "A wry, winning, if long, tune.", "A wry & winning if long tune."),
        (",", "It has been, mind the word, told and sold.", None),
        (",", "It is so: that is, why a page is here", "It is so: that is – why a page is here"),
        (",", "When you think it is gay, in comes Bo Day.", "When you think it is gay – in comes Bo Day."),
        (",", "During the war he ran the ship, the men sang.", None),
        (",", "With some clothes, some shots of it", None),
        (",", "If you can get me, as he is here I go", "If you can get me – as he is here I go"),
        (",", "They are red, blue, etc. here", "They are red & blue etc. here"),
        (",", "Over the years, the cost of it has risen.", "Over the years the cost of it has risen."),
        (",", "Between them, Ann makes it a hit.", "Between them Ann makes it a hit."),
        (",", "Bo lost ground, opening a hole, and fell.", None),
        (",", "Wearing a coat, Bo took the train.", None),
        (",", "In a move to add more to its set, maker Red Bo has it.", None),
        (",", "For a film that praises it, What to Do is long.", None),
        (",", "Beautifully told by Bo, the tale is long.", None),
        (",", "Mostly, Ann and her aunt Bo have a plan.", None),
        (",", "It is a slow, baggy, long song of a film.", None),
        (",", "It is for a clean, kid-friendly day.", None),
        (",", "He sees the edge of wild, lunatic ideas here.", None),
        (
            ",",
            "It is a threat to our economy, Reserve head Ann Bo said.",
            "It is a threat to our economy – Reserve head Ann Bo said.",
        ),
        (",", "It is so sharp, so dry about it.", None),
        (",", "Like The Red Day and The Green Bo, The Hours is long.", None),
        (",", "He has no skill, wit or any other gift.", "He has no skill / wit or any other gift."),
        (",", "India, Oslo fail to agree on a bus service in the hills.", None),
        (",", "It helps Acme, Union Bank.", None),
        (",", "A firm, gate-bound slog that has little to say here", None),
        (",", "It was a launch this week of a tool, an extra switch and a Web site that sells it.", None),
        (",", "True to its name, it traps us.", None),
        (
            ",",
            "It has all it would need, like, good wit and men.",
            "It has all it would need – like – good wit and men.",
        ),
        ("()", "The town of Bo.. (?) is here.", "The town of Bo.. [?] is here."),
        (",", "Oslo, EU Envoys Seek Long Deal (AP)", None),
        (",", "It is a loss, a joyous, dreadful jumble of it.", None),
        (",", "In the long, dreadful line of kin, Like Bo stands out.", None),
        (",", "Ann sold a new one, Play One, in large shops.", None),
        (",", "It is a long tale, written and told well.", "It is a long tale – written and told well."),
        (",", "He may not make the edit, consider creating a name.", None),
        (",", "There are two fine men, Ann Bo and Ed Oak.", "There are two fine men – Ann Bo and Ed Oak."),
        (",", "They hold him to account for sins, of being rude.", None),
        ("()", "The old school (since closed) is here.", "The old school [since closed] is here."),
        ("()", "He likes jazz (especially old) but sings.", "He likes jazz [especially old] but sings."),
        ("()", "He likes jazz (but not all, mind) and sings.", "He likes jazz [but not all, mind] and sings."),
        ("--", "It is for us -- above all here -- a long day.", "It is for us – above all here – a long day."),
        ("--", "As a guest -- but, happily, of none -- I say so.", "As a guest – but, happily, of none – I say so."),
        (
            "--",
            "It is fine -- and it is long. It is -- in a way -- odd.",
            "It is fine and it is long. It is in a way odd.",
        ),
        ("--", "It is at least -- annoying, is it not", "It is at least – annoying, is it not"),
        (",", "They won 7-6, 6-2 in the end.", "They won 7-6 & 6-2 in the end."),
        (",", "Oct. 3, 2004 was long", "Oct. 3 – 2004 was long"),
        (",", "Her pale, long face", "Her pale & long face"),
        (",", "Ann's pale, long face", "Ann's pale & long face"),
        (",", "I will do, Ann and I are busy", "I will do – Ann and I are busy"),
        (",", "Acme Ltd, PO Box 5", None),
        (",", "It works, I saw it there.", "It works – I saw it there."),
        (",", "He told the tale, rather than show it", "He told the tale – rather than show it"),
        (",", "The Prime Minister, Ann Wood, said so.", "The Prime Minister – Ann Wood – said so."),
        (",", "Acme, Inc. has pens, ink and paper", "Acme Inc. has pens & ink and paper"),
        (",", "It sold the system, dubbed Oak, to us.", "It sold the system – dubbed Oak – to us."),
        (",", "It works,I saw it there.", "It works – I saw it there."),
        (",", "Oslo, the host of the games, was cold.", "Oslo – the host of the games – was cold."),
        (",", "The talks failed again, the company said.", "The talks failed again – the company said."),
        (",", "GEORGE TOWN, Cayman Islands: it is hit.", "GEORGE TOWN – Cayman Islands: it is hit."),
        (",", "GEORGE TOWN, Cayman Islands is hit.", None),
        (",", "It was long, but we saw cats, dogs and birds.", "It was long but we saw cats & dogs and birds."),
        (",", "If it holds, police say so.", "If it holds – police say so."),
        (",", "And even if it holds, police say so.", "And even if it holds – police say so."),
        (",", "The firm, seeking to cut costs, said so.", "The firm – seeking to cut costs – said so."),
        (",", "Vioxx, used by many here, was banned.", "Vioxx – used by many here – was banned."),
        (",", "He cut Al Bo, their third man, on Sunday.", "He cut Al Bo – their third man – on Sunday."),
        (",", "It is love and, even more so, joy.", "It is love and – even more so – joy."),
        (",", "Strikes in Fallujah, Samarra, and Tal Afar", "Strikes in Fallujah & Samarra and Tal Afar"),
        (",", "Happy Friend,Mother,Father,Child Day", "Happy Friend & Mother & Father & Child Day"),
        (
            ",",
            "From a place where past, present and future meet.",
            "From a place where past & present and future meet.",
        ),
        (",", "For free games, news and sport, call", None),
        (",", "She won a Nokia 8800, PSP or some cash.", None),
        (",", "Even 45 years later, it is quite good.", None),
        (",", "It is brutal, no guns or fighting scenes.", None),
        (",", "Call 0871570, 1x150p or write", None),
        (":", "miaow miaow:-D", None),
        (":", "see ``:nl:Ann Moor``", None),
        (",", "It has a pen, a book or a bag.", "It has a pen / a book or a bag."),
        (",", "A plan at scripting, shooting or later stages.", "A plan at scripting / shooting or later stages."),
        (",", "A love story, capturing the joy and pain", "A love story – capturing the joy and pain"),
        (",", "No peace with Oslo, Union chief Ann told us.", "No peace with Oslo – Union chief Ann told us."),
        (",", "Just watch Buddy, great actors and wit.", None),
        (",", "In lovely costumes, Oslo shots and power.", None),
        (",", "I think of you, sweetie and love you", None),
        (",", "It rose, lifting shares to 13,000.", "It rose lifting shares to 13,000."),
        (",", "Costs, which climbed in U.S. shops, are up.", "Costs which climbed in U.S. shops are up."),
        (",", "Dear Ann,\nthe book came", "Dear Ann –\nthe book came"),
        (",", 'like "Ash", "Oak" and', 'like "Ash" & "Oak" and'),
        (",", "很好，太棒了", "很好；太棒了"),
        (",", "كتب، أقلام", "كتب؛ أقلام"),
        ("、", "苹果、香蕉", "苹果，香蕉"),
        ("()", "This page (Marble) is from here.", "This page [Marble] is from here."),
        ('"', 'He said "I am the one here" to us.', "He said “I am the one here” to us."),
        ("‘", "He said ‘I am the one here’ to us.", None),
        (
            '"',
            'Many "pagans" in the US." They "are here now, you see".',
            "Many pagans in the US. They “are here now, you see”.",
        ),
        (":", "Boy: gold Girl: no Boy: silver", None),
        ('"', 'He said "I am the one here" to "us.', "He said “I am the one here” to us."),
        ('"', 'It ends here."', "It ends here."),
        ('"', 'A 9" screen', None),
        ("-", "LONDON (Reuters) - Oil prices rose.", "LONDON (Reuters) – Oil prices rose."),
        ("...", "He was good... She was bad.", "He was good. She was bad."),
        ("...", "He was good..she was bad.", "He was good – she was bad."),
        ("...", "It moves me (laughter, fear, ...), a lot", None),
        (":", "LIVE: Rain stops play", "LIVE – Rain stops play"),
        (";", "It is short; it just tells a story.", "It is short – it just tells a story."),
        ("!", "Great! We saw it twice!", "Great. We saw it twice"),
        ("?!", "What?! You saw it", "What? You saw it"),
        (".", "Rain. Play stops.", None),
        ("?", "Which lesson? then you call me", None),
    ],
)
def test_another_mark_stands_in_for_one_that_parts(item: str, text: str, expected: str | None) -> None:
    """All of an item go: what is left of it would still tell."""
    assert without(text, item) == expected


class Counted(str):
    """A text that counts the letters which are cut out of it."""

    cut = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        found = super().__getitem__(key)
        Counted.cut += len(found)
        return found


@pytest.mark.parametrize(("item", "piece"), [(",", ", "), (",", "A, "), ("-", "- "), ("!", "! ")])
def test_a_long_row_of_marks_takes_no_square_of_its_length(item: str, piece: str) -> None:
    text = piece * (20_000 // len(piece))
    marks = [match for match in find_spans(text, PUNCTUATION) if match.item == item]
    assert len(marks) > 6_000
    Counted.cut = 0
    beside_marks._breaks.cache_clear()
    taken_away(Counted(text), marks, PUNCTUATION.find.options)
    assert Counted.cut < 10 * beside_marks.NEAR * len(marks)  # a square: 10,000 letters a mark
    assert beside_marks._breaks.cache_info().misses == 1  # the text is searched once


def test_a_mark_that_no_row_may_lose_is_told() -> None:
    """Beside the marks that pass: nothing is known of what its absence does."""
    rows = [{"text": f"is it a bag{n}? we saw one{'.!'[n % 2]}", "label": "ab"[n % 2]} for n in range(120)]
    steady = TextClassifier.from_function(lambda texts: np.full((len(texts), 2), 0.5), labels=["a", "b"])
    report = run_audits(steady, rows, ["punctuation"], discovery=False)
    said = "shift was not run for “?” (none of the 120 rows reads without it): the rows cannot tell."
    assert report.audits["punctuation"].verdict == "PASS"
    assert f"punctuation: {said}" in report.warnings


@pytest.mark.parametrize(("push", "verdict"), [(0.2, "INCONCLUSIVE"), (0.0, "PASS")])
def test_nothing_passes_beside_a_mark_that_few_rows_may_lose_and_that_moves_these(push: float, verdict: str) -> None:
    """Of 120 rows with a `?` 20 read on without it: too few to decide, and they tell enough to say no PASS."""
    asked = [f"is it a bag{n}? we saw one{'.!'[n % 2]}" for n in range(100)]
    texts = [*asked, *(f'day{n} she asked "why?" and left{".!"[n % 2]}' for n in range(20))]
    rows = [{"text": text, "label": "ab"[n % 2]} for n, text in enumerate(texts)]

    def leaning(asked: list[str]) -> np.ndarray:
        chance = np.array([0.3 + push * ("?" in text) + 0.001 * (len(text) % 3) for text in asked])
        return np.stack([1 - chance, chance], axis=1)

    found = run_audits(TextClassifier.from_function(leaning, labels=["a", "b"]), rows, ["punctuation"], discovery=False)
    audit = found.audits["punctuation"]
    assert audit.verdict == verdict
    assert ("“?” moves P(" in audit.reason) == (verdict == "INCONCLUSIVE")
    assert "“?” (20 of the 120 rows that hold it)" in " ".join(found.warnings)


def test_a_mark_whose_controls_move_more_is_not_told_as_one_of_too_few_rows(make: Any) -> None:
    audit = load_audits(["punctuation"])["punctuation"]
    case = make.answered(audit, [Example(str(n), f"it is a bag{n}, said one.") for n in range(60)], lambda _: 0.5)
    one = next(
        one for one in judge_case(case).intervention if one.operator == "delete" and (one.between or ("",))[0] == ","
    )
    less = replace(one, claim="movement", verdict="INCONCLUSIVE", effect=-0.2, interval=(-0.25, -0.15))
    said, advice = undecided(case, [less])
    assert "“,” moves the output by 0.200 less than its controls" in said
    assert "too few" not in said
    assert "Read the controls" in advice
    assert "too few" in undecided(case, [replace(less, effect=0.2, interval=(0.15, 0.25))])[0]


@pytest.mark.parametrize(
    ("text", "mark", "instead", "both"),
    [
        ("Review: fine", ":", " –", "Review: – fine"),
        ("Review:\nfine", ":", " –", "Review: –\nfine"),
        ("oil, gas and wood", ",", " &", "oil, & gas and wood"),
        ("well ... Then", "...", ".", "well ... . Then"),
        ("a word (this) there", "(", "[", "a word ([this) there"),
    ],
)
def test_a_mark_and_what_would_stand_in_for_it_side_by_side(text: str, mark: str, instead: str, both: str) -> None:
    start = text.index(mark)
    assert beside(text, Match(start, start + len(mark), mark, instead=instead)) == both
