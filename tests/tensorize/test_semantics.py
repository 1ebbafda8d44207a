"""Whatever the candidates offer computes what the program computes, for every intrinsic."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heron_ms._tvm import IRModule
from heron_ms.intrinsics import SDOT, SMMLA, USMMLA, VNNI_S8, VNNI_U8, Intrinsic, Tile
from heron_ms.tensorize import Mapping, NoMatch, Reason
from heron_ms.workloads import OPERATORS, Workload
from tests.tensorize.einsums import SIZE, VNNI, einsum, offered, program, times
from tests.tensorize.semantics import intrinsic, output, realized
from tests.tensorize.small_workloads import workloads

# TensorCore's, on buffers in ordinary memory, and small ones that hardly waste anything.
WMMA = intrinsic("wmma", Tile("float16", "float16", "float32", 16, 16, 16))
TINY = {
    "u8s8": intrinsic("tiny.u8", Tile("uint8", "int8", "int32", 4, 2, 2)),
    "s8s8": intrinsic("tiny.s8", Tile("int8", "int8", "int32", 3, 2)),
    "f16": intrinsic("tiny.f16", Tile("float16", "float16", "float32", 2, 3, 4)),
}
INTRINSICS: dict[str, tuple[Intrinsic, ...]] = {
    "u8s8": (VNNI_U8, USMMLA, TINY["u8s8"]),
    "s8s8": (VNNI_S8, SDOT, SMMLA, TINY["s8s8"]),
    "f16": (WMMA, TINY["f16"]),
}
FAST = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much],
)


def _check(workload: Workload, mapping: Mapping) -> None:
    a, b = workload.random_inputs(np.random.default_rng(0))
    expected = workload.reference(a, b)
    mod = realized(program(workload), mapping)
    result = output(mod, (a, workload.arrange(b)), np.empty(expected.shape, workload.dtypes.c))
    off = np.abs(result.astype(np.float64) - expected)
    assert np.all(off <= workload.tolerance(a, b)), f"{workload.name}: {mapping}"


@pytest.mark.parametrize("dtype", INTRINSICS)
@FAST
@given(data=st.data())
def test_a_random_mapping_of_a_random_workload(dtype: str, data: st.DataObject) -> None:
    workload = data.draw(workloads([dtype]))
    intrinsics = data.draw(st.permutations(INTRINSICS[dtype]))
    mappings = offered(program(workload), intrinsics)
    if isinstance(mappings, NoMatch):
        # A vector has no rows for an intrinsic that multiplies matrices.
        assert mappings.reason in (Reason.WASTE, Reason.ACCESS)
        return
    _check(workload, data.draw(st.sampled_from(mappings), label="mapping"))


@pytest.mark.slow
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("dtype", INTRINSICS)
@settings(max_examples=6, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_mapping_of_every_operator(operator: str, dtype: str, data: st.DataObject) -> None:
    workload = data.draw(workloads([dtype], [operator]))
    for instruction in INTRINSICS[dtype]:
        mappings = offered(program(workload), [instruction])
        for mapping in [] if isinstance(mappings, NoMatch) else mappings[:12]:
            _check(workload, mapping)


SHAPE = (SIZE, SIZE)
ODD: dict[str, IRModule] = {
    "exchanged": einsum(lambda a, b, k, i, j: times(b[k, j], a[i, k])),
    "exchanged, unsigned": einsum(
        lambda a, b, k, i, j: times(b[k, j], a[i, k]), dtypes=("uint8", "int8")
    ),
    "transposed": einsum(lambda a, b, k, j, i: times(a[k, i], b[j, k])),
    "reversed": einsum(lambda a, b, k, i, j: times(a[SIZE - 1 - i, k], b[SIZE - 1 - k, j])),
    "skewed": einsum(
        lambda a, b, k, i, j: times(a[i * 2 + k, k], b[k, j]), a_shape=(3 * SIZE, SIZE)
    ),
    "quadratic": einsum(
        lambda a, b, k, i, j: times(a[i * i, k], b[k, j]), a_shape=(SIZE * SIZE, SIZE)
    ),
    "flattened": einsum(
        lambda a, b, k, i, j: times(a[i * SIZE + k], b[k, j]), a_shape=(SIZE * SIZE,)
    ),
    "in parts": einsum(
        lambda a, b, k, i, j: times(a[i, k // 3, k % 3], b[k, j]), a_shape=(SIZE, 6, 3)
    ),
    "in parts that do not nest": einsum(
        lambda a, b, k, i, j: times(a[i, k // 3, k % 3], b[k // 2, k % 2, j]),
        a_shape=(SIZE, 6, 3),
        b_shape=(9, 2, SIZE),
    ),
    "in parts that do not divide": einsum(
        lambda a, b, k, i, j: times(a[i, k // 4, k % 4], b[k, j]), a_shape=(SIZE, 5, 4)
    ),
    "in shifted parts": einsum(
        lambda a, b, k, i, j: times(a[i, k // 3, (k + 1) % 3], b[k, j]), a_shape=(SIZE, 6, 3)
    ),
    "of one group": einsum(lambda a, b, k, i, j: times(a[i, j // SIZE * SIZE + k], b[k, j])),
    "a column of tiles": einsum(
        lambda a, b, k, i, j: times(a[i, k], b[k // 2, j // 6, k % 2, j % 6]),
        b_shape=(9, 3, 2, 6),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_programs_that_no_workload_has(name: str, rng: np.random.Generator) -> None:
    mod = ODD[name]
    inputs = tuple(_bytes(param, rng) for param in list(mod["main"].params)[:2])
    expected = output(mod, inputs, np.empty(SHAPE, np.int32))
    mappings = offered(mod, [*VNNI, TINY["s8s8"], TINY["u8s8"]])
    assert isinstance(mappings, list)
    for mapping in mappings[:: len(mappings) // 12 + 1]:
        np.testing.assert_array_equal(output(realized(mod, mapping), inputs, expected), expected)


def _bytes(buffer: Any, rng: np.random.Generator) -> Any:
    info = np.iinfo(str(buffer.dtype))
    shape = [int(size) for size in buffer.shape]
    return rng.integers(info.min, info.max, shape, dtype=info.dtype, endpoint=True)


def test_both_factors_and_all_splits_are_tried() -> None:
    """The property above would hold of a mapper that offers one candidate only."""
    mappings = offered(ODD["in parts"], [TINY["s8s8"]])
    assert isinstance(mappings, list)
    whole = {any(len(parts) > 1 for parts in mapping.splits) for mapping in mappings}
    seen = {(mapping.swapped, mapping.is_gathered) for mapping in mappings}
    assert whole == {False, True}
    assert seen == set(product((False, True), repeat=2))
