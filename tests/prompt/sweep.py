"""Every causal and seq2seq type of transformers as a tiny random model behind a prompt: `python -m tests.prompt.sweep`.

It writes docs/language-models.md. A type passes if its class logits are those of a plain loop over the whole
vocabulary, one sequence at a time, for rows together and alone, with the head of the prompt read once and anew; if the
self-test finds no fault with its vectors and gradients; and if integrated gradients are complete.
"""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers as hf
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from tests.conformance.recipes import _IDS, GENERIC, NOISE, RECIPES, Tiny, _layers, tokenizer
from token_saliency.text.classifier import TextClassifier

KINDS = {"causal": MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, "seq2seq": MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES}
FILE = Path(__file__).resolve().parents[2] / "docs" / "language-models.md"
LABELS = {"positive": ["good", "never dull"], "negative": ["bad"]}
BEFORE, AFTER = "is the film that you see here good or bad , too long or short ?", "this one is"
ROWS = ["the story is rather long but never dull , and the end is wonderful !", "not good at all", "boring"]
CLOSE, COMPLETE, MOST = 1e-4, 0.05, 30_000_000
SAMPLE = {
    "causal": ("llama", "gpt2", "gemma2", "mistral", "qwen3_moe", "opt", "bloom", "mamba", "gpt_neox"),
    "seq2seq": ("t5", "bart", "marian"),
}
"""Tested on every run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of a type: nothing in `fault` is a pass; `reuse` says whether the prompt's head is read once.

    text  it reads and writes text, and is of the kind under which transformers lists it; others are counted apart
    """

    fault: str = ""
    reuse: bool | None = None
    text: bool = True


SOUND = dict.fromkeys(("musicgen", "musicgen_melody"), "it writes music")


