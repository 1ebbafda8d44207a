"""Vector results on intrinsics that multiply matrices: an iterator of extent one is added."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms._tvm import Target, tvm_compile
from heron_ms.constraints import constrain
from heron_ms.hardware import host
from heron_ms.intrinsics import INTRINSICS, SMMLA, USDOT, USMMLA, VNNI_U8, WMMA_F16, Tile
from heron_ms.intrinsics.registry import register
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping, NoMatch, Reason
from heron_ms.tensorize.einsum import LANES, ROWS
from heron_ms.workloads import Depthwise2d, Gemm, Gemv
from tests.tensorize.einsums import best, einsum, offered, program, taken, times
from tests.tensorize.semantics import intrinsic, output, realized

WMMA = intrinsic("wmma", Tile("float16", "float16", "float32", 16, 16, 16))
TINY = intrinsic("tiny.matrix", Tile("uint8", "int8", "int32", 4, 2, 2))


def _gemv(n: int, k: int, dtype: str, weight: str = "kn") -> Any:
    return Gemv.of((n, k), dtype, weight=weight)


def test_gemv_maps_to_wmma_and_says_how() -> None:
    mapping = best(program(_gemv(64, 48, "f16")), [WMMA_F16])
    assert mapping.unit == ROWS
    assert taken(mapping) == [("unit",), ("j",), ("k",)]
    assert mapping.waste == 16
    assert "an iterator of extent one added for the rows" in str(mapping)


def test_the_rows_of_a_matrix_are_lanes_when_swapped() -> None:
    mapping = best(
        einsum(
            lambda a, b, k, i: times(a[i, k], b[k], "float32"),
            b_shape=(18,),
            c_shape=(18,),
            dtypes=("float16", "float16"),
        ),
        [WMMA_F16],
    )
    assert (mapping.unit, mapping.swapped) == (ROWS, True)


def test_none_is_added_where_another_intrinsic_needs_none() -> None:
    mapping = best(program(_gemv(64, 48, "u8s8")), [USMMLA, USDOT])
    assert (mapping.unit, mapping.intrinsic) == (None, USDOT)
    assert best(program(_gemv(64, 48, "u8s8")), [VNNI_U8]).unit is None


def test_lanes_are_added_where_they_waste_little() -> None:
    mod = einsum(
        lambda a, b, k, i: times(a[i, k], b[k]),
        b_shape=(18,),
        c_shape=(18,),
        dtypes=("uint8", "int8"),
    )
    assert best(mod, [USMMLA]).unit == LANES
    refused = offered(mod, [VNNI_U8])
    assert isinstance(refused, NoMatch)
    assert refused.reason is Reason.WASTE


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("used", [WMMA_F16, SMMLA], ids=lambda intrinsic: intrinsic.name)
def test_depthwise_is_declined_all_the_same(stride: int, used: Any) -> None:
    sizes = (1, 56, 56, 64, 3, 3, stride, 1, 1)
    workload = Depthwise2d(*sizes, a_dtype=used.a_dtype, b_dtype=used.b_dtype)
    refused = offered(program(workload), [used])
    assert isinstance(refused, NoMatch)
    assert refused.reason is Reason.WASTE


def test_few_rows_cost_no_more_than_one() -> None:
    rows = [Gemm(m, 64, 48, a_dtype="float16", b_dtype="float16") for m in (1, 2)]
    assert [best(program(workload), [WMMA_F16]).waste for workload in rows] == [16, 8]


def test_few_columns_are_as_few_for_any_vector() -> None:
    assert best(program(Gemm(64, 48, 3)), [VNNI_U8]).waste == pytest.approx(16 / 3)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    n=st.integers(2, 40),
    k=st.integers(2, 40),
    weight=st.sampled_from(["kn", "nk"]),
    case=st.sampled_from([("f16", WMMA), ("u8s8", TINY)]),
    data=st.data(),
)
def test_any_mapping_computes_the_product(
    n: int, k: int, weight: str, case: Any, data: st.DataObject
) -> None:
    workload = _gemv(n, k, case[0], weight)
    mappings = offered(program(workload), [case[1]])
    assert isinstance(mappings, list)
    mapping = data.draw(st.sampled_from(mappings))
    a, b = workload.random_inputs(np.random.default_rng(0))
    expected = workload.reference(a, b)
    like = np.empty(expected.shape, workload.dtypes.c)
    got = output(realized(program(workload), mapping), (a, workload.arrange(b)), like)
    assert np.all(np.abs(got - expected) <= workload.tolerance(a, b))


@pytest.fixture()
def matrix_unit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """This machine with an intrinsic of two rows and no other."""
    monkeypatch.setitem(INTRINSICS, TINY.name, TINY)
    register(TINY)
    return replace(host().with_cores(1), intrinsics=(TINY.name,))


@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_random_candidates_of_the_space_are_exact(matrix_unit: Any, weight: str) -> None:
    import tvm

    workload = _gemv(18, 11, "u8s8", weight)
    mod = program(workload)
    a, b = workload.random_inputs(np.random.default_rng(0))
    sketches = plan_of(mod, matrix_unit).sketches
    assert sketches
    assert all(
        isinstance(m, Mapping) and m.unit == ROWS for planned in sketches for m, _ in planned.blocks
    )
    for planned in sketches:
        sketch = constrain(Sketch(mod, planned.schedule.trace), matrix_unit)
        (assignment,) = sketch.problem.sample(1, np.random.default_rng(0))
        kernel = tvm_compile(sketch.materialize(assignment).mod, Target(matrix_unit.target()))
        c = tvm.runtime.tensor(np.full(18, -7, np.int32))
        kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
        np.testing.assert_array_equal(c.numpy(), workload.reference(a, b))
