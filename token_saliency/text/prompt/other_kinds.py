"""Class logits of encoder-decoder models, log P(label word | prompt), and of entailment classifiers over hypotheses."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Batch, Network
from token_saliency.text.prompt.causal import followed, moved_places
from token_saliency.text.prompt.encoder import PromptEncoder
from token_saliency.text.prompt.next_token import NextToken, next_token
from token_saliency.text.prompt.scoring import ClassScores, Known
from token_saliency.text.prompt.words import LabelWords, Tokens


class Seq2SeqReadout:
    """A `Readout`: the encoder reads the prompt once, the decoder the beginning of each word of several tokens."""

    def __init__(self, encoder: PromptEncoder, words: LabelWords) -> None:
        self.words = words
        self.scores = ClassScores(encoder.prompt, words)
        self._reader = NextToken()

    def __call__(self, network: Network, batch: Batch, points: Tensor | None) -> Tensor:
        """Class logits [N, C]."""
        return self.scores(self.known(network, batch, points))

    def known(self, network: Network, batch: Batch, points: Tensor | None) -> Known:
        """The log-probability [N] of each token that a word needs, behind each beginning of a word."""
        found: Known = {}
        states = _encoded(network, batch, points)
        for context in self.words.contexts:
            wanted = self.words.next_of(context)
            ids = sorted({token for one in wanted for token in one})
            given = torch.tensor([_start(network.model), *context], device=batch.ids.device).expand(len(batch), -1)
            places = torch.arange(given.shape[1], device=batch.ids.device).expand(len(batch), -1)
            run = _decoding(network, batch, states, given)
            shares = self._reader.log_probabilities(run, places, torch.tensor(ids, device=batch.ids.device))
            for place, tokens in enumerate(wanted):
                for token in tokens:
                    found[context[:place], token] = shares[:, place, ids.index(token)]
        return found

    def likeliest(self, network: Network, batch: Batch) -> Tensor:
        """[N]: the likeliest first token of the answer."""
        start = torch.full((len(batch), 1), _start(network.model), device=batch.ids.device)
        run = _decoding(network, batch, _encoded(network, batch, None), start)
        return self._reader.likeliest(run, torch.zeros_like(start))[:, 0]

    def before(self, row: Row) -> Tokens:  # noqa: ARG002 - asked as of a CausalReadout
        """Nothing: an encoder reads each row whole."""
        return ()

    def look(self, network: Network, batch: Batch) -> object:
        """Both halves, the decoder at its start."""
        given = torch.full((len(batch), 1), _start(network.model), device=batch.ids.device)
        return network.output(batch, decoder_input_ids=given)

    def session(self) -> AbstractContextManager[None]:
        """Nothing is remembered."""
        return nullcontext()

    def checked(self, network: Network, batch: Batch) -> list[str]:
        """Reads the label's rows of the head alone, where that changes nothing."""
        given = torch.full((len(batch), 1), _start(network.model), device=batch.ids.device)
        run = _decoding(network, batch, _encoded(network, batch, None), given)
        self._reader = next_token(network.model, run, torch.zeros_like(given))
        return [] if self._reader.head else ["The model's logits are read whole: its own head alone gives others."]


class EntailmentReadout:
    """A `Readout`: the logit of entailment for the hypothesis of each label word, the row as premise."""

    def __init__(self, encoder: PromptEncoder, words: LabelWords, entailment: int) -> None:
        self.words = words
        self.scores = ClassScores(encoder.prompt, words)
        self._entailment = entailment

    def __call__(self, network: Network, batch: Batch, points: Tensor | None) -> Tensor:
        """Class logits [N, C]."""
        return self.scores(self.known(network, batch, points))

    def known(self, network: Network, batch: Batch, points: Tensor | None) -> Known:
        """The logit [N] of the hypothesis of each word, which goes by its tokens."""
        words = self.words.words
        return {(w.tokens, -1): self._entailed(network, batch, points, w.tokens, w.types) for w in words}

    def look(self, network: Network, batch: Batch) -> object:
        """The premise alone."""
        return network.classified(batch)

    def session(self) -> AbstractContextManager[None]:
        """Nothing is remembered."""
        return nullcontext()

    def checked(self, network: Network, batch: Batch) -> list[str]:  # noqa: ARG002 - nothing to find out
        """There is nothing to find out."""
        return ["Each class is the entailment of its hypothesis: probabilities are shares of these logits."]

    def _entailed(self, network: Network, batch: Batch, points: Tensor | None, tokens: Any, types: Any) -> Tensor:
        whole = followed(batch, tokens, types)
        moved = None
        if points is not None:
            moved = moved_places(whole, 0, len(tokens), points.shape[1])
            points = torch.nn.functional.pad(points, (0, 0, 0, whole.ids.shape[1] - points.shape[1]))
        return network.classified(whole, points, moved)[:, self._entailment]


def entailment_of(model: Any) -> int:
    """The index of the class that means entailment; ModelError where no class is named so."""
    names = {int(i): str(name).lower() for i, name in (getattr(model.config, "id2label", None) or {}).items()}
    found = next((i for i, name in names.items() if name.startswith("entail")), None)
    if found is None:
        raise ModelError(
            f"kind nli needs a model with a class named entailment; this one has {', '.join(names.values()) or 'none'}."
        )
    return found


def _start(model: Any) -> int:
    config = model.config
    known = (getattr(config, name, None) for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"))
    found = next((one for one in known if one is not None), None)
    if found is None:
        raise ModelError("The model's config names no decoder_start_token_id: set it as the model was trained.")
    return int(found)


def _encoded(network: Network, batch: Batch, points: Tensor | None) -> Any:
    encoder = network.model.get_encoder()  # type: ignore[operator]

    def encode(**given: Any) -> Any:
        return encoder(**{name: value for name, value in given.items() if name != "use_cache"})

    return network.output(batch, points, model=encode)


def _decoding(network: Network, batch: Batch, states: Any, given: Tensor) -> Any:
    mask = batch.real.long()
    return lambda: network.model(
        encoder_outputs=states, attention_mask=mask, decoder_input_ids=given, use_cache=False, return_dict=True
    )
