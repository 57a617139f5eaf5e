"""What the error of completeness is measured against."""

from __future__ import annotations

import pytest
import torch

from token_saliency.core.explicand import completeness_error


def test_what_is_missing_is_shared_by_the_absolute_scores() -> None:
    assert completeness_error(torch.tensor([3.0, -2.0]), 2.0, 0.5) == pytest.approx(0.5 / 5)