_SPARSE = {"head_dim": 4, "num_key_value_heads": 2, "index_topk": 64, "index_head_dim": 8, "index_n_heads": 2}
OWN: dict[str, dict[str, Any]] = {
    "bamba": {"mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 4, "attn_layer_indices": [1]},
    "codegen": {"n_head": 4, "rotary_dim": 4},
    "deepseek_v32": _SPARSE,
    "encoder-decoder": {"decoder": {"is_decoder": True, "add_cross_attention": True}, "decoder_start_token_id": 2},
    "falcon_h1": {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 4, "mamba_chunk_size": 4},
    "glm_moe_dsa": _SPARSE,
    "granitemoehybrid": {"mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 4},
    "kimi_linear": {"num_experts_per_token": 4},
    "longt5": {"decoder_start_token_id": 0},
    "mamba2": {"num_heads": 4, "n_groups": 1, "state_size": 4, "chunk_size": 4},
    "pegasus_x": {"max_position_embeddings": 64},
    "switch_transformers": {"decoder_start_token_id": 0},
}
"""What configs need beside the recipes of the classifiers."""


def config_of(kind: str, model_type: str, cls: Any, **settings: Any) -> Any:
    """The small config: of a model of several kinds of input the part of its text."""
    default = CONFIG_MAPPING[model_type]()
    own = RECIPES.get(model_type, {}) | OWN.get(model_type, {}) | settings
    if not isinstance(default, cls.config_class):
        default = default.get_text_config()
    if kind == "causal" and "is_decoder" in default.to_dict():
        own = own | {"is_decoder": True}
    return type(default)(**_small(default, own))


def _small(default: Any, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """As for the classifiers; what a config refuses to tell of all layers at once is left alone."""
    fields = default.to_dict()
    given = {name: value for name, value in (GENERIC | _IDS).items() if fields.get(name) is not None}
    given |= {**_layers(fields), **recipe}
    for name in fields:
        part = vars(default).get(name)
        if isinstance(part, hf.PreTrainedConfig):
            given[name] = _small(part, recipe.get(name, {}))
    return given


def build(kind: str, model_type: str, **settings: Any) -> Tiny:
    """In evaluation mode; ValueError for a config that no recipe makes small."""
    names = KINDS[kind][model_type]
    cls = getattr(hf, names if isinstance(names, str) else names[0])
    config = config_of(kind, model_type, cls, **settings)
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in cls(config).parameters())
    if size > MOST:
        raise ValueError(f"its smallest model here has {size / 1e6:.0f} million parameters")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = cls(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(NOISE.get(model_type, 0.2) * torch.randn_like(parameter))
    return Tiny(model, tokenizer())


def measured(kind: str, model_type: str) -> Outcome:
    """One type; a model that cannot be built or called has the error as its fault."""
    if model_type in SOUND:
        return Outcome(SOUND[model_type], text=False)
    try:
        if kind == "seq2seq" and not CONFIG_MAPPING[model_type]().is_encoder_decoder:
            return Outcome("speech to text, audio before a causal decoder", text=False)
        tiny = build(kind, model_type)
        prompt = {"kind": kind, "template": f"{BEFORE} {{text}}", "answer": AFTER, "labels": LABELS}
        return _checked(TextClassifier.from_prompt(tiny.model, tiny.tokenizer, prompt), tiny, kind)
    except Exception as error:  # whatever a type's code raises is what is to be told of it
        return Outcome(f"{type(error).__name__}: {str(error).strip().splitlines()[0][:160] if str(error) else ''}")


def _checked(classifier: TextClassifier, tiny: Tiny, kind: str) -> Outcome:
    test, readout = classifier.self_test, getattr(classifier._held.network, "readout", None)
    wanted = np.array([_plain(tiny, kind, row) for row in ROWS])
    reuse = bool(getattr(readout, "reuse", False)) if kind == "causal" else None
    for said, found in _ways(classifier, readout if reuse else None):
        off = float(np.abs(found - wanted).max())
        if not off <= CLOSE * max(1.0, float(np.abs(wanted).max())):
            return Outcome(f"{said}: a class logit is off by {off:.1e}", reuse)
    if test.vectors_decide is False or test.gradient_agrees is False:
        return Outcome("no gradient: " + next(iter(test.notes[::-1]), ""), reuse)
    explained = classifier.explain(ROWS, baseline="mean")
    errors = [one.completeness_error or 0.0 for one in explained]
    return Outcome("" if max(errors) <= COMPLETE else f"integrated gradients are off by {max(errors):.0%}", reuse)


def _ways(classifier: TextClassifier, readout: Any) -> Iterator[tuple[str, Any]]:
    yield "together", classifier.predict(ROWS).logits
    yield "alone", np.vstack([classifier.predict([row]).logits for row in ROWS])
    if readout is not None:
        readout.reuse = False
        yield "head computed anew", classifier.predict(ROWS).logits
        readout.reuse = True


def _plain(tiny: Tiny, kind: str, row: str) -> list[float]:
    ids = tiny.tokenizer(f"{BEFORE} {row}\n{AFTER}")["input_ids"]
    return [
        float(torch.tensor([_word(tiny, kind, ids, word) for word in words]).logsumexp(0)) for words in LABELS.values()
    ]


def _word(tiny: Tiny, kind: str, ids: list[int], word: str) -> float:
    own = tiny.tokenizer(word, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        if kind == "causal":
            logits = tiny.model(torch.tensor([[*ids[:-1], *own]])).logits[0, len(ids) - 2 :]
        else:
            settings = tiny.model.generation_config
            starts = settings.decoder_start_token_id, settings.bos_token_id  # as `generate` has it
            given = torch.tensor([[next(one for one in starts if one is not None), *own[:-1]]])
            logits = tiny.model(input_ids=torch.tensor([ids]), decoder_input_ids=given, use_cache=False).logits[0]
    shares = logits.float().log_softmax(-1)
    return sum(float(shares[at, token]) for at, token in enumerate(own))


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """TimeoutError after so much time of the processor, however busy the machine is."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def page(found: Mapping[str, Mapping[str, Outcome]]) -> str:
    """The whole page; a kind that was not measured keeps its part."""
    parts = [f"# Language models behind a prompt\n\n{(__doc__ or '').partition(chr(10))[2].strip()}"]
    before = FILE.read_text(encoding="utf-8").split("\n## ")[1:]
    for kind, outcomes in found.items():
        if not outcomes:
            parts += [f"## {part.strip()}" for part in before if part.startswith(f"{kind}\n")]
            continue
        good, texts = _counts(outcomes)
        share = f"{good} of {texts} ({good / texts:.0%})"
        apart = f" ({len(outcomes) - texts} more are of sound, and not of text)" if texts < len(outcomes) else ""
        parts.append(f"## {kind}\n\ntransformers {hf.__version__}: {share} pass{apart}.\n\n{_table(outcomes)}")
    return "\n\n".join(parts) + "\n"


def _counts(outcomes: Mapping[str, Outcome]) -> tuple[int, int]:
    """How many pass, of how many."""
    return sum(not one.fault for one in outcomes.values()), sum(one.text for one in outcomes.values())


def _table(outcomes: Mapping[str, Outcome]) -> str:
    said = {True: "once", False: "anew for each row", None: ""}
    lines = ["| type | verdict | the head of the prompt is read |", "| --- | --- | --- |"]
    for name, one in outcomes.items():
        said_of = one.fault if one.text else f"no text: {one.fault}"
        verdict = "passes" if not one.fault else said_of.replace("|", "/").replace("<", "(").replace(">", ")")
        lines.append(f"| `{name}` | {verdict} | {said[one.reuse]} |")
    return "\n".join(lines)


def main() -> int:
    """Writes the page, or the part of a kind that is named; 1 where fewer than 80% of one pass.

    Types that are named are looked at alone, and nothing is written.
    """
    hf.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    found: dict[str, dict[str, Outcome]] = {}
    wanted = sys.argv[1:] or list(KINDS)
    for kind, types in KINDS.items():
        found[kind] = {}
        for model_type in [name for name in types if name in wanted or kind in wanted]:
            try:
                with at_most(45):
                    found[kind][model_type] = measured(kind, model_type)
            except TimeoutError as error:
                found[kind][model_type] = Outcome(str(error))
            print(kind, model_type, found[kind][model_type], flush=True)
    if not set(wanted) <= set(KINDS):
        return 0
    FILE.write_text(page(found), encoding="utf-8")
    shares = {
        kind: good / texts for kind, (good, texts) in ((kind, _counts(each)) for kind, each in found.items()) if texts
    }
    print(*(f"{kind}: {share:.0%}" for kind, share in shares.items()))
    return int(min(shares.values()) < 0.8)


if __name__ == "__main__":
    sys.exit(main())
