"""A preprocessing for models that nobody can train again: what the audits found is made alike in every text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from token_saliency.auditing.audit import Audit, Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.by_axis import entries_of, replaced, strata_of
from token_saliency.auditing.edits.operators import OPERATORS, everywhere, swap
from token_saliency.auditing.edits.swaps import fills
from token_saliency.auditing.spans.persons.identity_terms import fits
from token_saliency.auditing.spans.registry import find_spans
from token_saliency.errors import OptionError
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.function.classifier_of import FunctionClassifier

Pair = tuple[str, str]
Step = str | list[str]


@dataclass(frozen=True)
class Normaliser:
    """Makes texts alike, step by step: an audit, and what becomes of all that it finds.

    A step is the name of an edit that is made everywhere ("delete", "strip", "neutral" ...), or the items that are put
    in the place of any: one for a mark, and for names and terms as many as a text may keep apart.
    A second text names whom the first one names. `audits_dir` holds audits of your own.
    """

    steps: Mapping[str, Step]
    audits_dir: str | None = None
    _audits: Mapping[str, Audit] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """OptionError for an audit or an edit that does not exist."""
        for name, step in self.steps.items():
            if isinstance(step, str) and step not in OPERATORS:
                raise OptionError(f"{name}: {step!r} is no edit. Known: {', '.join(sorted(OPERATORS))}.")
        object.__setattr__(self, "_audits", load_audits(list(self.steps), self.audits_dir) if self.steps else {})

    def __call__(self, text: str | Pair | Iterable[str | Pair]) -> Any:
        """The text, or the pair of texts, made alike; of a list each."""
        if not isinstance(text, str | tuple):
            return [self(one) for one in text]
        first, second = (text, None) if isinstance(text, str) else text
        for name, step in self.steps.items():
            audit = self._audits[name]
            if isinstance(step, str):
                first = everywhere(OPERATORS[step], first, find_spans(first, audit))
            else:
                first, second = _filled(audit, first, second, step)
        return first if second is None else (first, second)

    def wrapped(self, model: Any, **options: Any) -> FunctionClassifier:
        """The model behind the preprocessing: a folder, a hub id or a classifier. It explains what was really given."""
        inner = TextClassifier.from_pretrained(model, **options) if isinstance(model, str) else model
        if len(inner.labels) < 2:
            raise OptionError("A model of one number cannot be wrapped: call the preprocessing before it instead.")
        name = f"{inner.info.id} behind {', '.join(self.steps) or 'nothing'}"
        return TextClassifier.from_function(
            lambda texts: inner.predict([self(text) for text in texts]).probabilities,
            inner.labels,
            name=name,
            revision=inner.info.revision,
            pairs=True,
            multi_label=getattr(inner.head, "kind", "") == "multi_label_classification",
        )

    @cached_property
    def title(self) -> str:
        """The steps in words."""
        said = {
            name: step if isinstance(step, str) else f"always {', '.join(step)}" for name, step in self.steps.items()
        }
        return "; ".join(f"{name}: {how}" for name, how in said.items())


def _filled(audit: Audit, text: str, second: str | None, items: Sequence[str]) -> tuple[str, str | None]:
    """Every item of the text gives way to one of `items`: the first that it names to the first, and so on."""
    wanted = fills(audit)
    marks = set("".join((*audit.edit.panel, audit.edit.reference or "")) if audit.items == "fixed" else ())
    spans = [match for match in find_spans(text, audit) if wanted(match) or _is_run(match, marks)]
    if audit.items == "fixed":
        spans = [match for match in spans if match.item != items[0]]
    put: dict[str, str] = {}
    seen: dict[str, int] = {}
    for match in spans:
        own, key = _choices(audit, match, items)
        if match.item not in put and own:
            put[match.item] = own[seen.get(key, 0) % len(own)]
            seen[key] = seen.get(key, 0) + 1
    text = _put(audit, text, spans, put)
    if "unstop" in audit.edit.operators:
        text = _ended(audit, text, items[0])
    if second is not None and audit.items == "sample":
        second = _put(audit, second, [m for m in find_spans(second, audit) if m.item in put], put)
    return text, second


def _is_run(match: Match, marks: set[str]) -> bool:
    """`!!!` of `!`, which no slot of an audit is: the run would tell what the mark told."""
    return match.kind == "terminal" and set(match.item) <= marks


def _ended(audit: Audit, text: str, mark: str) -> str:
    """The text with a mark at its end, where it ends in a word: that there is one would tell something, too."""
    body = text.rstrip()
    marked = any(match.end >= len(body) for match in find_spans(text, audit))
    return text if marked or not body[-1:].isalnum() else body + mark + text[len(body) :]


def _choices(audit: Audit, match: Match, items: Sequence[str]) -> tuple[list[str], str]:
    """What may stand there: of a stratum its own items of the same part of speech."""
    if not audit.edit.strata:
        return list(items), ""
    for name in strata_of(audit):
        entries = {entry.item: entry for entry in entries_of(audit, name)}
        if match.item in entries:
            return [one for one in items if one in entries and fits(entries[one], match.kind)], f"{name} {match.kind}"
    return [], ""


def _put(audit: Audit, text: str, spans: Sequence[Match], put: Mapping[str, str]) -> str:
    edit = replaced if audit.edit.strata else swap
    whole = text
    for match in sorted(spans, key=lambda match: -match.start):
        if match.item in put and text[: match.end] == whole[: match.end]:
            text = edit(text, match, put[match.item])
    return text
