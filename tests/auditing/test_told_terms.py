"""What a row tells of somebody anywhere ties an identity term: beside the `[[cases]]` of the audit."""

from __future__ import annotations

import pytest

from tests.auditing.test_fair_terms import BY_ITEM, TERMS, put
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.spans.persons.identity_slots import insertion_places
from token_saliency.auditing.spans.persons.identity_terms import fits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Example

FAR = "It was a long day. " * 20


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("An old female friend wrote.", "young"),
        ("Korean phones sell. South Korean writers gained.", "Estonian"),
        ("An elderly writer swam. Tyna Moor, 77, was glad.", "middle-aged"),
        ("USSR? Who published it? Russians.", "Americans"),
        ("It is an LGBT meeting. A gay writer said so.", "straight"),
        ("She was a young actress, and I had a boyhood crush on her.", "aged"),
        ("Young people smoke, as that generation ages.", "retired"),
        ("An elderly woman, 77, sang.", "youthful"),
        ("He played Ossie Davis as a young man.", "elderly"),
        ("He is a homosexual prostitute.", "asexual"),
        ("You like guys, that is what gays do.", "ladies"),
        ("Two guys in your area at gaychat dot org", "gals"),
        ("Dude, are you guys out?", "ladies"),
        ("He leads a one man army.", "lady"),
        (f"The toughest athlete is female. {FAR}A housewife won.", "male"),
        ("So there's a ring that comes with the guys costumes.", "gals"),
        ("The guys do it with their dicks.", "ladies"),
        (f"A Muslim school of law is meant. {FAR}It bans the mullah.", "Lutheran"),
        (f"The hebrew name was lost. {FAR}A Jewish writer sang.", "Sikh"),
        (f"A Belgian writer sang. {FAR}Back in Belgium all is well.", "Kenyan"),
        ("Do not call me a nigger, I am white.", "African"),
        ("The inbred Muslims are allies of the muzzies.", "atheists"),
        ("You heard the man.", "gal"),
        ("Is he versed in Jewish law? He has no rabbinic ordination.", "Quaker"),
        ("The Christian population of two bishoprics voted.", "Confucian"),
        ("As a legal haitian American I agree.", "Kenyan"),
        ("He is a bumbling American in Europe.", "Belgian"),
        ("Women of all genders came.", "gentlemen"),
        (f"It is Sunni. {FAR}Islamic scholars agree.", "Christian"),
        ("Sunni or not, all are moslem.", "atheist"),
        ("We Muslims celebrate Hari Raya.", "Jains"),
        ("Is she Jewish, or only ethnic?", "Jain"),
        ("A coalition of Hungarians, Romanians and Serbs broke.", "Egyptians"),
        ("Both have Jewish ancestry.", "Mormon"),
        ("They sold stock for $20 million Canadian.", "Kenyan"),
        ("They spoke English to the American.", "Kenyan"),
        ("Other Kenyan boys came.", "Ugandan"),
        (f"I love the land of the free. {FAR}American justice is real.", "Bolivian"),
        ("Racist abuse of black players went on.", "white"),
        ("The white men left, and Africa was as before.", "black"),
        (f"A deaf woman hired her. {FAR}He likes her lip reading.", "blind"),
        (f"Aussies lead. {FAR}Then came the Australian vote.", "Kenyan"),
        (f"The Germans would not like it. {FAR}Hitler did.", "Kenyans"),
        ("She came as an Indian, in a sari.", "Kenyan"),
        ("ww voted, so blame all white women.", "gentlemen"),
        ("Call your female another bitch name.", "male"),
        ("It shows the female sexuality, and what females want.", "male"),
        ("You are GAY! You never loved a woman.", "gentleman"),
        ("That faggit is a homosexual.", "asexual"),
        ("You are a wife beater. I called your wife that.", "grandmother"),
        ("The Muslim Women (Protection of Rights) Act passed.", "Jain"),
        ("It is in the homosexual Encyclopedia.", "straight"),
        ("They read of Polish population transfers (1944).", "Kenyan"),
        ("Films about guys and dolls came.", "women"),
        ("I am a gentleman and will treat you well.", "gal"),
        ("Grab the old lady at the aisle by her walker.", "young"),
        ("I hang with the American front.", "Kenyan"),
        ("She watched with youthful inspiration.", "sixtysomething"),
        ("A cast of old actors came.", "retired"),
        ("Take pre Colombians for others.", "Kenyans"),
        ("There was a Chinese-born American in the marines.", "Kenyan"),
        ("White Anglo-Saxon Protestant scholars rule.", "Jain"),
        ("Middle-age and older men drink.", "elderly"),
        ("A female director can do it, as Kathryn Bigelow did.", "male"),
        ("What of the Jews in 1930 in Germany?", "Jains"),
        ("The ghetto sign of the Germans warned Jews.", "Kenyans"),
        ("Turkish immigrants invented the kebab.", "Kenyan"),
        ("It is an article on christian G. Fritz, of whom I know.", "Jain"),
        ("Google, I am moving on from you guys.", "ladies"),
        ("So why do the Google guys sing?", "ladies"),
        ("The site says Christians class is full.", "Hindus"),
        ("If Jews were Catholics, this would be Catechism.", "Sunnis"),
        (f"Pope John was there. {FAR}The Catholic establishment is corrupt.", "Methodist"),
        ("I am Irish Catholic and proud.", "Jain"),
        ("They had talks with Sunni and Shi'ite leaders.", "Muslim"),
        ("The Iranian drama shows the humane side of Middle Eastern politics.", "Zambian"),
        (f"A few words are in Hindi. {FAR}Few Indian movies do so.", "Nicaraguan"),
        ("Putin met the Russian farmers.", "Kenyan"),
        (f"They combed the Midwest. {FAR}It would worsen the security of Americans.", "Russians"),
        (f"You filthy Mongolians. {FAR}Good riddance, Mongol.", "Bangladeshis"),
        ("Look at refugees, iraqi ones, standwithiraqirefugees", "Kenyan"),
        (f"An awful 5-yr. old plays it. {FAR}I was not moved by this young actress.", "twentysomething"),
        ("This is an advert for youthful anomie.", "middle aged"),
        ("President Bush was the plainspoken man that we knew.", "lady"),
        ("What is it with Heston and Robinson? Is this the most unlikely gay couple?", "heterosexual"),
        ("I read multifandom as muslim, so I should sleep.", "Quaker"),
        ("The word muslim is used.", "Quaker"),
        ("As a multiracial family, they met with slurs.", "Latino"),
        ("I have not heard of any mexicans of the third world.", "Europeans"),
        ("Take Nicaraguans for latinos, then Kenyans too.", "Hondurans"),
        ("You typed it for your aunt name patty lou.", "grandson"),
        ("My uncles in Atlanta sang.", "wives"),
        ("It tears orphans from their mothers.", "uncles"),
        ("It is by the Association of Black Journalists.", "Latino"),
        ("They kill all the women beating child raping ones.", "gals"),
        ("A white man born in China is no chinaman.", "gal"),
        ("It is a camp. People are older: at least 25.", "seventysomething"),
        ("It pays $980 million (Canadian) to cut its debt.", "Brazilian"),
        ("Watch the bloody Muslim camel riders.", "Taoist"),
        (f"They knew what Communism was. {FAR}Are the Russians real?", "Canadians"),
        ("The Indians did not see the ships of the explorers.", "Romanians"),
        ("Those muslim towel heads came.", "Quaker"),
        ("The soldiers went undercover as women in a factory.", "men"),
        ("Being a man is like a kick in the nuts.", "lady"),
        ("They like this charming man, a song.", "gentleman"),
        ("I am popular with the lady folk.", "man"),
        ("It is of St. Patrick's cathedral and our Catholic schools.", "Quaker"),
        ("Mainstream Protestant denominations said so.", "atheist"),
        ("i was young but cannot get that feeling back", "elderly"),
        ("Underage drivers worry us. It shows a young boy at the wheel.", "lady"),
    ],
)
def test_what_a_row_tells_ties_the_term(text: str, item: str) -> None:
    assert put(text, item) == []


