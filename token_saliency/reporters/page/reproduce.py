"""The command that explains a shown row again: quoted for a shell, or Python where a shell cannot take it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from token_saliency.drawing.safe import visible
from token_saliency.results import EditedPair, RunRecord, ShownExample

_LONGEST = 400
LIVE = "live"
"""The setting that holds the address of a page of `live`."""
_COMMIT = re.compile("[0-9a-f]{40}")
WITHHELD = (
    "Row text is withheld, for this run is redacted, so no command on this page can explain a row again: "
    "the row ids lead to your own data."
)


@dataclass(frozen=True, slots=True)
class Again:
    """How rows are explained again: `command` is False for a model that stood in memory, or has no gradient."""

    model: str
    command: bool
    redacted: bool
    settings: Mapping[str, Any]

    def example(self, example: ShownExample) -> str:
        """For one coloured row; empty where its text is withheld."""
        target = self._target(example.label)
        if example.text_pair is not None:
            return self._python([(example.text, example.text_pair)], target)
        return self._said([example.text], target)

    def pair(self, pair: EditedPair) -> str:
        """For both texts of an edited pair; empty where they are withheld."""
        return self._said([pair.text_before, pair.text_after], pair.class_)

    @property
    def live_command(self) -> str:
        """What serves the page of `live` on the rows of this run; empty where it could not."""
        words = ["token-saliency", "live", self.model, "RUN"]
        return " ".join(map(shlex.quote, words)) if self.command and not self.redacted else ""

    def live(self, row: str) -> str:
        """The row on a page of `live`, where the report was given the address of one; else empty."""
        address = str(self.settings.get(LIVE) or "")
        safe = address.startswith(("http://", "https://")) and not self.redacted
        return f"{address.rstrip('/')}/?row={quote(row, safe='')}" if safe else ""

    def _said(self, texts: Sequence[str], target: str) -> str:
        if self.redacted:
            return ""
        if self.command and all(map(_fits_a_shell, texts)):
            return self._shell(texts, target)
        return self._python(texts, target)

    def _shell(self, texts: Sequence[str], target: str) -> str:
        chosen = {"method": self._set("method"), "target": target, "baseline": self._set("baseline")}
        options = [word for name, value in chosen.items() if value for word in (f"--{name}", value)]
        words = ["token-saliency", "explain", *options, "--", self.model, *texts]
        return " ".join(map(shlex.quote, words))

    def _python(self, texts: Sequence[str | tuple[str, str]], target: str) -> str:
        if self.redacted:
            return ""
        said = "texts" if sum(map(_length, texts)) > _LONGEST else ascii(list(texts))
        chosen = {"method": self._set("method"), "target": target, "baseline": self._set("baseline")}
        options = "".join(f", {name}={value!a}" for name, value in chosen.items() if value)
        return f"classifier.explain({said}{options})" + (_FROM_DATA if said == "texts" else "")

    def _target(self, label: str | None) -> str:
        chosen = self._set("target") or "predicted"
        return (label or "predicted") if chosen == "label" else chosen

    def _set(self, name: str) -> str:
        return str(self.settings.get(name) or "")


_FROM_DATA = "  # texts: the row's own text from your data, too long or too strange for a command line"


def again_of(report: RunRecord) -> Again:
    """How the rows of a report are explained again."""
    test, model = report.model.self_test, report.model
    commit = model.revision if model.revision and _COMMIT.fullmatch(model.revision) else ""  # a folder has a hash
    revision = f"@{commit}" if commit and "@" not in model.id else ""
    command = report.command.startswith("token-saliency audit") and (test is None or test.route != "function")
    return Again(model.id + revision, command, bool(report.settings.get("redact")), report.settings)


def _fits_a_shell(text: str) -> bool:
    """Short, and the page shows every character as it is: what is copied is what was read."""
    return 0 < len(text) <= _LONGEST and visible(text) == text and "\n" not in text and "\t" not in text


def _length(text: str | tuple[str, str]) -> int:
    return len(text) if isinstance(text, str) else len(text[0]) + len(text[1])
