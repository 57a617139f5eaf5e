"""Rules whose result for small numbers is written out by hand: a faulty rule gives another one."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from token_saliency.stats.crossed import mean_square
from token_saliency.stats.estimate import holm


def test_holm_multiplies_each_p_by_the_hypotheses_that_are_left() -> None:
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])  # Bonferroni: .09, .03, .06


def test_the_error_of_a_magnitude_adds_the_items_and_the_jackknifed_documents() -> None:
    per_item = np.array([1.0, 2.0, 6.0])
    left_out = np.array([[1.0, 2.0, 6.0], [2.0, 3.0, 7.0], [0.0, 1.0, 5.0], [1.0, 2.0, 6.0]])

    found = mean_square(per_item, left_out)

    items = (4 + 1 + 9) / 2 / 3  # the variance of 1, 2, 6 over the number of items
    documents = 3 / 4 * (0 + 1 + 1 + 0)  # (n - 1) / n times the squares of 3, 4, 2, 3 around 3
    assert found.effect == pytest.approx(3.0)
    assert found.se == pytest.approx(math.sqrt(items + documents))


def test_where_one_document_holds_all_there_is_there_is_no_error_and_no_warning() -> None:
    per_item, left_out = np.array([0.1, 0.2, 0.3]), np.array([[0.1, 0.2, 0.3]] * 3 + [[np.nan] * 3])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mean_square(per_item, left_out)

    assert found.effect == pytest.approx(0.2)
    assert math.isnan(found.se)
