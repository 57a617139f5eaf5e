"""What a caller has set stays set, and has no say in the numbers: cutting and padding, default dtype and device."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tokenizers import NormalizedString, PreTokenizedString, normalizers, pre_tokenizers

from token_saliency import ImageClassifier, TabularClassifier, TextClassifier, run_audits
from token_saliency.reporters import REPORTERS
from token_saliency.shared.state import AUTOCAST
from token_saliency.text.encoding import Encoder

if TYPE_CHECKING:
    from tests.text.conftest import Tiny

LONG = "the film is wonderful , never dull " * 6
METHODS = ["smoothgrad", "integrated_gradients", "occlusion", "random"]


class Words:
    """A part of a tokenizer that is written in Python: it cannot be copied."""

    def pre_tokenize(self, pretok: PreTokenizedString) -> None:
        pretok.split(lambda _, text: self._parts(text))

    def _parts(self, text: NormalizedString) -> list[Any]:
        if str(text) == "7":
            raise ValueError("no number")
        ends = [i for i, letter in enumerate(str(text)) if letter == " "]
        places = zip([0, *ends], [*ends, len(str(text))], strict=True)
        return [text[start:end] for start, end in places if end > start]


def settings(tokenizer: Any) -> tuple[Any, Any]:
    core = tokenizer.backend_tokenizer
    return copy.deepcopy(core.padding), copy.deepcopy(core.truncation)


@pytest.mark.parametrize("in_python", [False, True])
@pytest.mark.parametrize("limited", [False, True])
def test_the_callers_tokenizer_cuts_and_pads_as_before(bert: Tiny, in_python: bool, limited: bool) -> None:
    core = bert.tokenizer.backend_tokenizer
    if in_python:
        core.pre_tokenizer = pre_tokenizers.PreTokenizer.custom(Words())
    if limited:
        core.enable_padding(length=20, pad_id=0, pad_token="[PAD]")
        core.enable_truncation(12, direction="left")
    before, ids = settings(bert.tokenizer), core.encode(LONG).ids
    own = TextClassifier(bert.model, bert.tokenizer, max_length=9)
    assert own.count_tokens([LONG, "dull"])[0] == 9
    own.explain(["dull"], "gradient")
    if in_python:
        with pytest.raises(Exception, match="no number"):
            Encoder(bert.tokenizer, 9).rows(["7"])
    assert settings(bert.tokenizer) == before
    assert core.encode(LONG).ids == ids


def test_a_tokenizer_that_the_caller_changes_is_asked_as_it_is_now(bert: Tiny) -> None:
    own = TextClassifier(bert.model, bert.tokenizer)
    (before,) = own.count_tokens(["zzz dull"])
    bert.tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.Replace("zzz", "the")]
    )
    assert own.count_tokens(["zzz dull"]) == [before - 2]
    bert.tokenizer.truncation_side = "left"
    short = TextClassifier(bert.model, bert.tokenizer, max_length=4)
    assert short.explain(["the film is dull"], "gradient")[0].tokens[1].text == "is"


def test_two_threads_with_two_limits_each_get_their_own(bert: Tiny) -> None:
    own = [TextClassifier(bert.model, bert.tokenizer, max_length=n) for n in (5, 30)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda i: own[i % 2].count_tokens([LONG] * 5), range(40)))
    assert counts == [[5] * 5, [30] * 5] * 20


@contextmanager
def by_default(kind: str) -> Iterator[None]:
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    try:
        if kind == "meta":
            torch.set_default_device("meta")
        else:
            torch.set_default_dtype(getattr(torch, kind))
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_default_device(device)


@pytest.mark.parametrize("kind", ["float64", "bfloat16", "meta"])
@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_is_the_same_score_whatever_torch_takes_by_default(bert: Tiny, method: str, kind: str) -> None:
    texts = ["not bad at all", "dull"]
    plain = TextClassifier(bert.model, bert.tokenizer).explain(texts, method, target=0, seed=4)
    with by_default(kind):
        found = TextClassifier(bert.model, bert.tokenizer).explain(texts, method, target=0, seed=4)
    for one, other in zip(plain, found, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.parametrize("method", ["gradient", "occlusion"])
def test_a_callers_autocast_has_no_say_and_that_is_told(bert: Tiny, method: str) -> None:
    texts = ["not bad at all", "dull"]
    classifier = TextClassifier(bert.model, bert.tokenizer)
    plain, said = classifier.predict(texts).logits, classifier.explain(texts, method, target=0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with pytest.warns(UserWarning, match=r"torch\.autocast is on"):
            cast = classifier.predict(texts).logits
        with pytest.warns(UserWarning, match="its own precision"):
            found = classifier.explain(texts, method, target=0)
        assert torch.is_autocast_enabled("cpu")
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    np.testing.assert_array_equal(plain, cast)
    for one, other in zip(said, found, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)


def test_a_report_and_its_page_tell_of_a_callers_autocast(bert: Tiny) -> None:
    rows = [f"{name} is never dull {mark}" for name in ("Linda", "Kevin") for mark in "!.?"]
    asked: dict[str, Any] = {"edits": 100, "discovery": False, "method": "random"}
    function = TextClassifier.from_function(lambda texts: [[0.5, 0.5]] * len(texts), ["a", "b"])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with pytest.warns(UserWarning, match="autocast"):
            report = run_audits(TextClassifier(bert.model, bert.tokenizer), rows, "punctuation", **asked)
        own = run_audits(function, rows, "punctuation", **asked)  # what a function does in it is its own
    assert AUTOCAST in report.warnings
    assert "torch.autocast is on where this is called" in REPORTERS["html"](report)
    assert AUTOCAST not in own.warnings


def test_an_autocast_of_the_model_itself_stays(bert: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = type(bert.model).forward
    seen = []

    def forward(self: Any, *given: Any, **named: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen.append(torch.is_autocast_enabled("cpu"))
            return inner(self, *given, **named)

    plain = TextClassifier(bert.model, bert.tokenizer).predict(["not bad at all"]).logits
    monkeypatch.setattr(type(bert.model), "forward", forward)
    found = TextClassifier(bert.model, bert.tokenizer).predict(["not bad at all"]).logits
    assert seen
    assert np.abs(plain - found).max() > 0


def test_tables_and_pictures_are_out_of_autocast_too() -> None:
    torch.manual_seed(0)
    flat = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
    table = TabularClassifier(flat, list("abcd"), labels=["x", "y", "z"])
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(2))
    net(torch.zeros(1, 3, 8, 8))
    pictures = ImageClassifier(
        net, lambda image: torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255, labels=["a", "b"]
    )
    rows, image = np.random.default_rng(0).normal(size=(5, 4)), np.full((8, 8, 3), 90, dtype=np.uint8)

    plain = table.predict(rows).logits, pictures.predict([image]).logits
    with torch.autocast("cpu", dtype=torch.bfloat16), pytest.warns(UserWarning, match="autocast"):
        cast = table.predict(rows).logits, pictures.predict([image]).logits
    for one, other in zip(plain, cast, strict=True):
        np.testing.assert_array_equal(one, other)
