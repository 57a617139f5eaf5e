"""Rebuilds `given_names.csv` and `surnames.csv` in audits/lexicons from their public-domain and CC0 sources.

    pip install faker
    python benchmarks/build_lexicons.py --given CENSUS_1990.csv --origin TZIOUMIS_2018.csv \
        --surnames CENSUS_2010.csv --words SCOWL_FOLDER --out audits/lexicons

Columns read: given: name, pct_male, pct_female; origin: firstname, obs, pcthispanic, pctwhite, pctblack, pctapi;
surnames: surname. The word list (the folder of the Debian package `scowl`) only says which names are also
ordinary words; none of it is copied. `lexicon_senses.csv`, beside this file, holds the decisions made by hand.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import faker.providers.person

SENSES = Path(__file__).with_name("lexicon_senses.csv")
COMMON, KNOWN = (10, 20, 35), (40, 50, 55, 60)
"""SCOWL sizes: up to 35 a word that everybody uses, up to 60 one that a dictionary of usual size has."""
MIN_SHARE = 0.003
"""Percent of the population (of one gender): about 3,000 names, 98% of all bearers."""
MIN_BEARERS = 40
"""Bearers of a name that only the origin table has."""
ORIGINS = {"pcthispanic": "hispanic", "pctwhite": "white", "pctblack": "black", "pctapi": "asian"}
EVERYDAY = (10, 20)
NO_SURNAME = frozenset({"month", "thing"})
BY_HAND = {"either": "Glenn Cameron Blake Drew Hayden Tan Lorin Rama Merritt", "male": "Arun"}
"""Genders that well-known bearers tell, where no list does."""
AMBIGUOUS = frozenset({"word", "verb", "place", "month", "thing", "particle", "short", "surname"})


def table(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file; nothing is read as missing, since Null and Nan are names."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float:
    """A figure, 0 where the cell is empty."""
    return float(text or 0)


def words(folder: Path, sizes: Iterable[int]) -> set[str]:
    """The lower-case words of SCOWL of these sizes."""
    files = [folder / f"{kind}-words.{size}" for size in sizes for kind in ("english", "american")]
    return {word for file in files for word in file.read_text("latin-1").split()}


def decided(path: Path) -> dict[str, str]:
    """The senses decided by hand, by lower-case name; a later line wins."""
    return {name.lower(): line["sense"] for line in table(path) for name in line["items"].split()}


def gender(line: Mapping[str, str]) -> str:
    """`female` or `male` where more than nine of ten bearers are, else `either`."""
    male, female = number(line["pct_male"]), number(line["pct_female"])
    share = round(female / (male + female), 3)
    return "female" if share > 0.9 else "male" if share < 0.1 else "either"


def differ_abroad(lines: list[dict[str, str]]) -> None:
    """No gender for names that the lists of two other countries give to the other one (Andrea, Jean)."""
    given: dict[str, dict[str, int]] = {"female": {}, "male": {}}
    for module in pkgutil.iter_modules(faker.providers.person.__path__):
        provider = importlib.import_module(f"faker.providers.person.{module.name}").Provider
        for sex in given if "_" in module.name else ():
            for name in set(getattr(provider, f"first_names_{sex}", ())):
                given[sex][name] = given[sex].get(name, 0) + 1
    for line in lines:
        other = {"female": "male", "male": "female"}.get(line["gender"], "")
        if other and given[other].get(line["item"], 0) >= 2:
            line["gender"] = ""


def origin(line: Mapping[str, str] | None) -> str:
    """The group that most bearers chose for themselves, empty where none has half of them."""
    shares = {name: number(line[column]) for column, name in ORIGINS.items()} if line else {}
    best = max(shares, key=lambda name: shares[name], default="")
    return best if best and shares[best] >= 50 else ""


def sense(name: str, rank: int, common: set[str], known: set[str], by_hand: Mapping[str, str]) -> str:
    """What else the name is: a sense by hand, else by the word lists, else `short` for few letters."""
    low = name.lower()
    if by_hand.get(low, "family") != "family":
        return by_hand[low].removeprefix("name")
    if low in common:
        return "word"
    if low in known:
        return "rare word"
    return "short" if len(name) <= 3 and rank > 600 else ""


def given_names(arguments: argparse.Namespace) -> list[dict[str, str]]:
    """The lines of given_names.csv, most frequent first."""
    origins = {line["firstname"]: line for line in table(arguments.origin)}
    by_hand = decided(SENSES)
    census = [line for line in table(arguments.given) if share(line) >= MIN_SHARE]
    census.sort(key=lambda line: (-share(line), line["name"]))
    lines = [{"item": line["name"], "gender": gender(line)} for line in census]
    seen = {line["name"] for line in table(arguments.given)}
    extra = [line for name, line in origins.items() if name not in seen and number(line["obs"]) >= MIN_BEARERS]
    extra.sort(key=lambda line: (-number(line["obs"]), line["firstname"]))
    lines += [{"item": line["firstname"], "gender": ""} for line in extra]
    differ_abroad(lines)
    told = {name: sex for sex, names in BY_HAND.items() for name in names.split()}
    for line in lines:
        line["gender"] = told.get(line["item"], line["gender"])
    common, known = words(arguments.words, COMMON), words(arguments.words, KNOWN)
    lines = [line for line in lines if by_hand.get(line["item"].lower()) != "drop"]
    for rank, line in enumerate(lines, start=1):
        found = sense(line["item"], rank, common, known, by_hand)
        line |= {"origin": origin(origins.get(line["item"])), "rank": str(rank)}
        line |= {"ambiguous": "yes" if found in AMBIGUOUS else "no", "sense": found}
    return lines


def share(line: Mapping[str, str]) -> float:
    """The larger of the two percentages."""
    return max(number(line["pct_male"]), number(line["pct_female"]))


def surnames(arguments: argparse.Namespace) -> list[dict[str, str]]:
    """The lines of surnames.csv: the surname, and whether it is an ordinary word as well."""
    by_hand = decided(SENSES)
    known = words(arguments.words, EVERYDAY) | {name for name, found in by_hand.items() if found in NO_SURNAME}
    known -= {name for name, found in by_hand.items() if found == "family"}
    names = sorted({line["surname"] for line in table(arguments.surnames)})
    return [{"item": name, "ambiguous": "yes" if name.lower() in known else "no"} for name in names]


def write(path: Path, lines: list[dict[str, str]]) -> None:
    """Writes the lines as CSV, with line feeds only so that the file is the same everywhere."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def main() -> None:
    """Reads the arguments and writes both lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("given", "origin", "surnames", "words", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    write(arguments.out / "given_names.csv", given_names(arguments))
    write(arguments.out / "surnames.csv", surnames(arguments))


if __name__ == "__main__":
    main()
