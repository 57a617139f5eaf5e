"""One group of texts of similar length -> one explicand -> scores: memory does not grow with the texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from token_saliency.core.explicand import Explicand, Scores
from token_saliency.core.gradients import sent
from token_saliency.drawing.word_spans import token_words, word_spans
from token_saliency.errors import TextError
from token_saliency.text.batching import AnswerFn, packed, shared_answers, sources
from token_saliency.text.encoding import Layout, Row, RowMaker, Text, split
from token_saliency.text.group import Group, Question
from token_saliency.text.model.network import Batch, Network
from token_saliency.text.window_reader import windowed_answers

_ROUNDS = {"cpu": 6}
"""A group holds so many batches: the last rounds of an adaptive method still fill one. Elsewhere one: there are more
groups then, and the CPU finishes one while the device is at the next."""
_FLOATS = {"cpu": 2**23, "cuda": 2**27}
"""Largest tensor of a group; a method holds half a dozen of them."""


_OTHER, _OTHER_HALF = 0.01, 0.1
"""Outputs so far apart, relative to the output or to 1, are no rounding; the latter in half precision."""


def group_tokens(budget: int, width: int, device: torch.device) -> int:
    """How many tokens a group may have, padding included."""
    return max(1, min(budget * _ROUNDS.get(device.type, 1), _FLOATS.get(device.type, 2**25) // width))


def grouped(rows: Sequence[Row], tokens: int, *, equal: bool) -> list[list[int]]:
    """Numbers of rows that are explained together; a row in windows stands alone."""
    whole = [i for i, row in enumerate(rows) if row.windows is None]
    groups = packed([len(rows[i].ids) for i in whole], tokens, equal=equal)
    in_windows = [[i] for i, row in enumerate(rows) if row.windows is not None]
    return [*in_windows, *([whole[i] for i in group] for group in groups)]


def baseline_vector(network: Network, token: int | None, name: str) -> Tensor:
    """The vector [D] of the baseline: of a token, the mean of the vocabulary, or zero."""
    embedding = network.required_embedding()
    if name == "mean":
        return embedding.mean_vector(network.device)
    vector = embedding.vectors(torch.tensor([[token or 0]], device=network.device))[0, 0]
    return vector if token is not None else torch.zeros_like(vector)


def reference_vectors(network: Network, encoder: RowMaker, texts: Sequence[Text]) -> list[Tensor]:
    """The vectors [T, D] of each text's own tokens, special ones left out."""
    found = []
    for row, layout in zip(encoder.rows(texts), encoder.layouts(texts), strict=True):
        own = torch.from_numpy(row.ids)[~torch.tensor(layout.special)]
        found.append(network.vectors(own[None].to(network.device))[0])
    return found


def scored(network: Network, question: Question, group: Group) -> Scores:
    """What the method finds for a group, one number a token [B, T], on the CPU.

    What is no number is never converged; it may have spoilt its neighbours in the model, so it is asked again alone.
    """
    found = _scored(network, question, group)
    if len(group.texts) > 1:
        for i in (~finite(found)).nonzero()[:, 0].tolist():
            _put(found, i, _scored(network, question, group.alone(i)))
    return replace(found, converged=found.converged & finite(found) & ~others_output(network, group, found))


def others_output(network: Network, group: Group, scores: Scores) -> Tensor:
    """Which examples [B] are explained by another output than the model predicts: not theirs, whatever it converged to.

    Such are rows that the self-test's texts are not like: the model changes some ids, or pools at another token.
    """
    if not group.outputs:
        return torch.zeros(len(group.texts), dtype=torch.bool, device="cpu")
    said, seen = torch.tensor(group.outputs, dtype=torch.float64, device="cpu"), scores.output.double().cpu()
    dtype = network.required_embedding().dtype
    share = _OTHER_HALF if dtype in (torch.float16, torch.bfloat16) else _OTHER
    return (said - seen).abs() > share * said.abs().clamp(min=1)  # False where one of them is not known


