from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny


def test_a_sound_model_passes(architecture: str, tiny: Tiny) -> None:
    test = TextClassifier(tiny.model, tiny.tokenizer).self_test
    assert test.eval_mode
    assert test.hook_identity
    assert test.embedding_hits == 1
    assert test.deterministic
    assert test.fast_tokenizer
    assert test.padding_invariant == (architecture != "xlnet")
    assert (test.max_difference < 1e-4) == (architecture != "xlnet")


def test_encoder_decoders_say_that_the_decoder_is_held_fixed(build_tiny: Build) -> None:
    for name in ("bart", "t5"):
        tiny = build_tiny(name)
        assert "held fixed" in " ".join(TextClassifier(tiny.model, tiny.tokenizer).self_test.notes)


def test_a_missing_pad_token_is_said(build_tiny: Build) -> None:
    tiny = build_tiny("gpt2-padless")
    assert "names no pad token" in " ".join(TextClassifier(tiny.model, tiny.tokenizer).self_test.notes)


def test_padding_that_moves_a_row_is_said(build_tiny: Build) -> None:
    tiny = build_tiny("xlnet")
    assert "only rows of equal length" in " ".join(TextClassifier(tiny.model, tiny.tokenizer).self_test.notes)


def test_a_model_that_draws_at_random_is_not_deterministic(bert: Tiny) -> None:
    bert.model.bert.pooler.register_forward_hook(lambda _m, _i, output: output + torch.rand_like(output))
    test = TextClassifier(bert.model, bert.tokenizer).self_test
    assert not test.deterministic
    assert "no score of this model can be repeated" in " ".join(test.notes)


@pytest.mark.parametrize("name", ["bart", "t5"])
def test_a_route_that_the_model_refuses_is_refused_in_one_line(build_tiny: Build, name: str) -> None:
    tiny = build_tiny(name)
    with pytest.raises(ModelError, match="'inputs_embeds' is refused: Passing input embeddings"):
        TextClassifier(tiny.model, tiny.tokenizer, route="inputs_embeds").explain(["good"], "gradient")


def test_inputs_embeds_agrees_with_the_hook_where_it_is_right(bert: Tiny) -> None:
    hook = TextClassifier(bert.model, bert.tokenizer).explain(["not good at all", "good"])
    other = TextClassifier(bert.model, bert.tokenizer, route="inputs_embeds").explain(["not good at all", "good"])
    for one, two in zip(hook, other, strict=True):
        torch.testing.assert_close(torch.tensor(one.scores), torch.tensor(two.scores), rtol=1e-4, atol=1e-6)


def test_inputs_embeds_with_right_padded_gpt2_is_seen_to_be_wrong(build_tiny: Build) -> None:
    tiny = build_tiny("gpt2")
    test = TextClassifier(tiny.model, tiny.tokenizer, route="inputs_embeds").self_test
    assert test.hook_identity
    assert not test.padding_invariant


def test_a_route_that_explains_another_model_is_refused(bert: Tiny) -> None:
    """The table says something else inside the model than when it is asked directly."""
    inside: list[int] = []
    bert.model.register_forward_pre_hook(lambda *_: inside.append(1))
    bert.model.register_forward_hook(lambda *_: inside.clear())
    bert.model.get_input_embeddings().register_forward_hook(lambda _m, _i, output: output * 2 if inside else output)
    classifier = TextClassifier(bert.model, bert.tokenizer)
    assert not classifier.self_test.hook_identity
    with pytest.raises(ModelError, match="does not reproduce"):
        classifier.explain(["good"])


def test_a_model_that_takes_no_batches_goes_row_by_row(bert: Tiny) -> None:
    expected = TextClassifier(bert.model, bert.tokenizer).predict(["good", "bad", "not good"]).logits
    forward = bert.model.forward

    def single(*args: object, input_ids: Tensor, **kwargs: object) -> object:
        if len(input_ids) > 1:
            raise ValueError("Cannot handle batch sizes > 1.")
        return forward(*args, input_ids=input_ids, **kwargs)

    bert.model.forward = single
    classifier = TextClassifier(bert.model, bert.tokenizer)
    assert "one row at a time" in " ".join(classifier.self_test.notes)
    np.testing.assert_allclose(classifier.predict(["good", "bad", "not good"]).logits, expected, atol=1e-5)
    assert len(classifier.explain(["good", "bad"])) == 2


def test_the_self_test_runs_once_and_costs_nothing_on_the_meter(bert: Tiny) -> None:
    classifier = TextClassifier(bert.model, bert.tokenizer)
    assert classifier.self_test is classifier.self_test
    assert classifier.meter.forward == classifier.meter.tokens == 0


def test_the_limit_of_the_texts_is_said(build_tiny: Build) -> None:
    tiny = build_tiny("roberta")
    assert TextClassifier(tiny.model, tiny.tokenizer).self_test.notes[0] == (
        "Texts are cut to 65 tokens: the model has no more positions."
    )
    assert TextClassifier(tiny.model, tiny.tokenizer, max_length=9).self_test.notes[0].endswith("9 tokens, as asked.")
