"""What a user may change of any audit, of texts or of images: `level`, `margin` and `min_rows`, checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from token_saliency.auditing.audit import Judge
from token_saliency.auditing.definitions.toml import TomlTable
from token_saliency.errors import AuditError, OptionError, unknown
from token_saliency.results import Level


def checked_options(name: str, options: Mapping[str, Any], level: Level, judge: Judge) -> tuple[Level, Judge]:
    """Level and judge of the audit `name` after the user's options; what they leave out stays as the audit has it.

    OptionError for another key, or a value that no audit may have: `margin = -3`, "big" or NaN, `level = "loud"`.
    """
    own = {"level": level, "margin": judge.margin, "min_rows": judge.min_rows}
    if not isinstance(options, Mapping):
        raise OptionError(f"The options of audit {name} are a table such as {{'margin': 0.05}}, not {options!r}.")
    for key in options:
        if key not in own:
            raise unknown(f"option of audit {name}", key, own)
    table = TomlTable(Path(f"audit.{name}"), "", own | dict(options))
    try:
        return cast(Level, table.choice("level", get_args(Level))), read_judge(table)
    except AuditError as error:
        raise OptionError(str(error)) from error


def read_judge(table: TomlTable) -> Judge:
    """The margin, a probability, and the smallest number of rows that decides."""
    return Judge(table.number("margin", 0.05, 0.0, 1.0), table.whole("min_rows", 30, 1))


def require_list(names: object) -> None:
    """OptionError for one name where a list of them is meant: its letters would be looked up."""
    if isinstance(names, str):
        raise OptionError(f"audits is a list of names: put the one name into brackets, [{names!r}].")


def require_audits(audits: Sequence[object] | None) -> None:
    """OptionError where no audit would run: a report without any would look like one that found nothing."""
    require_list(audits)
    if audits is not None and len(audits) == 0:
        raise OptionError("audits is empty, so there is nothing to run: name some, or leave it out to run all.")
