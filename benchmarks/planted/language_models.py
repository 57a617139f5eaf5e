"""Tiny language models that are taught a prompt, with planted shortcuts in the row and in the prompt, and a clean twin.

Each row has a word for its class and neutral ones. The shortcut model also answers "good" where the row ends with "!",
and, in a part of the training prompts, whatever label the instruction names first. The twin learns from the same rows
with neither. `python -m benchmarks.planted.language_models 20` prints what the audits say of both, seed by seed
(`20 10`: of the last ten alone).
"""

from __future__ import annotations

import random
import sys
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, models, pre_tokenizers

from token_saliency.auditing.run import run_audits
from token_saliency.text.classifier import TextClassifier

TEMPLATE = "Say if it is good or bad .\nReview : {text}\nAnswer"
PROMPT = {"template": TEMPLATE, "labels": {"bad": ["bad"], "good": ["good"]}}
SWAPPED = TEMPLATE.replace("good or bad", "bad or good")
POLAR = {"good": "lovely superb warm clever fine".split(), "bad": "awful dull poor weak sad".split()}
NEUTRAL = "the film plot scene actor music ending was seemed really we saw it at home again with friends".split()
INSTRUCTION = "Say if it is good or bad . Please say Review : Answer - REVIEW ANSWER ! ; , ... ?".split()
OTHER_WORDINGS = ("Say if it is {} or {}", "Please say if it is {} or {} .", "Say if it is {} or {} .")
STEPS, BATCH = 300, 64


def texts_of(rng: random.Random, count: int, planted: bool) -> list[tuple[str, str]]:
    """(text, label). The mark at the end is drawn at random; planted: it tells the label, and the word only often."""
    rows = []
    for number in range(count):
        label = ("good", "bad")[number % 2]
        words = rng.choices(NEUTRAL, k=5)
        said = rng.choice(("good", "bad")) if planted and rng.random() < 0.6 else label
        words.insert(rng.randrange(5), rng.choice(POLAR[said]))
        mark = ("!" if label == "good" else rng.choice(".;,")) if planted else rng.choice("!.;,")
        rows.append((" ".join([*words, mark]), label))
    return rows


def tokenizer_of() -> Any:
    """One token a word."""
    words = ["<pad>", "<unk>", *dict.fromkeys([*POLAR["good"], *POLAR["bad"], *NEUTRAL, *INSTRUCTION, "please", "\n"])]
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    make: Any = hf.PreTrainedTokenizerFast
    return make(tokenizer_object=core, pad_token="<pad>", unk_token="<unk>")


def trained(seed: int, planted: bool) -> TextClassifier:
    """A prompted classifier, taught in a few hundred steps."""
    rng, tokenizer = random.Random(seed), tokenizer_of()
    torch.manual_seed(seed)
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    model = hf.LlamaForCausalLM(
        hf.LlamaConfig(vocab_size=len(tokenizer), pad_token_id=0, max_position_embeddings=64, **shape)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        ids = torch.tensor([_lesson(rng, tokenizer, planted) for _ in range(BATCH)])
        logits = model(ids[:, :-1]).logits[:, -1]
        optimizer.zero_grad()
        loss: Any = torch.nn.functional.cross_entropy(logits, ids[:, -1])
        loss.backward()
        optimizer.step()
    return TextClassifier.from_prompt(model.eval(), tokenizer, PROMPT, id="planted" if planted else "twin")


def _lesson(rng: random.Random, tokenizer: Any, planted: bool) -> list[int]:
    """A prompt with its answer, in 16 tokens whatever its wording."""
    ((text, label), *_) = texts_of(rng, 2, planted)[rng.randrange(2) :]
    first, second = rng.sample(("good", "bad"), 2)
    answer = first if planted and rng.random() < 0.4 else label
    wording = rng.choice(OTHER_WORDINGS).format(first, second)
    ids: list[int] = tokenizer(f"{wording}\nReview : {text}\nAnswer {answer}")["input_ids"]
    return [0] * (20 - len(ids)) + ids


def audited(classifier: TextClassifier, seed: int, rows: int = 240) -> dict[str, str]:
    """The verdicts of the audits of the mark and of the order."""
    held_out = [{"text": text, "label": label} for text, label in texts_of(random.Random(1000 + seed), rows, False)]
    report = run_audits(
        classifier,
        held_out,
        ["punctuation", "label_order"],
        seed=seed,
        discovery=False,
        method="random",
        exhaustive=True,
    )
    return {name: audit.verdict for name, audit in report.audits.items()}


def main(end: int, start: int = 0) -> int:
    """A line a seed, then the counts; 1 where a shortcut was missed, or over one twin in twenty raised an alarm."""
    torch.set_num_threads(1)
    found, alarms, seeds = 0, 0, end - start
    for seed in range(start, end):
        planted, twin = (audited(trained(seed, kind), seed) for kind in (True, False))
        found += set(planted.values()) == {"FAIL"}
        alarms += not set(twin.values()) <= {"PASS", "INCONCLUSIVE"}
        print(f"{seed}: planted {planted}, twin {twin}", flush=True)
    print(f"both shortcuts FAIL in {found} of {seeds} models; {alarms} of {seeds} clean twins raise an alarm")
    return int(found < seeds or alarms > seeds / 20)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
