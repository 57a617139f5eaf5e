"""Which languages the rows seem to be in, and how many of them the word lists of an audit can serve."""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from token_saliency.auditing.audit import Audit
from token_saliency.results import Example

LETTERS = 40
"""Shorter texts are of no language for sure."""
SURE = 0.9
NAMES = {
    "ar": "Arabic", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_LATIN, _OTHER = "Latin letters", "other letters"


@dataclass(frozen=True, slots=True)
class Languages:
    """How many rows seem to be in which language, of those long enough to tell; `by` says how that was found."""

    counts: Counter[str]
    by: str

    def share(self, codes: Sequence[str]) -> float:
        """The share of the rows that lists in these languages can serve; 1 where nothing could be told."""
        served = sum(n for code, n in self.counts.items() if code in codes or code == _LATIN)
        return served / self.counts.total() if self.counts else 1.0


def languages_of(texts: Sequence[str]) -> Languages:
    """By py3langid (extra `languages`) where it is installed, else Latin letters against others."""
    tell, by = _detector()
    found = Counter(code for text in texts if (code := tell(text)))
    return Languages(found, by)


@functools.cache
def _detector() -> tuple[Callable[[str], str], str]:
    try:
        import py3langid
        from py3langid.langid import LanguageIdentifier
    except ImportError:
        return _by_letters, "their letters; token-saliency[languages] tells more"
    model = Path(py3langid.__file__).parent / "data" / "model.npz.xz"
    ask = LanguageIdentifier.from_modelpath(str(model), norm_probs=True).classify

    def by_model(text: str) -> str:
        if sum(map(str.isalpha, text)) < LETTERS:
            return "" if _by_letters(text) != _OTHER else ask(text)[0]
        code, sure = ask(text)
        return code if sure >= SURE else ""

    return by_model, "py3langid"


def _by_letters(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return ""
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return _LATIN if 2 * latin >= len(letters) else _OTHER


def language_notes(audits: Sequence[Audit], rows: Sequence[Example]) -> list[str]:
    """How many of the rows the word lists of these audits serve, a sentence for each set of languages."""
    by_set: dict[tuple[str, ...], list[str]] = {}
    for audit in audits:
        if audit.languages:
            by_set.setdefault(audit.languages, []).append(audit.name)
    found = languages_of([row.text for row in rows]) if by_set else Languages(Counter(), "")
    return [f"{', '.join(names)}: {_note(codes, found, len(rows))}" for codes, names in by_set.items()]


def _note(codes: Sequence[str], found: Languages, rows: int) -> str:
    spoken = ", ".join(NAMES.get(code, code) for code in codes)
    if not found.counts:
        return f"the word lists are {spoken}; the rows are too short to tell their language."
    others = [(code, n) for code, n in found.counts.most_common() if code not in (*codes, _LATIN)]
    rest = ", ".join(f"{NAMES.get(code, code)} {n}" for code, n in others[:5]) + (", others" if len(others) > 5 else "")
    told = found.counts.total()
    counted = f"{told} row{'s' * (told != 1)}{f' (of {rows})' * (told < rows)}"
    served = f"{found.share(codes):.0%} of the {counted} whose language could be told"
    return f"the word lists are {spoken} and serve {served} (by {found.by}){f'; not served: {rest}' if rest else ''}."
