"""What `mend` gives back: the rows, what was changed in them and why, and what rows cannot mend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyarrow import ArrowException
from pyarrow.parquet import read_schema

from token_saliency.data.formats.like import Origin
from token_saliency.data.formats.readers import file_bytes, suffix_of
from token_saliency.data.writing import writer
from token_saliency.drawing import numbers
from token_saliency.drawing.safe import printable, screen_lines
from token_saliency.errors import DataError
from token_saliency.mending.prompts import prompt_toml
from token_saliency.store.files import Writer, written_together
from token_saliency.text.prompt.prompt import Prompt

if TYPE_CHECKING:
    import pandas as pd

CHANGED = "mended"
"""The column that says row by row what was changed, and why."""
COPY_OF = "mended_copy_of"
"""The column that names, of an added copy, the row that it was made of."""
_HEAD, _OWN = 1 << 16, re.compile(rb"\bmended\b|token-saliency mend\b")


@dataclass(frozen=True, slots=True)
class MendedFinding:
    """One audit (or suspect): how it was mended, in how many rows, and how closely item and label went together.

    `ties` are Cramer's V before and after, None where the edit leaves no item to count.
    """

    name: str
    verdict: str
    how: str
    rows: int
    held: int
    ties: tuple[float, float] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Mended:
    """The mended rows as a frame: as they were given, with other texts, and one or two columns more.

    `rows` of them could be mended and `changed` were; `copies` were added. `cannot` says of the other findings why
    rows do not help; `prompt` is a mended prompt where one is to blame; `origin` is the file that the rows are of, in
    whose form they are saved.
    """

    frame: pd.DataFrame
    rows: int
    changed: int
    copies: int
    findings: list[MendedFinding]
    cannot: dict[str, str] = field(default_factory=dict)
    prompt: Prompt | None = None
    notes: list[str] = field(default_factory=list)
    origin: Origin | None = None

    def save(self, file: Path | str) -> list[Path]:
        """Writes the rows by the suffix of the file, a mended prompt beside them; all of it or nothing.

        The files that were written. OptionError where the suffix is not one that can be written.
        """
        contents: dict[Path, str | Writer] = {}
        if self.findings:
            contents[Path(file)] = writer(self.frame, Path(file), self.origin)
        if self.prompt is not None:
            contents[prompt_file(Path(file))] = prompt_toml(self.prompt)
        written_together(contents)
        return list(contents)

    def lines(self) -> list[str]:
        """What was done, one line a finding, and what is left to do."""
        share = numbers.percent(self.changed / self.rows) if self.rows else "none"
        head = f"{self.changed:,} of {self.rows:,} rows changed ({share})"
        head += f", {numbers.count(self.copies, 'copy', 'copies')} added" if self.copies else ""
        found = [f"{head}; no row dropped, no label, split or id changed."] if self.findings else []
        found += [line for one in self.findings for line in _said(one)]
        found += [f"{printable(name)}: rows cannot mend it: {printable(why)}" for name, why in self.cannot.items()]
        return found + [f"Note: {printable(note)}" for note in self.notes]

    def __str__(self) -> str:
        """The lines, at most 100 columns wide."""
        return "\n".join(map(screen_lines, self.lines()))

    __repr__ = __str__


def prompt_file(file: Path) -> Path:
    """Where the mended prompt lies: `mended.prompt.toml` beside `mended.csv`."""
    return file.with_name(f"{file.name.split('.')[0]}.prompt.toml")


def written_by_mend(file: Path) -> bool:
    """Whether its columns, or the first line of a preprocessing, say so."""
    try:
        if suffix_of(file) == ".parquet":
            return CHANGED in read_schema(file).names
        return _OWN.search(file_bytes(file, str(file)), 0, _HEAD) is not None
    except (DataError, OSError, ArrowException):
        return False


def _said(one: MendedFinding) -> Sequence[str]:
    went = "" if one.ties is None else f"; item and label together {one.ties[0]:.2f} -> {one.ties[1]:.2f}"
    yields = f"  {printable(one.name)} ({one.verdict}): {one.how}: {one.rows:,} of {one.held:,} rows with one{went}"
    return [yields, *(f"    {printable(note)}" for note in one.notes)]
