"""The audits that a user would write for what these benchmarks plant: TOML files and a word list."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def word_list(folder: Path, name: str, groups: Mapping[str, Sequence[str]], controls: Sequence[str]) -> None:
    """An audit of a sample of items with the contrast between its two groups."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["item", "group"])
        lines.writerows((item, group) for group, items in groups.items() for item in items)
    text = f"""
items = "sample"
[find]
matcher = "lexicon"
lexicon = "{name}.csv"
options = {{ match_case = true }}
[contrast]
column = "group"
between = {json.dumps(list(groups))}
[edit]
judge = "swap"
controls = {json.dumps(list(controls))}
"""
    _written(folder, name, text)


def deleted_pattern(folder: Path, name: str, regex: str, item: str) -> None:
    """An audit of one fixed item: whatever the pattern finds is deleted."""
    text = f"""
items = "fixed"
[find]
matcher = "pattern"
options = {{ regex = {json.dumps(regex)}, item = {json.dumps(item)} }}
[edit]
judge = "delete"
"""
    _written(folder, name, text)


def swapped_words(folder: Path, name: str, item: str, reference: str, controls: Sequence[str]) -> None:
    """An audit of one fixed word that stands where another might."""
    text = f"""
items = "fixed"
[find]
matcher = "lexicon"
items = {json.dumps([item, reference])}
[edit]
judge = "swap"
reference = {json.dumps(reference)}
controls = {json.dumps(list(controls))}
"""
    _written(folder, name, text)


def inserted_words(folder: Path, name: str, items: Sequence[str], controls: Sequence[str]) -> None:
    """An audit of fixed words that are put in front of rows that do not hold them: is their absence a sign?"""
    text = f"""
items = "fixed"
[find]
matcher = "lexicon"
items = {json.dumps(list(items))}
[edit]
judge = "insert"
panel = {json.dumps(list(items))}
controls = {json.dumps(list(controls))}
"""
    _written(folder, name, text)


def _written(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    head = f'code = "OWN"\ntitle = "{name}"\nexpectation = "irrelevant"'
    (folder / f"{name}.toml").write_text(head + text, encoding="utf-8")
