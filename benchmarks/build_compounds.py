"""Rebuilds `compounds.csv` in audits/lexicons: what is named after a people, a sex or an age, and is no person.

    python benchmarks/build_compounds.py --wordnet DICT --out audits/lexicons

DICT holds the files `data.noun`, `data.verb`, `data.adj` and `data.adv` of WordNet 3.1 (free with its notice). Kept are
its phrases that hold an identity term (American cheese, blind alley, white lie), with the plural of their last word.
Left out are persons, bodies, what is plainly of its people (the Kenyan capital), and what names nothing but a term.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator
from pathlib import Path

PERSON, BODY, PLACE = "18", "08", "15"
"""Numbers of the files of WordNet's lexicographers."""
GENERIC = frozenset(
    "capital city state states nation country region republic language languages english lesson flag unit school "
    "numeral literature agency religion church churches denomination liturgy theology faith music architecture "
    "clothing hat desert month year day calendar person people man men woman women boy girl lady parent".split()
)
_MARK = re.compile(r"\(\w+\)$")


def phrases(folder: Path) -> Iterator[tuple[str, str]]:
    """Every phrase of several words, and the file of its lexicographer."""
    for name in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                continue
            fields = line.split()
            for nth in range(int(fields[3], 16)):
                written = _MARK.sub("", fields[4 + 2 * nth]).replace("_", " ")
                if " " in written:
                    yield written, fields[1] if name == "noun" else ""


def named(folder: Path, terms: set[str]) -> set[str]:
    """The phrases that hold a term and name no person."""
    found: dict[str, set[str]] = {}
    for written, file in phrases(folder):
        words = written.lower().split()
        others = [word for word in words if word not in terms and word.removesuffix("'s") not in terms]
        if not others or len(others) == len(words) or words[-1] in GENERIC:
            continue
        found.setdefault(written, set()).add(file)
    kept = set()
    for written, files in found.items():
        proper = all(word[0].isupper() for word in written.split() if word not in ("of", "the", "and"))
        if not files & {PERSON, BODY} and (PLACE not in files or proper):
            kept.add(written.lower())
    return kept | {plural(item) for item in kept if item.split()[-1] not in terms}


def plural(phrase: str) -> str:
    """The phrase with its last word in the plural, as far as spelling tells."""
    if phrase.endswith(("s", "x", "z", "ch", "sh")):
        return phrase if phrase.endswith("s") else f"{phrase}es"
    return f"{phrase[:-1]}ies" if phrase.endswith("y") and phrase[-2] not in "aeiou" else f"{phrase}s"


def main() -> None:
    """Reads the arguments and writes the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("wordnet", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    chosen = parser.parse_args()
    with (chosen.out / "identity_terms.csv").open(encoding="utf-8", newline="") as file:
        terms = {line["item"].lower() for line in csv.DictReader(file)}
    with (chosen.out / "compounds.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item"])
        writer.writerows([item] for item in sorted(named(chosen.wordnet, terms)))


if __name__ == "__main__":
    main()
