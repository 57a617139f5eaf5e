from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from token_saliency.errors import DataError, OptionError
from token_saliency.methods import METHODS
from token_saliency.text.classifier import TextClassifier
from token_saliency.text.encoding import Text
from token_saliency.text.windows import windows_of

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

LIMIT = 16
LONG = "the film is wonderful , never dull , and the quick brown fox is not bad at all ! " * 3
FINE = {"tolerance": 1e-6, "cap": 20_000}
ROUGH: dict[str, dict[str, Any]] = {
    "smoothgrad": {"n": 4},
    "expected_gradients": {"n": 4},
    "integrated_gradients": {"tolerance": 0.2},
}
"""Few gradients a text, where it does not matter how fine a score is."""


def windowed(tiny: Tiny, **settings: Any) -> TextClassifier:
    return TextClassifier(tiny.model, tiny.tokenizer, long="window", **{"max_length": LIMIT, **settings})


# --- geometry -------------------------------------------------------------------------------------


@given(length=st.integers(1, 300), limit=st.integers(8, 40))
def test_every_token_is_in_some_window_and_belongs_to_one(length: int, limit: int) -> None:
    if length + 2 <= limit:
        return
    windows = windows_of([None, *[0] * length, None], limit)
    assert windows.index.shape == windows.own.shape == (len(windows), limit)
    owned = windows.index[windows.own]
    assert sorted(owned) == list(range(1, length + 1))
    for places in windows.index:
        assert (places[0], places[-1]) == (0, length + 1)
        assert (np.diff(places[1:-1]) == 1).all()
    shared = [len(np.intersect1d(a[1:-1], b[1:-1])) for a, b in zip(windows.index[:-1], windows.index[1:], strict=True)]
    assert min(shared) >= (limit - 2) // 4
    assert np.ptp(shared) <= 1


@given(length=st.integers(20, 120), limit=st.integers(8, 20))
def test_a_token_belongs_to_the_window_with_most_context_on_its_shorter_side(length: int, limit: int) -> None:
    windows = windows_of([None, *[0] * length, None], limit)
    context = {
        (place, at): min(place - places[1], places[-2] - place)
        for at, places in enumerate(windows.index)
        for place in places[1:-1]
    }
    for at, (places, own) in enumerate(zip(windows.index, windows.own, strict=True)):
        for place in places[own]:
            assert context[place, at] == max(value for (of, _), value in context.items() if of == place)


def test_of_a_pair_the_longer_text_slides_and_the_shorter_one_stands_in_each_window() -> None:
    windows = windows_of([None, 0, 0, None, *[1] * 30, None], 16)
    for places, own in zip(windows.index, windows.own, strict=True):
        assert places[:4].tolist() == [0, 1, 2, 3]
        assert places[-1] == 34
        assert own[:4].tolist() == [False, True, True, False]
    assert sorted(windows.index[:, 4:-1][windows.own[:, 4:-1]]) == list(range(4, 34))
    first = windows_of([None, *[0] * 30, None, 1, None], 16)
    assert (first.index[:, -3:] == [31, 32, 33]).all()


def test_a_pair_of_two_long_texts_leaves_no_room_for_windows(bert: Tiny) -> None:
    with pytest.raises(DataError, match="leaves too little room for windows"):
        windows_of([None, *[0] * 12, None, *[1] * 12, None], 16)
    with pytest.raises(DataError, match="long='truncate'"):
        windowed(bert).predict([(LONG, LONG)])


# --- an independent road: the windows by hand, the model called with ids alone ------------------------


