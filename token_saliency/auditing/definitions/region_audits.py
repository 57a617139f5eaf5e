"""The audits of regions of pictures: one TOML file each, `audits/images/NAME.toml`.

They are audits like those of texts, only that they look for an area of the picture in place of words: `find.options`
holds the area, the name of what is edited, and its width as a part of a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from token_saliency.auditing.audit import AREA, EXCHANGE, PICTURE_EDITS, Audit, EditRule, Find
from token_saliency.auditing.definitions.reader import configured, load_audits
from token_saliency.auditing.definitions.selection import AuditNames, Config, switched_on
from token_saliency.auditing.definitions.toml import TomlTable, listed_audits, read_judge, read_table
from token_saliency.errors import unknown
from token_saliency.resources import shipped
from token_saliency.results import Expectation, Level, RunRecord

REGIONS = ("border", "corners", "background")
WHOLE = ("colour", "sharpness")
"""Properties of the whole picture; all other areas are regions of it."""
_TEXTS = ("code", "title", "why", "advice", "expectation", "level", "area", "item", "judge")
_KEYS = (*_TEXTS, "operators", "share", "margin", "min_rows", "flips", "notes")


def load_image_audits(names: Sequence[str] | None = None) -> dict[str, Audit]:
    """The shipped region audits by name; None for all. OptionError for an unknown one."""
    files = {file.stem: file for file in sorted((shipped("audits") / "images").glob("*.toml"))}
    for name in names or ():
        if name not in files:
            raise unknown("image audit", name, files)
    return {name: read_image_audit(file) for name, file in files.items() if names is None or name in names}


def of_pictures(report: RunRecord) -> bool:
    """Whether the report is one of pictures."""
    return bool(report.settings.get("kind") == "images")


def definitions_of(report: RunRecord, names: Sequence[str], audits_dir: Path | str | None = None) -> dict[str, Audit]:
    """The definitions of audits of a run, of texts or of pictures. OptionError for one that is not there."""
    return load_image_audits(names) if of_pictures(report) else load_audits(names, home_of(report, audits_dir))


def home_of(report: RunRecord, audits_dir: Path | str | None) -> Path | str | None:
    """The folder of the user's own audits: the one given now, else that of the run where it still is."""
    own = report.settings.get("audits_dir")
    return own if audits_dir is None and own and Path(own).is_dir() else audits_dir


def read_image_audit(file: Path) -> Audit:
    """One definition. AuditError names the file and the key that is wrong."""
    table = read_table(file)
    table.only(_KEYS)
    for key in _TEXTS:
        table.text(key)
    area = table.choice("area", (*REGIONS, *WHOLE))
    known = (EXCHANGE,) if area in WHOLE else PICTURE_EDITS
    judge = table.choice("judge", known)
    for name in table.strings("operators"):
        if name not in known:
            raise table.error("operators", f"names {name!r}, which is no edit of {area}. Known: {', '.join(known)}.")
    return Audit(
        name=file.stem,
        code=table.text("code"),
        title=table.text("title"),
        why=table.text("why"),
        advice=table.text("advice"),
        expectation=cast(Expectation, table.choice("expectation", get_args(Expectation))),
        items="fixed",
        level=cast(Level, table.choice("level", get_args(Level))),
        find=Find(AREA, (), _where(table)),
        edit=EditRule(judge, tuple(dict.fromkeys((judge, *table.strings("operators"))))),
        judge=read_judge(table),
        cases=(),
        notes=table.strings("notes"),
    )


def _where(table: TomlTable) -> dict[str, str | float]:
    return {
        "area": table.text("area"),
        "item": table.text("item"),
        "share": table.number("share", 0.0, 0.0, 1.0),
    }


def chosen_image_audits(audits: AuditNames, config: Config) -> tuple[list[Audit], list[str]]:
    """The audits with the user's levels and margins, and a sentence for each that is off.

    OptionError for a name that does not exist, an option that no audit may have, or where no audit is left to run.
    """
    audits = listed_audits(audits)
    named = None if audits is None else [audit for audit in audits if isinstance(audit, str)]
    found = load_image_audits(named) if named is None or named else {}
    found |= {audit.name: audit for audit in audits or () if isinstance(audit, Audit)}
    known = load_image_audits() | found
    for name, options in config.items():
        if name not in known:
            raise unknown("image audit in the configuration", name, load_image_audits())
        configured(known[name], options)  # what is wrong is told of an audit that does not run, too
    return switched_on(configured(audit, config.get(name, {})) for name, audit in found.items())
