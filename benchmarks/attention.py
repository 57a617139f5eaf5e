"""From which length on is torch's fused attention faster than the plain one, gradient included?

    python -m benchmarks.attention MODEL [--dtype bfloat16] [--threads 2]

Prints, for batches of 1,024 tokens of one length, the time of a gradient with the fused kernel over that with the
plain one (above 1: the plain one is faster); the best of some interleaved goes of each.
"""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoModelForSequenceClassification

LENGTHS = (16, 32, 48, 64, 96, 128, 192, 256, 512)
TOKENS = 1024


def seconds(model: torch.nn.Module, points: torch.Tensor, real: torch.Tensor, plain: bool, goes: int) -> float:
    """Of one gradient."""
    start = time.perf_counter()
    with sdpa_kernel(SDPBackend.MATH) if plain else nullcontext():
        for _ in range(goes):
            logits = model(inputs_embeds=points, attention_mask=real).logits
            torch.autograd.grad(logits[:, 0].sum(), points)
    return (time.perf_counter() - start) / goes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a model that takes inputs_embeds")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    model = AutoModelForSequenceClassification.from_pretrained(chosen.model, dtype=getattr(torch, chosen.dtype)).eval()
    model.requires_grad_(False)
    for length in LENGTHS:
        count = max(1, TOKENS // length)
        ids = torch.randint(1000, 20000, (count, length))
        points = model.get_input_embeddings()(ids).detach().requires_grad_()
        real = torch.ones_like(ids)
        real[-1, -length // 4 :] = 0  # a mask, as every real batch has one
        best = [float("inf"), float("inf")]
        for goes in (1, 4, 4, 4):  # the first warms up
            for plain in (False, True):
                best[plain] = min(best[plain], seconds(model, points, real, plain, goes))
        print(f"{length:>4} tokens: fused {best[0]:.3f} s, plain {best[1]:.3f} s, ratio {best[0] / best[1]:.2f}")


if __name__ == "__main__":
    main()
