"""Class logits of a causal language model: log P(label word | prompt), several words of a class by logsumexp.

A word of several tokens is read behind the prompt in one pass with all words that it begins (text/prompt/words.py);
padding stands on the right, where no token of a causal model can see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.text.encoding import Row
from token_saliency.text.model.limits import by_length
from token_saliency.text.model.network import Batch, Network
from token_saliency.text.prompt.encoder import PromptEncoder
from token_saliency.text.prompt.next_token import NextToken, next_token
from token_saliency.text.prompt.reuse import repeated
from token_saliency.text.prompt.scoring import ClassScores, Known
from token_saliency.text.prompt.words import LabelWords, Tokens

_FEW = 4
"""Tokens that show what the model does to the logits of its head."""
_TOLERANCE = {torch.float64: 1e-8, torch.float32: 1e-4}
_UNABLE = (ValueError, RuntimeError, TypeError, IndexError, AttributeError, NotImplementedError, KeyError)
"""What models raise that cannot go on from somebody's keys and values."""


class CausalReadout:
    """A `Readout`. Until `checked` has seen the model, everything is computed whole; `reuse` may be switched off."""

    def __init__(self, encoder: PromptEncoder, words: LabelWords) -> None:
        self.words = words
        self.scores = ClassScores(encoder.prompt, words)
        self.reuse = False
        self._head = encoder.head
        self._reader = NextToken()
        self._states: Any = None
        self._depth = 0

    def __call__(self, network: Network, batch: Batch, points: Tensor | None) -> Tensor:
        """Class logits [N, C]."""
        return self.scores(self.known(network, batch, points))

    def known(self, network: Network, batch: Batch, points: Tensor | None) -> Known:
        """The log-probability [N] of each token that a word needs, behind each beginning of a word."""
        found, back = [], []
        for at, own, head in self._parts(batch):
            found.append(self._known(network, own, None if points is None else points[at], head))
            back.append(at)
        order = torch.cat(back).argsort()
        return {key: torch.cat([one[key] for one in found])[order] for key in found[0]}

    def likeliest(self, network: Network, batch: Batch) -> Tensor:
        """[N]: the likeliest token behind the prompt."""
        found, back = [], []
        for at, own, head in self._parts(batch):
            run, places = self._run(network, own, None, head, 0)
            found.append(self._reader.likeliest(run, places)[:, 0])
            back.append(at)
        return torch.cat(found)[torch.cat(back).argsort()]

    def before(self, row: Row) -> Tokens:
        """The ids that stand before those of a row."""
        return self._head if row.headed else ()

    def _parts(self, batch: Batch) -> Iterator[tuple[Tensor, Batch, Tokens]]:
        """The rows that follow the head, and those that stand for themselves: places, rows, what stands before."""
        for head in (True, False):
            at = (batch.headed == head).nonzero()[:, 0]
            if len(at):
                yield at, batch.pick(at, batch.ids.shape[1]), self._head if head else ()

    def look(self, network: Network, batch: Batch) -> object:
        """The ids alone, without the head of the prompt."""
        return network.output(batch)

    @contextmanager
    def session(self) -> Iterator[None]:
        """The head of the prompt is remembered until the outermost block ends: weights may be others afterwards."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._states = None

    def checked(self, network: Network, batch: Batch) -> list[str]:
        """Reads the label's rows of the head alone, and the head of the prompt once, where both change nothing."""
        one = batch.pick(torch.tensor([0], device=batch.ids.device), _FEW)
        last = torch.tensor([[one.ids.shape[1] - 1]], device=batch.ids.device)
        self._reader = next_token(network.model, lambda: network.output(one), last)
        self.reuse = False
        self._require_causal(network, one)
        notes = [] if self._reader.head else ["The model's logits are read whole: its own head alone gives others."]
        return [*notes, *(self._reused(network, batch) if self._head else [])]

    def _require_causal(self, network: Network, one: Batch) -> None:
        """ModelError for a model that reads what follows: the beginning of a label word would change the prompt."""
        one, token = replace(one, lengths=one.lengths.clamp(max=one.ids.shape[1])), int(one.ids[0, 0])
        words = torch.tensor(sorted({word.tokens[0] for word in self.words.words}), device=one.ids.device)

        def shares(behind: Tokens) -> Tensor:
            places = (one.lengths - 1)[:, None]
            own = followed(one, behind)
            return self._reader.log_probabilities(lambda: network.output(own), places, words)

        alone = shares(())
        if unlike(alone, shares((token,))):
            raise ModelError(
                f"{type(network.model).__name__} reads what stands behind a token, too: it is no causal language model "
                "(of BERT's family set config.is_decoder), so a prompt cannot end where the answer begins."
            )

    def _reused(self, network: Network, batch: Batch) -> list[str]:
        """Whether the head of the prompt may be computed once."""
        shared = f"The {len(self._head)} tokens before the row are"
        if reason := by_length(network.model):  # so does what the head says
            return [f"{shared} computed anew for each row. {reason}."]
        whole = self(network, batch, None)
        tolerance = _TOLERANCE.get(next(network.model.parameters()).dtype, 5e-2) * max(1.0, float(whole.abs().max()))
        self.reuse = True
        try:
            off = float((self(network, batch, None) - whole).abs().max())
            said = f"that moves a logit by {off:.2g}"
        except _UNABLE as error:
            off, said = float("inf"), (str(error).strip().splitlines() or [type(error).__name__])[0]
        self.reuse = off <= tolerance
        if self.reuse:
            return [f"{shared} computed once and shared by all rows."]
        return [f"{shared} computed anew for each row: the model cannot go on from them ({said})."]

    def _known(self, network: Network, batch: Batch, points: Tensor | None, head: Tokens) -> Known:
        found: Known = {}
        for context in self.words.contexts:
            wanted = self.words.next_of(context)
            ids = sorted({token for one in wanted for token in one})
            run, places = self._run(network, followed(batch, context), points, head, len(context))
            shares = self._reader.log_probabilities(run, places, torch.tensor(ids, device=places.device))
            for place, tokens in enumerate(wanted):
                for token in tokens:
                    found[context[:place], token] = shares[:, place, ids.index(token)]
        return found

    def _run(
        self, network: Network, batch: Batch, points: Tensor | None, head: Tokens, behind: int
    ) -> tuple[Callable[[], Any], Tensor]:
        """A call of the model, and the places [N, behind + 1]: the end of the row and each token that follows it."""
        device, size = batch.ids.device, len(head)
        past = self._past(network, head, len(batch)) if head and self.reuse else {}
        if head and not past:
            batch = _headed(batch, head)
        before = 0 if past else size
        width = batch.ids.shape[1]
        moved = None if points is None else moved_places(batch, before, behind, points.shape[1])
        if points is not None:
            points = torch.nn.functional.pad(points, (0, 0, before, width - before - points.shape[1]))
        if past:
            seen = torch.ones(len(batch), size, dtype=torch.bool, device=device)
            past["attention_mask"] = torch.cat([seen, batch.real], 1).long()
        places = (batch.lengths - 1 - behind)[:, None] + torch.arange(behind + 1, device=device)
        return lambda: network.output(batch, points, moved, **past), places

    def _past(self, network: Network, head: Tokens, count: int) -> dict[str, Any]:
        states = self._states
        if states is None or not self._depth:
            batch = network.batch([Row(np.array(head), np.zeros(len(head), dtype=np.int64))])
            with torch.inference_mode(False), torch.no_grad():
                found = self._reader.without_logits(lambda: network.output(batch, use_cache=True))
            self._states = states = found.past_key_values
        return {"past_key_values": repeated(states, count), "use_cache": True}


