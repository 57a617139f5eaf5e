from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from token_saliency.core.mesh import Mesh, by_example, integrals, medians, merged, mesh_of, middles, to_halve


def uniform(examples: int, gaps: int) -> Mesh:
    return mesh_of((torch.arange(gaps + 1, dtype=torch.float64) / gaps).expand(examples, -1))


choices = st.lists(st.lists(st.booleans(), min_size=1, max_size=40), max_size=4)


def _halved(mesh: Mesh, chosen: list[bool]) -> Mesh:
    wanted = torch.tensor(chosen) & (mesh.widths() > 0)
    return merged(mesh, middles(mesh, wanted))[0]


def _refined(rounds: list[list[bool]], examples: int = 2) -> Mesh:
    """Some mesh: a uniform one whose gaps were halved here and there."""
    mesh = uniform(examples, 4)
    for chosen in rounds:
        mesh = _halved(mesh, (chosen * len(mesh.owner))[: len(mesh.owner) - 1])
    return mesh


def _polynomial(mesh: Mesh, coefficients: list[list[float]]) -> tuple[Tensor, Tensor]:
    """Scores and two slopes whose sum is their derivative; both slopes are polynomials, the lowest power first."""
    powers = torch.arange(len(coefficients[0]))
    slopes = mesh.place[:, None] ** powers @ torch.tensor(coefficients, dtype=torch.float64).T
    scores = mesh.place[:, None] ** (powers + 1) / (powers + 1) @ torch.tensor(coefficients, dtype=torch.float64).sum(0)
    return scores + 10 * mesh.owner, slopes


@given(rounds=choices)
def test_nodes_stay_sorted_and_gaps_cover_each_path_once(rounds: list[list[bool]]) -> None:
    mesh = _refined(rounds, examples=3)
    assert (mesh.owner.diff() >= 0).all()
    assert (mesh.place.diff()[mesh.owner.diff() == 0] > 0).all()
    assert_close(by_example(mesh, mesh.widths(), 3), torch.ones(3, dtype=torch.float64))


def test_merging_tells_where_every_node_went() -> None:
    mesh = uniform(2, 2)
    more = middles(mesh, torch.tensor([False, True, False, True, False]))
    whole, order = merged(mesh, more)
    assert whole.place.tolist() == [0, 0.5, 0.75, 1, 0, 0.25, 0.5, 1]
    assert torch.cat([mesh.place, more.place])[order].tolist() == whole.place.tolist()
    assert order.tolist() == [0, 1, 6, 2, 3, 7, 4, 5]


@given(rounds=choices)
def test_straight_slopes_are_integrated_exactly_on_any_mesh(rounds: list[list[bool]]) -> None:
    mesh = _refined(rounds)
    values, errors = integrals(mesh, *_polynomial(mesh, [[2.0, -3.0], [-1.0, 5.0]]), bend=1.0)
    assert_close(by_example(mesh, values, 2), torch.tensor([[0.5, 1.5]] * 2, dtype=torch.float64))
    assert_close(errors, torch.zeros_like(errors), rtol=0, atol=1e-12)


@given(rounds=choices)
def test_bent_slopes_are_integrated_exactly_away_from_the_ends(rounds: list[list[bool]]) -> None:
    mesh = _refined(rounds)
    values, _ = integrals(mesh, *_polynomial(mesh, [[2.0, -3.0, 6.0], [0.0, 0.0, -9.0]]), bend=0.0)
    start, end = mesh.place[:-1, None], mesh.place[1:, None]
    exact = torch.cat([2 * end - 1.5 * end**2 + 2 * end**3, -3 * end**3], 1)
    exact -= torch.cat([2 * start - 1.5 * start**2 + 2 * start**3, -3 * start**3], 1)
    inside = (mesh.widths() > 0) & (mesh.place[:-1] > 0) & (mesh.place[1:] < 1)
    assert_close(values[inside], exact[inside])


@given(rounds=choices)
def test_what_the_sum_misses_is_counted_as_error(rounds: list[list[bool]]) -> None:
    mesh = _refined(rounds)
    scores, slopes = torch.tanh(9 * mesh.place - 4), torch.rand(len(mesh.place), 3, dtype=torch.float64)
    values, errors = integrals(mesh, scores, slopes, bend=0.5)
    missing = torch.where(mesh.widths() > 0, scores.diff(), 0) - values.sum(1)
    assert (errors >= missing.abs()).all()
    assert (errors[mesh.widths() == 0] == 0).all()


def test_bends_that_cancel_in_the_sum_still_count_as_error() -> None:
    mesh = uniform(1, 4)
    slopes = torch.stack([mesh.place**3, -(mesh.place**3)], 1)
    _, errors = integrals(mesh, torch.zeros_like(mesh.place), slopes, bend=0.2)
    assert (errors > 0).all()
    assert not integrals(mesh, torch.zeros_like(mesh.place), slopes, bend=0.0)[1].any()


@given(errors=st.lists(st.floats(0, 10), min_size=8, max_size=8), allowed=st.floats(0, 20), cap=st.integers(1, 12))
def test_the_fewest_gaps_are_halved_that_bring_the_rest_within_what_is_allowed(
    errors: list[float], allowed: float, cap: int
) -> None:
    mesh, given_errors = uniform(1, 8), torch.tensor(errors, dtype=torch.float64)
    chosen = to_halve(mesh, given_errors, torch.tensor([allowed], dtype=torch.float64), cap, narrowest=0.0)
    count, rest = int(chosen.sum()), sorted(errors)
    needed = next(n for n in range(9) if sum(rest[: 8 - n]) <= allowed + 1e-9)
    assert count <= max(0, cap - 9)
    assert count == min(needed, max(0, cap - 9)) or abs(sum(rest[: 8 - count]) - allowed) < 1e-6
    if count:
        assert given_errors[chosen].min() >= given_errors[~chosen].max()


@given(values=st.lists(st.tuples(st.integers(0, 3), st.floats(-9, 9)), max_size=30))
def test_medians_are_those_of_each_example(values: list[tuple[int, float]]) -> None:
    owner = torch.tensor([own for own, _ in values], dtype=torch.long)
    found = medians(torch.tensor([value for _, value in values], dtype=torch.float64), owner, 4)
    for example in range(4):
        own = [value for one, value in values if one == example]
        expected = float(torch.tensor(own, dtype=torch.float64).median()) if own else float("nan")
        assert_close(float(found[example]), expected, equal_nan=True)


def test_one_example_has_no_say_in_the_gaps_of_another() -> None:
    errors = torch.tensor([5.0, 1, 1, 1, 0, 90, 90, 90, 90, 0, 0, 0, 0, 0], dtype=torch.float64)
    allowed = torch.tensor([3.0, 400.0, 0.0], dtype=torch.float64)
    chosen = to_halve(uniform(3, 4), errors, allowed, cap=99, narrowest=0.0)
    assert chosen.nonzero().flatten().tolist() == [0]


def test_the_narrowest_gaps_are_left_alone() -> None:
    mesh = _halved(uniform(1, 2), [True, False])
    chosen = to_halve(mesh, torch.ones(3), torch.zeros(1), cap=99, narrowest=0.25)
    assert chosen.tolist() == [False, False, True]
