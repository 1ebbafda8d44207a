"""Where a padded copy holds data, whatever its size: the analyzer is asked about ranges."""

from __future__ import annotations

import pytest

from heron_ms.normalization.nests import block_of, read_program
from heron_ms.normalization.padding import Padding, read_padding
from heron_ms.workloads import LARGEST, Conv1d


def _padding(size: int, pad: int) -> Padding:
    program = read_program(Conv1d(1, size, 4, 4, 3, 1, pad, 1).prim_func())
    assert program is not None
    padding = read_padding(block_of(program.statements[0]))
    assert padding is not None
    return padding


@pytest.mark.parametrize(("size", "pad"), [(1, 1), (5, 2), (7, 100), (LARGEST, LARGEST)])
def test_data_lies_between_the_zeros(size: int, pad: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[range] = []
    are_zero = Padding._are_zero

    def count(self: Padding, dim: int, places: range) -> bool:
        asked.append(places)
        return are_zero(self, dim, places)

    monkeypatch.setattr(Padding, "_are_zero", count)
    assert _padding(size, pad).data(1) == range(pad, pad + size)
    assert len(asked) < 50
