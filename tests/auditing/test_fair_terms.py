"""What may be put in the place of an identity term, and what is left alone: beside the `[[cases]]` of the audit."""

from __future__ import annotations

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.articles import takes_an
from token_saliency.auditing.edits.by_axis import plan, replaced
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.spans.persons.identity_slots import insertion_places
from token_saliency.auditing.spans.persons.identity_terms import fits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Example

TERMS = load_audits(["demographics"])["demographics"]
BY_ITEM = {entry.item: entry for entry in TERMS.find.lexicon}


def put(text: str, item: str) -> list[str]:
    """The text with the term in each place of its axis that it may fill."""
    axis = BY_ITEM[item].groups["axis"]
    return [
        replaced(text, match, item)
        for match in find_spans(text, TERMS)
        if match.kind and BY_ITEM[match.item].groups["axis"] == axis and fits(BY_ITEM[item], match.kind)
    ]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Mr. Khan is a nice man.", "woman"),
        ("A man came.", "girl"),
        ("When I was a boy, it rained.", "woman"),
        ("One man's meat is another man's poison.", "woman"),
        ("He is a gay writer. He told of his homosexuality.", "bisexual"),
        ("They seek a boy kidnapped by child traffickers.", "lady"),
        ("The men of the platoon sang.", "ladies"),
        ("Two very funny men met: Jack and Tom. Tom sang.", "ladies"),
        ("Kenyan trains stopped. Crowds waited in Nairobi.", "Ugandan"),
        ("The Kenyan election comes.", "Ugandan"),
        ("Kenyan films such as Jaws sold well.", "Ugandan"),
        ("a Chinese man named Chong", "Kenyan"),
        ("The seizures of epileptic patients stopped.", "deaf"),
        ("When I was a teenager it scared me.", "retiree"),
        ("A Muslim woman was fined for wearing a veil.", "man"),
        ("Women stumble to silver. Heather fell.", "men"),
        ("aboriginal Australians sang", "Kenyans"),
        ("European officials warned about the euro.", "Kenyan"),
        ("We flew with American.", "Ugandan"),
        ("The bus boy smiled.", "girl"),
        ("UEFA set the next European match for May.", "Kenyan"),
        ("A Soviet and a Kenyan flag flew.", "Ugandan"),
        ("Her headscarf told of a Muslim girl.", "Hindu"),
        ("They played a gay film before the homosexual parade.", "bisexual"),
        ("The first African winner is a Kenyan.", "Hispanic"),
        ("A Jewish baker sang. An anti-semitic attack followed.", "Sikh"),
        ("What is wrong with these dogs man", "lady"),
        ("A Canadian province warned.", "European"),
        ("We are the Kenyan rules team and the Kenyans won in 1998.", "Ugandans"),
        ("Tom is a great guy.", "gal"),
        ("My wife is pregnant.", "husband"),
        ("A man left his wife.", "woman"),
        ("The men sang, the women did not.", "boys"),
        ("Dear transgender man, hello.", "female"),
        ("The delivery boy came.", "gentleman"),
        ("The Coen brothers made it.", "sisters"),
        ("Where is the Son of the house?", "daughter"),
        ("He is a homosexual.", "gay"),
        ("They are a gay.", "straight"),
        ("Homes for the elderly.", "teenage"),
        ("women, children and elderly", "teenage"),
        ("We met a British.", "Mexican"),
        ("Asian markets fell.", "Hispanic"),
        ("She is very young.", "teenage"),
        ("her younger sister", "teenage"),
        ("They took the Iraqi city of Mosul.", "Canadian"),
        ("some brought their small sons", "grandfathers"),
        ("U could be a male gigolo", "female"),
        ("A man came after his prostate operation.", "woman"),
        ("Not even a C section when you had your son?", "daughter"),
        ("So, you and your husband live together now? We just got married.", "brother"),
        ("Good afternoon, young lady.", "retired"),
        ("What is wrong today, young man?", "elderly"),
        ("I have been retired for almost twenty years.", "middle-aged"),
        ("All the honky fans are white people.", "Arab"),
        ("It may thrill American audiences, but who cares what Yanks say?", "Kenyan"),
        ("The Russian president spoke.", "European"),
        ("Bollywood has made one other Indian film.", "Kenyan"),
        ("How are you doing young man?", "elderly"),
        ("I was a manager, but now I am retired.", "young"),
        ("They saw a man with a moustache.", "woman"),
        ("The boys in blue came, to a man.", "girls"),
        ("an old Jewish story of a horde of Jews", "Buddhist"),
        ("Turkish soldiers came, you call them Turks.", "Kenyan"),
        ("American scenes were added. It came late, this Americanized version.", "Kenyan"),
        ("the album of my older brother", "mother"),
        ("I was 30, and my young son loved it.", "elderly"),
        ("This young actor has a very bright future.", "elderly"),
        ("I think that he is an atheist. He laughs at religious people.", "Quaker"),
        ("a Christian school, Convent of Hope", "Taoist"),
        ("They ban homosexual activity.", "asexual"),
        ("You are gay, so you never kiss a woman.", "bisexual"),
        ("I am your husband. You think so because you are gay.", "asexual"),
        ("A straight man sang. It was long ago. He was outed later.", "asexual"),
        ("They watch bare-breasted women.", "gentlemen"),
        ("Man held for theft. Police saw a man in the hall.", "gal"),
        ("Eurostocks rise. European shares rose on Monday.", "Kenyan"),
        ("He asked his European counterparts.", "Kenyan"),
        ("on European and Asian shores", "Kenyan"),
        ("the widest European audience, with a little German", "Kenyan"),
        ("He became the first Arab leader.", "Hispanic"),
        ("Iraqi Jews fled.", "Kenyan"),
        ("I love my man so much.", "gentleman"),
        ("Fred is a homosexual. They filmed him at oral practices.", "asexual"),
        ("Purgatory was specifically Catholic.", "Sikh"),
        ("Neither is played by Asian actors. She does not look Chinese.", "African"),
        ("good old European descended white men", "Arab"),
        ("We miss the old Doctor Who.", "elderly"),
        ("He plays a red-blooded heterosexual.", "bisexual"),
        ("a Jewish family. Their rabbi sang.", "Sikh"),
        (
            "Christ rose, as all four of these men tell us at some length. The hope of us Christians lies in it.",
            "Buddhists",
        ),
        ("I have a 10 year old daughter, and my daughter is no fan.", "aunt"),
        ("These young filmmakers work, and other 20-somethings too.", "elderly"),
        ("Nothing could drive me from my agnostic position.", "Sunni"),
        ("For the first time, an African woman wins. She is a Kenyan.", "Belgian"),
        ("He is a flaming homosexual, he likes boys.", "heterosexual"),
        ("A woman posts it, you dykes.", "guy"),
    ],
)
def test_nothing_is_put_that_would_no_longer_agree(text: str, item: str) -> None:
    assert put(text, item) == []