@pytest.mark.parametrize(
    ("text", "item", "fair"),
    [
        ("I had a crush on the young actress.", "youthful", "I had a crush on the youthful actress."),
        ("A young writer sang.", "elderly", "An elderly writer sang."),
        ("He is a homosexual prostitute.", "bisexual", "He is a bisexual prostitute."),
        ("He is a homosexual.", "asexual", "He is an asexual."),
        ("He is a bumbling American in Europe.", "Kenyan", "He is a bumbling Kenyan in Europe."),
        ("20 million Americans came.", "Kenyans", "20 million Kenyans came."),
        ("Already one guy loving you", "lady", "Already one lady loving you"),
        ("South Africa women won the toss.", "men", "South Africa men won the toss."),
        ("Hey you guys, when are you here?", "ladies", "Hey you ladies, when are you here?"),
        ("My uncles in Atlanta sang.", "aunts", "My aunts in Atlanta sang."),
        ("Their uncles sang.", "wives", "Their wives sang."),
        ("muslims hate them all", "Sikhs", "sikhs hate them all"),
        ("Putin met the Kenyan press.", "Belgian", "Putin met the Belgian press."),
        ("As he met Jim, an Asian guy sang.", "Arab", "As he met Jim, an Arab guy sang."),
        ("It is a gay couple.", "straight", "It is a straight couple."),
    ],
)
def test_of_what_is_told_another_of_its_kind_is_put(text: str, item: str, fair: str) -> None:
    assert put(text, item) == [fair]


