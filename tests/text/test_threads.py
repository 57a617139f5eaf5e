"""Several threads at one model: each gets what it gets alone, and the caller's own calls are the caller's."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from token_saliency import TextClassifier
from token_saliency.shared.state import evaluating, quiet, untouched_randomness

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

MINE, OTHER = "not bad at all", "the lazy film dog"


class Gate:
    """Holds the first call of one thread inside the model until it is opened."""

    def __init__(self, module: Any) -> None:
        self.reached, self.opened, self.own = threading.Event(), threading.Event(), threading.local()
        self.handle = module.register_forward_pre_hook(self._wait)

    def _wait(self, _module: Any, _args: Any) -> None:
        if getattr(self.own, "held", False):
            self.own.held = False
            self.reached.set()
            assert self.opened.wait(60)

    def run(self, work: Callable[[], Any], meanwhile: Callable[[], Any]) -> tuple[Any, Any]:
        """What the work gives, held inside the model while the other thing is done; and what that gives."""

        def held() -> Any:
            self.own.held = True
            return work()

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(held)
            assert self.reached.wait(60)
            try:
                other = meanwhile()
            finally:
                self.opened.set()
                self.handle.remove()
            return future.result(), other


def production(tiny: Tiny, text: str) -> Any:
    return tiny.model(**tiny.tokenizer(text, return_tensors="pt")).logits[0]


@pytest.mark.parametrize("method", ["gradient_x_input", "occlusion"])
def test_the_callers_own_call_is_answered_about_its_own_text(bert: Tiny, method: str) -> None:
    own = TextClassifier(bert.model, bert.tokenizer)
    wanted, plain = own.explain([MINE], method, target=0)[0].scores, production(bert, OTHER)
    gate = Gate(bert.model.bert.encoder)
    found, during = gate.run(lambda: own.explain([MINE], method, target=0)[0].scores, lambda: production(bert, OTHER))
    torch.testing.assert_close(during, plain)
    assert during.requires_grad
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_hook_meets_no_call_of_another_thread(bert: Tiny) -> None:
    own = TextClassifier(bert.model, bert.tokenizer)
    plain = production(bert, OTHER)
    gate = Gate(bert.model.bert.embeddings.word_embeddings)  # the hook that replaces its output is in place
    own.self_test  # noqa: B018
    found, during = gate.run(
        lambda: own.explain([MINE], "gradient", target=0)[0].scores, lambda: production(bert, OTHER)
    )
    torch.testing.assert_close(during, plain)
    np.testing.assert_allclose(found, own.explain([MINE], "gradient", target=0)[0].scores, atol=1e-6)


@pytest.mark.parametrize("apart", [False, True])
def test_many_threads_get_what_one_gets(build_tiny: Build, texts: list[str], apart: bool) -> None:
    tiny = build_tiny("bert", hidden_dropout_prob=0.5)
    tiny.model.train()
    alone = TextClassifier(tiny.model, tiny.tokenizer)
    wanted, logits = [one.scores for one in alone.explain(texts)], alone.predict(texts).logits
    shared = TextClassifier(tiny.model, tiny.tokenizer)

    def work(number: int) -> tuple[Any, Any]:
        own = TextClassifier(tiny.model, tiny.tokenizer) if apart else shared
        order = random.Random(number).sample(range(len(texts)), len(texts))
        found, seen = own.explain([texts[i] for i in order]), own.predict([texts[i] for i in order]).logits
        back = np.argsort(order)
        return [found[i].scores for i in back], seen[back]

    with ThreadPoolExecutor(4) as pool:
        for scores, seen in pool.map(work, range(8)):
            np.testing.assert_allclose(seen, logits, atol=1e-5)
            for one, expected in zip(scores, wanted, strict=True):
                np.testing.assert_allclose(one, expected, atol=1e-5)
    assert all(module.training for module in tiny.model.modules())
    assert not [name for name, module in tiny.model.named_modules() if module._forward_hooks]


def test_the_mode_that_the_caller_sets_meanwhile_changes_no_number(build_tiny: Build) -> None:
    tiny = build_tiny("bert", hidden_dropout_prob=0.5)
    own = TextClassifier(tiny.model, tiny.tokenizer)
    wanted = own.predict([MINE]).logits
    with own.session():
        tiny.model.train()
        np.testing.assert_allclose(own.predict([MINE]).logits, wanted, atol=1e-6)
        assert tiny.model.training


def test_what_watches_the_progress_may_call_the_model(build_tiny: Build, texts: list[str]) -> None:
    tiny = build_tiny("bert")
    own = TextClassifier(tiny.model.train(), tiny.tokenizer, batch_tokens=1)
    seen: list[tuple[bool, bool]] = []

    def watch(_newly: int) -> None:
        seen.append((tiny.model.training, production(tiny, OTHER).requires_grad))

    own.predict(texts, progress=watch)
    own.explain(texts, "gradient", progress=watch)
    assert len(seen) > len(texts)
    assert set(seen) == {(True, True)}


def test_blocks_that_overlap_put_back_what_the_first_one_found() -> None:
    model, expected = torch.nn.Dropout(), None
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    blocks = [[evaluating(model), untouched_randomness(torch.device("cpu")), quiet()] for _ in range(2)]
    for block in blocks:
        for one in block:
            one.__enter__()
        torch.rand(5)
    for one in blocks[0]:
        one.__exit__(None, None, None)
    assert not model.training
    for one in blocks[1]:
        one.__exit__(None, None, None)
    assert model.training
    assert torch.equal(torch.rand(1), expected)
