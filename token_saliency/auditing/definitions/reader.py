"""An audit is one TOML file; this module reads it into checked, frozen data, and runs its `[[cases]]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import regex

from token_saliency.auditing.audit import Audit, AuditCase, Contrast, EditRule, Entry, Find, Judge, Lexicon, Phrases
from token_saliency.auditing.definitions.toml import (
    NAMED,
    TomlTable,
    checked_options,
    distinct,
    file_beside,
    listed_audits,
    read_forms,
    read_judge,
    read_lexicon,
    read_table,
)
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.spans.label_words import MATCHER as LABEL_WORDS
from token_saliency.auditing.spans.label_words import label_lexicon
from token_saliency.auditing.spans.registry import MATCHERS, OPTIONS, find_spans
from token_saliency.errors import AuditError, unknown
from token_saliency.resources import shipped
from token_saliency.results import Expectation, Level

__all__ = [
    "Audit", "AuditCase", "Contrast", "EditRule", "Entry", "Find", "Judge", "Lexicon",
    "audit_files", "configured", "load_audits", "read_audit",
]  # fmt: skip

_MEMBERS = 2
"""Items that a group must have to be compared at all."""


def read_contrasts(table: TomlTable, find: Find) -> tuple[Contrast, ...]:
    """One table `[contrast]`, or one `[[contrast]]` for every column."""
    several = isinstance(table.values.get("contrast"), list)
    tables = table.tables("contrast") if several else (table.table("contrast"),) if "contrast" in table.values else ()
    contrasts = tuple(_contrast(one, find) for one in tables)
    pairs = [pair for contrast in contrasts for pair in contrast.between]
    if len({frozenset(pair) for pair in pairs}) < len(pairs):
        raise table.error("contrast", "compares the same two groups twice. Keep one of them.")
    return contrasts


def _contrast(table: TomlTable, find: Find) -> Contrast:
    table.only(("column", "between"))
    column = table.text("column")
    columns = sorted({name for entry in find.lexicon for name in entry.groups})
    if column not in columns:
        there = f"it has {', '.join(f'`{name}`' for name in columns)}" if columns else "it has none beside the items"
        raise table.error("column", f"is {column!r}, which the word list does not have; {there}.")
    contrast = Contrast(column, _pairs(table))
    for group in contrast.groups:
        if len(contrast.members(find.lexicon, group)) < _MEMBERS:
            known = sorted({entry.groups.get(column, "") for entry in find.lexicon} - {""})
            raise table.error(
                "between", f"names {group!r}, which has fewer than {_MEMBERS} items. Groups: {', '.join(known[:20])}."
            )
    return contrast


def _pairs(table: TomlTable) -> tuple[tuple[str, str], ...]:
    """`["A", "B"]`, or a list of such pairs."""
    value: Any = table.values.get("between")
    pairs = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    for pair in pairs:
        good = isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) and one for one in pair)
        if not good or pair[0] == pair[1]:
            raise table.error("between", f'must be two groups, ["A", "B"], or a list of such pairs, not {value!r}.')
    return tuple((pair[0], pair[1]) for pair in pairs)


_KEYS = (
    *("code", "title", "why", "advice", "expectation", "items", "level", "notes", "languages"),
    *("find", "edit", "contrast", "judge", "cases"),
)
_NO_AUDITS = ("token-saliency.toml", "pyproject.toml")
"""What else may lie in a folder that is named as the folder of audits, such as the current one."""


SAME_POLARITY = "same polarity"
"""What a necessary feature is compared with: other words that go with the same class."""


def load_audits(names: str | Sequence[str] | None = None, audits_dir: Path | str | None = None) -> dict[str, Audit]:
    """The audits by name, in the order asked for (None: all, by name); those of `audits_dir` replace shipped ones.

    Raises OptionError for a name that does not exist, AuditError for a file that is wrong.
    """
    files, listed = audit_files(audits_dir), listed_audits(names)
    for name in listed or ():
        if name not in files:
            raise unknown("audit", name, files)
    chosen = (
        [n for n in sorted(files) if files[n].parent.name not in NAMED] if listed is None else list(map(str, listed))
    )
    return {name: _loaded(files[name]) for name in chosen}


def _loaded(path: Path) -> Audit:
    """The audit of a file; one of the user's own says so where it has the name of a shipped one."""
    home = shipped("audits")
    audit = _shipped(path) if path.is_relative_to(home) else read_audit(path)
    if path.is_relative_to(home) or not (home / path.name).exists():
        return audit
    return replace(audit, notes=(*audit.notes, f"This audit stands in for the shipped one of the name {audit.name}."))


