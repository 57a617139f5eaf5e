"""Names that are no persons, and what must agree with the name that is put: beside the `[[cases]]` of the audit."""

from __future__ import annotations

import pytest

from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.operators import everywhere, swap
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.results import Example

NAMES = load_audits(["names"])["names"]


def put(text: str, name: str) -> str:
    """Every name of the text becomes this one."""
    return everywhere(swap, text, find_spans(text, NAMES), name)


def found(text: str) -> list[str]:
    return [text[match.start : match.end] for match in find_spans(text, NAMES)]


@pytest.mark.parametrize(
    ("text", "name", "fair"),
    [
        ("Mrs. Thomas said no.", "Kevin", "Mr. Kevin said no."),
        ("Uncle Walter came.", "Susan", "Aunt Susan came."),
        ("My sister Karen is a vet.", "Kevin", "My brother Kevin is a vet."),
        ("His wife, Karen, left.", "Kevin", "His husband, Kevin, left."),
        ("an actress, Karen Black", "Kevin", "an actor, Kevin Black"),
        ("We met Queen Mary.", "Kevin", "We met King Kevin."),
        ("Eileen Walsh, an engaging, wide-eyed actress", "Kevin", "Kevin Walsh, an engaging, wide-eyed actor"),
        ("Mary was a great queen.", "Kevin", "Kevin was a great king."),
        ("MRS. MARY SAID NO.", "Kevin", "MR. KEVIN SAID NO."),
        ("mrs. mary said no.", "Kevin", "mr. kevin said no."),
        ("my sister karen is a vet", "Susan", "my sister susan is a vet"),
        ("Mary, the king is here.", "Susan", "Susan, the king is here."),
        ("Kevin was told that an actress left.", "Susan", "Susan was told that an actress left."),
        ("Mr. Kevin said no.", "Toronto", "Mr. Toronto said no."),
        ("Frau Anna kam mit Herrn Becker.", "Kevin", "Herr Kevin kam mit Herrn Becker."),
        ("Mme Claire est là.", "Kevin", "M. Kevin est là."),
        ("Doña Elena habla.", "Kevin", "Don Kevin habla."),
        ("Mehmet Bey geldi.", "Susan", "Susan Hanım geldi."),
        ("He met his girlfriend. Anna came.", "Kevin", "He met his girlfriend. Kevin came."),
        ("Anna is such a talented woman.", "Kevin", "Kevin is such a talented man."),
        ("a girl named Anna", "Kevin", "a boy named Kevin"),
        ("A frying pan. Anna said no.", "Kevin", "A frying pan. Kevin said no."),
        ("He has a brother, Anna's legacy is hers.", "Susan", "He has a brother, Susan's legacy is hers."),
    ],
)
def test_titles_and_kin_agree_with_the_name_that_is_put(text: str, name: str, fair: str) -> None:
    assert put(text, name) == fair


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Even with Howard's effort, the script gives him little.", "male"),
        ("Paula ran. She WILL run again.", "female"),
        ("Robert Wright Jr. told me so.", "male"),
        ("It is by the director, Charles Stone III, whom we like.", "male"),
        ("The lovely Erika is decorative.", "female"),
        ("The handsome Kevin is decorative.", "male"),
        ("Uncle Abbey came.", "male"),
        ("Aunt Kevin came.", "female"),
        ("Emma G. Robinson in her last role", "female"),
        ("Lou tried to keep her marriage together.", "female"),
        ("her mother and her sister Mary", "female"),
        ("we need more women like Mary", "female"),
        ("LOOK AT AMY, A BEAUTIFUL WOMAN", "female"),
        ("Kevin told her that it was fine.", ""),
        ("Taylor took her keys.", "female"),
        ("The film is his debut, and Robin is good.", "male"),
        ("Arun knows his work.", "male"),
        ("Non è un problema per Andrea, che è stanco.", "bound"),
        ("some chick like lisa", "female"),
        ("that dike kathy is leading them", "female"),
        ("Both his mother Maria and his old father had a farm.", "female"),
        ("As for stars, Cage plays Johnny in a sleazy way.", "male"),
        ("It has Naomi Watts (as the Alien) and others.", "female"),
        ("saw Dave the other day hes sorted now", "male"),
        ("without resorting to camp as Nicholas' wounded and wounding uncle", "bound"),
        ("It was fun, and Mary Ann ends up here.", "female"),
        ("joy reid is a sow, says ann", "female"),
        ("Petros Philargos is crowned Pope Alexander V.", "male"),
        ("bengals cb adam jones talks to cops", "male"),
        ("Women stumble to silver. The mistakes were minor. Carly scraped the bars.", "female"),
        ("dying at all the canton moms who yell at my son. chill out sabrina", "female"),
        ("They happened to marry two sisters, Olivia and so on.", "female"),
        ("A scrappy nun taught us the basics. We learnt much. Too bad Sister Mary left.", "female"),
        ("They criticized Amy Schumer being cast as Barbie.", "female"),
        ("I lost all interest in Emma Olsen. That show was bad. They are poor actresses.", "female"),
        ("Hobart, as Julie, is little remembered.", "female"),
        ("As the dominant Christine, Testud Brille is brilliant.", "female"),
        ("Ryan Gosling is, in a word, brilliant as the conflicted Brille.", "male"),
        ("Maureen O'Hara is charming and beautiful as Quatermain.", "female"),
        ("The character Marjorie, a drunk lady, was fun.", "female"),
        ("you accept Barack as your brother Meghan is.", ""),
        ("Taylor took her keys and gave him his.", "bound"),
        ("Uncle Walter came. It rained. He left.", "male"),
        ("Mr. Kevin did not.", ""),
        ("Dijo que Carmen está muy cansada de todo.", "female"),
        ("Gestern hat Anna das Buch nicht mit dem Auto geholt.", ""),
        ("It collapses when Mr. Taylor tries.", "bound"),
        ("the empress of Ms. Leoni's film", "bound"),
    ],
)
def test_only_names_of_that_sex_go_where_other_words_speak_of_the_bearer(text: str, kind: str) -> None:
    """In words of the text that do not change; a surname after a title gives way to no given name."""
    assert [match.kind for match in find_spans(text, NAMES)] == [kind]


