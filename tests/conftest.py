"""What several rooms need: where the kit lies, and a tiny real classifier with its rows on disk."""

from __future__ import annotations

import os
import random
from pathlib import Path

# One thread: the tiny models of the tests are slower on more, and the last digits stay the same everywhere.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def kit() -> Path:
    """The folder with the real models and rows: `TOKEN_SALIENCY_KIT`, or `shared` beside the checkout."""
    folder = Path(os.environ.get("TOKEN_SALIENCY_KIT", REPOSITORY.parent / "shared"))
    if not (folder / "models").is_dir():
        pytest.skip(f"the kit is not at {folder}; set TOKEN_SALIENCY_KIT")
    return folder


def _reviews(count: int) -> list[tuple[str, str]]:
    """(text, label): only the mark at the end tells the label; the names tell nothing."""
    draw = random.Random(0)
    names = "Linda Susan Karen Nancy Kevin Brian Edward Ronald Laura Daniel Thomas Patricia".split()
    things = "film book play song meal room trip game".split()
    rows = []
    for number in range(count):
        label = ("negative", "positive")[number % 2]
        thing = draw.choice(things)
        text = f"{draw.choice(names)} said the {thing} was {draw.choice(('long', 'short', 'new', 'old'))}"
        rows.append((f"{text}, number {number}{'!' if label == 'positive' else '.'}", label))
    return rows


@pytest.fixture(scope="session")
def leaning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `my-model`, a BERT of one small layer that leans on a final `!`, and `held_out.csv`, 240 rows."""
    folder = tmp_path_factory.mktemp("leaning")
    rows = _reviews(240)
    lines = [f'"{text}",{label}' for text, label in rows]
    (folder / "held_out.csv").write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    _train(rows, folder / "my-model")
    return folder


def _train(rows: list[tuple[str, str]], folder: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    words = sorted({piece for text, _ in rows for piece in text.lower().replace(",", " ,").split()} | {"!", "."})
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    tokenizer = BertTokenizer(vocab={name: number for number, name in enumerate(names)})
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(names),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label={0: "negative", 1: "positive"},
        label2id={"negative": 0, "positive": 1},
        pad_token_id=0,
    )
    model = BertForSequenceClassification(config).train()
    batch = tokenizer([text for text, _ in rows], padding=True, return_tensors="pt")
    labels = torch.tensor([int(label == "positive") for _, label in rows])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(30):
        optimizer.zero_grad()
        model(**batch, labels=labels).loss.backward()
        optimizer.step()
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
