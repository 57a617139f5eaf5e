"""The region audits: one TOML file each, `audits/images/NAME.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from token_saliency.auditing.audit import Audit, EditRule, Find, Judge
from token_saliency.errors import AuditError, unknown
from token_saliency.image.audits.areas import AREAS
from token_saliency.image.pixels.fills import FILLS
from token_saliency.resources import shipped

EXCHANGE = "exchange"
WHOLE = ("colour", "sharpness")
"""Looks at the whole picture; all other areas are regions of it."""
_TEXT = ("code", "title", "why", "advice", "expectation", "level", "area", "item", "judge")


@dataclass(frozen=True, slots=True)
class RegionAudit:
    """An audit of an area of pictures: `declared` is what it shares with the audits of texts.

    `area` is border, corners, background, colour or sharpness; `share` its width as a part of a side.
    """

    declared: Audit
    area: str
    item: str
    share: float

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.declared.name

    @property
    def operators(self) -> tuple[str, ...]:
        """The edits that are asked; the first one is judged."""
        return self.declared.edit.operators


def load_image_audits(names: Sequence[str] | None = None) -> dict[str, RegionAudit]:
    """The shipped region audits by name; None for all. OptionError for an unknown one."""
    files = {file.stem: file for file in sorted((shipped("audits") / "images").glob("*.toml"))}
    for name in names or ():
        if name not in files:
            raise unknown("image audit", name, files)
    return {name: read_image_audit(file) for name, file in files.items() if names is None or name in names}


def read_image_audit(file: Path) -> RegionAudit:
    """One definition. AuditError says which key is wrong."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AuditError(f"{file} cannot be read as TOML: {' '.join(str(error).split())}.") from error
    known = (*_TEXT, "operators", "share", "margin", "min_rows", "notes")
    for key in values:
        if key not in known:
            raise AuditError(f"{file}: the key {key!r} is not known; known are {', '.join(known)}.")
    for key in _TEXT:
        if not isinstance(values.get(key), str):
            raise AuditError(f"{file}: {key} is missing or no text.")
    return _checked(file, values)


def chosen_image_audits(
    audits: Sequence[str | RegionAudit] | None, config: Mapping[str, Mapping[str, Any]]
) -> tuple[list[RegionAudit], list[str]]:
    """The audits with the user's levels and margins; those that are off are named."""
    named = None if audits is None else [audit for audit in audits if isinstance(audit, str)]
    found = load_image_audits(named) if named is None or named else {}
    found |= {audit.name: audit for audit in audits or () if isinstance(audit, RegionAudit)}
    for name in config:
        if name not in found and name not in load_image_audits():
            raise unknown("image audit in the configuration", name, load_image_audits())
    listed = [with_options(audit, config.get(name, {})) for name, audit in found.items()]
    off = [f"{audit.name} is off by configuration: not run." for audit in listed if audit.declared.level == "off"]
    return [audit for audit in listed if audit.declared.level != "off"], off


def with_options(audit: RegionAudit, options: Mapping[str, Any]) -> RegionAudit:
    """The audit with another margin, level or smallest number of rows."""
    for key in options:
        if key not in ("margin", "min_rows", "level"):
            raise unknown(f"option of the audit {audit.name}", key, ("margin", "min_rows", "level"))
    judge = replace(
        audit.declared.judge, **{key: value for key, value in options.items() if key in ("margin", "min_rows")}
    )
    level = options.get("level", audit.declared.level)
    return replace(audit, declared=replace(audit.declared, judge=judge, level=level))


def _checked(file: Path, values: Mapping[str, Any]) -> RegionAudit:
    area, judge = values["area"], values["judge"]
    if area not in (*AREAS, "background", *WHOLE):
        raise AuditError(f"{file}: area is {area!r}; known are {', '.join((*AREAS, 'background', *WHOLE))}.")
    operators = tuple(dict.fromkeys((judge, *values.get("operators", ()))))
    for name in operators:
        if name not in (*FILLS, EXCHANGE) or (area in WHOLE and name != EXCHANGE):
            raise AuditError(f"{file}: {name!r} is no edit of {area}; known are {', '.join((*FILLS, EXCHANGE))}.")
    declared = Audit(
        name=file.stem,
        code=values["code"],
        title=values["title"],
        why=values["why"],
        advice=values["advice"],
        expectation=values["expectation"],
        items="fixed",
        level=values["level"],
        find=Find("area"),
        edit=EditRule(judge, operators),
        judge=Judge(float(values.get("margin", 0.05)), int(values.get("min_rows", 30))),
        cases=(),
        notes=tuple(values.get("notes", ())),
    )
    return RegionAudit(declared, area, values["item"], float(values.get("share", 0.0)))