@cache  # a command asks for the names, the options and the audits; nothing rewrites these files while it runs
def _shipped(path: Path) -> Audit:
    return read_audit(path)


def audit_files(audits_dir: Path | str | None = None) -> dict[str, Path]:
    """Where each audit lies, by name: the shipped ones and those of the user's own folder."""
    files = {path.stem: path for folder in (".", *NAMED) for path in (shipped("audits") / folder).glob("*.toml")}
    if audits_dir is None:
        return files
    own = {path.stem: path for path in Path(audits_dir).glob("*.toml") if path.name not in _NO_AUDITS}
    if not Path(audits_dir).is_dir():
        raise AuditError(f"There is no folder {str(audits_dir)!r} to read audits from.")
    if not own:
        raise AuditError(f"The folder {str(audits_dir)!r} holds no audit. Put one .toml file per audit into it.")
    return files | own


def read_audit(path: Path | str) -> Audit:
    """The checked audit of one TOML file; its name is that of the file. Raises AuditError."""
    table = read_table(Path(path))
    table.only(_KEYS)
    items, find = table.choice("items", ("sample", "fixed")), _find(table.table("find"))
    audit = Audit(
        name=table.path.stem,
        code=table.text("code"),
        title=table.text("title"),
        why=table.text("why", ""),
        advice=table.text("advice", ""),
        expectation=cast(Expectation, table.choice("expectation", get_args(Expectation), "exploratory")),
        items=items,
        level=cast(Level, table.choice("level", get_args(Level), "error")),
        find=find,
        edit=_edit(table.table("edit"), items, find),
        judge=_judge(table.table("judge")),
        cases=tuple(_case(case) for case in table.tables("cases")),
        notes=table.strings("notes"),
        languages=table.strings("languages"),
        contrasts=read_contrasts(table, find),
    )
    compared = audit.edit.judge == "swap" and audit.edit.against
    if audit.expectation == "necessary" and not compared and audit.find.matcher != "segments":
        raise table.error(
            "expectation",
            'is "necessary", which is tested for over-sufficiency only: say `judge = "swap"` and '
            f'`against = "{SAME_POLARITY}"` in [edit], or call it "exploratory".',
        )
    if audit.contrasts and (items != "sample" or "swap" not in audit.edit.operators):
        raise table.error("contrast", 'needs `items = "sample"` and the operator "swap": groups are compared by swaps.')
    for case, source in zip(audit.cases, table.tables("cases"), strict=True):
        _check_case(audit, case, source)
    return audit


def configured(audit: Audit, options: Mapping[str, Any]) -> Audit:
    """The audit with the options of the user (`margin`, `level` ...). OptionError for what no audit may have."""
    level, judge = checked_options(audit.name, options, audit.level, audit.judge)
    return replace(audit, level=level, judge=judge)


def _find(table: TomlTable) -> Find:
    table.only(("matcher", "lexicon", "item_column", "items", "options"))
    matcher = table.choice("matcher", tuple(MATCHERS))
    options = _options(table.table("options"), matcher)
    entries = _entries(table)
    if matcher in ("names", "lexicon", "identity") and not entries:
        raise table.error("lexicon", f"is missing; the matcher {matcher!r} needs a word list (or `items`).")
    if matcher == LABEL_WORDS:
        entries = label_lexicon(options.get("labels", ()), options.get("synonyms", ()))
    return Find(matcher, entries, options)


def _entries(table: TomlTable) -> Lexicon:
    """The word list: a file beside the audit, or several of which the first knows best, or the items themselves."""
    if "lexicon" not in table.values:
        items = [item for item in table.strings("items") if item.strip()]
        return distinct(table.path, [(f"item {n} ({item!r})", Entry(item)) for n, item in enumerate(items, 1)])
    if "items" in table.values:
        raise table.error("items", "stands beside `lexicon`; give one of the two.")
    files = table.strings("lexicon") if isinstance(table.values["lexicon"], list) else (table.text("lexicon"),)
    found: dict[str, Entry] = {}
    for file in files:
        for entry in read_lexicon(file_beside(table, "lexicon", file), table.text("item_column", "item")):
            found.setdefault(entry.item.lower(), entry)
    return Lexicon(found.values())


