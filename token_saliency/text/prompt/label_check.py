"""Do the label words stand for what the model would say? Their share of the probability, and the text it writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from token_saliency.results import LabelCheck
from token_saliency.text.batching import run_packed
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Network
from token_saliency.text.prompt.causal import CausalReadout
from token_saliency.text.prompt.other_kinds import Seq2SeqReadout

GENERATED = 50
"""Rows for which the model writes its answer."""
_MORE = 4
"""Tokens that an answer may have beyond the longest label word."""
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
    some = list(zip(rows, predicted, strict=True))[:GENERATED]
    words = [(word.text, word.own) for word in reader.words.words]
    agrees = [own is not None and named(_written(network, reader, row, tokenizer), words) == own for row, own in some]
    return LabelCheck(len(rows), (low, middle, high), float(none.mean()), len(some), float(np.mean(agrees)))


def _written(network: Network, reader: CausalReadout | Seq2SeqReadout, row: Row, tokenizer: Any) -> str:
    """What the model says, always taking the likeliest token."""
    ids = torch.tensor([[*reader.before(row), *row.ids.tolist()]], device=network.device)
    longest = max(len(word.tokens) for word in reader.words.words)
    model: Any = network.model
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
    found = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest + _MORE, do_sample=False, num_beams=1,
        pad_token_id=pad, temperature=None, top_p=None, top_k=None,
    )[0]  # fmt: skip
    own = found if isinstance(reader, Seq2SeqReadout) else found[ids.shape[1] :]
    return str(tokenizer.decode(own, skip_special_tokens=True))


def named(answer: str, words: Sequence[tuple[str, int]]) -> int | None:
    """The class whose word comes first in an answer, of equal places the longest word; None where there is none."""
    said = answer.casefold()
    found = [(said.find(bare), -len(bare), own) for word, own in words if (bare := word.strip().casefold())]
    return min(((at, size, own) for at, size, own in found if at >= 0), default=(0, 0, None))[2]
