"""Work behind the device: in its turn, all of it, and no error lost."""

from __future__ import annotations

import threading

import pytest
import torch

from token_saliency.text.batching import behind

DEVICES = [torch.device("cpu"), torch.device("cuda")]  # only the name is looked at


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_all_of_it_is_done_in_its_turn_when_the_block_ends(device: torch.device) -> None:
    done: list[int] = []
    with behind(device) as later:
        for i in range(20):
            later(lambda i=i: done.append(i))  # type: ignore[misc]
    assert done == list(range(20))


def test_only_beside_a_device_it_has_a_thread_of_its_own() -> None:
    for device in DEVICES:
        seen: list[int] = []
        with behind(device) as later:
            later(lambda seen=seen: seen.append(threading.get_ident()))  # type: ignore[misc]
        assert (seen == [threading.get_ident()]) == (device.type == "cpu")


@pytest.mark.parametrize("device", DEVICES, ids=str)
@pytest.mark.parametrize("more", [0, 9])
def test_an_error_is_raised_and_not_forgotten(device: torch.device, more: int) -> None:
    def broken() -> None:
        raise ValueError("torn")

    def asked() -> None:
        with behind(device) as later:
            later(broken)
            for _ in range(more):
                later(lambda: None)

    with pytest.raises(ValueError, match="torn"):
        asked()
