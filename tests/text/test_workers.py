"""Several processes answer as one does, and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.text import working
from token_saliency.text.batching import shares
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text

if TYPE_CHECKING:
    from tests.text.conftest import Tiny

CLOSE = 1e-5
MANY = [f"{start} {'lazy ' * (i % 7)}dog {chr(97 + i % 26)}" for i in range(60) for start in ("the", "not the")]


@pytest.fixture(scope="module", autouse=True)
def two_cores() -> Iterator[None]:
    """Whatever the machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working, "cores", lambda: 2)
        yield


@pytest.fixture(scope="module")
def own(build_tiny: Callable[..., Tiny]) -> TextClassifier:
    bert = build_tiny("bert")
    return TextClassifier(bert.model, bert.tokenizer, batch_tokens=64)


@pytest.fixture(scope="module")
def many(own: TextClassifier) -> Iterator[TextClassifier]:
    with own.workers(2) as found:
        yield found


def worker_processes() -> list[int]:
    """Of this process; its children are the helpers of multiprocessing too."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, line in lines if int(parent) == os.getpid() and "popen_loky" in line]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def spent(classifier: TextClassifier, work: Callable[[], object]) -> tuple[int, int, int]:
    before = classifier.meter.forward, classifier.meter.backward, classifier.meter.tokens
    work()
    after = classifier.meter.forward, classifier.meter.backward, classifier.meter.tokens
    return after[0] - before[0], after[1] - before[1], after[2] - before[2]


def test_predictions_are_those_of_one_process(own: TextClassifier, many: TextClassifier) -> None:
    texts: list[Text] = [*MANY, "", MANY[0], ("the dog", "is lazy")]
    finished: list[int] = []
    one, several = own.predict(texts), many.predict(texts, progress=finished.append)

    np.testing.assert_allclose(several.logits, one.logits, atol=CLOSE)
    np.testing.assert_allclose(several.probabilities, one.probabilities, atol=CLOSE)
    assert several.labels == one.labels
    assert sum(finished) == len(texts)
    assert len(finished) > 2
    assert many.predict([]).logits.shape == (0, 3)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"method": "integrated_gradients", "options": {"samples": 4}, "seed": 3},
        {"method": "smoothgrad", "options": {"n": 3}, "target": 1, "baseline": "zero"},
        {"method": "occlusion", "output": "probability", "target": "label"},
    ],
    ids=lambda asked: str(asked.get("method", "default")),
)
def test_attributions_are_those_of_one_process(
    own: TextClassifier, many: TextClassifier, asked: dict[str, Any]
) -> None:
    texts = [*MANY[:20], "", MANY[3]]
    if asked.get("target") == "label":
        asked = asked | {"labels": [own.labels[i % 3] for i in range(len(texts))]}
    finished: list[int] = []
    one, several = own.explain(texts, **asked), many.explain(texts, progress=finished.append, **asked)

    for left, right in zip(one, several, strict=True):
        np.testing.assert_allclose(right.scores, left.scores, atol=CLOSE, rtol=CLOSE)
        assert (right.text, right.target, right.predicted) == (left.text, left.target, left.predicted)
        assert (right.baseline, right.evaluations, right.converged) == (left.baseline, left.evaluations, left.converged)
    assert sum(finished) == len(texts)


def test_predictions_that_are_known_are_not_asked_again(own: TextClassifier, many: TextClassifier) -> None:
    texts = MANY[:9]
    known = own.predict(texts)
    found = many.explain(texts, "gradient", predictions=known)
    assert [one.predicted for one in found] == known.labels
    with pytest.raises(OptionError, match="predictions are of 9 texts, not of these 1"):
        many.explain(texts[:1], predictions=known)


def test_the_meter_counts_what_all_of_them_spend(own: TextClassifier, many: TextClassifier) -> None:
    distinct = MANY[:12]
    assert many.meter is own.meter
    assert spent(many, lambda: many.predict([*distinct, distinct[0]])) == (12, 0, sum(own.count_tokens(distinct)))
    assert spent(many, lambda: many.explain(distinct, "gradient")) == spent(
        own, lambda: own.explain(distinct, "gradient")
    )


def test_the_rest_is_the_classifiers_own(own: TextClassifier, many: TextClassifier) -> None:
    assert many.info == own.info
    assert (many.labels, many.default_method, many.head) == (own.labels, own.default_method, own.head)
    assert many.count_tokens(MANY[:3]) == own.count_tokens(MANY[:3])
    assert many.batch_tokens > own.batch_tokens
    assert many.batch_tokens == 2 * 2 * own.batch_tokens  # a block of so many tokens keeps both busy
    assert many.tokenizer is own.tokenizer


def test_an_error_of_a_worker_is_the_error_of_the_call_and_the_next_call_works(many: TextClassifier) -> None:
    with pytest.raises(OptionError, match="Did you mean 'gradient'"):
        many.explain(MANY, "gradiend")
    with pytest.raises(DataError, match="Text 1"):
        many.predict(["good", 3])
    with pytest.raises(ModelError, match="cannot be handed to a worker process"):
        many.explain(MANY, lambda explicand: explicand)
    assert len(many.predict(MANY).labels) == len(MANY)


def test_an_interrupted_call_ends_at_once_and_the_next_one_gets_its_own_answers(
    own: TextClassifier, many: TextClassifier
) -> None:
    def interrupted(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        many.predict(MANY, progress=interrupted)
    texts = MANY[5:40]
    np.testing.assert_allclose(many.predict(texts).logits, own.predict(texts).logits, atol=CLOSE)


def test_a_killed_worker_is_one_clear_error_and_nothing_is_left(
    build_tiny: Callable[..., Tiny], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    bert = build_tiny("bert")
    bert.model.train()
    places = [parameter.data_ptr() for parameter in bert.model.parameters()]
    classifier = TextClassifier(bert.model, bert.tokenizer, batch_tokens=32)
    with classifier.workers(2) as many:
        pids = worker_processes()[-2:]
        assert len(pids) == 2
        assert all(map(alive, pids))
        assert not list(tmp_path.glob("token-saliency-*"))

        def kill(_count: int) -> None:
            for pid in pids:
                os.kill(pid, 9)

        for _ in range(2):
            with pytest.raises(ModelError, match="A worker process was killed, most likely because the memory"):
                many.predict(MANY, progress=kill)
    assert not any(map(alive, pids))
    assert bert.model.training
    assert [parameter.data_ptr() for parameter in bert.model.parameters()] == places
    assert not any(parameter.is_shared() for parameter in bert.model.parameters())


def test_a_worker_that_cannot_begin_says_why(
    build_tiny: Callable[..., Tiny], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bert = build_tiny("bert")
    (tmp_path / "passing_module.py").write_text("class Mark: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import passing_module  # type: ignore[import-not-found]

    bert.model.mark = passing_module.Mark()
    (tmp_path / "passing_module.py").unlink()
    with (
        pytest.raises(ModelError, match=r"A worker process cannot load the model \(ModuleNotFoundError"),
        TextClassifier(bert.model, bert.tokenizer).workers(2),
    ):
        pytest.fail("never begun")


def test_a_model_that_cannot_be_written_is_refused_before_anything_starts(bert: Tiny) -> None:
    bert.model.mark = lambda: None
    with (
        pytest.raises(ModelError, match="The model cannot be handed to worker processes"),
        TextClassifier(bert.model, bert.tokenizer).workers(2),
    ):
        pytest.fail("never begun")


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "2"])
def test_nonsense_numbers_are_refused(bert: Tiny, count: Any) -> None:
    with (
        pytest.raises(OptionError, match="workers is a number of processes from 1 on"),
        TextClassifier(bert.model, bert.tokenizer).workers(count),
    ):
        pytest.fail("never begun")


def test_another_device_and_a_function_that_cannot_be_sent_are_refused(bert: Tiny) -> None:
    with (
        pytest.raises(OptionError, match="the model is on meta"),
        TextClassifier(bert.model.to("meta"), bert.tokenizer).workers(2),
    ):
        pytest.fail("never begun")
    lock = threading.Lock()
    function = TextClassifier.from_function(lambda texts: [[0.5, 0.5] for _ in texts if lock], ["no", "yes"])
    with (
        pytest.raises(ModelError, match="The function cannot be handed to worker processes"),
        function.workers(2),
    ):
        pytest.fail("never begun")
    assert torch.get_num_threads() == 1


def test_a_function_is_called_by_two_processes_as_by_one() -> None:
    function = TextClassifier.from_function(lambda texts: [[len(t) / 99, 1 - len(t) / 99] for t in texts], ["a", "b"])
    with function.workers(2) as both:
        np.testing.assert_array_equal(both.predict([*MANY, MANY[0]]).logits, function.predict([*MANY, MANY[0]]).logits)
        assert both.explain(MANY[:2])[1].scores.tolist() == function.explain(MANY[:2])[1].scores.tolist()
        assert both.meter.forward == function.meter.forward


@given(st.lists(st.integers(1, 400), max_size=60), st.integers(1, 16), st.integers(1, 200), st.integers(200, 900))
def test_every_text_is_in_one_part_and_parts_shrink(sizes: list[int], count: int, least: int, most: int) -> None:
    parts = shares(sizes, count, least, most)
    totals = [sum(sizes[i] for i in part) for part in parts]

    assert sorted(i for part in parts for i in part) == list(range(len(sizes)))
    assert all(parts)
    assert all(total < most + 400 for total in totals)
    assert all(total >= least for total in totals[:-1])
    bounds = [min(most, max(least, sum(totals[n:]) / (2 * count))) for n in range(len(totals))]
    for total, bound, part in zip(totals, bounds, parts, strict=True):
        assert not part or total - sizes[part[-1]] < bound


def test_a_model_that_brings_its_own_code_is_opened_in_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where transformers has left the code; a new process has not heard of that folder."""
    (tmp_path / "own_code_of_a_test.py").write_text("class Own:\n    pass\n")
    with monkeypatch.context() as here:
        here.syspath_prepend(tmp_path)
        torch.save(import_module("own_code_of_a_test").Own(), tmp_path / "model.pt")
    monkeypatch.delitem(sys.modules, "own_code_of_a_test")
    monkeypatch.setattr(working, "HF_MODULES_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    opened = working._opened(lambda made: made, "cpu", 0, "highest", 0, file=str(tmp_path / "model.pt"))
    assert type(opened).__name__ == "Own"