def require_predicted(network: Network, at: Sequence[int], group: Group, scores: Scores) -> None:
    """TextError, by its number in `at`, where the caller's route explains another output than the model predicts."""
    for i in others_output(network, group, scores).nonzero()[:, 0].tolist():
        if network.route == "inputs_embeds":
            raise TextError(
                f"The route 'inputs_embeds' explains an output of {float(scores.output[i]):.4g} for {TextError.WHICH}, "
                f"and the model predicts {group.outputs[i]:.4g}: use the route 'hook'.",
                at[i],
                f"text {at[i]} (0 is the first)",
            )


def finite(scores: Scores) -> Tensor:
    """Which examples [B] have numbers alone for scores; an output of nan was never asked."""
    return scores.values.isfinite().all(1) & ~scores.output.isinf()


def _put(scores: Scores, i: int, one: Scores) -> None:
    """The scores of the only example of `one` in place of those of example i."""
    scores.values[i] = 0
    scores.values[i, : one.values.shape[1]] = one.values[0]
    for name in ("output", "baseline_output", "evaluations", "converged"):
        if getattr(scores, name) is not None:
            getattr(scores, name)[i] = getattr(one, name)[0]


def _scored(network: Network, question: Question, group: Group) -> Scores:
    batch = network.batch(group.rows)
    free = _free(group.layouts, batch)
    explicand = _explicand(network, question, group, batch, free)
    groups = {"groups": _word_groups(group)} if question.chosen.unit == "word" else {}
    scores = question.chosen(explicand, **groups)
    values = question.chosen.reduced(scores) * free
    found = replace(scores, values=values).on_cpu()
    return replace(found, values=found.values.double())


def _explicand(network: Network, question: Question, group: Group, batch: Batch, free: Tensor) -> Explicand:
    inputs = torch.where(batch.real[..., None], network.vectors(batch.ids), 0)
    baselines = torch.where(free[..., None], question.baseline_vector.to(inputs), inputs)
    targets = sent(torch.tensor(group.targets), inputs.device)
    answers = _answers(network, question, group, batch, inputs)

    def score(points: Tensor, rows: Tensor) -> Tensor:
        return question.output_function(answers(points, rows), targets[rows])

    seeds = tuple(text_seed(text, question.seed) for text in group.texts)
    computed = network.required_embedding().dtype
    return Explicand(inputs, baselines, score, batch.lengths, question.budget, seeds, computed)


def _answers(network: Network, question: Question, group: Group, batch: Batch, inputs: Tensor) -> AnswerFn:
    if group.windows is not None:
        parts = network.batch(group.rows[0].parts)
        return windowed_answers(network, parts, group.windows, inputs, question.budget)

    def logits(points: Tensor, rows: Tensor) -> Tensor:
        return network.logits(batch.pick(rows, points.shape[1]), points)

    return shared_answers(logits, sources(group.texts), batch.lengths)


def text_seed(text: Text, seed: int) -> int:
    """The seed of a text's noise: from its content, so that neighbours and order do not matter."""
    parts = [str(seed), *(part or "" for part in split(text))]
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return int.from_bytes(digest.digest(), "big") >> 1


def _free(layouts: Sequence[Layout], batch: Batch) -> Tensor:
    """[B, T]: the tokens of the text itself; special tokens and padding are held fixed."""
    free = torch.zeros(batch.ids.shape, dtype=torch.bool)
    for i, layout in enumerate(layouts):
        free[i, : len(layout.special)] = ~torch.tensor(layout.special)
    return sent(free, batch.ids.device)


def _word_groups(group: Group) -> list[list[list[int]]]:
    """For each text the token positions of each word."""
    return [_positions(text, layout) for text, layout in zip(group.texts, group.layouts, strict=True)]


def _positions(text: Text, layout: Layout) -> list[list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    columns = list(zip(layout.spans, layout.segments, layout.special, strict=True))
    for segment, part in enumerate(part or "" for part in split(text)):
        spans = [None if special or own != segment else span for span, own, special in columns]
        for at, word in enumerate(token_words(part, spans, word_spans(part))):
            if word is not None:
                found.setdefault((segment, word), []).append(at)
    return list(found.values())
