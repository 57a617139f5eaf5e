"""What a model was made to do."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(slots=True)
class Meter:
    """What was spent so far: sequences through the model, sequences through its gradient, tokens (padding excluded).

    Tokens are `waiting` on the device until somebody asks: a number asked of a GPU waits for all its work.
    """

    forward: int = 0
    backward: int = 0
    counted: int = 0
    waiting: Tensor | None = None

    def read(self, lengths: Tensor) -> None:
        """Counts the tokens of rows [N] that went through the model."""
        tokens = lengths.sum()
        self.waiting = tokens if self.waiting is None else self.waiting + tokens

    def add(self, forward: int, backward: int, tokens: int) -> None:
        """Counts what another process has spent."""
        self.forward += forward
        self.backward += backward
        self.counted += tokens

    @property
    def tokens(self) -> int:
        """All that were read."""
        if self.waiting is not None:
            self.counted, self.waiting = self.counted + int(self.waiting), None
        return self.counted
