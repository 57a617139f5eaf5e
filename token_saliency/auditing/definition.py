"""An audit is one TOML file; this module reads it into checked, frozen data, and runs its `[[cases]]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast, get_args

from token_saliency.auditing.audit import Audit, Case, EditRule, Entry, Find, Judge, Lexicon, Match
from token_saliency.auditing.edits import OPERATORS
from token_saliency.auditing.lexicons import read_lexicon
from token_saliency.auditing.matchers import MATCHERS, OPTIONS, find_spans
from token_saliency.auditing.tables import Table, read_table
from token_saliency.errors import AuditError, unknown
from token_saliency.resources import shipped
from token_saliency.results import Expectation, Level

__all__ = [
    "Audit",
    "Case",
    "EditRule",
    "Entry",
    "Find",
    "Judge",
    "Lexicon",
    "Match",
    "audit_files",
    "load_audits",
    "read_audit",
]

_KEYS = ("code", "title", "why", "advice", "expectation", "items", "level", "notes", "find", "edit", "judge", "cases")


def load_audits(names: Sequence[str] | None = None, audits_dir: Path | str | None = None) -> dict[str, Audit]:
    """The audits by name, in the order asked for (None: all, by name); those of `audits_dir` replace shipped ones.

    Raises OptionError for a name that does not exist, AuditError for a file that is wrong.
    """
    files = audit_files(audits_dir)
    for name in names or ():
        if name not in files:
            raise unknown("audit", name, files)
    return {name: read_audit(files[name]) for name in (sorted(files) if names is None else names)}


def audit_files(audits_dir: Path | str | None = None) -> dict[str, Path]:
    """Where each audit lies, by name: the shipped ones and those of the user's own folder."""
    files = {path.stem: path for path in shipped("audits").glob("*.toml")}
    if audits_dir is None:
        return files
    own = {path.stem: path for path in Path(audits_dir).glob("*.toml")}
    if not own:
        raise AuditError(f"{audits_dir}: holds no audit. Put one .toml file per audit into that folder.")
    return files | own


def read_audit(path: Path | str) -> Audit:
    """The checked audit of one TOML file; its name is that of the file. Raises AuditError."""
    table = read_table(Path(path))
    table.only(_KEYS)
    audit = Audit(
        name=table.path.stem,
        code=table.text("code"),
        title=table.text("title"),
        why=table.text("why", ""),
        advice=table.text("advice", ""),
        expectation=cast(Expectation, table.choice("expectation", get_args(Expectation), "exploratory")),
        items=table.choice("items", ("sample", "fixed")),
        level=cast(Level, table.choice("level", get_args(Level), "error")),
        find=_find(table.table("find")),
        edit=_edit(table.table("edit")),
        judge=_judge(table.table("judge")),
        cases=tuple(_case(case) for case in table.tables("cases")),
        notes=table.strings("notes"),
    )
    for case, source in zip(audit.cases, table.tables("cases"), strict=True):
        _check_case(audit, case, source)
    return audit


def _find(table: Table) -> Find:
    table.only(("matcher", "lexicon", "options"))
    matcher = table.choice("matcher", tuple(MATCHERS))
    entries = read_lexicon(table.path.parent / table.text("lexicon")) if "lexicon" in table.values else Lexicon()
    if matcher in ("names", "lexicon") and not entries:
        raise table.error("lexicon", f"is missing; the matcher {matcher!r} needs a word list.")
    return Find(matcher, entries, _options(table.table("options"), matcher))


def _options(table: Table, matcher: str) -> dict[str, Any]:
    table.only(tuple(OPTIONS[matcher]))
    if matcher == "pattern" and "regex" not in table.values:
        raise table.error("regex", "is missing; the matcher 'pattern' needs one.")
    return {key: _option(table, key, OPTIONS[matcher][key]) for key in table.values}


def _option(table: Table, key: str, kind: str) -> object:
    if kind == "flag":
        return table.flag(key)
    if kind == "regex":
        return _regex(table, key, table.raw(key)).pattern
    if kind == "file":
        return read_lexicon(table.path.parent / table.text(key))
    words = [word.lower() for word in table.strings(key)]
    if kind == "words":
        return frozenset(words)
    phrases = "|".join(re.escape(phrase) for phrase in sorted(words, key=len, reverse=True))
    return re.compile(rf"\b(?:{phrases})\b", re.IGNORECASE) if words else None


def _regex(table: Table, key: str, regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise table.error(key, f"is no regular expression ({error}). Mend it.") from error


def _edit(table: Table) -> EditRule:
    table.only(("judge", "operators", "panel", "reference", "controls"))
    judge = table.choice("judge", tuple(OPERATORS))
    operators = table.strings("operators") or (judge,)
    for name in operators:
        if name not in OPERATORS:
            raise table.error("operators", f"names {name!r}, which does not exist. Known: {', '.join(OPERATORS)}.")
    if judge not in operators:
        raise table.error("operators", f"must contain the judged operator {judge!r}.")
    reference = table.text("reference") if "reference" in table.values else None
    return EditRule(judge, operators, _items(table, "panel"), reference, _items(table, "controls"))


def _items(table: Table, key: str) -> tuple[str, ...]:
    """A list of strings, or the items of a word list."""
    if isinstance(table.values.get(key), str):
        return tuple(entry.item for entry in read_lexicon(table.path.parent / table.text(key)))
    return table.strings(key)


def _judge(table: Table) -> Judge:
    table.only(("margin", "min_rows"))
    return Judge(table.number("margin", 0.05, 0.0, 1.0), table.whole("min_rows", 30, 1))


def _case(table: Table) -> Case:
    table.only(("text", "spans"))
    return Case(table.raw("text"), table.strings("spans"))


def _check_case(audit: Audit, case: Case, table: Table) -> None:
    found = [case.text[match.start : match.end] for match in find_spans(case.text, audit)]
    if found != list(case.spans):
        raise table.error("spans", f"should be {list(case.spans)}, but {found} is found in {case.text!r}.")
