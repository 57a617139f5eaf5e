"""What goes both ways: a signed mean hides it, the decisions do not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from token_saliency.auditing.audit import Audit
from token_saliency.auditing.comparing.growth import paired_growth
from token_saliency.auditing.comparing.pairing import Joint
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judging.case import ANY_CLASS, Case
from token_saliency.auditing.judging.judge import judge_case
from token_saliency.auditing.judging.movement import measures
from token_saliency.results import AuditResult, Edit, Example, Finding
from token_saliency.store.evidence import Evidence

AUDITS = load_audits(["punctuation", "position", "names"])
MARKS = replace(
    AUDITS["punctuation"], edit=replace(AUDITS["punctuation"].edit, operators=("swap",), also=())
)  # its functions read what is between the words, so that only the exchange of marks is asked
WORDS = ("film", "meal", "concert", "novel", "hotel", "journey", "lecture", "garden")


def moved(result: AuditResult, item: str | None = None) -> Finding:
    return next(
        f
        for f in result.intervention
        if f.claim == "movement" and (item is None or (f.between and f.between[0] == item))
    )


def marked(count: int, seed: int = 0) -> list[Example]:
    """Rows that end with `!` or `.`; an even day is one of the rows that a mark pushes up."""
    draw = random.Random(seed)
    return [
        Example(
            str(n), f"The {draw.choice(WORDS)} of {n} was {draw.random():.6f}, in its own way{'!.'[n % 2]}", label=None
        )
        for n in range(count)
    ]


def both_ways(size: float) -> Callable[[str], float]:
    """`!` adds `size` to even days and takes it from odd ones; without it every row lies near .5."""

    def probability(text: str) -> float:
        day = int(text.split(" of ")[1].split()[0])
        base = 0.42 + 0.16 * random.Random(text.rstrip("!.,;:")).random()
        return base + ("!" in text) * (size if day % 4 < 2 else -size)

    return probability


def test_a_mark_that_pushes_half_of_the_rows_up_and_half_down_fails(make: Any) -> None:
    case = make.answered(MARKS, marked(400), both_ways(0.18))
    result = judge_case(case)
    shift = next(f for f in result.intervention if f.claim == "shift" and f.judged and f.between == ("!", "."))
    found = moved(result, "!")

    assert shift.verdict != "FAIL"
    assert abs(shift.effect) < 0.05
    assert result.verdict == found.verdict == "FAIL"
    assert found.effect == pytest.approx(0.18, abs=0.01)
    assert found.interval[0] <= 0.18 <= found.interval[1]
    assert found.flips
    assert found.flips.excess == pytest.approx(found.flip_rate - (found.placebo_flip_rate or 0.0))
    assert found.flips.interval[0] > 0.05
    assert "up or down" in result.reason
    assert moved(result, "...").verdict == "PASS"


@pytest.mark.parametrize("size", [0.0, 0.01])
def test_what_hardly_moves_passes(make: Any, size: float) -> None:
    def probability(text: str) -> float:
        return 0.3 + both_ways(size)(text)  # far from the boundary, so that no decision hangs on it

    result = judge_case(make.answered(MARKS, marked(300), probability))
    assert result.verdict == "PASS"


def test_decisions_that_flip_fail_where_the_output_hardly_moves(make: Any) -> None:
    """A function that always answers near .5: a step of .04 turns every second decision."""

    def probability(text: str) -> float:
        return 0.5 + (0.015 if int(text.split(" of ")[1].split()[0]) % 4 < 2 else -0.015) * (1 if "!" in text else -1)

    found = moved(judge_case(make.answered(MARKS, marked(300), probability)), "!")
    assert found.effect < 0.05
    assert found.verdict == "FAIL"
    assert "the decision by more than the 5%" in found.reason


def test_the_order_of_sentences_that_decides_fails_by_what_it_flips(make: Any) -> None:
    draw = random.Random(3)
    sentences = [f"We saw the {word} {how}." for word in WORDS for how in ("once", "twice", "again", "late", "early")]
    good = dict.fromkeys(sentences[::2], 0.9)

    def by_the_first(text: str) -> float:
        return good.get(text.split(". ")[0].rstrip(".") + ".", 0.1)

    rows = [Example(str(n), " ".join(draw.sample(sentences, 5))) for n in range(300)]
    result = judge_case(make.answered(replace(AUDITS["position"], expectation="irrelevant"), rows, by_the_first))
    found = moved(result)
    assert result.verdict == "FAIL"
    assert found.operator == "turn"
    assert found.flip_rate == pytest.approx(0.5, abs=0.12)
    assert found.placebo_flip_rate == 0.0


def test_noise_of_edits_alone_is_no_movement_of_a_clean_model(make: Any) -> None:
    """Every text has an offset of its own, so that edits and controls move and flip alike."""
    failed = 0
    for seed in range(6):

        def noisy(text: str, seed: int = seed) -> float:
            return 0.3 + 0.4 * random.Random(f"{seed}{text}").random()

        for name in ("punctuation", "names"):
            result = judge_case(make.answered(AUDITS[name], make.reviews(160, correlated=False, seed=seed), noisy))
            movements = [f for f in result.intervention if f.claim == "movement"]
            assert movements
            assert all(f.effect < 0.05 and f.flip_rate > 0.1 for f in movements)
            failed += sum(f.verdict in ("FAIL", "WARN") for f in movements)
    assert failed == 0


def test_the_interval_covers_the_true_movement_beyond_the_control(make: Any) -> None:
    covered = []
    for seed in range(20):
        case = make.answered(MARKS, marked(120, seed), both_ways(0.09), seed=seed)
        found = moved(judge_case(case), "!")
        covered.append(found.interval[0] <= 0.09 + 1e-6 and found.interval[1] >= 0.09 - 1e-6)
    assert np.mean(covered) > 0.9


def test_names_that_move_each_row_its_own_way_are_seen(make: Any, names: Audit) -> None:
    def each_row_its_own_way(text: str) -> float:
        name, rest = text.split(" ", 1)
        push = 0.2 if name in (*make.groups["A"], *make.groups["B"]) and len(name) % 2 else 0.0
        return 0.5 + push * (1 if make.hash_of(rest) < 0.5 else -1)

    result = judge_case(make.answered(names, make.reviews(300, correlated=False), each_row_its_own_way, edits=6000))
    assert moved(result).verdict == "FAIL"
    assert all(f.verdict != "FAIL" for f in result.intervention if f.claim in ("lean", "magnitude", "direction"))


def of_classes(case: Case, answers: Callable[[str], tuple[float, ...]]) -> Case:
    """The case with the answers of a model of three classes or labels."""
    rows = {key: replace(row, probabilities=answers(row.text)) for key, row in case.rows.items()}
    edits = [replace(e, before=rows[e.row].probabilities, after=answers(e.text)) for e in case.edits]
    return replace(case, rows=rows, edits=edits, classes=["a", "b", "c"])


def test_few_rows_change_no_more_than_all_decisions(make: Any) -> None:
    rows = marked(4)
    found = moved(judge_case(make.answered(MARKS, rows, both_ways(0.18))))

    assert found.flips is not None
    assert -1.0 <= found.flips.interval[0] <= found.flips.interval[1] <= 1.0


def test_of_several_classes_the_movement_is_one_and_of_several_labels_any_counts(make: Any) -> None:
    case = make.answered(MARKS, marked(300), lambda _: 0.5)

    def classes(text: str) -> tuple[float, ...]:
        return (
            (0.1, 0.6, 0.3) if "!" not in text else ((0.1, 0.3, 0.6) if make.hash_of(text) < 0.5 else (0.4, 0.3, 0.3))
        )

    def labels(text: str) -> tuple[float, ...]:
        return (0.9, 0.4, 0.4) if "!" not in text else (0.9, 0.6, 0.4)

    for answers, size in ((classes, 0.3), (labels, 0.2)):
        found = [f for f in judge_case(of_classes(case, answers)).intervention if f.claim == "movement"]
        assert [(f.class_, f.between) for f in found] == [(ANY_CLASS, ("!", ".")), (ANY_CLASS, ("...", "."))]
        assert found[0].effect == pytest.approx(size)
        assert found[0].flip_rate == 1.0
        assert found[0].verdict == "FAIL"
        assert found[1].verdict == "PASS"


def test_a_number_has_no_decisions(make: Any) -> None:
    case = make.answered(MARKS, marked(300), both_ways(0.4))
    rows = {key: replace(row, probabilities=row.probabilities[1:]) for key, row in case.rows.items()}
    edits = [replace(edit, before=edit.before[1:], after=edit.after[1:]) for edit in case.edits]
    found = moved(judge_case(replace(case, rows=rows, edits=edits, classes=["score"])), "!")
    assert found.flips is None
    assert found.verdict == "FAIL"
    assert "decisions" not in found.reason


def test_without_controls_a_movement_may_pass_and_never_fail(make: Any) -> None:
    for size, verdict in ((0.0, "PASS"), (0.18, "INCONCLUSIVE")):
        case = make.answered(MARKS, marked(300), both_ways(size))
        alone = replace(case, edits=[edit for edit in case.edits if not edit.placebo])
        found = moved(judge_case(alone), "!")
        assert (found.control, found.verdict) == (None, verdict)


def test_no_pass_where_the_controls_move_the_output_and_the_edit_does_not(make: Any) -> None:
    """Any `;` `,` or `:` at the end turns the row one way or the other: beside that a `!` looks still."""

    def probability(text: str) -> float:
        day = int(text.split(" of ")[1].split()[0])
        return 0.5 + (text[-1] in ";,:") * (0.3 if day % 4 < 2 else -0.3)

    result = judge_case(make.answered(MARKS, marked(400), probability))
    found = moved(result, "!")

    assert found.effect == pytest.approx(-0.3, abs=0.01)
    assert (result.verdict, found.verdict) == ("INCONCLUSIVE", "INCONCLUSIVE")
    assert "the controls move it by more than the edit does" in found.reason
    assert "more rows do not help" in result.advice


def test_controls_that_move_a_little_more_than_the_edit_leave_a_pass(make: Any) -> None:
    def probability(text: str) -> float:
        return 0.7 + (text[-1] in ";,:") * 0.03

    assert judge_case(make.answered(MARKS, marked(400), probability)).verdict == "PASS"


def test_a_movement_that_grows_is_seen_between_two_runs(make: Any) -> None:
    before, after = (make.answered(MARKS, marked(300), both_ways(size)) for size in (0.05, 0.15))
    rows = [replace(row, cluster=before.cluster[row.id]) for row in before.rows.values()]
    pairs: list[tuple[Edit, Edit]] = list(zip(before.edits, after.edits, strict=True))
    joint = Joint(Evidence.of(rows, [], before.classes, 0), MARKS, rows, pairs, len(pairs))
    growth = next(g for g in paired_growth(joint) if g.claim == "movement" and g.between == ("!", "."))
    assert growth.effect_a == pytest.approx(0.05, abs=0.01)
    assert growth.size == pytest.approx(0.10, abs=0.01)
    assert growth.interval[0] > 0
    assert math.isfinite(growth.p)


def test_the_decision_of_a_slot_is_compared_with_every_other_item(make: Any, names: Audit) -> None:
    """Half of the panel turns the decision: two of its items differ about every second time."""
    turned = set(make.groups["A"])
    result = make.answered(
        names, make.reviews(200, correlated=False), lambda text: 0.9 if text.split()[0] in turned else 0.1
    )
    (measured,) = measures(result, "swap")
    assert measured.used
    inside = [item in turned for item in sorted({e.item for e in result.edits if not e.placebo})]
    share = np.mean(inside)
    expected = 2 * share * (1 - share) * len(inside) / (len(inside) - 1)
    assert measured.rates()[0] == pytest.approx(expected, abs=0.03)


def test_a_function_that_answers_0_or_1_is_audited_by_what_flips(make: Any) -> None:
    """Of the rows 15% turn by a `!`; a clean one of such answers passes."""

    def hard(share: float) -> Callable[[str], float]:
        return lambda text: float(make.hash_of(text.rstrip("!.,;:")) < 0.45 + share * ("!" in text))

    for share, verdict in ((0.0, "PASS"), (0.15, "FAIL")):
        result = judge_case(make.answered(MARKS, marked(400), hard(share)))
        found = moved(result, "!")
        assert result.verdict == found.verdict == verdict
        assert found.flip_rate == pytest.approx(share, abs=0.05)
