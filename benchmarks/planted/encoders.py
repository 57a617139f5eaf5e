"""Small encoders trained from scratch in seconds: a BERT of 2 layers, 64 wide, and a word-level tokenizer.

One thread and one seed a model. A trained model is kept in the cache under a hash of all that made it, so that a
benchmark that was stopped goes on where it was.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from benchmarks.planted.texts import LABELS
from token_saliency.demo.training import reproducible
from token_saliency.results import Example
from token_saliency.stats.sampling import content_hash
from token_saliency.text.classifier import TextClassifier

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained. `masked` is the share of tokens hidden: the model has seen [MASK]."""

    epochs: int = 2
    batch: int = 64
    rate: float = 2e-3
    masked: float = 0.05
    vocabulary: int = 5000
    width: int = 64
    layers: int = 2


def encoder(rows: Sequence[Example], seed: int, cache: Path, recipe: Recipe | None = None) -> TextClassifier:
    """The classifier of these rows: from the cache, or trained now and put there."""
    recipe = recipe or Recipe()
    key = content_hash(seed, asdict(recipe), *((row.text, row.label) for row in rows))[:20]
    folder = cache / "encoders" / key
    if not (folder / "done").exists():
        model, tokenizer = trained(rows, seed, recipe)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        (folder / "done").touch()
    return TextClassifier.from_pretrained(str(folder), device="cpu")


def trained(
    rows: Sequence[Example], seed: int, recipe: Recipe
) -> tuple[BertForSequenceClassification, PreTrainedTokenizerFast]:
    """A model in eval mode with its tokenizer."""
    tokenizer = word_tokenizer([row.text for row in rows], recipe.vocabulary)
    ids = [torch.tensor(one) for one in tokenizer([row.text for row in rows])["input_ids"]]
    labels = torch.tensor([LABELS.index(row.label or "") for row in rows])
    with reproducible(seed):
        model = _fresh(len(tokenizer), recipe)
        _fit(model, ids, labels, random.Random(seed), recipe)
    return model.train(False), tokenizer


def word_tokenizer(texts: Sequence[str], size: int) -> PreTrainedTokenizerFast:
    """Lower-case words and single marks; a word of one text, or beyond the size, is [UNK]."""
    counts = Counter(word for text in texts for word in set(re.findall(r"\w+|[^\w\s]", text.lower())))
    kept = [word for word, n in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])) if n > 1][:size]
    fast = Tokenizer(models.WordLevel({word: i for i, word in enumerate([*SPECIAL, *kept])}, unk_token="[UNK]"))
    fast.normalizer = normalizers.Lowercase()
    fast.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    fast.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=fast, model_max_length=64, **names)


def _fresh(vocabulary: int, recipe: Recipe) -> BertForSequenceClassification:
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=recipe.width,
        num_hidden_layers=recipe.layers,
        num_attention_heads=4,
        intermediate_size=2 * recipe.width,
        max_position_embeddings=64,
        pad_token_id=0,
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )
    return BertForSequenceClassification(config)


def _fit(
    model: BertForSequenceClassification,
    ids: Sequence[Tensor],
    labels: Tensor,
    draw: random.Random,
    recipe: Recipe,
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01)
    total = recipe.epochs * -(-len(ids) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, total_steps=total, pct_start=0.1)
    model.train()
    for chosen in _batches(ids, draw, recipe):
        batch = _hidden(torch.nn.utils.rnn.pad_sequence([ids[i] for i in chosen], batch_first=True), recipe.masked)
        model(input_ids=batch, attention_mask=(batch != 0).long(), labels=labels[chosen]).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)


def _batches(ids: Sequence[Tensor], draw: random.Random, recipe: Recipe) -> Iterator[list[int]]:
    """Random batches of rows of like length: the padding is short."""
    for _ in range(recipe.epochs):
        order = list(range(len(ids)))
        draw.shuffle(order)
        order.sort(key=lambda i: len(ids[i]) // 4)
        batches = [order[i : i + recipe.batch] for i in range(0, len(order), recipe.batch)]
        draw.shuffle(batches)
        yield from batches


def _hidden(ids: Tensor, share: float) -> Tensor:
    """Some tokens, never special ones, replaced by [MASK]."""
    hide = (torch.rand(ids.shape) < share) & (ids >= len(SPECIAL))
    return torch.where(hide, SPECIAL.index("[MASK]"), ids)


def accuracy(classifier: TextClassifier, rows: Sequence[Example]) -> float:
    """The share of rows whose label the model predicts."""
    predicted = classifier.predict([row.text for row in rows]).labels
    return sum(label == row.label for label, row in zip(predicted, rows, strict=True)) / len(rows)
