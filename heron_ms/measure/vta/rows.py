"""Along which dimension of a tile the rows of its elements lie, where elements have several.

The matrix unit is told how far apart the rows of a tile are. What is computed of an accumulator and
another tile has its rows where the accumulator has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tvm_ffi import structural_equal

from heron_ms._tvm import BufferStore, TensorLoad, collect, constant, tirx
from heron_ms.intrinsics.vta import GEMM
from heron_ms.measure.vta.dram import shape_of


def rows_of(statements: Sequence[Any]) -> Mapping[Any, int]:
    """The dimension of rows of each tile that the matrix unit uses with several, or the ALU."""
    rows: dict[Any, int] = {}
    for evaluated in (each for one in statements for each in collect(one, tirx.Evaluate)):
        rows |= dict(_of_unit(evaluated.value))
    for store in (each for one in statements for each in collect(one, BufferStore)):
        rows |= dict(_beside(store, dict(rows)))
    return rows


def _of_unit(call: Any) -> Iterator[tuple[Any, int]]:
    """A and C of a product, which come as C, A and B."""
    if str(call.args[0].value) == GEMM:
        for data, apart in zip(call.args[1:7:3], call.args[3:7:3], strict=True):
            if constant(apart):
                yield data.args[0], _dimension(data.args[0], constant(apart) or 0)


def _dimension(buffer: Any, apart: int) -> int:
    """The dimension with more than one row that lie so far apart."""
    shape, stride = shape_of(buffer), 1
    for at in reversed(range(len(shape))):
        if stride == apart and shape[at] > 1:
            return at
        stride *= shape[at]
    raise AssertionError(f"{buffer.name} has no rows that lie {apart} apart")


def _beside(store: Any, rows: Mapping[Any, int]) -> Iterator[tuple[Any, int]]:
    loads = list(collect(store.value, TensorLoad))
    held = next((load for load in loads if load.source in rows), None)
    for load in loads:
        if held is not None and load.source not in rows:
            row = held.indices[rows[held.source]]
            same = (at for at, i in enumerate(load.indices) if structural_equal(i, row))
            yield from ((load.source, at) for at in same)
