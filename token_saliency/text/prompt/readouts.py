"""The kinds of prompted models: what reads class logits off each, and how it is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from token_saliency.errors import ModelError, OptionError
from token_saliency.shared.heads import Head
from token_saliency.text.encoding import RowMaker, Text
from token_saliency.text.model.loading import Loaded, load
from token_saliency.text.model.network import Network
from token_saliency.text.prompt.causal import CausalReadout
from token_saliency.text.prompt.encoder import PromptEncoder, prompt_encoder
from token_saliency.text.prompt.other_kinds import EntailmentReadout, Seq2SeqReadout, entailment_of
from token_saliency.text.prompt.prompt import Prompt
from token_saliency.text.prompt.rendering import Template
from token_saliency.text.prompt.words import LabelWords, label_words

PromptReadout = CausalReadout | Seq2SeqReadout | EntailmentReadout

READOUTS: dict[str, Callable[[Any, PromptEncoder, LabelWords], PromptReadout]] = {
    "causal": lambda _model, encoder, words: CausalReadout(encoder, words),
    "seq2seq": lambda _model, encoder, words: Seq2SeqReadout(encoder, words),
    "nli": lambda model, encoder, words: EntailmentReadout(encoder, words, entailment_of(model)),
}
LOADERS = {
    "causal": "AutoModelForCausalLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "nli": "AutoModelForSequenceClassification",
}
"""The class of transformers that loads each kind."""


def load_for(prompt: Prompt, place: str | Path, **how: Any) -> Loaded:
    """The model of a folder or hub id; a ModelError says which kind it is, where it is another than the prompt's."""
    try:
        return load(place, loader=LOADERS[prompt.kind], **how)
    except ModelError as error:
        kind = _saved_kind(Path(place))
        if kind in (None, prompt.kind):
            raise
        raise ModelError(f"{place} holds no model of kind {prompt.kind}: say kind = {kind!r} in the prompt.") from error


def _saved_kind(folder: Path) -> str | None:
    """What the config in a folder says; None where there is none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if "ForSequenceClassification" in str(config.get("architectures")):
            return "nli"
        return "seq2seq" if config.get("is_encoder_decoder") else "causal"
    except (OSError, ValueError, AttributeError):
        return None


@dataclass(frozen=True, slots=True)
class Prompted:
    """A prompt made ready for a tokenizer: rows to ids, label words, class logits, the classes."""

    encoder: PromptEncoder
    words: LabelWords
    readout: PromptReadout
    head: Head

    written: Template

    @property
    def shown(self) -> str:
        """The prompt as people read it."""
        asked = self.encoder.prompt.hypothesis if self.encoder.prompt.kind == "nli" else ""
        return f"{self.encoder.template.shown}{chr(10) * bool(asked)}{asked}"

    def probes(self, texts: Sequence[str]) -> list[Text]:
        """Rows of the kind that the prompt has places for, or the prompt around them."""
        rows: list[Text] = [(text, text) if len(self.written.order) == 2 else text for text in texts]
        return [self.written(row).string for row in rows] if self.encoder.whole else rows

    def made_ready(self, network: Network, encoder: RowMaker) -> list[str]:
        """Looks at the model once; notes on what it can do and on its label words.

        OptionError where the prompt wants a calibration that nobody gave.
        """
        scores, prompt = self.readout.scores, self.encoder.prompt
        if prompt.calibrate == "batch" and scores.offset is None:
            raise OptionError(
                "calibrate = 'batch' takes the mean of each class over some rows: give calibrate_on=[...] texts."
            )
        with network.session():
            rows = encoder.rows(self.probes(("A good day.", "")))
            notes = self.readout.checked(network, network.batch(rows[:1]))
            if prompt.score == "pmi":
                scores.prior = scores.of_words(self.readout.known(network, network.batch(rows[1:]), None))[0]
        return [*self.words.notes, *notes]


def prompted(
    prompt: Prompt, model: Any, tokenizer: Any, offset: Sequence[float] | None = None, *, whole: bool = False
) -> Prompted:
    """ModelError where the model is of another kind than the prompt says; `whole`: see PromptEncoder."""
    double = bool(getattr(getattr(model, "config", None), "is_encoder_decoder", False))
    if prompt.kind != "nli" and double != (prompt.kind == "seq2seq"):
        right = "seq2seq" if double else "causal"
        raise ModelError(f"{type(model).__name__} is no model of kind {prompt.kind}; say kind = {right!r}.")
    encoder = prompt_encoder(prompt, tokenizer)
    words = label_words(encoder)
    encoder = replace(encoder, room=words.room(prompt.kind))
    head = Head("single_label_classification", tuple(prompt.labels))
    readout = READOUTS[prompt.kind](model, encoder, words)
    readout.scores.offset = None if offset is None else torch.tensor(offset)
    written = encoder.template
    if whole:
        encoder = replace(encoder, whole=True, head=(), template=Template(["", ""], [0], [(False, False)]))
    return Prompted(encoder, words, readout, head, written)
