"""Which audits run, with the levels and margins that the user gave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from token_saliency.auditing.audit import Audit, Judge
from token_saliency.auditing.definitions.reader import audit_files, configured, load_audits
from token_saliency.auditing.definitions.toml import PROMPTS, listed_audits
from token_saliency.errors import OptionError, unknown

Config = Mapping[str, Mapping[str, Any]]
"""Options by the name of an audit: level, margin, min_rows, flips."""

AuditNames = str | Audit | Sequence[str | Audit] | None
"""One audit, several, or None: all that apply to the rows."""


def chosen_audits(audits: AuditNames, audits_dir: Path | str | None, config: Config) -> tuple[list[Audit], list[str]]:
    """The audits with the user's levels and margins, and what to say of those that are off or have a level in vain."""
    audits = listed_audits(audits)
    named = None if audits is None else [audit for audit in audits if isinstance(audit, str)]
    loaded = list(load_audits(named, audits_dir).values()) if named is None or named else []
    loaded += [audit for audit in audits or () if isinstance(audit, Audit)]
    own = {audit.name: audit for audit in loaded}
    others = [name for name in config if name not in own]
    known = audit_files(audits_dir) if others else {}
    for name in others:
        if name not in known:
            raise unknown("audit in the configuration", name, sorted(known))
    for audit in load_audits(others, audits_dir).values() if others else ():
        configured(audit, config[audit.name])  # what is wrong is told of an audit that does not run, too
    on, off = switched_on([configured(audit, config.get(audit.name, {})) for audit in loaded])
    return on, [*off, *(_no_gate(audit) for audit in on if "level" in config.get(audit.name, {}) and not _gates(audit))]


def _gates(audit: Audit) -> bool:
    return audit.expectation != "exploratory"


def _no_gate(audit: Audit) -> str:
    return (
        f"{audit.name} is exploratory, so its level decides nothing: a definition of your own (audits_dir) with "
        'expectation = "irrelevant" lets it decide.'
    )


def with_prompts(audits: AuditNames, audits_dir: Path | str | None, classifier: object) -> AuditNames:
    """Of a prompted model all audits are those of its rows and those of its prompt."""
    if audits is not None or getattr(classifier, "prompt", None) is None:
        return audits
    prompts = [name for name, path in audit_files(audits_dir).items() if path.parent.name == PROMPTS]
    return [*load_audits(None, audits_dir), *sorted(prompts)]


def deciding(audit: Audit, classifier: object) -> Audit:
    """Of a prompted model all that is inserted decides: there a template stands around every row."""
    prompted = getattr(classifier, "prompt", None) is not None
    return replace(audit, judge=replace(audit.judge, gate="always")) if prompted else audit


def switched_on(audits: Iterable[Audit]) -> tuple[list[Audit], list[str]]:
    """The audits that are not off, and a sentence for each that is. OptionError where none is left to run."""
    listed = list(audits)
    if all(audit.level == "off" for audit in listed):
        names = ", ".join(audit.name for audit in listed)
        raise OptionError(f"Nothing is left to run: {names}: off by configuration. Give one of them another level.")
    off = [f"{audit.name} is off by configuration: not run." for audit in listed if audit.level == "off"]
    return [audit for audit in listed if audit.level != "off"], off


def options_of(audits: Iterable[Audit]) -> dict[str, dict[str, Any]]:
    """Level and judge of each audit, the gate and flips where they are not the usual: for the settings of a report."""
    usual = asdict(Judge())
    return {
        audit.name: {"level": audit.level}
        | {
            key: value
            for key, value in asdict(audit.judge).items()
            if key in ("margin", "min_rows") or value != usual[key]
        }
        for audit in audits
    }