def test_slots_of_one_sex_are_filled_with_names_of_that_sex_alone() -> None:
    texts = ["Even with Kevin's effort, the script gives him little.", "Then Susan came home."]
    rows = [Example(str(n), text) for n, text in enumerate(texts)]
    spans = {row.id: find_spans(row.text, NAMES) for row in rows}
    edits = plan(Request(NAMES, rows, spans, 10_000, 0, lambda texts: [1 for _ in texts]))
    women = {entry.item for entry in NAMES.find.lexicon if entry.groups.get("gender") == "female"}
    put = {row.id: {e.item for e in edits if e.row == row.id and not e.placebo} for row in rows}
    assert len(put["0"]) > 5
    assert not put["0"] & women
    assert not put["0"] & {entry.item for entry in NAMES.find.lexicon if entry.groups.get("gender") == "either"}
    assert put["1"] & women


def test_a_verb_is_no_title_and_a_surname_after_a_particle_is_one_again() -> None:
    assert put("unless you count Elvira's house", "Kevin") == "unless you count Kevin's house"
    assert put("I miss Mary.", "Kevin") == "I miss Kevin."
    assert found("He looked at de Sade, and Sade laughed.") == []
    assert found("Bring home some Wendy. Miles and smiles. Kevin came with Miles.") == ["Kevin", "Miles"]
    assert found("Bring home some Wendy. Wendy came.") == [], "what is no name once would stay"


@pytest.mark.parametrize(
    "text",
    [
        *("La señora Carmen habla.", "La Sra. Carmen habla.", "Meine Schwester Anna ist da.", "il signor Marco parla"),
        "Mary is a kind lesbian",
        "We read of Mary, Queen of Spain.",
    ],
)
def test_a_place_where_other_words_would_have_to_agree_is_bound(text: str) -> None:
    assert [match.kind for match in find_spans(text, NAMES)] == ["bound"]