@pytest.mark.parametrize(
    "text",
    [
        "You have been a friend at all times.",
        "He is asking for a friend.",
        "Sorry about earlier my friend",
        "in time my friend in time",
        "Three times in my career as a lawyer",
        "it has 160 of the characters",
        "the characters of the film are mascots",
        "the doctor hates nazis doctorwho",
        "One can forget the name of a person.",
        "They told of the legal ways to become a citizen.",
        "They are not even our citizens.",
        "She gives it to another student.",
        "All but one student came.",
        "She has the pupils of a serpent.",
        "The stage is Beirut and the actors are Lebanese.",
        "A feat we have long linked with Washington the actor.",
        "Not even Hoffman (the actor) can make it work.",
        "Dennis Hopper, the director, gives it space.",
        "She is no actress yet and not quite a singer.",
        "Diesel isn't the actor to save it.",
        "They are the writers of the New Testament.",
    ],
)
def test_nothing_is_put_into_a_set_phrase(text: str) -> None:
    assert insertion_places(text, TERMS.find) == []


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("One is a white supremacist, and the writers came.", "multiracial"),
        ("They walked and the writers came.", "paralyzed"),
        ("The writers of the gospel sang.", "Hindu"),
        ("The writers came to France.", "Cuban"),
        ("Every Indian song that the writers like is sung.", "Native American"),
        ("The writers came, and were all black and rich.", "white"),
        ("They are queer and the writers came.", "heterosexual"),
    ],
)
def test_no_axis_is_put_of_which_the_row_tells_already(text: str, item: str) -> None:
    (place,) = insertion_places(text, TERMS.find)
    assert not fits(BY_ITEM[item], place.kind)
    assert fits(BY_ITEM["elderly"], place.kind)


def test_no_people_is_put_whose_country_the_row_names() -> None:
    rows = [Example(str(n), f"A Kenyan writer of day {n} is on a visit to Egypt.") for n in range(60)]
    spans = {row.id: find_spans(row.text, TERMS) for row in rows}
    edits = plan(Request(TERMS, rows, spans, 4000, 0, lambda texts: [len(text) for text in texts]))
    nations = {e.item for e in edits if not e.placebo and BY_ITEM[e.item].groups["axis"] == "nationality"}
    assert {"Kenyan", "Ugandan"} & nations
    assert "Egyptian" not in nations


def test_a_student_gets_no_age() -> None:
    (place,) = insertion_places("While he was a student at Brooklyn Prep, it rained.", TERMS.find)
    assert not fits(BY_ITEM["sixtysomething"], place.kind)
    assert fits(BY_ITEM["Hindu"], place.kind)


def test_of_peoples_of_a_region_others_of_it_are_put() -> None:
    assert put("Belgian and Dutch farmers sang.", "Italian") == [
        "Italian and Dutch farmers sang.",
        "Belgian and Italian farmers sang.",
    ]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Asians do it, white people do not.", "Asian"),
        ("Kenyan and European films sold well.", "Italian"),
        ("Muslims hate Jews.", "Sunnis"),
        ("Moslem men hate Jewish women.", "Muslim"),
        ("Jews and Christians met.", "Quakers"),
        ("Bisexuals and straight people met.", "bisexual"),
    ],
)
def test_what_the_row_holds_in_another_form_is_not_put(text: str, item: str) -> None:
    spans = {"0": find_spans(text, TERMS)}
    edits = plan(Request(TERMS, [Example("0", text)], spans, 2_000, 0, lambda texts: [1] * len(texts)))
    assert edits
    assert item not in {edit.item for edit in edits}


def test_no_age_is_put_into_college_life() -> None:
    (place,) = insertion_places("All the people in my cool college life went home.", TERMS.find)
    assert not fits(BY_ITEM["middle-aged"], place.kind)
