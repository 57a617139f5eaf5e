"""What several rooms need: where the kit lies, a tiny real classifier with its rows on disk, and a browser."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# One thread: the tiny models of the tests are slower on more, and the last digits stay the same everywhere.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

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


# --- a real browser -----------------------------------------------------------------------------

_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = (os.environ.get("TOKEN_SALIENCY_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium found; install one, or name it in TOKEN_SALIENCY_CHROMIUM")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, headless=True, args=_QUIET)
        yield running
        running.close()


class Watched:
    """A page and everything that it must not do."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page, self.incidents = page, list[str]()
        page.on("dialog", self._dismiss)
        page.on("pageerror", lambda error: self.incidents.append(f"error {error}"))
        page.on("console", lambda message: self.incidents.append(f"console {message.text}"))
        page.on("popup", lambda popup: self.incidents.append(f"popup {popup.url}"))
        page.on("request", lambda request: self._note(request.url, file))
        page.goto(file.as_uri())

    def _dismiss(self, dialog: Dialog) -> None:
        self.incidents.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _note(self, url: str, file: Path) -> None:
        if url.split("#")[0] != file.as_uri():
            self.incidents.append(f"request {url}")


@pytest.fixture
def watch() -> Callable[[Page, Path], Watched]:
    """Opens a file in a page and notes everything that it must not do."""
    return Watched