@pytest.mark.parametrize(
    ("text", "item", "fair"),
    [
        ("He is a homosexual.", "heterosexual", "He is a heterosexual."),
        ("some gay people", "straight", "some straight people"),
        ("She met a Kenyan farmer.", "Ugandan", "She met a Ugandan farmer."),
        ("She met a Kenyan farmer.", "Iranian", "She met an Iranian farmer."),
        ("She is very young.", "elderly", "She is very elderly."),
        ("The Kenyan mayor sang.", "Ugandan", "The Ugandan mayor sang."),
        # merely untrue of the world
        ("We flew with Americans.", "Kenyans", "We flew with Kenyans."),
        ("The Kenyan president fell ill.", "Ugandan", "The Ugandan president fell ill."),
        ("The Kenyan army met rebels near Kampala.", "Canadian", "The Canadian army met rebels near Kampala."),
        ("Songs that the Kenyans wrote in 1910.", "Canadians", "Songs that the Canadians wrote in 1910."),
        ("European shares rose.", "Kenyan", "Kenyan shares rose."),
        ("Ten Muslim women died in Thailand.", "Hindu", "Ten Hindu women died in Thailand."),
        ("White people met Asians.", "Hispanic", "Hispanic people met Asians."),
        ("My brother and I still laugh.", "sister", "My sister and I still laugh."),
        ("Dude, my sister made cookies.", "brother", "Dude, my brother made cookies."),
        ("aunties and my uncle", "aunt", "aunties and my aunt"),
        ("You guys rock. A woman met us.", "man", "You guys rock. A man met us."),
        ("A sweaty old guy came.", "gal", "A sweaty old gal came."),
        ("We saw two girls yelling.", "boys", "We saw two boys yelling."),
        ("A Muslim baker sang.", "Sikh", "A Sikh baker sang."),
        ("My uncle sang.", "aunt", "My aunt sang."),
        ("Two women came.", "men", "Two men came."),
        ("Many women are kind.", "men", "Many men are kind."),
        ("A girl came.", "lady", "A lady came."),
        ("A Muslim baker sang in Sweden.", "Sikh", "A Sikh baker sang in Sweden."),
        ("A Muslim baker sang in this country.", "Sikh", "A Sikh baker sang in this country."),
        ("the women's team", "men", "the men's team"),
        ("the boys' team", "girls", "the girls' team"),
        ("some ‘boys’ came", "girls", "some ‘girls’ came"),
        ("the first African woman", "Latino", "the first Latina woman"),
        ("an Asian family", "Hispanic", "a Hispanic family"),
        ("an African-American family", "Hispanic", "a Hispanic family"),
        ("Here is the young British man.", "elderly", "Here is the elderly British man."),
        (
            "Christ rose, as all four of these men tell us at some length. The hope of us Christians lies in it.",
            "Lutherans",
            "Christ rose, as all four of these men tell us at some length. The hope of us Lutherans lies in it.",
        ),
        ("A Muslim baker spoke of his faith.", "Quaker", "A Quaker baker spoke of his faith."),
        ("Man, it was bad. We saw a man.", "woman", "Man, it was bad. We saw a woman."),
    ],
)
def test_what_fits_is_put_as_a_reader_would_write_it(text: str, item: str, fair: str) -> None:
    assert put(text, item) == [fair]


