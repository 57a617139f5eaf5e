"""Rebuilds `film_titles.csv` in audits/lexicons: titles of films that hold a given name beside other words.

    git clone https://github.com/prust/wikipedia-movie-data
    python benchmarks/build_titles.py --films wikipedia-movie-data --out audits/lexicons

Only the title of each film is read. Written in small letters, word by word, as the rules compare them (`like mike`).
Left out are titles that are nothing but a person or two (Michael Collins, Kate & Leopold), and those that anybody may
say of one (Dear John, My Mary, About Ray).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from pathlib import Path

from token_saliency.auditing.spans.persons.naming.titles import words_of_a_title

OF_PERSONS = frozenset(
    "a an the and of in on at to for from with by about is s i my your his her our oh hi hello hey dear mr mrs miss ms "
    "dr sir aunt uncle sister brother father mother son daughter captain king queen prince princess saint little young "
    "old poor big baby lady boy girl man meet call me love loves goes jr sr dad mom here comes we you it he she they "
    "one two".split()
)
LONGEST = 7
RATHER_A_PERSON = frozenset({"steve jobs", "mother teresa"})
_REMARK = re.compile(r"\s*\([^)]*\)\s*$")


def column(path: Path, usual: bool = False) -> set[str]:
    """The items of a list, in lower case; the usual ones are no words besides."""
    with path.open(encoding="utf-8", newline="") as file:
        return {line["item"].lower() for line in csv.DictReader(file) if not usual or line["ambiguous"] == "no"}


def main() -> None:
    """Writes the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, required=True, help="the folder of movies-1900s.json and the others")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    lists = chosen.out / "given_names.csv", chosen.out / "given_names_world.csv"
    given = set[str]().union(*(column(path, usual=True) for path in lists))
    persons = OF_PERSONS.union(*(column(path) for path in (*lists, chosen.out / "surnames.csv")))
    found = set[str]()
    for path in sorted(chosen.films.glob("movies-*s.json")):
        for film in json.loads(path.read_text("utf-8")):
            words = words_of_a_title(_REMARK.sub("", film["title"]))
            words = words[words[0] in ("the", "a", "an") :] if words else words
            told = any(len(word) > 1 and word not in persons for word in words)
            if 1 < len(words) <= LONGEST and told and not given.isdisjoint(words):
                found.add(" ".join(words))
    found -= RATHER_A_PERSON
    with (chosen.out / "film_titles.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["item"], *([title] for title in sorted(found))])


if __name__ == "__main__":
    main()
