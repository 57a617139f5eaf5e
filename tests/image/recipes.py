"""A tiny model of every type in transformers' image classification mapping, built from its config."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoModelForImageClassification
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES

TYPES: dict[str, Any] = dict(MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES)
SIZE = 64
PATCH = 16

PLAIN: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "image_size": SIZE,
    "patch_size": PATCH,
}
VISION = PLAIN | {"projection_dim": 16}
STAGES = {"hidden_sizes": [16, 32], "depths": [1, 1]}
WINDOWS = {"embed_dim": 16, "depths": [1, 1], "num_heads": [1, 2], "window_size": 4, "image_size": SIZE}

RECIPES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("beit", "deit", "dinov2", "dinov2_with_registers", "ijepa", "vit", "vit_msn"), PLAIN),
    "data2vec-vision": PLAIN,
    **{name: {"vision_config": VISION} for name in ("clip", "metaclip_2", "siglip", "siglip2")},
    "bit": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1], "num_groups": 4},
    **{name: {**STAGES, "num_stages": 2, "image_size": SIZE} for name in ("convnext", "convnextv2")},
    "cvt": {
        "embed_dim": (16, 16, 32),
        "num_heads": (1, 1, 2),
        "depth": (1, 2, 3),  # its config reads the rates of a stage by the number of the stage
        "drop_rate": (0.0, 0.0, 0.0),
    },
    "dinat": {"embed_dim": 16, "depths": [1, 1], "num_heads": [1, 2], "dilations": [[1], [1]], "kernel_size": 3},
    **dict.fromkeys(("donut-swin", "swin", "swinv2"), WINDOWS),
    "efficientnet": {
        "image_size": SIZE,
        "width_coefficient": 0.25,
        "depth_coefficient": 0.25,
        "hidden_dim": 320,
    },
    "focalnet": {
        "embed_dim": 16,
        "depths": [1, 1],
        "hidden_sizes": [16, 32],
        "focal_levels": [2, 2],
        "focal_windows": [3, 3],
        "image_size": SIZE,
    },
    "hgnet_v2": {
        "embedding_size": 16,
        "hidden_sizes": [16, 32],
        "depths": [1, 1],
        "stem_channels": [3, 8, 16],
        "stage_in_channels": [16, 16],
        "stage_mid_channels": [8, 8],
        "stage_out_channels": [16, 32],
        "stage_num_blocks": [1, 1],
        "stage_downsample": [False, True],
        "stage_light_block": [False, False],
        "stage_kernel_size": [3, 3],
        "stage_numb_of_layers": [2, 2],
    },
    "hiera": {
        "image_size": [SIZE, SIZE],
        "embed_dim": 16,
        "depths": [1, 1, 1, 1],
        "num_heads": [1, 1, 2, 2],
        "patch_size": [7, 7],
        "patch_stride": [4, 4],
        "patch_padding": [3, 3],
        "masked_unit_size": [8, 8],
    },
    "imagegpt": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64, "vocab_size": 17},
    "levit": {
        "image_size": SIZE,
        "hidden_sizes": (16, 24, 32),
        "depths": (1, 1, 1),
        "num_attention_heads": (1, 2, 2),
        "key_dim": (8, 8, 8),
    },
    "mobilenet_v1": {"image_size": SIZE, "depth_multiplier": 0.25},
    "mobilenet_v2": {"image_size": SIZE, "depth_multiplier": 0.25},
    "mobilevit": {
        "image_size": SIZE,
        "hidden_sizes": [16, 16, 16],
        "neck_hidden_sizes": [8, 8, 16, 16, 16, 16, 32],
        "num_attention_heads": 2,
    },
    "mobilevitv2": {"image_size": SIZE, "width_multiplier": 0.25},
    "perceiver": {
        "num_latents": 4,
        "d_latents": 32,
        "d_model": 261,
        "num_blocks": 1,
        "num_self_attends_per_block": 1,
        "num_self_attention_heads": 2,
        "num_cross_attention_heads": 1,
        "image_size": SIZE,
    },
    "poolformer": {
        "hidden_sizes": [16, 16, 32, 32],
        "depths": [1, 1, 1, 1],
        "num_encoder_blocks": 4,
    },
    "pp_lcnet": {"scale": 0.25},
    "pvt": {
        "image_size": SIZE,
        "hidden_sizes": [16, 16, 32, 32],
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 2, 2],
    },
    "pvt_v2": {
        "image_size": SIZE,
        "hidden_sizes": [16, 16, 32, 32],
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 2, 2],
    },
    "regnet": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1], "groups_width": 8},
    "resnet": {"embedding_size": 16, "hidden_sizes": [16, 32], "depths": [1, 1]},
    "segformer": {
        "hidden_sizes": [16, 16, 32, 32],
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 2, 2],
    },
    "swiftformer": {"image_size": SIZE, "depths": [1, 1, 1, 1], "embed_dims": [16, 16, 32, 32]},
    "textnet": {
        "image_size": (SIZE, SIZE),
        "stem_out_channels": 16,
        "conv_layer_kernel_sizes": [[[3, 3]], [[3, 3]], [[3, 3]], [[3, 3]]],
        "conv_layer_strides": [[1], [2], [2], [2]],
        "hidden_sizes": [16, 16, 16, 32, 32],
    },
    "timm_wrapper": {},
}

REFUSED: dict[str, str] = {
    "dinat": "needs the library natten",
    "imagegpt": "reads colours as token ids, so pixels have no gradient",
    "shieldgemma2": "needs a prompt beside the picture",
    "timm_wrapper": "needs the library timm",
}
"""Types without support, each with the reason."""


def model_of(name: str) -> torch.nn.Module:
    """The tiny random model of a type, in float64 and evaluation mode."""
    torch.manual_seed(0)
    config = CONFIG_MAPPING[name](**(RECIPES[name] | {"num_labels": 3}))
    classes = TYPES[name]
    config.architectures = [classes if isinstance(classes, str) else classes[0]]
    config.id2label = {0: "cat", 1: "dog", 2: "cup"}
    config.label2id = {label: index for index, label in config.id2label.items()}
    model: torch.nn.Module = AutoModelForImageClassification.from_config(config)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.2)
    return model.double().eval()