def unlike(alone: Tensor, longer: Tensor) -> bool:
    """Whether the same places say something else where tokens stand behind them, by more than rounding."""
    off = float((longer - alone).abs().max())
    return off > 100 * _TOLERANCE.get(alone.dtype, 5e-2) * max(1.0, float(alone.abs().max()))


def followed(batch: Batch, tokens: Tokens, types: Tokens = ()) -> Batch:
    """The rows with these tokens behind their own."""
    if not tokens:
        return batch
    device, size = batch.ids.device, len(tokens)
    places = batch.lengths[:, None] + torch.arange(size, device=device)
    wide = [torch.nn.functional.pad(each, (0, size)) for each in (batch.ids, batch.types)]
    wide[0].scatter_(1, places, torch.tensor(tokens, device=device).expand(len(batch), size))
    if types:
        wide[1].scatter_(1, places, torch.tensor(types, device=device).expand(len(batch), size))
    lengths = batch.lengths + size
    real = torch.arange(wide[0].shape[1], device=device) < lengths[:, None]
    return replace(batch, ids=wide[0], types=wide[1], real=real, lengths=lengths)


def _headed(batch: Batch, head: Tokens) -> Batch:
    """The rows with the head before them."""
    size = len(head)
    start = torch.tensor(head, device=batch.ids.device).expand(len(batch), size)
    ids, types = torch.cat([start, batch.ids], 1), torch.nn.functional.pad(batch.types, (size, 0))
    real = torch.nn.functional.pad(batch.real, (size, 0), value=True)
    return replace(batch, ids=ids, types=types, real=real, lengths=batch.lengths + size)


def moved_places(batch: Batch, before: int, behind: int, width: int) -> Tensor:
    """[N, T]: the places whose vectors are points; the head, the label's tokens and padding keep their own."""
    at = torch.arange(batch.ids.shape[1], device=batch.ids.device)
    moved: Tensor = (at >= before) & (at < before + width) & (at < (batch.lengths - behind)[:, None])
    return moved
