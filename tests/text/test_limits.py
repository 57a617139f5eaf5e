from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers as hf
from torch import Tensor, nn

from token_saliency.text.classifier import TextClassifier
from token_saliency.text.model.limits import Switches, by_length, no_gradient, routed

_BIGBIRD = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "vocab_size": 40,
    "max_position_embeddings": 64,
    "block_size": 2,
    "num_random_blocks": 1,
}
SHORT, LONG = torch.arange(3, 9)[None], torch.arange(3, 31)[None]


def bigbird(**settings: Any) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = hf.BigBirdForSequenceClassification(hf.BigBirdConfig(**_BIGBIRD | settings)).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
    return model


def logits(model: Any, ids: Tensor, switches: Switches) -> Tensor:
    with torch.no_grad(), switches.held(ids.shape[1]):
        output: Tensor = model(input_ids=ids).logits
    return output


def test_a_long_row_does_not_depend_on_a_short_one_before_it() -> None:
    model, fresh = bigbird(), bigbird()
    switches = Switches(model)
    short = logits(model, SHORT, switches)
    torch.testing.assert_close(logits(model, LONG, switches), fresh(input_ids=LONG).logits.detach())
    torch.testing.assert_close(short, fresh(input_ids=SHORT).logits.detach())
    assert fresh.bert.attention_type != model.bert.attention_type == "block_sparse"


def test_every_module_is_the_same_as_before() -> None:
    model = bigbird()
    before = [id(module) for module in model.modules()]
    logits(model, SHORT, Switches(model))
    assert [id(module) for module in model.modules()] == before


def test_the_full_attention_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = bigbird()
    switches = Switches(model)
    first = logits(model, SHORT, switches)

    def built_again(*_: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(type(model.bert), "set_attention_type", built_again)
    torch.testing.assert_close(logits(model, SHORT, switches), first)
    full = bigbird(attention_type="original_full")
    torch.testing.assert_close(logits(model, SHORT[:, :3], switches), full(input_ids=SHORT[:, :3]).logits.detach())


def test_the_modules_are_back_when_the_model_raises() -> None:
    model = bigbird()
    handle = model.classifier.register_forward_hook(fails)
    with pytest.raises(FloatingPointError), Switches(model).held(6):
        model(input_ids=SHORT)
    handle.remove()
    assert model.bert.attention_type == "block_sparse"


def fails(*_: object) -> None:
    raise FloatingPointError


def test_only_sparse_attention_is_switched() -> None:
    assert Switches(bigbird())
    assert not Switches(bigbird(attention_type="original_full"))
    assert by_length(bigbird()) is not None
    assert by_length(bigbird(attention_type="original_full")) is None


def test_an_unknown_module_has_no_limits() -> None:
    assert no_gradient(nn.Linear(2, 2)) is None
    assert by_length(nn.Linear(2, 2)) is None


def test_a_kernel_gives_mra_its_gradient_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers.models.mra import modeling_mra

    sizes: dict[str, Any] = {"hidden_size": 8, "num_attention_heads": 1, "intermediate_size": 8, "num_hidden_layers": 1}
    model = hf.MraForSequenceClassification(hf.MraConfig(vocab_size=8, max_position_embeddings=40, **sizes))
    monkeypatch.setattr(modeling_mra, "mra_cuda_kernel", None)
    assert "CUDA kernel" in str(no_gradient(model))
    monkeypatch.setattr(modeling_mra, "mra_cuda_kernel", object())
    assert no_gradient(model) is None


_MIXTRAL: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "num_experts_per_tok": 1,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


@pytest.mark.parametrize(("experts", "several"), [(4, True), (1, False)])
def test_a_choice_between_experts_is_said_in_the_self_test(build_tiny: Any, experts: int, several: bool) -> None:
    tokenizer = build_tiny("llama").tokenizer
    config = hf.MixtralConfig(vocab_size=len(tokenizer), num_local_experts=experts, **_MIXTRAL)
    model = hf.MixtralForSequenceClassification(config).eval()
    assert routed(model) is several
    notes = TextClassifier(model, tokenizer).self_test.notes
    assert any("flagged as unconverged" in note for note in notes) is several


def test_most_models_and_a_switched_off_mixture_choose_no_experts(build_tiny: Any) -> None:
    assert not routed(build_tiny("bert").model)
    config = SimpleNamespace(num_experts=16, is_moe=False)
    assert not routed(SimpleNamespace(config=config))  # type: ignore[arg-type]
    config.is_moe = True
    assert routed(SimpleNamespace(config=config))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rope",
    [
        {"rope_type": "dynamic", "factor": 4.0},
        {
            **{"rope_type": "longrope", "factor": 4.0, "original_max_position_embeddings": 8},
            **{"short_factor": [1.0] * 4, "long_factor": [4.0, 5.0, 6.0, 7.0]},
        },
    ],
    ids=lambda rope: str(rope["rope_type"]),
)
def test_rotary_positions_that_follow_the_length_forget_the_rows_before(rope: dict[str, Any]) -> None:
    def llama() -> Any:
        torch.manual_seed(0)
        shape: dict[str, Any] = {
            **{"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
            **{"intermediate_size": 24, "max_position_embeddings": 8, "initializer_range": 1.0},
        }
        config = hf.LlamaConfig(**shape, rope_parameters={"rope_theta": 100.0} | rope)
        return hf.LlamaForSequenceClassification(config).eval()

    model, short, long = llama(), torch.arange(1, 13)[None], torch.arange(19)[None] % 17
    fresh = [llama()(input_ids=ids).logits.detach() for ids in (short, long)]
    before = [buffer.clone() for buffer in model.buffers()]
    switches = Switches(model)
    for ids, wanted in zip((short, long, short), [*fresh, fresh[0]], strict=True):
        torch.testing.assert_close(logits(model, ids, switches), wanted)
    assert all(torch.equal(*pair) for pair in zip(before, model.buffers(), strict=True))
    assert by_length(model) == "Its rotary positions follow the longest row of a batch"
