"""From a folder or a hub id to a model and its tokenizer, or to one clear line that says why not."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
import torch

from token_saliency.errors import ModelError, OptionError, first_line, option, unknown
from token_saliency.shared.state import no_progress_bars, quiet, untouched_randomness
from token_saliency.text.encoding import require_offsets
from token_saliency.text.model.hub import commit, reachable_or_cached

_PREFIX = "base_model.model."
_HEADS = ("classifier.weight", "score.weight", "out_proj.weight")


@dataclass(frozen=True, slots=True)
class Adapter:
    """`base` is a folder or a hub id, `revision` the base's; `shapes` are those of the adapter's own weights."""

    folder: Path
    base: str
    revision: str | None
    shapes: dict[str, tuple[int, ...]]

    @property
    def head_arguments(self) -> dict[str, Any]:
        """How the base must be loaded so that the head fits that was trained with the adapter, if one was."""
        heads = (shape for name, shape in self.shapes.items() if name.endswith(_HEADS) and len(shape) == 2)
        classes = next((shape[0] for shape in heads), None)
        return {} if classes is None else {"num_labels": classes, "ignore_mismatched_sizes": True}

    @property
    def weights(self) -> set[str]:
        """The base's weights that the adapter replaces as a whole."""
        return {name.removeprefix(_PREFIX) for name in self.shapes}

    def merged(self, model: Any) -> Any:
        """The base with the adapter in its weights; with the adapter around it where it cannot be merged exactly."""
        from peft import PeftModel

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of peft, about names that transformers will drop
                self._enlarge(model)
                whole = PeftModel.from_pretrained(model, str(self.folder)).eval()
                config = whole.peft_config["default"]
                if config.is_prompt_learning or getattr(config, "layer_replication", None):
                    return whole
                return whole.merge_and_unload()
        except Exception as error:  # third-party code fails in its own ways; each becomes one line with its cause
            cause = " ".join(str(error).split())[:300]  # the first line alone may be a mere heading
            raise ModelError(
                f"The adapter in {self.folder} cannot be merged into {self.base}: {cause}; "
                "load it yourself and give TextClassifier(model, tokenizer)."
            ) from error

    def _enlarge(self, model: Any) -> None:
        """Makes room in the freshly loaded base for the words that were added before the adapter was trained."""
        table = model.get_input_embeddings()
        name = next((name for name, module in model.named_modules() if module is table), None)
        for end in ("weight", "base_layer.weight", "modules_to_save.weight"):
            shape = self.shapes.get(f"{_PREFIX}{name}.{end}")
            if shape is not None and shape[0] != len(table.weight):
                model.resize_token_embeddings(shape[0])
                return


def is_adapter(folder: Path) -> bool:
    """Whether the folder holds an adapter and no weights of a whole model."""
    whole = any(folder.glob("model*.safetensors")) or any(folder.glob("pytorch_model*.bin"))
    return (folder / "adapter_config.json").exists() and not whole


def adapter_in(folder: Path) -> Adapter:
    """What the folder says of its adapter; ModelError where `peft` is missing, or the adapter says too little."""
    try:
        import peft  # noqa: F401 - whether it is there
    except ImportError:
        raise ModelError(f"{folder} holds a PEFT adapter; to merge it into its base: pip install peft") from None
    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        base, revision = config["base_model_name_or_path"], config.get("revision")
        shapes = _shapes(folder / "adapter_model.safetensors")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"The adapter in {folder} cannot be read ({type(error).__name__}: {first_line(error)}); save it again."
        ) from error
    if not isinstance(base, str) or not base:
        raise ModelError(f"{folder / 'adapter_config.json'} names no base model; set base_model_name_or_path.")
    return Adapter(folder, base, revision, shapes)


