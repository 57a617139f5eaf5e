"""Quantised, adapted, compiled and placed models, as the libraries make them: do their numbers hold?

    python -m benchmarks.real_parts MODEL [--write]

MODEL is a BERT in a folder. Predictions are held against the model itself, one text at a time; gradients against
autograd through it by a hook of this script; occlusion against the masked text. `--write` puts the table into
docs/architectures.md. What is not installed is said in its row: pip install torchao bitsandbytes peft accelerate.
"""

from __future__ import annotations

import argparse
import copy
import logging
import platform
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch import nn
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from token_saliency.errors import ModelError
from token_saliency.text.classifier import TextClassifier

TEXTS = ["the film is not bad at all", "wonderful", "a little too long , and never quite as clever as it hopes to be"]
CLOSE = 1e-3
"""Relative to the largest number compared."""
PAGE = Path(__file__).resolve().parents[1] / "docs" / "architectures.md"
BEGIN, END = "<!-- real parts: benchmarks/real_parts.py -->", "<!-- end of real parts -->"
_HEAD = """\
## Quantised, adapted, compiled and placed models

Written by `python -m benchmarks.real_parts MODEL --write` on a CPU ({versions}) for
one fine-tuned BERT of {layers} layers.
*predict*: `predict` of all texts together gives what the model gives for each text alone. *gradient*: that of autograd
through the model by an independent hook, else the reason of the `ModelError`. *occlusion*: the output less that of the
masked text. The largest difference stands behind, relative to the largest number.

| part | predict | gradient | occlusion |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Part:
    """`bare` is asked for what is right, `given` is a model or a folder of one that the package is given."""

    bare: Any
    given: Any


Make = Callable[[str, Path], Part]


def fresh(place: str, **how: Any) -> Any:
    return AutoModelForSequenceClassification.from_pretrained(place, **how).eval()


def dynamic(place: str, _: Path) -> Part:
    quantised: Any = torch.ao.quantization.quantize_dynamic
    model = quantised(fresh(place), {nn.Linear}, dtype=torch.qint8)
    return Part(model, model)


def torchao(place: str, _: Path, kind: str) -> Part:
    from torchao import quantization

    model = fresh(place)
    quantization.quantize_(model, getattr(quantization, kind)())
    return Part(model, model)


def bits(place: str, _: Path, **how: Any) -> Part:
    import bitsandbytes  # noqa: F401 - whether it is there

    model = fresh(place, quantization_config=transformers.BitsAndBytesConfig(**how))
    return Part(model, model)


def bits_folder(place: str, folder: Path, **how: Any) -> Part:
    model = bits(place, folder, **how).given
    return Part(model, _saved(model, place, folder))


def adapted(place: str, folder: Path, kind: str, from_folder: bool, **settings: Any) -> Part:
    import peft

    torch.manual_seed(0)
    model: Any = peft.get_peft_model(fresh(place), getattr(peft, kind)(task_type="SEQ_CLS", **settings)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if any(mark in name for mark in ("lora_", "ia3_", "prompt_")):
                parameter.add_(0.1 * torch.randn_like(parameter))
    if not from_folder:
        return Part(model, model)
    return Part(model, _saved(model, place, folder))


def compiled(place: str, _: Path) -> Part:
    model = fresh(place)
    return Part(copy.deepcopy(model), torch.compile(model))


def in_place(place: str, _: Path) -> Part:
    model = fresh(place)
    bare = copy.deepcopy(model)
    model.compile()
    return Part(bare, model)


def offloaded(place: str, _: Path) -> Part:
    import accelerate

    return Part(fresh(place), accelerate.cpu_offload(fresh(place), execution_device=torch.device("cpu")))


def on_disk(place: str, folder: Path) -> Part:
    import accelerate

    model = fresh(place)
    parts = {name: "cpu" for name, _ in model.named_children()} | {"bert": "disk"}
    return Part(fresh(place), accelerate.dispatch_model(model, parts, main_device="cpu", offload_dir=str(folder)))


def mapped(place: str, _: Path) -> Part:
    return Part(fresh(place), fresh(place, device_map="auto"))


def flex(place: str, _: Path) -> Part:
    model = fresh(place)
    model.set_attn_implementation("flex_attention")
    return Part(model, model)


_LORA: dict[str, Any] = {"r": 4, "target_modules": ["query", "value"]}
_ADAPTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "LoRA": ("LoraConfig", _LORA),
    "LoRA, embedding too": ("LoraConfig", {"r": 4, "target_modules": ["query", "word_embeddings"]}),
    "DoRA": ("LoraConfig", _LORA | {"use_dora": True}),
    "IA3": ("IA3Config", {"target_modules": ["key", "value", "output.dense"], "feedforward_modules": ["output.dense"]}),
    "prompt tuning": ("PromptTuningConfig", {"num_virtual_tokens": 4}),
    "p-tuning": ("PromptEncoderConfig", {"num_virtual_tokens": 4, "encoder_hidden_size": 32}),
    "prefix tuning": ("PrefixTuningConfig", {"num_virtual_tokens": 4}),
}
PARTS: dict[str, Make] = {
    "torch dynamic int8": dynamic,
    "torchao int8, weights": partial(torchao, kind="Int8WeightOnlyConfig"),
    "torchao int8, weights and activations": partial(torchao, kind="Int8DynamicActivationInt8WeightConfig"),
    "bitsandbytes int8": partial(bits, load_in_8bit=True),
    "bitsandbytes int8, from a folder": partial(bits_folder, load_in_8bit=True),
    "bitsandbytes nf4": partial(
        bits, load_in_4bit=True, bnb_4bit_quant_type="nf4", llm_int8_skip_modules=["classifier", "pooler"]
    ),
    **{
        f"PEFT {name}, {'from a folder' if saved else 'in memory'}": partial(
            adapted, kind=kind, from_folder=saved, **settings
        )
        for name, (kind, settings) in _ADAPTERS.items()
        for saved in (False, True)
    },
    "torch.compile": compiled,
    "model.compile()": in_place,
    "accelerate cpu_offload": offloaded,
    "accelerate dispatch, encoder on disk": on_disk,
    'device_map="auto"': mapped,
    "flex attention": flex,
}


def _saved(model: Any, place: str, folder: Path) -> str:
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(place).save_pretrained(folder)
    return str(folder)


def row(name: str, place: str) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            part, tokenizer = PARTS[name](place, Path(folder)), AutoTokenizer.from_pretrained(place)
            with torch.no_grad():
                part.bare(**tokenizer(TEXTS[0], return_tensors="pt"))
        except ImportError as error:
            return f"| {name} | not installed: {_line(error)} | | |"
        except Exception as error:  # anybody's code fails in its own way
            return f"| {name} | does not run on a CPU: {_line(error)} | | |"
        try:
            own = _classifier(part.given, tokenizer)
            cells = [_predicted(part.bare, tokenizer, own), _gradients(part.bare, tokenizer, own)]
            cells.append(_occluded(part.bare, tokenizer, own))
        except ModelError as error:
            cells = [f"refused: {_line(error)}", "", ""]
    return f"| {name} | {' | '.join(cells)} |"


def _classifier(given: Any, tokenizer: Any) -> TextClassifier:
    return TextClassifier.from_pretrained(given) if isinstance(given, str) else TextClassifier(given, tokenizer)


def _predicted(bare: Any, tokenizer: Any, own: TextClassifier) -> str:
    with torch.no_grad():
        expected = [bare(**tokenizer(text, return_tensors="pt")).logits[0].float().numpy() for text in TEXTS]
    return _verdict(own.predict(TEXTS).logits, np.array(expected))


def _gradients(bare: Any, tokenizer: Any, own: TextClassifier) -> str:
    try:
        found = own.explain(TEXTS, "gradient", target=0)
    except ModelError as error:
        return f"refused: {_line(error)}"
    each = [_gradient(bare, tokenizer, text) for text in TEXTS]
    return _verdict(np.concatenate([one.scores[1:-1] for one in found]), np.concatenate(each))


def _gradient(bare: Any, tokenizer: Any, text: str) -> Any:
    """Norms by autograd; the vectors are those that the last module named word_embeddings gives."""
    seen: list[torch.Tensor] = []
    tables = [one for name, one in bare.named_modules() if name.endswith("word_embeddings")]

    def keep(_module: Any, _args: Any, output: torch.Tensor) -> torch.Tensor:
        seen.append(output.detach().requires_grad_())
        return seen[-1]

    handle = tables[0].register_forward_hook(keep)
    try:
        (slope,) = torch.autograd.grad(bare(**tokenizer(text, return_tensors="pt")).logits[0, 0], seen[:1])
    finally:
        handle.remove()
    return slope[0].float().norm(dim=-1).numpy()[1:-1]


def _occluded(bare: Any, tokenizer: Any, own: TextClassifier) -> str:
    given = tokenizer(TEXTS[0], return_tensors="pt")
    ids = given["input_ids"]
    expected = []
    with torch.no_grad():
        whole = float(bare(**given).logits[0, 0])
        for place in range(1, ids.shape[1] - 1):
            masked = ids.clone()
            masked[0, place] = tokenizer.mask_token_id
            expected.append(whole - float(bare(**{**given, "input_ids": masked}).logits[0, 0]))
    try:
        (found,) = own.explain(TEXTS[:1], "occlusion", target=0)
    except ModelError as error:
        return f"refused: {_line(error)}"
    return _verdict(found.scores[1:-1], np.array(expected))


def _verdict(seen: Any, expected: Any) -> str:
    apart = float(np.abs(np.asarray(seen) - expected).max() / np.abs(expected).max())
    return f"{'right' if apart <= CLOSE else '**WRONG**'} ({apart:.0e})"


def _line(error: BaseException) -> str:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return " ".join(said.replace("|", "/").split())[:200]


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("torch", "transformers", "peft", "accelerate", "torchao", "bitsandbytes"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a BERT classifier")
    parser.add_argument("--only", help="rows whose name holds this")
    parser.add_argument("--write", action="store_true", help="into docs/architectures.md")
    chosen = parser.parse_args()
    transformers.logging.set_verbosity_error()
    logging.disable(logging.WARNING)  # bitsandbytes says at each layer that it casts
    transformers.utils.logging.disable_progress_bar()
    rows = []
    for name in PARTS:
        if not chosen.only or chosen.only in name:
            rows.append(row(name, chosen.model))
            print(rows[-1], flush=True)
    if chosen.write:
        head = _HEAD.format(versions=_versions(), layers=fresh(chosen.model).config.num_hidden_layers)
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        table = "".join(f"{line}\n" for line in rows)
        after = rest.partition(END)[2] or "\n"
        PAGE.write_text(f"{before if rest else before + chr(10)}{BEGIN}\n{head}{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
