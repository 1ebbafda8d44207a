"""What maps to the tile registers of AMX: the operators of the paper's table, with fitting rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

import heron_ms
from heron_ms._tvm import IRModule
from heron_ms.hardware import Cpu, cpu_named
from heron_ms.intrinsics import INTRINSICS, Intrinsic
from heron_ms.space_generators.choices import Choices
from heron_ms.space_generators.plan import matches, plan_of
from heron_ms.tensorize import Mapping
from heron_ms.workloads import SUITES, Conv2d, Gemm, Workload

MACHINE = cpu_named("sapphirerapids")
FIRST = {case.operator: case for case in reversed(SUITES["dlboost"])}
"""A case of each operator, the first of the table."""


def _intrinsics(workload: Workload) -> list[Intrinsic]:
    mod = heron_ms.normalize(IRModule({"main": workload.prim_func()}))
    outcomes = matches(mod, MACHINE)
    return [outcome.intrinsic for outcome in outcomes if isinstance(outcome, Mapping)]


def _in_tiles(workload: Workload) -> bool:
    return any(intrinsic.accumulators for intrinsic in _intrinsics(workload))


@pytest.mark.parametrize("layout", ["nhwc", "nchw"])
@pytest.mark.parametrize("width", [56, 28, 14])
def test_rows_divide_those_of_a_convolution(width: int, layout: str) -> None:
    """14 rows for 14, 28 and 56 columns, where 16 would be padded to 64, 32 and 16."""
    (intrinsic,) = _intrinsics(Conv2d(1, width, width, 64, 64, 3, 3, 1, 1, 1, layout=layout))
    assert (intrinsic.rows, intrinsic.instruction) == (14, "tdpbusd")


@pytest.mark.parametrize("rows", range(3, 17))
def test_few_rows_are_a_tile_of_as_many(rows: int) -> None:
    (intrinsic,) = _intrinsics(Gemm(rows, 64, 48, weight="packed"))
    assert intrinsic.rows == rows


@pytest.mark.parametrize("rows", [17, 35, 50, 90, 100, 1000])
def test_no_other_height_pads_as_little_in_less_time(rows: int) -> None:
    """By the cycles of a multiplication, which few rows take as long as seven."""
    (chosen,) = _intrinsics(Gemm(rows, 640, 512, weight="packed"))
    known = {each.rows: each for each in _of_dtypes(chosen)}
    assert known.keys() == {*range(3, 17)}
    tiles = {height: -(-rows // height) for height in known}
    little = [h for h in known if tiles[h] * h <= tiles[chosen.rows] * chosen.rows]
    assert min(little, key=lambda h: tiles[h] * known[h].cycles) == chosen.rows


def _of_dtypes(chosen: Intrinsic) -> list[Intrinsic]:
    known = [INTRINSICS[name] for name in MACHINE.intrinsics]
    return [each for each in known if each.family == chosen.family]


@pytest.mark.parametrize("dtype", ["u8s8", "s8s8", "u8u8", "s8u8"])
def test_a_product_is_taken_as_it_stands(dtype: str) -> None:
    """Also of a signed by an unsigned factor, where exchanging both would turn the result."""
    workload = Gemm.of((32, 64, 48), dtype, weight="packed")
    (mapping,) = matches(IRModule({"main": workload.prim_func()}), MACHINE)
    assert isinstance(mapping, Mapping)
    assert not mapping.swapped
    assert not mapping.copied


def _instructions(workload: Workload, machine: Cpu) -> list[str]:
    """What a program is computed by that was normalised for the machine."""
    mod = heron_ms.normalize(IRModule({"main": workload.prim_func()}), machine)
    outcomes = matches(mod, machine)
    return [each.intrinsic.instruction for each in outcomes if isinstance(each, Mapping)]


@pytest.mark.parametrize("weight", ["kn", "nk", "packed"])
def test_two_unsigned_factors_stay_so_for_tiles(weight: str) -> None:
    """And one becomes signed where vectors are to multiply them."""
    many, two = (Gemm.of((m, 640, 512), "u8u8", weight=weight) for m in (32, 2))
    assert _instructions(many, MACHINE) == ["tdpbuud"]
    assert _instructions(two, MACHINE) == ["vpdpbusd"]
    assert _instructions(many, cpu_named("cascadelake")) == ["vpdpbusd"]


@pytest.mark.parametrize("operator", [name for name in FIRST if name != "gemv"])
def test_every_layout_of_the_weight_maps(operator: str) -> None:
    first = FIRST[operator]
    for weight in first.weights:
        assert _in_tiles(type(first).of(first.case, weight=weight)), weight


@pytest.mark.parametrize("workload", [FIRST["gemv"], Gemm(1, 640, 512), Gemm(2, 640, 512)])
def test_two_rows_are_left_to_vectors(workload: Workload) -> None:
    """Their tile takes as long as one of seven rows, and a product with a vector waits for B."""
    (intrinsic,) = _intrinsics(workload)
    assert (intrinsic.accumulators, intrinsic.instruction) == (0, "vpdpbusd")


@pytest.mark.parametrize(("depth", "dtype"), [(768, "u8s8"), (384, "bf16")])
def test_sums_are_in_blocks_where_the_first_cache_keeps_no_panel(depth: int, dtype: str) -> None:
    """Of 32 rows and 32 columns of 768 bytes, 48 KB in all; in sketches beside the others."""
    chosen = {long: _choices(depth + 64 * long, dtype) for long in (0, 1)}
    assert not any(choice.in_blocks for choice in chosen[0])
    whole = [choice for choice in chosen[1] if not choice.in_blocks]
    assert [replace(choice, in_blocks=True) for choice in whole] == [
        choice for choice in chosen[1] if choice.in_blocks
    ]


def _choices(depth: int, dtype: str) -> list[Choices]:
    module = IRModule({"main": Gemm.of((64, depth, 64), dtype, weight="packed").prim_func()})
    pairs = [chosen.tensorized[0] for chosen in plan_of(module, MACHINE).sketches]
    return [choice for mapping, choice in pairs if mapping.intrinsic.accumulators]


@pytest.mark.slow
def test_the_papers_table_maps() -> None:
    """All of it; to tiles but GEMV, and the scan that sums up 16 products for an element."""
    cases = SUITES["dlboost"]
    assert [case.name for case in cases if not _intrinsics(case)] == []
    others = [case for case in cases if not _in_tiles(case)]
    assert len(cases) - len(others) == 40
    assert {case.operator for case in others} == {"gemv", "scan"}