def test_nothing_is_put_where_nobody_of_the_other_sex_could_stand() -> None:
    rows = [Example("a", "Mary is pregnant again."), Example("b", "Laura is late again.")]
    spans = {row.id: find_spans(row.text, NAMES) for row in rows}
    edits = plan(Request(NAMES, rows, spans, 500, 0, lambda texts: [1] * len(texts)))
    assert [match.item for match in spans["a"]] == ["Mary"]
    assert {edit.row for edit in edits} == {"b"}


@pytest.mark.parametrize(
    "text",
    [
        "lunch with mary and kevin",
        "Subject: lunch with mary and kevin",
        "I had lunch with mary and kevin, LOL",
        "RT @AnnaK: mary told kevin http://t.co/aBc",
    ],
)
def test_case_is_judged_by_the_word(text: str) -> None:
    assert found(text) == ["mary", "kevin"]


@pytest.mark.parametrize(
    "text",
    ["I hope that may will rise, and mark the rose with grace.", "Bill it, Mark it; Will it? Hope so. Grace is rare."],
)
def test_words_that_are_names_besides_need_a_context(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The wildfire spread across Alberta.",
        "He was as happy as Larry.",
        "Del Monte sells more.",
        "She lives in Eugene, Oregon.",
        "The mill in Troy NY closed.",
        "Bradford is cold, and we live in Bradford.",
        "a storm named after nobody: Tropical Storm Jeanne",
        "They sell Ben & Jerry's.",
        "James Inc. is a firm in Madison County.",
        "See Luke 2:3 and 2 Samuel 7.",
        "He made the Dean's list.",
        "Dwyane Wade scored.",
        "Workers follow OSHA guidelines.",
        "The shares of Alma Media rose.",
        "It sells to Lee & Man Paper.",
        "The company Elisa grew.",
        "They landed at Logan airport.",
        "Her alma mater closed.",
        "He saw “Alice Through The Looking Glass” and “Beatrice and Benedict”.",
        "They met John Paul II.",
        "He is kind of a Dick on TV.",
        "The skater Kim Yu-na won.",
        "Pat her back.",
        "doin his thang in Boston",
    ],
)
def test_places_brands_storms_and_books_are_no_persons(text: str) -> None:
    assert found(text) == []


def test_who_was_named_in_full_is_no_given_name_later() -> None:
    assert found("Woody Allen made it. Then Allen left.") == []
    assert found("Christine Taylor said that Taylor was right.") == ["Christine"]


def test_who_was_named_once_is_found_again() -> None:
    assert found("Grace said no, and then Grace left.") == ["Grace", "Grace"]


@pytest.mark.parametrize(
    "text",
    [
        "cary grant is kind: read about carey grant",
        "I like Mr Ram Gopal and Ram Gopal sings. Ram Gopal dances.",
        "Tyler came late; ask Tlyer.",
        "Jarno Trulli signed, says Jarni.",
        "i met darren at darrens place",
        "Cary Zweig met Carey Zweig.",
    ],
)
def test_who_is_named_once_more_in_another_spelling_stays(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Everybody knows she's great. Say it. Come out, emma.", "female"),
        ("It rained on him. It rained. It rained again. So did Uncle Walter say.", "male"),
        (f"Joe met him. It rained. {'It rained. ' * 60}Kevin came.", ""),
        (f"Terry came. {'It rained. ' * 60}It is his film.", "male"),
        (f"Anna came. {'It rained. ' * 60}It is her film.", "female"),
        (f"Anna met Kevin. {'It rained. ' * 60}It is his film.", ""),
        ("Joe Don Baker eats.", "male"),
        ("Robin says that he is late. We hope so.", "male"),
        ("It is so, says Kim. We know: he is late.", "male"),
        ("Kim saw Anna; he is late.", ""),
        ("Anna lost her job; he did not.", "female"),
        ("unless you count Anna's hooters", "female"),
        ("Joe Thomas Baker eats.", ""),
    ],
)
def test_pronouns_of_a_short_row_and_a_middle_name_tell_the_sex(text: str, kind: str) -> None:
    assert find_spans(text, NAMES)[-1].kind == kind


def test_two_whose_names_are_alike_are_two() -> None:
    assert found("Jean Zweig and Joan Adler said no; Jean left and Joan left.") == ["Jean", "Joan", "Jean", "Joan"]
