"""Class logits of encoder-decoder models, log P(label word | prompt), and of entailment classifiers over hypotheses."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from token_saliency.errors import ModelError
from token_saliency.text.encoding import Row
from token_saliency.text.model.network import Batch, Network
from token_saliency.text.prompt.causal import followed, moved_places, unlike
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
        self._ids_beside = False

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
            run, places = self._run(network, batch, states, context)
            shares = self._reader.log_probabilities(run, places, torch.tensor(ids, device=batch.ids.device))
            for place, tokens in enumerate(wanted):
                for token in tokens:
                    found[context[:place], token] = shares[:, place, ids.index(token)]
        return found

    def likeliest(self, network: Network, batch: Batch) -> Tensor:
        """[N]: the likeliest first token of the answer."""
        return self._reader.likeliest(*self._run(network, batch, _encoded(network, batch, None), ()))[:, 0]

    def before(self, row: Row) -> Tokens:  # noqa: ARG002 - asked as of a CausalReadout
        """Nothing: an encoder reads each row whole."""
        return ()

    def look(self, network: Network, batch: Batch) -> object:
        """Both halves, the decoder at its start."""
        return network.output(batch, decoder_input_ids=_given(network, batch, ()))

    def session(self) -> AbstractContextManager[None]:
        """Nothing is remembered."""
        return nullcontext()

    def checked(self, network: Network, batch: Batch) -> list[str]:
        """Reads the label's rows of the head alone, where that changes nothing."""
        states = _encoded(network, batch, None)
        self._require_causal(network, batch, states)
        self._reader = next_token(network.model, *self._run(network, batch, states, ()))
        notes = [] if self._reader.head else ["The model's logits are read whole: its own head alone gives others."]
        if not _named(network.model, "decoder_start_token_id", "bos_token_id"):
            notes.append("The config names no decoder_start_token_id: the answer begins behind the pad token, as T5's.")
        return notes

    def _require_causal(self, network: Network, batch: Batch, states: Any) -> None:
        """ModelError where a decoder reads what follows, so that a word of several tokens has no one probability.

        FSMT masks what follows only where it is given the ids of the encoder besides; ProphetNet's relative positions
        follow the length, and its own cache answers otherwise.
        """
        token = self.words.words[0].tokens[0]
        for self._ids_beside in (False, True):
            runs = (self._run(network, batch, states, tokens)[0] for tokens in ((), (token, token)))
            alone, longer = (run().logits for run in runs)
            if not unlike(alone, longer[:, : alone.shape[1]]):
                return
        self._ids_beside = False
        if several := next((word.text for word in self.words.words if len(word.tokens) > 1), None):
            raise ModelError(
                f"The decoder of {type(network.model).__name__} reads what stands behind a token, too, so the label "
                f"word {several!r} of several tokens has no one probability; choose label words of one token."
            )

    def _run(self, network: Network, batch: Batch, states: Any, tokens: Tokens) -> tuple[Any, Tensor]:
        """A call of the model, and the places [N, tokens + 1]: the end of the start and each token behind it."""
        given, ids = _given(network, batch, tokens), {"input_ids": batch.ids} if self._ids_beside else {}
        places = torch.arange(given.shape[1] - 1 - len(tokens), given.shape[1], device=given.device)
        more = {"attention_mask": batch.real.long(), "use_cache": False, "return_dict": True, **ids}
        run = lambda: network.model(encoder_outputs=states, decoder_input_ids=given, **more)  # noqa: E731
        return run, places.expand(len(batch), -1)


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


def _start(model: Any) -> list[int]:
    """What stands before an answer, as `generate` has it: the start, and the token that it forces behind it."""
    found = _named(model, "decoder_start_token_id", "bos_token_id", "pad_token_id")
    if not found:
        raise ModelError("The model's config names no decoder_start_token_id: set it as the model was trained.")
    return [*found[:1], *_named(model, "forced_bos_token_id")[:1]]


def _named(model: Any, *names: str) -> list[int]:
    """What the settings of `generate` say, then what the config says."""
    settings = getattr(model, "generation_config", None), model.config
    known = (getattr(one, name, None) for name in names for one in settings)
    return [int(one) for one in known if one is not None]


def _given(network: Network, batch: Batch, tokens: Tokens) -> Tensor:
    """[N, T]: what the decoder reads."""
    return torch.tensor([*_start(network.model), *tokens], device=batch.ids.device).expand(len(batch), -1)


def _encoded(network: Network, batch: Batch, points: Tensor | None) -> Any:
    encoder = network.model.get_encoder()  # type: ignore[operator]

    def encode(**given: Any) -> Any:
        return encoder(**{name: value for name, value in given.items() if name != "use_cache"})

    return network.output(batch, points, model=encode)