def _shapes(weights: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(weights), "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no dict
    except SafetensorError as error:
        raise ValueError(first_line(error)) from error


CLASSIFIER = "AutoModelForSequenceClassification"
"""The class of transformers that loads a classifier; text/prompt/ names others."""
DTYPES = ("float32", "bfloat16", "float16", "auto")
_HUB_ID = regex.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?", regex.ASCII)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`id` is the name as the caller gave it; `revision` a commit of the hub, or a hash of the weights in a folder."""

    model: Any
    tokenizer: Any
    id: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where to load from: a folder or a hub id."""

    place: str
    revision: str | None
    local: bool
    cached: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        return {"revision": self.revision} | ({"local_files_only": True} if self.local or self.cached else {})

    def version(self) -> str | None:
        """Which version was loaded: a hash of local weights, or the commit of a hub model."""
        if self.local:
            return weights_hash(Path(self.place))
        return commit(self.place, self.revision) or self.revision


def load(
    name: str | Path, *, device: str, dtype: str, revision: str | None, trust_remote_code: bool,
    loader: str = CLASSIFIER,
) -> Loaded:  # fmt: skip
    """What exists on disk is a path, all else a hub id; nothing is printed and no generator is moved."""
    if not isinstance(name, str | os.PathLike):
        raise ModelError(f"A {type(name).__name__} is no name of a model: give a folder, or a hub id owner/name.")
    where = chosen_device(device)
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    source = source_of(str(name), revision)
    with quiet(), no_progress_bars(), untouched_randomness(where):
        adapter = adapter_in(Path(source.place)) if source.local and is_adapter(Path(source.place)) else None
        base = source if adapter is None else _base(adapter)
        own = adapter is None or has_tokenizer(Path(source.place))
        tokenizer = _tokenizer(source if own else base, trust_remote_code)
        model = _model(base, dtype, where, trust_remote_code, adapter, loader)
    return Loaded(model, tokenizer, str(name), source.version())


def chosen_device(name: str) -> torch.device:
    """`auto` is the first CUDA device, else the CPU; OptionError where the device is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built with CUDA
        raise OptionError(f"There is no device {name!r} here; use auto, cpu, or cuda where there is a GPU.") from error
    return device


def source_of(name: str, revision: str | None) -> Source:
    if name and Path(name).exists():
        _check_folder(Path(name))
        return Source(name, None, local=True)
    if not name or name[0] in "./~\\" or name.count("/") > 1 or "\\" in name or not _HUB_ID.fullmatch(name):
        raise ModelError(f"There is no folder {name!r}; give a model folder that exists, or a hub id owner/name.")
    place, _, at = name.partition("@")
    wanted = revision or at or None
    return Source(place, wanted, local=False, cached=reachable_or_cached(place, wanted))


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(f"{folder} is a file; give the folder that holds config.json, the weights and tokenizer.json.")
    if strange := [file.name for file in folder.iterdir() if file.exists() and not (file.is_file() or file.is_dir())]:
        raise ModelError(f"{folder} holds {strange[0]!r}, a pipe or a device: no model has such a file.")
    if is_adapter(folder):
        return
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} is no model folder: it has no config.json.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f"{folder / 'config.json'} cannot be read as JSON ({first_line(error)}); save the model again."
        ) from error
    if not isinstance(config, dict) or "model_type" not in config:
        raise ModelError(f"{folder / 'config.json'} names no model_type; give a folder written by save_pretrained.")


def _base(adapter: Adapter) -> Source:
    try:
        source = source_of(adapter.base, adapter.revision)
    except ModelError as error:
        raise ModelError(f"The base model of the adapter in {adapter.folder} is missing: {error}") from error
    if source.local and is_adapter(Path(source.place)):
        raise ModelError(f"The base model of the adapter in {adapter.folder} is an adapter too; merge that one first.")
    return source


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder holds a tokenizer of any kind."""
    return any(folder.glob("*token*")) or any(folder.glob("vocab*"))


def _tokenizer(source: Source, trust_remote_code: bool) -> Any:
    from transformers import AutoTokenizer

    if source.local and not has_tokenizer(Path(source.place)):
        raise ModelError(f"{source.place} has no tokenizer; save it beside the model with tokenizer.save_pretrained.")
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.place, trust_remote_code=trust_remote_code, **source.arguments)
    except Exception as error:  # third-party code fails in its own ways; each becomes one line with its cause
        raise ModelError(f"The tokenizer of {source.place} cannot be loaded: {first_line(error)}") from error
    require_offsets(tokenizer)
    return tokenizer


_WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""Ends of the names of language models."""


def _model(
    source: Source, dtype: str, device: torch.device, trust_remote_code: bool, adapter: Adapter | None, loader: str
) -> Any:
    import transformers

    wanted = "auto" if dtype == "auto" else getattr(torch, dtype)
    kind = "sequence classifier" if loader == CLASSIFIER else "language model"
    try:
        model, report = getattr(transformers, loader).from_pretrained(
            source.place,
            dtype=wanted,
            trust_remote_code=trust_remote_code,
            output_loading_info=True,
            **(adapter.head_arguments if adapter else {}),
            **source.arguments,
        )
    except Exception as error:
        raise ModelError(f"{source.place} cannot be loaded as a {kind}: {first_line(error)}") from error
    misfits = {name for name, *_ in report["mismatched_keys"]}
    missing = sorted((set(report["missing_keys"]) | misfits) - (adapter.weights if adapter else set()))
    if missing:
        writes = any(str(name).endswith(_WRITERS) for name in model.config.architectures or ())
        prompt = f", or give it a prompt ({option('prompt')})" if loader == CLASSIFIER and writes else ""
        raise ModelError(
            f"{source.place} has no trained {'classification' if loader == CLASSIFIER else 'language model'} head: "
            f"{missing[0]} "
            f"{f'and {len(missing) - 1} more weights are' if len(missing) > 1 else 'is'} not in it; "
            f"fine-tune it first{prompt}."
        )
    if device.type == "cpu" and model.dtype == torch.float16:
        model = model.float()  # half precision is slow and inexact on a CPU
    if adapter is not None:
        model = adapter.merged(model)
    return model.to(device).eval()


def weights_hash(folder: Path) -> str | None:
    """Says whether two folders hold the same weights; None where they are in no known file."""
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return f"sha256:{digest.hexdigest()[:12]}" if files else None
