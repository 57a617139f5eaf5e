"""Rebuilds `polarity.csv` in audits/lexicons from two open lists that packages of PyPI carry.

    pip download --no-deps vaderSentiment textblob   # unpacked into FOLDER
    python benchmarks/build_polarity.py FOLDER --out audits/lexicons

`valence`: how people feel about the word alone (VADER, -4 to 4; MIT). `polarity`: how it judges (the subjectivity
lexicon of pattern, the mean over its senses, -1 to 1; PDDL). Empty where a list lacks the word.
Slurs are left out.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from xml.etree import ElementTree

SLURS = """038c9ccdd226 158869a97379 566f532d486c 9915ba2d8222 9ae315a94e42 c2c3b68b4883 d75a838dc758""".split()
"""How the stems of slurs are hashed: what begins with one of them is left out, and stands nowhere."""
VADER, PATTERN = "vaderSentiment/vader_lexicon.txt", "textblob/en/en-sentiment.xml"


def valences(file: Path) -> dict[str, float]:
    """The mean of ten ratings by word."""
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if "\t" in line)
    return {word: round(float(mean), 1) for word, mean, *_ in lines if word.isalpha() and word.islower()}


def polarities(file: Path) -> dict[str, float]:
    """The mean over the senses of a word."""
    found: dict[str, list[float]] = defaultdict(list)
    for entry in ElementTree.parse(file).getroot():
        if (word := entry.get("form", "").lower()).isalpha():
            found[word].append(float(entry.get("polarity", 0)))
    return {word: round(fmean(senses), 2) for word, senses in found.items()}


def is_slur(word: str) -> bool:
    """Whether the word begins with a slur."""
    starts = (word[:length] for length in range(3, len(word) + 1))
    return any(hashlib.sha256(start.encode()).hexdigest()[:12] in SLURS for start in starts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    lists = valences(arguments.folder / VADER), polarities(arguments.folder / PATTERN)
    words = [word for word in sorted({*lists[0], *lists[1]}) if not is_slur(word)]
    with (arguments.out / "polarity.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item", "valence", "polarity"])
        writer.writerows([word, *(one.get(word, "") for one in lists)] for word in words)


if __name__ == "__main__":
    main()
