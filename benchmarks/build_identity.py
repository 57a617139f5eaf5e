"""Rebuilds `identity_terms.csv` in audits/lexicons: decisions made by hand, beside the open lists that hold each term.

    python benchmarks/build_identity.py --terms TERMS.csv --gender GENDER.csv --out audits/lexicons

TERMS (term, source) and GENDER (term, source) are the identity terms of Jigsaw (CC BY 4.0), CheckList (MIT)
and HateCheck (CC BY 4.0), and the gender words of WEAT by way of WEFE (MIT). Lists under a
share-alike licence are not read.
`identity_terms.csv`, beside this file, says to which axis and group a term belongs, which parts of speech it may be,
and whether it needs a context of persons; a term that no open list holds (most plurals) was added for this project.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

DECISIONS = Path(__file__).with_name("identity_terms.csv")
OPEN = {"jigsaw_madlibs_2018": "jigsaw", "checklist": "checklist", "hatecheck": "hatecheck", "weat": "weat"}
OWN = "project"


def table(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sources(lines: Iterable[dict[str, str]]) -> dict[str, str]:
    """The first open list that holds a term, by the term in lower case."""
    found: dict[str, str] = {}
    for name, short in OPEN.items():
        for line in lines:
            if line["source"] == name:
                found.setdefault(line["term"].lower(), short)
    return found


def terms(known: dict[str, str]) -> list[dict[str, str]]:
    """One line a term."""
    return [
        {
            "item": item,
            "axis": line["axis"],
            "group": line["group"],
            "forms": line["forms"],
            "ambiguous": line["ambiguous"],
            "source": known.get(item.lower(), OWN),
        }
        for line in table(DECISIONS)
        for item in line["items"].split("; ")
    ]


def main() -> None:
    """Reads the arguments and writes the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("terms", "gender", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    lines = terms(sources([*table(arguments.terms), *table(arguments.gender)]))
    with (arguments.out / "identity_terms.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


if __name__ == "__main__":
    main()
