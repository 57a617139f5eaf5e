"""One forward pass of the model: real ids and masks in, logits out, with its own vectors or with others.

Nothing of the caller's model is changed. A model without a pad token (GPT-2 as published) refuses batches;
it is then called through a shallow view that shares every weight and has a config of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

from token_saliency.core.gradients import sent
from token_saliency.errors import ModelError, first_line
from token_saliency.shared.state import all_of, device_by_default, evaluating, lock_of, quiet, untouched_randomness
from token_saliency.text.encoding import Row
from token_saliency.text.model.arguments import accepted, carried_with, understood
from token_saliency.text.model.embeddings import Embedding, EmbeddingTrace, trace
from token_saliency.text.model.limits import Switches, attention_kernel, no_gradient, positions, text_config
from token_saliency.text.model.meter import Meter
from token_saliency.text.model.placed import eager, place_of
from token_saliency.text.model.stand_ins import ids_of

Route = Literal["hook", "inputs_embeds"]

REFUSALS = (ValueError, RuntimeError, TypeError, IndexError, AssertionError)
"""What models raise where they miss an input."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded on the right: ids, types and real [N, T] (real: no padding), lengths and headed (see Row) [N].

    `extra` are other arguments of the model, [N, T, ...] by name.
    """

    ids: Tensor
    types: Tensor
    real: Tensor
    lengths: Tensor
    headed: Tensor
    extra: Mapping[str, Tensor] = field(default_factory=dict, kw_only=True)

    def pick(self, rows: Tensor, width: int) -> Batch:
        """Some rows, cut to a width."""
        ids, types, real = (each[rows, :width] for each in (self.ids, self.types, self.real))
        extra = {name: each[rows, :width] for name, each in self.extra.items()}
        return Batch(ids, types, real, self.lengths[rows], self.headed[rows], extra=extra)

    def __len__(self) -> int:
        return len(self.ids)


class Readout(Protocol):
    """How a model that has no classification head answers: its class logits, out of whatever it computes."""

    def __call__(self, network: Network, batch: Batch, points: Tensor | None) -> Tensor:
        """Class logits [N, C]."""

    def look(self, network: Network, batch: Batch) -> object:
        """One plain call of the model with the ids of a batch, to be watched."""

    def session(self) -> AbstractContextManager[None]:
        """Inside the block the weights stay as they are."""

    def checked(self, network: Network, batch: Batch) -> list[str]:
        """Finds out what the model can do, and says what a reader must know."""


class Network:
    """The model with what is known about calling it.

    embedding      what `look` saw; None before, and where the model has none
    positions      how long a row may be, as the config says
    padless        the config names no pad token
    one_at_a_time  the model takes no batches at all, or its rows change each other
    require_outputs  refuses a number of logits that is not the number of classes
    no_gradient    why its gradient would say nothing about its output, where that is so
    by_ids         the output follows the ids beside the vectors: what is put in a token's place is put there as an id
    mask_by_id     the mask token is more to the model than its vector
    others         other modules that gave a vector for each id, if the embedding turns out not to be all of it
    readout        what makes class logits of it, where it has no classification head
    """

    def __init__(
        self, model: nn.Module, tokenizer: Any, route: Route, meter: Meter, readout: Readout | None = None
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.readout = readout
        self.route = route
        self.meter = meter
        self.embedding: Embedding | None = None
        self.others: list[Embedding] = []
        self.one_at_a_time = self.by_ids = self.mask_by_id = False
        config = text_config(model.config)
        self.positions = positions(config)
        own = getattr(config, "pad_token_id", None)
        self.padless = own is None or own < 0
        self._pad = next((pad for pad in (own, tokenizer.pad_token_id) if pad is not None and pad >= 0), 0)
        self.mask: int | None = getattr(tokenizer, "mask_token_id", None)
        self._stand_ins: list[int] = [token for token in (self.mask, own, tokenizer.pad_token_id) if token is not None]
        self._pad_type = getattr(tokenizer, "pad_token_type_id", 0) or 0
        self._accepted = accepted(model, tokenizer)
        self.switches = Switches(model)
        self.require_outputs: Callable[[int], None] | None = None
        self.no_gradient = no_gradient(model)

    @property
    def device(self) -> torch.device:
        """Where the ids go."""
        return place_of(self.model)

    @contextmanager
    def session(self) -> Iterator[None]:
        """Evaluation mode, no gradients unless asked, nothing printed; everything as before afterwards."""
        reading = self.readout.session() if self.readout else nullcontext()
        state = device_by_default(), evaluating(self.model), untouched_randomness(self.device), quiet()
        with all_of(*state, eager(self.model), torch.no_grad(), reading):
            yield

    def look(self, row: Row) -> EmbeddingTrace:
        """Watches one forward pass, and remembers the embedding; ModelError where the text alone does not do."""
        batch = self.batch([row])
        try:
            with self.session():
                seen = self._seen(batch)
        except REFUSALS as error:
            said = f"{type(self.model).__name__} cannot be called with a text alone: {first_line(error)}"
            raise ModelError(said) from error
        self.embedding, self.others = seen.embedding, seen.others
        self._pad = self._pad if not self.embedding or self._pad < self.embedding.size else 0  # it is masked anyway
        return seen

    def _seen(self, batch: Batch) -> EmbeddingTrace:
        look = partial(self.readout.look, self) if self.readout else self.forward
        try:
            return trace(self.model, lambda: look(batch), batch.ids)
        except TypeError:
            fewer = understood(self.model, self._accepted)
            if fewer == self._accepted:
                raise
            self._accepted = fewer
            return trace(self.model, lambda: look(batch), batch.ids)

    def batch(self, rows: Sequence[Row]) -> Batch:
        """The rows as tensors on the model's device; ModelError for an id of a tokenizer that is not the model's."""
        lengths = torch.tensor([len(row.ids) for row in rows], device="cpu")
        shape = len(rows), int(lengths.max())
        ids, types = (torch.full(shape, one, device="cpu") for one in (self._pad, self._pad_type))
        for i, row in enumerate(rows):
            ids[i, : len(row.ids)] = torch.from_numpy(row.ids)
            types[i, : len(row.ids)] = torch.from_numpy(row.types)
        if self.embedding is not None and bool((ids >= self.embedding.size).any()):
            raise ModelError(
                f"The tokenizer gives the id {int(ids.max())}, and {type(self.model).__name__} has vectors for "
                f"{self.embedding.size} ids: use the tokenizer that the model was trained with."
            )
        real = torch.arange(shape[1], device="cpu") < lengths[:, None]
        headed = torch.tensor([row.headed for row in rows], device="cpu")
        extra = {name: sent(one, self.device) for name, one in carried_with(self.model, rows, shape[1]).items()}
        return Batch(*(sent(tensor, self.device) for tensor in (ids, types, real, lengths, headed)), extra=extra)

    def vectors(self, ids: Tensor) -> Tensor:
        """The model's own vectors [..., D]."""
        return self.required_embedding().vectors(ids)

    def logits(self, batch: Batch, points: Tensor | None = None) -> Tensor:
        """[N, C], never in less than float32: with points [N, T, D] in place of the model's own vectors, if given.

        Padding keeps its own vectors, as in production. ModelError where a gradient is asked of a model whose
        backward pass is no derivative.
        """
        if self.no_gradient and points is not None and points.requires_grad and torch.is_grad_enabled():
            raise ModelError(
                f"{type(self.model).__name__} has no gradient to explain it by: {self.no_gradient}; use 'occlusion'."
            )
        logits = self.answered(batch, points)
        with lock_of(self.model):
            self.meter.forward += len(batch)
            self.meter.backward += len(batch) if logits.requires_grad else 0
            self.meter.read(batch.lengths)
        return logits.to(torch.promote_types(logits.dtype, torch.float32))

    def forward(self, batch: Batch, points: Tensor | None = None) -> Tensor:
        """One call of the model, uncounted, in its own precision; ValueError or RuntimeError as the model has it.

        In evaluation mode, whoever has changed that since the session began; one call at a time.
        """
        computed = self.embedding.dtype if self.embedding else torch.float32
        kernel = attention_kernel(points, computed, self.device)
        ours = lock_of(self.model), evaluating(self.model), self.switches.held(batch.ids.shape[1])
        with all_of(*ours, kernel, device_by_default(self.device)):
            logits = self._forward(batch, points)
        if self.require_outputs:
            self.require_outputs(logits.shape[1])
        return logits

    def _forward(self, batch: Batch, points: Tensor | None) -> Tensor:
        if self.readout is not None:
            return self.readout(self, batch, points)
        return self.classified(batch, points)

    def classified(self, batch: Batch, points: Tensor | None = None, moved: Tensor | None = None) -> Tensor:
        """What the model's own classification head says."""
        model, ids = self._callable(batch)
        return _logits(self.output(batch, points, moved, model=model, ids=ids))

    def output(
        self, batch: Batch, points: Tensor | None = None, moved: Tensor | None = None, *,
        model: Any = None, ids: Tensor | None = None, **more: Any,
    ) -> Any:  # fmt: skip
        """What one call of the model returns; `more` are arguments besides the usual ones.

        Points [N, T, D] stand where `moved` [N, T] says, by default wherever there is no padding.
        """
        moved = batch.real if moved is None else moved
        given = {name: value for name, value in self._arguments(batch).items() if name in self._accepted}
        given |= {**batch.extra, **more}
        model, ids = self.model if model is None else model, batch.ids if ids is None else ids
        if points is None:
            return model(input_ids=ids, **given)
        embedding = self.required_embedding()
        put = self._as_ids(ids, moved, points)
        if put is not None:
            return model(input_ids=put, **given)
        if self.route == "inputs_embeds":
            points = torch.where(moved[..., None], points, embedding.vectors(ids))
            return model(inputs_embeds=points.to(embedding.dtype), **given)
        with embedding.replaced(points, moved):
            return model(input_ids=ids, **given)

    def _as_ids(self, ids: Tensor, real: Tensor, points: Tensor) -> Tensor | None:
        """The ids of which points [N, T, D] are the vectors, where the model must be asked so; None where it need not.

        ModelError where they are of no text.
        """
        if not self.by_ids and (torch.is_grad_enabled() or not self.mask_by_id):
            return None
        found = ids_of(points, ids, real, self._stand_ins if self.by_ids else self._stand_ins[:1], self.vectors)
        if self.by_ids and found is None:
            raise ModelError(
                f"{type(self.model).__name__} reads the ids beside their vectors, so only a token can take the place "
                "of a token: use the method 'occlusion' and the baseline 'mask' or 'pad', where the tokenizer has one."
            )
        return found

    def required_embedding(self) -> Embedding:
        """ModelError where the model has none, or could not be called at all."""
        if self.embedding is None:
            raise ModelError(
                f"{type(self.model).__name__} has no embedding table that receives the token ids (CANINE hashes "
                "characters, for one), so its tokens have no gradient; only its predictions can be used."
            )
        return self.embedding

    def answered(self, batch: Batch, points: Tensor | None) -> Tensor:
        """Uncounted. A model may refuse a batch that it takes row by row (BART, for unequal numbers of </s>)."""
        if len(batch) > 1 and not self.one_at_a_time:
            try:
                return self.forward(batch, points)
            except ValueError:
                pass  # a real fault is raised again by the first row
        rows = [torch.tensor([i], device=batch.ids.device) for i in range(len(batch))]
        alone = [
            self.forward(batch.pick(row, width), None if points is None else points[row, :width])
            for row, width in zip(rows, batch.lengths.tolist(), strict=True)
        ]
        return torch.cat(alone)

    def _arguments(self, batch: Batch) -> dict[str, Tensor | bool]:
        masks: dict[str, Tensor | bool] = {"token_type_ids": batch.types, "attention_mask": batch.real.long()}
        return masks | {"use_cache": False, "return_dict": True}

    def _callable(self, batch: Batch) -> tuple[Any, Tensor]:
        """The model and the ids; without a pad token a view of it, whose pad ends no row and is masked."""
        if not self.padless or len(batch) == 1:
            return self.model, batch.ids
        last = set(batch.ids.gather(1, batch.lengths[:, None] - 1)[:, 0].tolist())
        pad = next(one for one in range(len(last) + 1) if one not in last)
        view: Any = copy.copy(self.model)
        view.config = copy.deepcopy(self.model.config)
        text_config(view.config).pad_token_id = pad
        return view, batch.ids.masked_fill(~batch.real, pad)


def _logits(output: Any) -> Tensor:
    """Of an output as transformers has it, a mapping, a tuple that begins with them, or the logits alone."""
    named = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    logits = output[0] if named is None and isinstance(output, tuple | list) and output else named
    logits = output if isinstance(output, Tensor) else logits
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        raise ModelError("The model returns no logits [rows, classes]; use a sequence classification model.")
    return logits