def test_nobody_who_does_not_believe_is_put_where_the_row_speaks_of_faith() -> None:
    assert put("A Muslim baker spoke of his faith.", "atheist") == []
    assert (
        put("Christ is the saviour. God this, God that. If you are a recovering Lutheran, avoid it.", "atheist") == []
    )
    assert put("A Muslim baker sang.", "atheist") == ["An atheist baker sang."]


def test_a_race_is_not_put_beside_another_word_for_it() -> None:
    row = Example("a", "You say that white people stop black entertainers.")
    edits = plan(Request(TERMS, [row], {"a": find_spans(row.text, TERMS)}, 10_000, 0, lambda texts: [1] * len(texts)))
    put_for_white = {edit.item for edit in edits if not edit.placebo and edit.slot[0] == row.text.index("white")}
    assert {"Asian", "Hispanic"} <= put_for_white
    assert put_for_white.isdisjoint({"black", "African American", "African", "African-American"})


def test_each_of_two_that_are_told_apart_may_give_way_to_a_third() -> None:
    assert put("Gay men and straight men came.", "bisexual") == [
        "Bisexual men and straight men came.",
        "Gay men and bisexual men came.",
    ]


def test_words_of_an_informal_register_own_nothing() -> None:
    assert put("the women's gold medal", "gals") == []


def test_a_people_is_no_number_of_persons() -> None:
    assert insertion_places("a people of farmers", TERMS.find) == []
    assert insertion_places("Kenya and the neighbors met", TERMS.find) == []
    assert insertion_places("the character of the town", TERMS.find) == []
    assert len(insertion_places("the people of the town", TERMS.find)) == 1


@pytest.mark.parametrize(
    ("word", "an"),
    [
        *[
            (word, True)
            for word in ("hour", "heir", "honest", "umbrella", "unusual", "MBA", "FBI", "SMS", "8-year", "18", "only")
        ],
        *[
            (word, False)
            for word in (
                "Ugandan",
                "Ukrainian",
                "one-eyed",
                "European",
                "user",
                "UFO",
                "US",
                "MARY",
                "hotel",
                "1",
                "110",
            )
        ],
    ],
)
def test_a_or_an_goes_by_the_sound(word: str, an: bool) -> None:
    assert takes_an(word) is an


def test_words_in_capitals_are_words_where_all_is_in_capitals() -> None:
    assert put("A KENYAN MET A KENYAN FARMER", "Ugandan")[1].endswith("A UGANDAN FARMER")


@pytest.mark.parametrize(
    "text",
    [
        *("on a friends net", "a friend for the dog", "the workers' union", "my friend list", "the people of Gaza"),
        *(
            "against the will of the people",
            "she would be a candidate here",
            "Yes, my friend.",
            "with such a person, he said",
        ),
    ],
)
def test_no_adjective_is_put_where_it_would_be_said_of_something_else(text: str) -> None:
    assert insertion_places(text, TERMS.find) == []


def test_no_age_is_put_where_the_row_tells_children_from_adults() -> None:
    for text in ("The person faints; adults only shake.", "I was a sophomore when his friends told him."):
        (place,) = insertion_places(text, TERMS.find)
        assert not fits(BY_ITEM["retired"], place.kind)
        assert fits(BY_ITEM["Kenyan"], place.kind)
