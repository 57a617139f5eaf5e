"""Which spans of a text belong to an audit: the registry of matchers, and the two that serve anybody's group.

A matcher sees one text and the audit's `[find]`, and returns matches in any order. All of them work on
characters of the original text and on whole words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from token_saliency.auditing.audit import ANY, LAST_MARK, ORDER, SEGMENTS, STRATA, Audit, Find, Lexicon, Match
from token_saliency.auditing.spans.capitals import ITEM as CAPITALS
from token_saliency.auditing.spans.capitals import capitals
from token_saliency.auditing.spans.label_words import label_words
from token_saliency.auditing.spans.numbers import NUMBERS, numbers
from token_saliency.auditing.spans.patterns import GROUP_NAME, SPACES, pattern, whitespace
from token_saliency.auditing.spans.persons.given_names import names
from token_saliency.auditing.spans.persons.identity_terms import identity
from token_saliency.auditing.spans.punctuation import punctuation
from token_saliency.auditing.spans.sentences import PARTS, sentences
from token_saliency.results import Example

__all__ = [
    *(
        "MATCHERS",
        "OPTIONS",
        "Match",
        "find_spans",
        "identity",
        "label_words",
        "lexicon",
        "names",
        "pattern",
        "punctuation",
    ),
    *("kinds", "punctuation", "row_spans", "segments", "sentences", "whitespace"),
]

Matcher = Callable[[str, Find], list[Match]]


def lexicon(text: str, find: Find) -> list[Match]:
    """The items of a word list, whole words; `match_case` and ambiguous items ask for the case of the list."""
    words, exact = Lexicon.of(find.lexicon), bool(find.options.get("match_case"))
    found = []
    for hit in words.pattern.finditer(text):
        entry = words.by_word.get(hit.group().lower())
        if entry and (hit.group() == entry.item or not (exact or entry.ambiguous)):
            found.append(Match(hit.start(), hit.end(), entry.item))
    return found


def segments(text: str, find: Find) -> list[Match]:  # noqa: ARG001 - one signature for all matchers
    """The whole first text, of rows that are pairs."""
    return [Match(0, len(text), "the first text")] if text.strip() else []


def prompt(text: str, find: Find) -> list[Match]:  # noqa: ARG001 - one signature for all matchers
    """Nothing of a row: the audit is about the prompt around it."""
    return []


MATCHERS: dict[str, Matcher] = {
    "capitals": capitals,
    "identity": identity,
    "names": names,
    "lexicon": lexicon,
    "numbers": numbers,
    "pattern": pattern,
    "punctuation": punctuation,
    "label_words": label_words,
    "whitespace": whitespace,
    "sentences": sentences,
    "segments": segments,
    "prompt": prompt,
}

WHOLE_TEXTS = frozenset({"segments", "sentences", "prompt"})
"""Matchers that find no items but the text itself."""

OPTIONS: dict[str, Mapping[str, str]] = {
    "identity": {
        "people": "words",
        "neutral_people": "words",
        "of_an_age": "words",
        "of_a_life": "words",
        "introduce_names": "words",
        "callings": "words",
        "things_named": "words",
        **dict.fromkeys(
            (
                "things_of_a_sex",
                "of_a_religion",
                "of_a_generation",
                "of_a_stage",
                "kinds_of_people",
                "teams",
                "beside_teams",
                "sports",
                "speaking",
                "of_the_senses",
                "institutions",
                "of_a_sex",
                "of_a_state",
                "of_a_sport",
                "of_old",
                "of_a_region",
                "of_war_and_history",
            ),
            "words",
        ),
        "homes": "file",
        "well_known": "file",
        "words": "forms",
        "family_names": "words",
        "never_in": "phrases",
        "compounds": "phrases",
        "names": "file",
        "gendered": "file",
        "common_words": "file",
    },
    "names": {
        "surnames": "file",
        "titles": "words",
        "ranks": "words",
        "words": "forms",
        "introduced_by": "words",
        "followed_by": "words",
        "determiners": "words",
        "never_after": "words",
        "never_in": "phrases",
        "articles": "words",
        "scripture": "words",
        "things_after": "words",
        "in_places": "words",
        "places": "file",
        "common_words": "file",
        "titles_of_works": "file",
        "gendered": "file",
        "titles_abroad": "file",
        **dict.fromkeys(
            (
                "institutions",
                "eponyms",
                "sacred",
                "biblical",
                "of_other_scriptures",
                "beside_other_scriptures",
                "sign_offs",
                "words_abroad",
                "works",
                "toward_persons",
                "shops",
            ),
            "words",
        ),
    },
    "capitals": {
        "words": "forms",
        **dict.fromkeys(("names", "places", "peoples"), "file"),
        **dict.fromkeys(("emphatic", "clause", "articles", "keyword_after", "acronyms", "chat"), "words"),
        **dict.fromkeys(("notices", "before_verbs", "intensive", "copulas", "persons"), "words"),
    },
    "lexicon": {"match_case": "flag"},
    "numbers": dict.fromkeys(
        (
            *("never", "units", "capital_units", "months", "references", "scales", "clock", "at_times"),
            *("before_years", "after_years", "eras", "before_amounts", "before_units", "ages", "function"),
        ),
        "words",
    ),
    "pattern": {"regex": "regex", "ignore_case": "flag", "item": "text", "learn": "flag", "same": "flag"},
    "punctuation": {
        **dict.fromkeys(("abbreviations", "before_names", "before_figures", "capitalised"), "words"),
        **dict.fromkeys(("joining", "tying", "determiners", "subjects", "interjections", "saying"), "words"),
        "other_languages": "file",
        "brands": "endings",
    },
    "whitespace": {},
    "sentences": {"part": "text", "said": "file"},
    "segments": {},
    "prompt": {"vary": "text", "paraphrases": "strings", "synonyms": "strings"},
    "label_words": {"labels": "strings", "synonyms": "words", "words": "forms", "polarity": "file"},
}
"""What may stand in `[find.options]` of each matcher, and how it is read."""


def kinds(find: Find) -> list[str]:
    """The items that are names of a kind of span: they come from the audit and hold no word of any row."""
    named = GROUP_NAME.findall(str(find.options.get("regex", "")))
    return [
        *(name.replace("_", " ") for name in [*named, *SPACES]),
        *NUMBERS,
        *(f"{number} ({stratum})" for number in NUMBERS for stratum in STRATA),
        CAPITALS,
        *PARTS,
        ANY,
        LAST_MARK,
        ORDER,
        *SEGMENTS.values(),
    ]


def row_spans(row: Example, audit: Audit) -> list[Match]:
    """The spans of the audit in a row: none where it asks for a pair of texts and the row is no pair."""
    if audit.find.matcher == "segments" and row.text_pair is None:
        return []
    return find_spans(row.text, audit)


def find_spans(text: str, audit: Audit) -> list[Match]:
    """The spans of the audit in the text, from left to right; of two that overlap the earlier, then the longer."""
    kept: list[Match] = []
    found = sorted(MATCHERS[audit.find.matcher](text, audit.find), key=attrgetter("end"), reverse=True)
    found.sort(key=attrgetter("start"))  # in two steps: a key of two numbers costs more memory than the match
    for match in found:
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept
