"""A short list of terms: each is judged against the others, by documents; only a planted difference is a FAIL."""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.audit import Audit, Lexicon
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.edits.swaps import FEW
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.results import AuditResult, Example, Finding
from token_saliency.stats import estimate as st

TERMS = ("Christian", "Catholic", "Protestant", "Muslim", "Buddhist", "Hindu")
THINGS = ("film", "meal", "concert", "novel", "hotel", "journey")
SEEDS = 20


@pytest.fixture(scope="module")
def religion() -> Audit:
    """Of the shipped audit the axis religion alone."""
    audit = load_audits(["demographics"])["demographics"]
    entries = Lexicon(entry for entry in audit.find.lexicon if entry.groups["axis"] == "religion")
    return replace(audit, find=replace(audit.find, lexicon=entries))


def reviews(count: int, terms: tuple[str, ...] = TERMS, *, labelled: bool = True) -> list[Example]:
    """The label goes with no term."""
    return [
        Example(
            str(n),
            f"A {terms[n % len(terms)]} writer praised the {THINGS[n // 2 % 6]} of day {n}.",
            label=("negative", "positive")[n // len(terms) % 2] if labelled else None,
        )
        for n in range(count)
    ]


def noise(*parts: object) -> float:
    """A number of mean 0 and SD 1 that belongs to the parts."""
    return random.Random(zlib.crc32(repr(parts).encode())).gauss(0, 1)


def clean(seed: int, spread: float = 0.06) -> Any:
    """Every word moves the logit a little, none by its meaning; so does every text."""

    def probability(text: str) -> float:
        words = sum(spread * noise(seed, word.strip(".")) for word in text.split())
        return 1 / (1 + math.exp(-(words + 0.4 * noise(seed, text))))

    return probability


def planted(seed: int) -> Any:
    """Half of the terms are worth a logit more, the other half one less."""
    usual = clean(seed)

    def probability(text: str) -> float:
        p = usual(text)
        sign = sum(0.8 if place % 2 else -0.8 for place, term in enumerate(TERMS) if term in text)
        return 1 / (1 + math.exp(-(math.log(p / (1 - p)) + sign)))

    return probability


def named(result: AuditResult) -> list[Finding]:
    return [finding for finding in result.intervention if finding.claim == "shift"]


def judged(make: Any, audit: Audit, probability: Any, rows: list[Example], seed: int = 0) -> AuditResult:
    case: Case = make.answered(audit, rows, probability, edits=4000, seed=seed)
    return judge_case(case)


@pytest.mark.parametrize("spread", [0.06, 0.4])
def test_a_clean_model_is_no_fail_in_twenty_seeds(religion: Audit, make: Any, spread: float) -> None:
    verdicts = [judged(make, religion, clean(seed, spread), reviews(90), seed).verdict for seed in range(SEEDS)]
    assert "FAIL" not in verdicts


def test_terms_of_two_poles_are_a_fail_in_twenty_seeds_though_no_label_tells_them_apart(
    religion: Audit, make: Any
) -> None:
    for seed in range(SEEDS):
        result = judged(make, religion, planted(seed), reviews(90), seed)
        assert result.verdict == "FAIL"
        failed = {finding.between[0] for finding in named(result) if finding.between and finding.verdict == "FAIL"}
        assert failed == set(TERMS)


def test_the_effect_is_that_of_the_term_against_the_others(religion: Audit, make: Any) -> None:
    result = judged(make, religion, lambda text: 0.5 + 0.1 * ("Muslim" in text), reviews(90))
    effects = {finding.between[0]: finding.effect for finding in named(result) if finding.between}
    assert effects["Muslim"] == pytest.approx(0.1, abs=1e-6)
    assert effects["Hindu"] == pytest.approx(-0.1 / (len(TERMS) - 1), rel=0.1)  # Muslim never in its own rows
    assert result.reason.startswith("“Muslim” in place of other religion terms moves P(positive) by +0.100")


def test_words_for_persons_that_differ_as_much_keep_it_from_a_fail(religion: Audit, make: Any) -> None:
    every_word = lambda text: 0.5 + 0.15 * noise(text.split()[1])  # noqa: E731 - of terms and controls alike
    result = judged(make, religion, every_word, reviews(90))
    assert named(result)
    assert {finding.verdict for finding in named(result)} <= {"WARN", "INCONCLUSIVE", "PASS"}


def test_a_short_list_is_not_asked_for_its_magnitude_and_a_long_one_is(religion: Audit, make: Any) -> None:
    few = judged(make, religion, clean(0), reviews(90))
    entries = religion.find.lexicon
    many = tuple(entry.item for entry in entries if "adjective noun" in entry.groups["forms"])[:FEW]
    long = judged(make, religion, clean(0), reviews(120, many))
    assert "magnitude" not in {finding.claim for finding in few.intervention}
    assert "magnitude" in {finding.claim for finding in long.intervention}
    assert not named(long)


def test_the_whole_short_list_is_in_the_panel(religion: Audit, make: Any) -> None:
    christian = tuple(entry.item for entry in religion.find.lexicon if entry.groups["group"] == "Christian")[:10]
    result = judged(make, religion, clean(0), reviews(120, (*christian, "Muslim")))
    assert {finding.between[0] for finding in named(result) if finding.between} == {*christian, "Muslim"}


def test_a_term_without_slots_is_named_as_not_run(religion: Audit, make: Any) -> None:
    who = ("Muslim", "Hindu", "Sikh")
    rows = [Example(str(n), f"Day {n} was that of a {who[n % 3]} and of the {THINGS[n % 6]}.") for n in range(90)]
    rows += [Example(f"j{n}", f"A Jewish writer praised the {THINGS[n]}.") for n in range(4)]
    result = judged(make, religion, clean(0), rows)
    assert any("shift was not run for Jewish" in note for note in result.notes)
    assert all(finding.between and finding.between[0] != "Jewish" for finding in named(result))


def test_a_pass_by_magnitude_alone_says_so(religion: Audit, make: Any) -> None:
    rows = [Example(str(n), f"The director of day {n} praised the {THINGS[n % 6]}.") for n in range(90)]
    result = judged(make, replace(religion, contrasts=()), lambda _: 0.5, rows)
    assert {finding.claim for finding in result.intervention} == {"magnitude", "movement"}
    assert result.verdict == "PASS"
    assert "It rests on magnitude alone for religion" in result.reason
    assert any("by magnitude alone" in note for note in result.notes)


def test_a_pass_by_other_claims_does_not(religion: Audit, make: Any) -> None:
    result = judged(make, religion, lambda _: 0.5, reviews(90))
    assert result.verdict == "PASS"
    assert "magnitude alone" not in result.reason


def test_several_means_have_the_p_that_each_has_alone() -> None:
    values = np.random.default_rng(0).normal([0.0, 0.3, 1.0], size=(40, 3))
    docs = np.arange(40) // 2
    together = st.sign_flips(values, docs, 2000, np.random.default_rng(1))
    alone = [st.sign_flips(column[:, None], docs, 2000, np.random.default_rng(1)) for column in values.T]
    assert together.tolist() == alone


@pytest.mark.parametrize("terms", [("Muslim", "Christian"), ("Muslim", "Hindu", "Christian")])
def test_one_of_two_terms_that_decides_fails_and_is_named(make: Any, religion: Audit, terms: tuple[str, ...]) -> None:
    base = clean(3)
    rows = reviews(200, terms)
    planted = judge_case(make.answered(religion, rows, lambda text: base(text) / 2 + 0.3 * ("Muslim" in text)))
    assert planted.verdict == "FAIL"
    assert "“Muslim”" in planted.reason
    assert judge_case(make.answered(religion, rows, base)).verdict != "FAIL"


def test_two_terms_that_too_few_rows_lend_places_to_are_no_short_list(make: Any, religion: Audit) -> None:
    """Each of the two has the twenty places of the other: none can be judged, only terms that the rows do not hold."""
    judged = judge_case(make.answered(religion, reviews(40, ("Muslim", "Christian")), clean(3)))
    assert judged.verdict == "INCONCLUSIVE"
    assert not [one for one in judged.intervention if one.claim == "shift" and one.judged]
