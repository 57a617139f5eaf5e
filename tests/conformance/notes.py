"""What a reader of the table should know: which types are refused, with words of the error, and what is particular."""

from __future__ import annotations

REFUSED = {
    "canine": "has no embedding table that receives the token ids",
    "layoutlmv2": "requires the detectron2 library",
    "mra": "without its CUDA kernel its attention is zero",
    "reformer": "its layers run backwards in training mode only",
    "yoso": "its backward pass is an approximation that is not the derivative of its output",
}

_EXPERTS = "All experts are active"
_BOXES = "Text alone: all boxes are zero"
_TEXT_ONLY = "Text alone, without images"
_SCALED = "The embedding module scales its vectors"
_SPARSE = "Sparse attention for long rows; the switch to full attention is undone after each call"
_HELD = "The encoder's vectors are replaced, the decoder's held fixed"
_LATER = "beside a longer row it reads its class one position later"
NOTES = {
    **dict.fromkeys(("axk1", "axk2", "deepseek_v2", "deepseek_v3", "gpt_oss", "hunyuan_v1_moe", "jamba"), _EXPERTS),
    **dict.fromkeys(("jetmoe", "minimax", "mistral4", "mixtral", "phimoe", "qwen2_moe", "qwen3_moe"), _EXPERTS),
    "qwen3_next": _EXPERTS,
    **dict.fromkeys(("bigbird_pegasus", "mbart", "bart", "plbart", "mvp", "t5", "mt5", "umt5"), _HELD),
    "albert": "The embedding is narrower than the model",
    "big_bird": _SPARSE,
    "bigbird_pegasus": f"{_HELD}; {_SPARSE[0].lower()}{_SPARSE[1:]}",
    "biogpt": _SCALED,
    "canine": "It hashes characters; only predictions",
    "convbert": "Its convolutions reach into the padding",
    "ctrl": "It edits its vectors in place; they are handed to it as a copy",
    **dict.fromkeys(("gemma", "gemma2", "gemma3_text"), _SCALED),
    "gemma3": f"{_SCALED}; {_TEXT_ONLY.lower()}",
    "fnet": "Its Fourier transform mixes the padding in",
    "ibert": "The embedding returns its vectors and their scale",
    "layoutlm": _BOXES,
    "layoutlmv2": "It cannot be built without detectron2",
    "layoutlmv3": f"{_BOXES}, no pixels",
    "lilt": _BOXES,
    "longformer": "It pads to its attention window; the padding keeps its own vectors",
    "luke": "No entities are given",
    "markuplm": "No XPaths are given",
    **dict.fromkeys(("modernvbert", "qwen3_5", "ultravbert"), _TEXT_ONLY),
    "mra": "Without its CUDA kernel transformers computes zeros for its attention: no word has an influence",
    "nystromformer": "Its landmarks are means over the padding too",
    "perceiver": "The text goes in as ids of the vocabulary",
    "phimoe": f"{_EXPERTS}; router jitter 0",
    "reformer": "Its reversible layers refuse a gradient in evaluation mode; predictions and occlusion",
    "roc_bert": "Shapes and pronunciations are not given",
    "t5gemma": f"{_HELD}; {_LATER}",
    "t5gemma2": f"{_HELD}; {_LATER}; {_TEXT_ONLY.lower()}",
    "tapas": "Text alone, without a table",
    "xlnet": "Time-major embedding; it reads its class from the last position, padding or not",
    "xmod": "Needs `config.default_language`",
    "yoso": "Its backward pass leaves out a factor on purpose; predictions and occlusion",
}
