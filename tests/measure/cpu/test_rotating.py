"""Each call gets the next copies of what is cold, and the same of what is warm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tvm

from heron_ms.measure.cpu.rotating import LOST, MOST, allocation, in_turn

MEBI = 2**20
INFO = [["TENSOR", "float32", [8]], ["TENSOR", "int8", [4 * MEBI]], ["TENSOR", "int64", [8]]]


def lists(cold: list[int]) -> list[list[Any]]:
    return allocation({2: (3, 5)}, cold)(tvm.cpu(), INFO, 1)


def test_what_is_cold_is_copied_until_the_first_copy_is_lost() -> None:
    made = lists([1])
    assert len(made) * 4 * MEBI == LOST
    first, *others = made
    for other in others:
        assert [a.same_as(b) for a, b in zip(first, other, strict=True)] == [True, False, True]
        np.testing.assert_array_equal(other[1].numpy(), first[1].numpy())
    assert set(first[2].numpy()) <= {3, 4}


@pytest.mark.parametrize(("cold", "count"), [([], 1), ([0], MOST), ([0, 1], 4)])
def test_there_are_as_many_copies_as_it_takes_and_no_more(cold: list[int], count: int) -> None:
    assert len(lists(cold)) == count


def test_every_list_has_its_turn() -> None:
    called: list[int] = []

    class Library:
        entry_name = "main"

        def __getitem__(self, name: str) -> Any:
            assert name == "main"
            return called.append

    config = SimpleNamespace(min_repeat_ms=1, repeat=5)
    seconds = in_turn()(Library(), None, config, [[0], [1], [2]])
    assert len(seconds) == 5 and all(0 < one < 1e-3 for one in seconds)
    assert called == [number % 3 for number in range(len(called))]
