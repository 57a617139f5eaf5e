"""A folder that holds a PEFT adapter (LoRA and its kin) and no model: where its base is, and how it is merged into it.

The merged model is an ordinary one: wrapped in its adapter, a model would hide which arguments it takes.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from token_saliency.errors import ModelError, first_line

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
        """The base with the adapter in its weights."""
        from peft import PeftModel

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of peft, about names that transformers will drop
                return PeftModel.from_pretrained(model, str(self.folder)).merge_and_unload()
        except Exception as error:  # third-party code fails in its own ways; each becomes one line with its cause
            raise ModelError(
                f"The adapter in {self.folder} cannot be merged into {self.base}: {first_line(error)}; "
                "merge it yourself and save the model."
            ) from error


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
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
