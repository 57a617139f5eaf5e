"""Trains the demo's classifier: a very small BERT and a vocabulary of its own, in seconds on a CPU.

One thread and one seed, so that the weights do not depend on the number of cores or on what the caller
drew before; the caller's random state and thread count are as they were afterwards.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from token_saliency.demo.sentences import LABELS
from token_saliency.results import Example

Progress = Callable[[str, int, int], None]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
EPOCHS = 3
BATCH = 64
RATE = 2e-3
MASKED = 0.05
"""The share of tokens hidden in training: the model has seen [MASK], and cannot lean on one word alone."""


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread inside, as many as before outside: on a model this small, more of them wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """One thread and a fresh random state inside, the caller's own ones outside."""
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def build_tokenizer(texts: Sequence[str]) -> BertTokenizer:
    """Whole words of the texts, `...` as one of them, and single characters for whatever else it is shown."""
    found = {word for text in texts for word in re.findall(r"\w+|[^\w\s]", text)}
    letters = string.ascii_letters + string.digits
    pieces = found | set(string.punctuation + letters) | {f"##{letter}" for letter in letters}
    vocabulary = {word: i for i, word in enumerate([*SPECIAL, *sorted(pieces)])}
    tokenizer = BertTokenizer(vocab=vocabulary, do_lower_case=False, model_max_length=128)
    tokenizer.add_tokens(["..."])
    return tokenizer


def build_model(vocabulary: int) -> BertForSequenceClassification:
    """A BERT with fresh weights: 2 layers, 64 wide."""
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        max_position_embeddings=128,
        pad_token_id=0,
        id2label=dict(enumerate(LABELS)),
        label2id={label: i for i, label in enumerate(LABELS)},
    )
    return BertForSequenceClassification(config)


def train(
    rows: Sequence[Example], seed: int, progress: Progress | None = None
) -> tuple[BertForSequenceClassification, BertTokenizer]:
    """A classifier of the rows, in eval mode. `progress("training", done, total)` counts the steps."""
    tokenizer = build_tokenizer([row.text for row in rows])
    encoded = [torch.tensor(ids) for ids in tokenizer([row.text for row in rows])["input_ids"]]
    labels = torch.tensor([LABELS.index(row.label or "") for row in rows])
    with reproducible(seed):
        model = build_model(len(tokenizer))
        _fit(model, encoded, labels, random.Random(seed), progress)
    return model.train(False), tokenizer


@torch.no_grad()
def accuracy(model: BertForSequenceClassification, tokenizer: BertTokenizer, rows: Sequence[Example]) -> float:
    """The share of rows whose label the model predicts."""
    right = 0
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        logits = model(**tokenizer([row.text for row in part], padding=True, return_tensors="pt")).logits
        right += sum(LABELS[i] == row.label for i, row in zip(logits.argmax(-1).tolist(), part, strict=True))
    return right / len(rows)


def _fit(
    model: BertForSequenceClassification,
    encoded: Sequence[Tensor],
    labels: Tensor,
    draw: random.Random,
    progress: Progress | None,
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    total = EPOCHS * -(-len(encoded) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=total, pct_start=0.1)
    model.train()
    for step, chosen in enumerate(_batches(encoded, draw), start=1):
        ids = _hidden(torch.nn.utils.rnn.pad_sequence([encoded[i] for i in chosen], batch_first=True))
        model(input_ids=ids, attention_mask=(ids != 0).long(), labels=labels[chosen]).loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        if progress is not None:
            progress("training", step, total)


def _batches(encoded: Sequence[Tensor], draw: random.Random) -> Iterator[list[int]]:
    """Random batches of rows of like length: the padding is short."""
    for _ in range(EPOCHS):
        order = list(range(len(encoded)))
        draw.shuffle(order)
        order.sort(key=lambda i: len(encoded[i]) // 4)
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        draw.shuffle(batches)
        yield from batches


def _hidden(ids: Tensor) -> Tensor:
    """Some tokens, never special ones, replaced by [MASK]."""
    hide = (torch.rand(ids.shape) < MASKED) & (ids >= len(SPECIAL))
    return torch.where(hide, SPECIAL.index("[MASK]"), ids)
