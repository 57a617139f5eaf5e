"""From log-probabilities of tokens to class logits: the arithmetic of a prompt's score, and nothing of a model."""

from __future__ import annotations

import torch
from torch import Tensor

from token_saliency.text.prompt.prompt import Prompt
from token_saliency.text.prompt.words import LabelWords, Tokens

Known = dict[tuple[Tokens, int], Tensor]
"""(what stands before it, token) -> log-probability [N]; (all tokens, -1) -> the score of the whole."""


class ClassScores:
    """Scores of words (sum, or mean over their tokens, or less `prior`), joined to classes, less `offset`.

    prior   [words] log-probability of each word without a row, for the score pmi (Holtzman et al. 2021)
    offset  [C] the mean of each class over some rows, for batch calibration (Zhou et al. 2023)
    """

    def __init__(self, prompt: Prompt, words: LabelWords) -> None:
        self.words = words
        self.mean = prompt.score == "mean"
        self.prior: Tensor | None = None
        self.offset: Tensor | None = None

    def __call__(self, known: Known) -> Tensor:
        """Class logits [N, C]."""
        classes = self.joined(self.of_words(known))
        return classes if self.offset is None else classes - self.offset.to(classes)

    def of_words(self, known: Known) -> Tensor:
        """[N, words], after `prior` is taken away."""
        sums = torch.stack([self._sum(known, word.tokens) for word in self.words.words], 1)
        if self.mean:
            sums = sums / torch.tensor([len(word.tokens) for word in self.words.words]).to(sums)
        return sums if self.prior is None else sums - self.prior.to(sums)

    def mass(self, known: Known) -> Tensor:
        """[N]: the probability of all words together; what begins with a shorter word is in that one's."""
        own = {word.tokens for word in self.words.words}
        apart = [one for one in own if not any(one[:at] in own for at in range(1, len(one)))]
        return torch.stack([self._sum(known, tokens).exp() for tokens in sorted(apart)], 1).sum(1)

    def joined(self, words: Tensor) -> Tensor:
        """[N, words] -> [N, C]: a class is said by any of its words."""
        own = [[i for i, word in enumerate(self.words.words) if word.own == c] for c in range(self.words.classes)]
        return torch.stack([words[:, at].logsumexp(1) for at in own], 1)

    @staticmethod
    def _sum(known: Known, tokens: Tokens) -> Tensor:
        if (tokens, -1) in known:
            return known[tokens, -1]
        return torch.stack([known[tokens[:at], token] for at, token in enumerate(tokens)]).sum(0)
