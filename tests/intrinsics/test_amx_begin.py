"""The configuration of the tile registers, which is all that others on the thread see of ours."""

from __future__ import annotations

import re

import pytest

from heron_ms.intrinsics.amx_begin import A_REGISTER, LAST_B, MOST_COLUMNS, ROW, ROWS, begin


def configuration(rows: int, columns: int) -> tuple[list[int], list[int]]:
    """The rows of each register and the bytes of one of them, as LDTILECFG reads both."""
    _, code = begin(rows, columns)
    (text,) = re.findall(r'c"([^"]*)"', code)
    config = bytes.fromhex(text.replace("\\", ""))
    assert len(config) == 64
    assert config[0] == 1
    row_bytes = [int.from_bytes(config[at : at + 2], "little") for at in range(16, 48, 2)]
    heights = list(config[48:])
    assert not any(row_bytes[8:] + heights[8:])  # there are no such registers
    return heights[:8], row_bytes[:8]


@pytest.mark.parametrize("columns", range(1, MOST_COLUMNS + 1))
@pytest.mark.parametrize("rows", range(1, ROWS + 1))
def test_the_registers_of_a_kernel_are_configured(rows: int, columns: int) -> None:
    heights, row_bytes = configuration(rows, columns)
    of_b = range(LAST_B - columns + 1, LAST_B + 1)
    assert {heights[at] for at in of_b} == {ROWS}
    free = LAST_B - columns  # for results, below
    assert {heights[at] for at in (*range(free), A_REGISTER)} == {rows}
    assert {row_bytes[at] for at in (*range(free), *of_b, A_REGISTER)} == {ROW}
    for height, size in zip(heights, row_bytes, strict=True):
        assert (height == 0) == (size == 0)  # or LDTILECFG is a fault


@pytest.mark.parametrize("columns", range(1, MOST_COLUMNS + 1))
@pytest.mark.parametrize("rows", range(1, ROWS + 1))
def test_who_compares_rows_and_bytes_apart_sees_a_difference_in_both(
    rows: int, columns: int
) -> None:
    """As MLAS does: where only one differs from its 16 rows of 64 bytes, it computes with ours."""
    heights, row_bytes = configuration(rows, columns)
    assert (heights == [ROWS] * 8) == (row_bytes == [ROW] * 8)
