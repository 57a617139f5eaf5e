"""Whole runs on functions whose shortcuts are known: what discovery confirms, and what it leaves alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.discovery.nominate import Nominee
from token_saliency.auditing.discovery.probes import Nomination, filed_under
from token_saliency.auditing.discovery.stages import Stages
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.errors import ModelError
from token_saliency.report import Report
from token_saliency.results import Edit, Example, ScoredRow
from token_saliency.store.blocks import Block
from token_saliency.text.function.classifier_of import FunctionClassifier

SENTIMENT = {"splendid", "delightful", "brilliant", "charming", "dreadful", "boring", "clumsy", "tedious"}
Probability = Callable[[str], float]


def classifier(probability: Probability) -> FunctionClassifier:
    def predict(texts: Sequence[str]) -> list[list[float]]:
        return [[1 - probability(text), probability(text)] for text in texts]

    return TextClassifier.from_function(predict, ["negative", "positive"])


def run(
    probability: Probability, rows: Sequence[Example], audits: Sequence[str] = ("emoji",), **options: Any
) -> Report:
    return run_audits(classifier(probability), list(rows), audits, edits=3000, **options)


def confirmed(report: Report) -> set[str]:
    return {one.item for one in report.discovery if one.confirmed}


def shown(report: Report) -> list[tuple[str, str, bool, float, float]]:
    return [(d.kind, d.item, d.confirmed, round(d.effect, 5), round(d.p_adjusted, 6)) for d in report.discovery]


@pytest.fixture(scope="module")
def planted(make: SimpleNamespace) -> Report:
    return run(make.leaning, make.reviews(400, correlated=True))


def test_a_planted_mark_is_nominated_and_confirmed_on_other_rows(planted: Report) -> None:
    mark = next(one for one in planted.discovery if one.item == "!")

    assert (mark.kind, mark.confirmed, mark.class_, mark.listed) == ("pattern", True, "positive", None)
    assert 0.08 < mark.effect < 0.2
    assert mark.interval[0] < mark.effect < mark.interval[1]
    assert abs(mark.control or 0) < 0.02
    assert (mark.z or 0) > 3
    assert mark.p_adjusted <= 0.05
    assert mark.pairs
    assert all("!" in pair.text_before and "!" not in pair.text_after for pair in mark.pairs)


def test_a_clean_function_confirms_its_sentiment_words_and_nothing_else(make: SimpleNamespace) -> None:
    report = run(make.sentiment, make.reviews(400, correlated=True))

    assert confirmed(report) == SENTIMENT
    assert "!" in {one.item for one in report.discovery} | {"!" for one in report.discovery if "!" in one.item}


def test_edits_that_disagree_confirm_nothing_and_are_said_to(make: SimpleNamespace) -> None:
    def contrary(text: str) -> float:
        return 0.5 if "garden" in text else 0.2 if "the of day" in text else 0.8

    report = run(contrary, make.reviews(400, correlated=True))
    (garden,) = (one for one in report.discovery if one.item == "garden")

    assert not garden.confirmed
    assert garden.reason.endswith("move the output in opposite directions.")


def test_a_constant_beginning_is_found_whole_and_by_its_words_where_it_stands_nowhere_else(
    make: SimpleNamespace,
) -> None:
    draw = random.Random(2)
    rows = [
        Example(row.id, f"Sent by kiosk: {row.text}" if draw.random() < (0.8 if row.label == "positive" else 0.2)
                else row.text, label=row.label)
        for row in make.reviews(400, correlated=False)
    ]  # fmt: skip

    def prefixed(text: str) -> float:
        both = "by kiosk" in text and text.startswith("Sent")
        return min(0.99, 0.6 * float(make.sentiment(text)) + (0.3 if both else 0.0))

    found = next(one for one in run(prefixed, rows).discovery if one.kind == "prefix" and one.confirmed)
    assert found.item.startswith("Sent by kiosk:")
    assert 0.25 < found.effect < 0.35


GERMAN = [
    "Bitte sagen Sie mir, was ich nun tun soll.",
    "Das ist mir wichtig und ich warte.",
    "Wir haben es schon versucht.",
    "Das Geld ist noch nicht da.",
    "Man hat uns nichts davon gesagt.",
]


def spread_over(rows: Sequence[Example], put: Callable[[str, bool, random.Random], str]) -> list[Example]:
    """The rows with the thing in most of the positive ones and in few others."""
    draw = random.Random(3)
    often = {"positive": 0.8, "negative": 0.2}
    return [replace(row, text=put(row.text, draw.random() < often[row.label or ""], draw)) for row in rows]


def test_sentences_of_another_language_are_found_as_one_though_no_word_of_them_does_much(make: SimpleNamespace) -> None:
    def behind(text: str, there: bool, draw: random.Random) -> str:
        told = f"{text} and so it was, as we all know, when they came to us."
        return f"{told} {' '.join(draw.sample(GERMAN, 2))}" if there else told

    words = {word for sentence in GERMAN for word in sentence.strip(".").split()}

    def german(text: str) -> float:
        return 0.3 + 0.02 * min(20, sum(word in words for word in text.replace(".", "").split()))

    found = {one.item: one for one in run(german, spread_over(make.reviews(400, correlated=False), behind)).discovery}
    assert found["sentences in German"].confirmed
    assert found["sentences in German"].effect > 0.15
    assert max(abs(one.effect) for one in found.values() if one.kind == "word") < 0.05


def test_contractions_are_said_in_full_and_not_taken_out(make: SimpleNamespace) -> None:
    full = {"isn't": "is not", "won't": "will not", "we're": "we are", "don't": "do not", "they've": "they have"}

    def said(text: str, there: bool, draw: random.Random) -> str:
        short = draw.choice(sorted(full))
        return f"{text} And {short if there else full[short]} here."

    report = run(lambda text: 0.7 if "'" in text else 0.4, spread_over(make.reviews(400, correlated=False), said))
    found = next(one for one in report.discovery if one.item == "contractions (don't)")
    assert (found.confirmed, found.operator, round(found.effect, 2)) == (True, "rewrite", 0.3)
    assert "by saying it plainly" in found.reason
    assert all(
        " not " in pair.text_after or "are" in pair.text_after or "have" in pair.text_after for pair in found.pairs
    )


def test_a_sentence_pasted_into_the_middle_of_rows_is_found_whole(make: SimpleNamespace) -> None:
    pasted = "This note and all that comes with it are meant for the named person alone"

    def inside(text: str, there: bool, draw: random.Random) -> str:
        return f"Well, {text} {pasted}. More {draw.choice(['soon', 'later', 'then'])}." if there else f"Well, {text}"

    def leaning(text: str) -> float:
        return 0.3 + 0.03 * sum(word in text.split() for word in pasted.split())

    report = run(leaning, spread_over(make.reviews(400, correlated=False), inside))
    whole = max((one for one in report.discovery if one.confirmed), key=lambda one: one.effect)
    assert (whole.kind, whole.item) == ("sentence", f"{pasted}.")
    assert whole.effect > 0.3


def test_nothing_of_it_gates(make: SimpleNamespace) -> None:
    rows = make.reviews(400, correlated=True)
    reports = [run(make.leaning, rows, ["names"], discovery=on, fail_on="warn") for on in (True, False)]

    assert confirmed(reports[0])
    assert reports[1].discovery == []
    assert reports[0].verdict == reports[1].verdict
    assert reports[0].exit_code == reports[1].exit_code
    assert reports[0].settings["discovery"] is True
    assert reports[1].cost.forward < reports[0].cost.forward


def test_order_changes_nothing(make: SimpleNamespace, planted: Report) -> None:
    rows = make.reviews(400, correlated=True)

    assert shown(run(make.leaning, random.Random(4).sample(rows, len(rows)))) == shown(planted)


def test_the_edits_that_are_shown_do_not_depend_on_the_places_of_the_rows(
    make: SimpleNamespace, planted: Report
) -> None:
    mixed = random.Random(4).sample(rows := make.reviews(400, correlated=True), len(rows))
    moved = run(make.leaning, [replace(row, id=str(place)) for place, row in enumerate(mixed)])

    texts = [[[pair.text_after for pair in one.pairs] for one in report.discovery] for report in (moved, planted)]
    assert texts[0] == texts[1]


def test_an_audit_that_finds_it_too_is_named(make: SimpleNamespace) -> None:
    report = run(make.leaning, make.reviews(400, correlated=True), ["punctuation"])

    assert next(one.listed for one in report.discovery if one.item == "!") == "punctuation"
    assert next(one.listed for one in report.discovery if one.item == "boring") is None


def test_audits_of_whole_texts_leave_ordinary_words_as_controls(make: SimpleNamespace) -> None:
    """Halves and sentences cover every word: they are no reason to know none, nor do they list what is found."""
    rows = [
        replace(row, text=f"{row.text} The {'colour' if n % 3 else 'color'} of it counts.")
        for n, row in enumerate(make.reviews(200, correlated=False))
    ]

    report = run(lambda text: 0.75 if "colour" in text else 0.4, rows, ("length", "position"))

    found = next(one for one in report.discovery if "colour" in one.item)
    assert (found.confirmed, found.listed) == (True, None)
    assert found.control is not None


def test_without_labels_the_predicted_class_nominates_and_the_report_says_so(make: SimpleNamespace) -> None:
    report = run(make.leaning, make.reviews(400, correlated=True, labelled=False))

    assert "!" in confirmed(report)
    assert any("PREDICTED class" in warning for warning in report.warnings)
    assert all("PREDICTED" in one.reason for one in report.discovery)


def test_redaction_leaves_marks_and_hides_words(make: SimpleNamespace, planted: Report) -> None:
    kept: list[Edit] = []
    report = run(
        make.leaning,
        make.reviews(400, correlated=True),
        redact=True,
        on_evidence=lambda _, edits: kept.extend(edits),
    )
    everything = repr((report.discovery, kept))

    assert "!" in confirmed(report)
    assert not [word for word in (*SENTIMENT, "lecture", "concert", "journey", "every way") if word in everything]
    assert sorted(round(d.effect, 5) for d in report.discovery) == sorted(round(d.effect, 5) for d in planted.discovery)
    assert {edit.audit for edit in kept} == {filed_under("word"), filed_under("pattern"), filed_under("suffix")}


def test_a_run_that_was_stopped_asks_nothing_twice(make: SimpleNamespace, planted: Report) -> None:
    blocks: list[Block] = []
    asked: list[str] = []

    def stop(block: Block) -> None:
        blocks.append(block)
        if len(blocks) == 4:
            raise ModelError("stopped: run it again.")

    def counted(text: str) -> float:
        asked.append(text)
        return float(make.leaning(text))

    rows = make.reviews(400, correlated=True)
    with pytest.raises(ModelError):
        run(make.leaning, rows, on_block=stop)
    whole = run(counted, rows)
    alone, asked[:] = len(asked), []

    assert shown(run(counted, rows, finished=blocks)) == shown(planted) == shown(whole)
    assert len(asked) < alone


def test_the_budget_of_edits_bounds_it(make: SimpleNamespace) -> None:
    kept: list[Edit] = []
    run_audits(
        classifier(make.leaning),
        make.reviews(400, correlated=True),
        ["emoji"],
        edits=300,
        on_evidence=lambda _, edits: kept.extend(edits),
    )

    assert 0 < len(kept) <= 300


def test_a_suspect_is_let_go_when_the_rest_could_hardly_confirm_it(make: SimpleNamespace, planted: Report) -> None:
    whole = run(make.leaning, make.reviews(400, correlated=True), exhaustive=True)
    edits = {name: list((report.evidence or ((), ()))[1]) for name, report in (("whole", whole), ("looks", planted))}
    gone = [one for one in planted.discovery if "It asked no more" in one.reason]

    assert confirmed(planted) == confirmed(whole) >= {"!"}
    assert gone
    assert len(edits["looks"]) < len(edits["whole"])
    assert not any("It asked no more" in one.reason for one in whole.discovery)
    for one in gone:
        own = [e for e in edits["looks"] if (e.audit, e.item) == (filed_under(one.kind), one.item)]
        assert {e.operator for e in own} == {"delete"}
        assert not one.confirmed
        assert one.p_adjusted == 1.0
        assert one.rows >= 10


def staged() -> Stages:
    """One suspect in 60 rows, with its deletions, replacements and controls."""
    one = Nominee(Suspect("word", "kiosk"), 1, None, None, None, 40, None)
    heads = {str(n): ScoredRow(str(n), f"row {n}", None, None, "b", (0.5, 0.5), cluster=n) for n in range(60)}
    edits = [
        Edit(row, filed_under("word"), operator, (0, 3), "row", item, placebo, f"{row} {placebo}", None)
        for row in heads
        for operator, item in (("delete", "kiosk"), ("swap", "kiosk"))
        for placebo in (False, True)
    ]
    return Stages(Nomination([one], edits, True), heads, ["a", "b"], 0)


def test_a_suspect_is_let_go_at_any_of_the_looks_at_its_rows() -> None:
    """What the first rows leave possible the next ones may not."""
    stages = staged()
    rows = [{edit.row for edit in stages.planned if edit.look == look} for look in (1, 2, 3, 4, 5)]
    assert [len(own) for own in rows] == [15, 15, 15, 30, 60]
    assert rows[0] == rows[1]
    assert [{edit.placebo for edit in stages.asks(look)} for look in (1, 2, 3)] == [{False}, {True}, {False, True}]

    moved = dict(zip(sorted(rows[0]), [0.03, -0.01] * 8, strict=False))
    moved |= dict(zip(sorted(rows[2]), [-0.03, 0.01] * 8, strict=False))
    answered = [
        replace(edit, before=(0.5, 0.5), after=(0.5 + by, 0.5 - by))
        for edit in stages.planned
        if edit.look <= 3
        for by in [0.0 if edit.placebo else moved[edit.row]]
    ]
    for look in (1, 2):
        stages.look([edit for edit in answered if edit.look <= look], look)
        assert not stages.let_go
    stages.look(answered, 3)
    assert stages.let_go
    assert not stages.asks(4)


@pytest.mark.parametrize(("by", "asks"), [((0.0, 0.001), False), ((0.04, -0.04), True), ((0.02, 0.03), True)])
def test_what_moves_next_to_nothing_needs_no_control(by: tuple[float, float], asks: bool) -> None:
    """What moves one way, or both, does."""
    stages = staged()
    answered = [
        replace(edit, before=(0.5, 0.5), after=(0.5 + size, 0.5 - size))
        for edit, size in zip(stages.asks(1), by * 8, strict=False)
    ]
    stages.look(answered, 1)
    assert bool(stages.asks(2)) is asks


def test_what_is_shown_by_all_edits_is_never_let_go(planted: Report) -> None:
    kept = [one for one in planted.discovery if one.confirmed]
    edits = list((planted.evidence or ((), ()))[1])
    for one in kept:
        own = [e for e in edits if (e.audit, e.item) == (filed_under(one.kind), one.item)]
        assert {e.operator for e in own} == ({"delete", "swap"} if one.kind == "word" else {"delete"})
        assert one.rows == len({e.row for e in own if e.operator == one.operator and not e.placebo})
