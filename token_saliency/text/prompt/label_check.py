"""Do the label words stand for what the model would say? Their share of the probability, and the text it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from token_saliency.results import LabelCheck
from token_saliency.text.batching import run_packed
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Network
from token_saliency.text.prompt.causal import CausalReadout
from token_saliency.text.prompt.other_kinds import Seq2SeqReadout

GENERATED = 50
"""Rows for which the model writes its answer."""
_MORE = 12
"""Tokens that an answer may have beyond the longest label word; it ends with the first word that names a class."""
_TOKENS = 1024


def label_check(
    network: Network, reader: CausalReadout | Seq2SeqReadout, rows: Sequence[Row], predicted: Sequence[int | None],
    tokenizer: Any,
) -> LabelCheck:  # fmt: skip
    """On these rows, whose predicted classes are known; their first GENERATED ones are answered in words."""
    mass, none = np.empty(len(rows)), np.empty(len(rows), dtype=bool)
    firsts = torch.tensor(sorted({word.tokens[0] for word in reader.words.words}), device=network.device)

    def run(at: list[int]) -> None:
        batch = network.batch([rows[i] for i in at])
        mass[at] = reader.scores.mass(reader.known(network, batch, None)).double().cpu().numpy()
        none[at] = ~torch.isin(reader.likeliest(network, batch), firsts).cpu().numpy()

    run_packed([len(row.ids) for row in rows], _TOKENS, run)
    low, middle, high = np.quantile(mass, (0.05, 0.5, 0.95)).tolist()
    some = list(zip(rows, predicted, strict=True))[: GENERATED if hasattr(network.model, "generate") else 0]
    words = [(word.text, word.own) for word in reader.words.words]
    said = [named(_written(network, reader, row, tokenizer, words), words) for row, _ in some]
    agrees = [own is not None and one == own for one, (_, own) in zip(said, some, strict=True)]
    greedy = float(np.mean(agrees)) if agrees else None
    return LabelCheck(len(rows), (low, middle, high), float(none.mean()), len(some), greedy)


def _written(
    network: Network, reader: CausalReadout | Seq2SeqReadout, row: Row, tokenizer: Any, words: Sequence[tuple[str, int]]
) -> str:
    """What the model says, always taking the likeliest token, until it has named a class and gone on."""
    ids = torch.tensor([[*reader.before(row), *row.ids.tolist()]], device=network.device)
    longest = max(len(word.tokens) for word in reader.words.words)
    model: Any = network.model
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
    start = 0 if isinstance(reader, Seq2SeqReadout) else ids.shape[1]

    def enough(so_far: Tensor, _scores: Any, **_: Any) -> Tensor:
        answer = tokenizer.decode(so_far[0, start:], skip_special_tokens=True)
        return torch.tensor([named(answer[:-1], words) is not None and named(answer, words) is not None])

    found = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest + _MORE, do_sample=False, num_beams=1,
        pad_token_id=pad, temperature=None, top_p=None, top_k=None, stopping_criteria=[enough],
    )[0]  # fmt: skip
    return str(tokenizer.decode(found[start:], skip_special_tokens=True))


def named(answer: str, words: Sequence[tuple[str, int]]) -> int | None:
    """The class whose word comes first in an answer, of equal places the longest word; None where there is none."""
    bare = [(word.strip().casefold(), own) for word, own in words]
    hits = ((_whole(word).search(answer.casefold()), own) for word, own in bare if word)
    return min(((hit.start(), -len(hit[0]), own) for hit, own in hits if hit), default=(0, 0, None))[2]


def _whole(word: str) -> re.Pattern[str]:
    """The word, and no part of a longer one; not all scripts have spaces."""
    spaced = [edge.isascii() and edge.isalnum() for edge in (word[0], word[-1])]
    return re.compile(f"{'(?<![a-z0-9])' * spaced[0]}{re.escape(word)}{'(?![a-z0-9])' * spaced[1]}")