def _options(table: TomlTable, matcher: str) -> dict[str, Any]:
    table.only(tuple(OPTIONS[matcher]))
    if matcher == "pattern" and "regex" not in table.values:
        raise table.error("regex", "is missing; the matcher 'pattern' needs one.")
    return {key: _option(table, key, OPTIONS[matcher][key]) for key in table.values}


def _option(table: TomlTable, key: str, kind: str) -> object:
    if kind == "flag":
        return table.flag(key)
    if kind == "text":
        return table.text(key)
    if kind == "strings":
        return table.strings(key)
    if kind == "regex":
        return _regex(table, key, table.raw(key)).pattern
    if kind in ("forms", "file"):
        path = file_beside(table, key, table.text(key))
        return read_forms(path) if kind == "forms" else read_lexicon(path)
    if kind == "phrases" and isinstance(table.values[key], str):
        return read_lexicon(file_beside(table, key, table.text(key))).phrases
    words = [word.lower() for word in table.strings(key)]
    return frozenset(words) if kind == "words" else Phrases.of(words)


def _regex(table: TomlTable, key: str, written: str) -> regex.Pattern[str]:
    try:
        return regex.compile(written)
    except regex.error as error:
        raise table.error(key, f"is no regular expression ({error}). Mend it.") from error


def _edit(table: TomlTable, items: str, find: Find) -> EditRule:
    table.only(("judge", "operators", "panel", "reference", "controls", "strata", "against", "place", "also"))
    judge = table.choice("judge", tuple(OPERATORS))
    operators = table.strings("operators") or (judge,)
    for name in operators:
        if name not in OPERATORS:
            raise table.error("operators", f"names {name!r}, which does not exist. Known: {', '.join(OPERATORS)}.")
    also = table.strings("also")
    for name in (judge, *also):
        if name not in operators:
            raise table.error("operators", f"must contain the judged operator {name!r}.")
    reference = table.text("reference") if "reference" in table.values else None
    panel = _items(table, "panel")
    against = table.choice("against", ("", SAME_POLARITY), "")
    if "swap" in operators and items == "fixed" and not against:
        if reference is None:
            raise table.error("reference", "is missing: fixed items are swapped for it.")
        panel = panel or tuple(entry.item for entry in find.lexicon if entry.item != reference)
    if "insert" in operators and not panel:
        raise table.error("panel", "is missing: it holds the texts that are inserted.")
    place = table.choice("place", ("start", "end"), "start")
    entries = _control_entries(table)
    controls = tuple(entry.item for entry in entries) or _items(table, "controls")
    return EditRule(judge, operators, panel, reference, controls, _strata(table, find), entries, against, place, also)


def _strata(table: TomlTable, find: Find) -> str:
    """The column of the word list whose values keep items apart."""
    column = table.text("strata", "")
    known = sorted({name for entry in find.lexicon for name in entry.groups})
    if column and column not in known:
        raise table.error("strata", f"is {column!r}, which the word list does not have; it has {', '.join(known)}.")
    return column


def _control_entries(table: TomlTable) -> Lexicon:
    """The controls with their columns, where they are a word list."""
    if not isinstance(table.values.get("controls"), str):
        return Lexicon()
    return read_lexicon(file_beside(table, "controls", table.text("controls")))


def _items(table: TomlTable, key: str) -> tuple[str, ...]:
    """A list of strings, or the items of a word list."""
    if isinstance(table.values.get(key), str):
        return tuple(entry.item for entry in read_lexicon(file_beside(table, key, table.text(key))))
    return table.strings(key)


def _judge(table: TomlTable) -> Judge:
    table.only(("margin", "min_rows", "gate", "flips"))
    return read_judge(table)


def _case(table: TomlTable) -> AuditCase:
    table.only(("text", "spans"))
    return AuditCase(table.raw("text"), table.strings("spans"))


def _check_case(audit: Audit, case: AuditCase, table: TomlTable) -> None:
    found = [case.text[match.start : match.end] for match in find_spans(case.text, audit)]
    if found != list(case.spans):
        raise table.error("spans", f"should be {list(case.spans)}, but {found} is found in {case.text!r}.")
