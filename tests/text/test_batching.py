from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from token_saliency.core.gradients import out_of_memory
from token_saliency.text import batching
from token_saliency.text.batching import default_budget, kept_bytes, packed, run_packed

lengths = st.lists(st.integers(0, 50), max_size=60)


@given(lengths, st.integers(1, 200), st.booleans())
def test_every_row_is_in_one_batch_within_the_budget(rows: list[int], budget: int, equal: bool) -> None:
    batches = packed(rows, budget, equal=equal)
    assert sorted(i for batch in batches for i in batch) == list(range(len(rows)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(rows[i] for i in batch) <= budget
        assert not equal or len({rows[i] for i in batch}) == 1


def test_rows_of_similar_length_share_a_batch_and_the_longest_come_first() -> None:
    assert packed([2, 9, 2, 9, 3], 18) == [[1, 3], [4, 0, 2]]


def test_out_of_memory_halves_the_budget_and_goes_on() -> None:
    sizes: list[int] = []
    done: list[int] = []

    def run(batch: list[int]) -> None:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("out of memory")
        done.extend(batch)

    run_packed([5] * 9, 40, run)
    assert sizes == [8, 4, 2, 2, 2, 2, 1]
    assert sorted(done) == list(range(9))


def test_one_row_that_does_not_fit_is_an_error() -> None:
    def run(_: list[int]) -> None:
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        run_packed([5, 5], 10, run)


def test_other_faults_are_not_taken_for_a_small_memory() -> None:
    calls: list[int] = []

    def run(batch: list[int]) -> None:
        calls.append(len(batch))
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        run_packed([5, 5], 10, run)
    assert calls == [2]


@pytest.mark.parametrize(
    "said",
    ["CUDA out of memory. Tried", "DefaultCPUAllocator: can't allocate memory: you tried", "MPS backend out of memory"],
)
def test_every_backend_is_understood(said: str) -> None:
    assert out_of_memory(RuntimeError(said))


@pytest.mark.parametrize(("threads", "tokens"), [(1, 512), (2, 1024), (64, 4096)])
def test_a_processor_is_given_what_its_threads_can_take(
    threads: int, tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert default_budget(torch.device("cpu")) == tokens


def test_the_free_memory_of_a_gpu_and_the_size_of_the_model_make_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    config = SimpleNamespace(hidden_size=1024, num_hidden_layers=24)
    gpu = torch.device("cuda")
    free = 64 * 2**30
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 2 * free))
    single, half = (default_budget(gpu, kept_bytes(config, dtype)) for dtype in (torch.float32, torch.bfloat16))
    assert half == pytest.approx(2 * single, abs=1)
    assert batching.CUDA_LEAST < single < batching.CUDA_MOST
    free = 2**20
    assert default_budget(gpu, kept_bytes(config, torch.float32)) == batching.CUDA_LEAST
    assert default_budget(gpu, kept_bytes(SimpleNamespace(), torch.float32)) == batching.ELSEWHERE
