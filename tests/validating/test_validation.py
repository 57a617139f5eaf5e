"""The harness tells a method that follows the model from one that does not: that is what it is for."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from token_saliency import OptionError, validate
from token_saliency.core.explicand import Explicand, Scores
from token_saliency.methods import METHODS
from token_saliency.results import Check, Example, Validation
from token_saliency.text.classifier import TextClassifier
from token_saliency.validating.checks import CHECKS
from token_saliency.validating.validate import all_passed, exit_code

FAITHFULNESS = [name for name in CHECKS if name.startswith(("perturbation", "comprehensiveness", "sufficiency"))]

Validated = Callable[[str], Validation]
ByName = Callable[[Validation], dict[str, Check]]


def test_integrated_gradients_pass_every_check_on_a_trained_model(validated: Validated) -> None:
    found = validated("integrated_gradients")

    assert [(one.name, one.seen) for one in found.checks if one.passed is not True] == []
    assert (found.passed, found.exit_code) == (True, 0)


@pytest.mark.parametrize("name", [*FAITHFULNESS, "parameter_randomisation", "label_randomisation", "canary_recall"])
def test_noise_fails(validated: Validated, by_name: ByName, name: str) -> None:
    found = validated("random")

    assert by_name(found)[name].passed is False, by_name(found)[name].seen
    assert (found.passed, found.exit_code) == (False, 1)


def test_an_unsigned_gradient_orders_tokens_worse_than_integration(validated: Validated, by_name: ByName) -> None:
    gradient, integrated = by_name(validated("gradient")), by_name(validated("integrated_gradients"))
    name = "comprehensiveness_delete"

    assert (gradient[name].value or 0) < (integrated[name].value or 0)
    assert gradient["baseline_agreement"].seen == "Not run: gradient uses no baseline"
    assert gradient["completeness"].passed is None


def test_every_check_says_what_was_expected_and_what_it_cannot_show(validated: Validated) -> None:
    for one in validated("integrated_gradients").checks:
        assert all((one.expected, one.seen, one.caveat, one.source))
        assert one.bound is not None
        assert one.interval is None or one.interval[0] <= (one.value or 0) <= one.interval[1]


def upside_down(explicand: Explicand) -> Scores:
    scores = METHODS["integrated_gradients"](explicand)
    return replace(scores, values=-scores.values, complete=False)


def test_a_method_with_its_sign_reversed_fails_faithfulness(trained: TextClassifier, held_out: list[Example]) -> None:
    found = validate(trained, held_out, method=upside_down, rows_limit=40, checks=[*FAITHFULNESS, "canary_recall"])

    assert found.method == "upside_down"
    assert {one.name: one.passed for one in found.checks} == dict.fromkeys([*FAITHFULNESS, "canary_recall"], False)


def test_the_order_of_the_rows_changes_nothing(trained: TextClassifier, held_out: list[Example]) -> None:
    def run(rows: list[Example]) -> list[Check]:
        checks = ["parameter_randomisation", "label_randomisation", "comprehensiveness_mask", "canary_recall"]
        found = validate(trained, rows, method="gradient", rows_limit=None, checks=checks, train_steps=6)
        return [replace(one, steps=[]) for one in found.checks]

    rows = held_out[:36]

    assert run(rows) == run(rows[::-1])


def test_the_model_and_the_generators_stay_as_they_were(trained: TextClassifier, held_out: list[Example]) -> None:
    model, draw = trained.model, (random.getstate(), str(np.random.get_state()), torch.get_rng_state())
    before, hooks = copy.deepcopy(model.state_dict()), [len(m._forward_hooks) for m in model.modules()]
    needed = [p.requires_grad for p in model.parameters()]

    validate(trained, held_out, rows_limit=36, checks=["parameter_randomisation", "label_randomisation"], train_steps=3)

    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [len(m._forward_hooks) for m in model.modules()] == hooks
    assert [p.requires_grad for p in model.parameters()] == needed
    assert all(p.grad is None for p in model.parameters())
    assert random.getstate() == draw[0]
    assert str(np.random.get_state()) == draw[1]
    assert torch.equal(torch.get_rng_state(), draw[2])


def test_a_check_that_crashes_is_told_and_never_passes(
    trained: TextClassifier, held_out: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_subject: object) -> None:
        raise RuntimeError("out of\nluck")

    crashing = replace(CHECKS["input_shift"], run=broken)  # type: ignore[arg-type]
    monkeypatch.setitem(CHECKS, "input_shift", crashing)
    found = validate(trained, held_out, rows_limit=12, checks=["repetition", "input_shift"])

    assert [(one.name, one.passed) for one in found.checks] == [("repetition", True), ("input_shift", None)]
    assert found.checks[1].seen == "Crashed: RuntimeError: out of luck"
    assert found.exit_code == 2


def test_an_error_inside_a_copy_leaves_the_model_alone(
    trained: TextClassifier, held_out: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = copy.deepcopy(trained.model.state_dict())
    monkeypatch.setattr("token_saliency.validating.randomisation.likeness", lambda *_: 1 / 0)

    found = validate(trained, held_out, rows_limit=12, checks=["parameter_randomisation"])

    assert found.exit_code == 2
    assert all(torch.equal(value, before[name]) for name, value in trained.model.state_dict().items())


def test_a_few_rows_decide_no_faithfulness(trained: TextClassifier, held_out: list[Example]) -> None:
    found = validate(trained, held_out, method="random", rows_limit=4, checks=FAITHFULNESS)

    assert {one.passed for one in found.checks} == {None}
    assert (found.passed, found.exit_code) == (None, 5)
    assert all(one.seen.startswith("Undecided, too few rows: ") for one in found.checks)


def test_unlabelled_rows_leave_out_label_randomisation_only(trained: TextClassifier, held_out: list[Example]) -> None:
    rows = [replace(row, label=None) for row in held_out[:40]]
    found = validate(trained, rows, checks=["repetition", "label_randomisation"])

    assert found.checks[1].seen.startswith("Not run: 0 labelled rows")
    assert found.exit_code == 0


def test_zero_training_steps_leave_the_copies_out(trained: TextClassifier, held_out: list[Example]) -> None:
    found = validate(trained, held_out, rows_limit=12, checks=["label_randomisation"], train_steps=0)

    assert "train_steps is 0" in found.checks[0].seen
    assert found.exit_code == 5


def test_labels_that_were_not_learned_decide_nothing(trained: TextClassifier, held_out: list[Example]) -> None:
    found = validate(trained, held_out, rows_limit=48, checks=["label_randomisation"], train_steps=2)

    assert found.checks[0].passed is None
    assert "were not learned" in found.checks[0].seen


def rates(texts: list[str]) -> list[list[float]]:
    weights = [0.5 + 0.4 * ("wonderful" in text) - 0.4 * ("dreadful" in text) for text in texts]
    return [[1 - weight, weight] for weight in weights]


def test_a_function_is_checked_by_occlusion_and_what_needs_weights_says_so(by_name: ByName) -> None:
    words = ("wonderful", "dreadful")
    texts = [f"the film number {i} was {words[i % 2]} from first to last scene" for i in range(60)]
    function = TextClassifier.from_function(rates, ["bad", "good"], mask="thing")
    found = validate(function, texts)
    checks = by_name(found)
    without = {name for name, one in checks.items() if one.passed is None}

    assert found.method == "occlusion"
    assert without == {"completeness", "parameter_randomisation", "label_randomisation", "input_shift"}
    assert checks["input_shift"].seen == "Not run: a function has no weights and no embedding that could be changed"
    assert all(checks[name].passed for name in FAITHFULNESS if name.startswith("compre"))
    assert checks["canary_recall"].value == 1.0


def test_what_does_not_exist_is_refused(trained: TextClassifier, held_out: list[Example]) -> None:
    with pytest.raises(OptionError, match="integrated_gradients"):
        validate(trained, held_out, method="integrated_gradient")
    with pytest.raises(OptionError, match="canary_recall"):
        validate(trained, held_out, checks=["canary"])
    with pytest.raises(OptionError, match="rows_limit must be"):
        validate(trained, held_out, rows_limit=0)
    with pytest.raises(OptionError, match="train-steps"):
        validate(trained, held_out, train_steps=-1)


@pytest.mark.parametrize(
    ("passed", "total", "code"), [([True, None], True, 0), ([True, False], False, 1), ([None, None], None, 5)]
)
def test_the_exit_code_counts_what_was_decided(
    validated: Validated, passed: list[bool | None], total: bool | None, code: int
) -> None:
    one = validated("integrated_gradients").checks[0]
    checks = [replace(one, passed=each) for each in passed]

    assert (all_passed(checks), exit_code(checks)) == (total, code)