def by_hand(tiny: Tiny, text: str) -> tuple[list[list[int]], list[list[bool]]]:
    """Positions of each window in the whole row and what belongs to it, without the code under test."""
    marks = tiny.tokenizer(text, return_special_tokens_mask=True)["special_tokens_mask"]
    head, tail = marks.index(0), len(marks) - 1 - marks[::-1].index(0)
    length, room = tail - head + 1, LIMIT - marks.count(1)
    stride = room - room // 4
    count = -(-(length - room) // stride) + 1
    starts = [round(i * (length - room) / (count - 1)) for i in range(count)]
    places, owned = [], []
    for at, start in enumerate(starts):
        inner = range(start, start + room)
        best = [max(starts, key=lambda s: min(p - s, s + room - 1 - p) if s <= p < s + room else -1) for p in inner]
        own = [one == starts[at] for one in best]
        places.append([*range(head), *(head + p for p in inner), *range(tail + 1, len(marks))])
        owned.append([False] * head + own + [False] * (len(marks) - tail - 1))
    return places, owned


NAMES = [
    "bert",
    "roberta",
    "distilbert",
    "gpt2",
    "gpt2-padless",
    "llama",
    "albert",
    "deberta-v2",
    "bart",
    "t5",
    "xlnet",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_decision_is_the_mean_of_the_logits_of_the_windows(build_tiny: Build, name: str) -> None:
    tiny = build_tiny(name)
    found = windowed(tiny).predict([LONG, "not good"])
    encoded = tiny.tokenizer(LONG)
    ids, types = torch.tensor(encoded["input_ids"]), encoded.get("token_type_ids")
    logits = []
    for places in by_hand(tiny, LONG)[0]:
        more = {} if types is None else {"token_type_ids": torch.tensor(types)[places][None]}
        with torch.no_grad():
            logits.append(tiny.model(input_ids=ids[places][None], **more).logits[0])
    assert len(logits) > 3
    np.testing.assert_allclose(found.logits[0], torch.stack(logits).mean(0).numpy(), atol=1e-5)
    np.testing.assert_allclose(
        found.logits[1], TextClassifier(tiny.model, tiny.tokenizer).predict(["not good"]).logits[0], atol=1e-5
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["integrated_gradients", "occlusion"])
def test_every_token_of_a_long_text_is_scored_once_and_in_order(build_tiny: Build, name: str, method: str) -> None:
    tiny = build_tiny(name)
    explainer = windowed(tiny)
    [one] = explainer.explain([LONG], method, options=ROUGH.get(method))
    whole = tiny.tokenizer(LONG, return_special_tokens_mask=True)
    assert len(one.tokens) == len(whole["input_ids"]) > 2 * LIMIT
    assert [token.special for token in one.tokens] == [bool(special) for special in whole["special_tokens_mask"]]
    places = [token.start for token in one.tokens if not token.special]
    assert places == sorted(places)
    assert all(token.score == 0 for token in one.tokens if token.special)
    assert all(one.text[token.start : token.end] == token.text for token in one.tokens)
    assert (one.truncated, one.windows) == (0, len(by_hand(tiny, LONG)[0]))
    assert one.words[-1].end == len(LONG.rstrip())
    predictions = explainer.predict([LONG])
    assert one.predicted == predictions.labels[0]
    assert one.output_value == pytest.approx(predictions.logits[0, one.target_index], abs=1e-5)


def vectors_of(tiny: Tiny, text: str) -> Tensor:
    table: Any = tiny.model.get_input_embeddings()
    found: Tensor = table(torch.tensor(tiny.tokenizer(text)["input_ids"])).detach()
    return found


def decision(tiny: Tiny, text: str, points: Tensor) -> Tensor:
    """The mean logits [C], each window with its own tokens from `points` [T, D] and its context from the text."""
    vectors, logits = vectors_of(tiny, text), []
    for places, own in zip(*by_hand(tiny, text), strict=True):
        read = torch.where(torch.tensor(own)[:, None], points[places], vectors[places])
        logits.append(tiny.model(inputs_embeds=read[None]).logits[0])
    return torch.stack(logits).mean(0)


OUTPUTS = {
    "logit": lambda z: z[1],
    "margin": lambda z: z[1] - (z[0] + z[2]) / 2,
    "probability": lambda z: z.softmax(0)[1],
    "loss": lambda z: -z.log_softmax(0)[1],
}


@pytest.mark.parametrize("batch_tokens", [LIMIT, 4096])
@pytest.mark.parametrize("output", sorted(OUTPUTS))
@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_gradients_are_those_of_the_mean_of_the_windows(
    build_tiny: Build, name: str, output: str, batch_tokens: int
) -> None:
    tiny = build_tiny(name)
    tiny.model.double()
    points = vectors_of(tiny, LONG).requires_grad_()
    OUTPUTS[output](decision(tiny, LONG, points)).backward()
    assert points.grad is not None
    explainer = windowed(tiny, batch_tokens=batch_tokens)
    [norms] = explainer.explain([LONG], "gradient", target=1, output=output)
    free = [not token.special for token in norms.tokens]
    np.testing.assert_allclose(norms.scores[free], points.grad.norm(dim=1).numpy()[free], rtol=1e-8)
    [signed] = explainer.explain([LONG], "gradient_x_input", target=1, output=output, baseline="zero")
    expected = (points.grad * points).sum(1).detach().numpy()
    np.testing.assert_allclose(signed.scores[free], expected[free], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(("output", "batch_tokens"), [("logit", 4 * LIMIT), ("probability", 4096)])
def test_integrated_gradients_of_a_long_text_are_complete_and_those_of_a_fine_grid(
    bert: Tiny, output: str, batch_tokens: int
) -> None:
    bert.model.double()
    [found] = windowed(bert, batch_tokens=batch_tokens).explain([LONG], target=1, output=output, options=FINE)
    vectors = vectors_of(bert, LONG)
    baseline = bert.model.get_input_embeddings().weight[bert.tokenizer.mask_token_id].detach().expand_as(vectors)
    special = torch.tensor([token.special for token in found.tokens])
    baseline = torch.where(special[:, None], vectors, baseline)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    total = torch.zeros_like(vectors)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        points = torch.lerp(baseline, vectors, node).requires_grad_()
        (slope,) = torch.autograd.grad(OUTPUTS[output](decision(bert, LONG, points)), points)
        total += weight * slope
    np.testing.assert_allclose(found.scores, ((vectors - baseline) * total).sum(1).numpy(), atol=1e-6)
    empty = float(OUTPUTS[output](decision(bert, LONG, baseline)).detach())
    assert found.baseline_value == pytest.approx(empty, abs=1e-8)
    assert found.completeness_error is not None
    assert found.completeness_error < 1e-6


def test_occlusion_masks_a_token_in_the_window_that_it_belongs_to(bert: Tiny) -> None:
    bert.model.double()
    explainer = windowed(bert)
    explainer.predict([LONG])
    spent = explainer.meter.forward
    [found] = explainer.explain([LONG], "occlusion", target=1, output="probability")
    vectors = vectors_of(bert, LONG)
    mask = bert.model.get_input_embeddings().weight[bert.tokenizer.mask_token_id].detach()
    for at in (1, 9, 14, 30, len(vectors) - 2):
        points = vectors.clone()
        points[at] = mask
        fall = decision(bert, LONG, vectors).softmax(0)[1] - decision(bert, LONG, points).softmax(0)[1]
        assert found.scores[at] == pytest.approx(float(fall.detach()), abs=1e-9)
    tokens, count = len(vectors) - 2, found.windows
    assert explainer.meter.forward - spent == 2 * count + tokens, "a window that nothing touches is not read again"


def test_smoothgrad_of_a_long_text_is_the_mean_over_noisy_copies(bert: Tiny) -> None:
    bert.model.double()
    [found] = windowed(bert).explain([LONG], "smoothgrad", target=1, options={"n": 3, "sigma": 0.0})
    [clean] = windowed(bert).explain([LONG], "gradient", target=1)
    np.testing.assert_allclose(found.scores, clean.scores)
    [noisy] = windowed(bert).explain([LONG], "smoothgrad", target=1, options={"n": 3})
    assert not np.allclose(noisy.scores, clean.scores, rtol=1e-3)


# --- around it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", sorted(METHODS))
def test_company_order_and_budget_change_no_score_of_a_long_text(bert: Tiny, method: str, texts: list[str]) -> None:
    mixed: list[Text] = [LONG, *texts, LONG[:150], ("not good", LONG)]
    options = ROUGH.get(method)
    explainer = windowed(bert)
    together = explainer.explain(mixed, method, options=options)
    turned = explainer.explain(mixed[::-1], method, options=options)[::-1]
    small = windowed(bert, batch_tokens=8).explain(mixed, method, options=options)
    alone = [explainer.explain([text], method, options=options)[0] for text in mixed]
    for i, one in enumerate(together):
        for others in (turned, small, alone):
            np.testing.assert_allclose(
                one.scores, others[i].scores, rtol=1e-3, atol=1e-5 * np.abs(one.scores).max(initial=1)
            )
    cut = TextClassifier(bert.model, bert.tokenizer, max_length=LIMIT).explain(texts[:2], method, options=options)
    for one, other in zip(together[1:3], cut, strict=True):
        assert one.windows == 1
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-6)


def test_both_texts_of_a_pair_are_scored(bert: Tiny) -> None:
    pair = ("is the fox quick ?", LONG)
    [one] = windowed(bert, max_length=24).explain([pair], "gradient", target=1)
    assert (one.truncated, one.windows > 3) == (0, True)
    for segment, text in enumerate(pair):
        own = [token for token in one.tokens if token.segment == segment and not token.special]
        assert len(own) == len(bert.tokenizer(text, add_special_tokens=False)["input_ids"])
        assert all(token.score > 0 for token in own)


def test_ten_thousand_tokens_go_through_in_bounded_batches(build_tiny: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = build_tiny("bert")
    explainer = TextClassifier(tiny.model, tiny.tokenizer, long="window", batch_tokens=256)
    widest: list[int] = []
    forward = tiny.model.bert.forward

    def watched(*args: Any, **kwargs: Any) -> Any:
        widest.append(args[0].numel())
        return forward(*args, **kwargs)

    monkeypatch.setattr(tiny.model.bert, "forward", watched)
    text = "good dog " * 5_000
    [one] = explainer.explain([text], options={"intervals": 2, "cap": 3})
    assert len(one.tokens) == 10_002
    assert (one.truncated, one.windows) == (0, len(one.tokens) // 47 + 1)
    assert np.count_nonzero(one.scores) == 10_000
    assert max(widest) <= 256
    assert explainer.count_tokens([text])[0] == one.windows * 64


def test_memory_that_is_too_small_halves_the_batches_and_changes_no_score(
    bert: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = windowed(bert, batch_tokens=64).explain([LONG], target=1)[0].scores
    small = windowed(bert, batch_tokens=64)
    small.self_test  # noqa: B018 - it runs before the memory is gone
    forward = bert.model.bert.forward

    def narrow(*args: Any, **kwargs: Any) -> Any:
        if len(args[0]) > 1:
            raise torch.OutOfMemoryError("simulated")
        return forward(*args, **kwargs)

    monkeypatch.setattr(bert.model.bert, "forward", narrow)
    np.testing.assert_allclose(small.explain([LONG], target=1)[0].scores, expected, rtol=1e-4, atol=1e-6)


def test_all_classes_of_a_long_text(bert: Tiny) -> None:
    explainer = windowed(bert)
    [each] = explainer.explain_all([LONG], "gradient_x_input")
    for name, one in each.items():
        np.testing.assert_allclose(one.scores, explainer.explain([LONG], "gradient_x_input", name)[0].scores, atol=1e-6)


def test_the_self_test_says_what_becomes_of_long_texts(bert: Tiny) -> None:
    notes = windowed(bert).self_test.notes
    assert any("Longer texts are read in windows of 16 tokens, as asked" in note for note in notes)
    assert not any("cut to" in note for note in notes)
    assert windowed(bert).self_test.hook_identity


def test_progress_counts_texts_and_not_windows(bert: Tiny) -> None:
    done: list[int] = []
    windowed(bert, batch_tokens=32).predict([LONG, "not good", LONG], progress=done.append)
    assert sum(done) == 3
    done.clear()
    windowed(bert).explain([LONG, "not good"], "gradient", progress=done.append)
    assert sum(done) == 2


def test_another_way_with_long_texts_is_refused(bert: Tiny) -> None:
    with pytest.raises(OptionError, match="truncate, window"):
        TextClassifier(bert.model, bert.tokenizer, long="chunk")  # type: ignore[arg-type]


def test_nothing_is_left_on_the_model(bert: Tiny) -> None:
    before = {name: value.clone() for name, value in bert.model.state_dict().items()}
    windowed(bert, batch_tokens=16).explain([LONG])
    assert all(parameter.grad is None for parameter in bert.model.parameters())
    assert not any(module._forward_hooks for module in bert.model.modules())
    torch.testing.assert_close(bert.model.state_dict(), before)
