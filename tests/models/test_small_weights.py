"""Weights of 7 bits: which functions are said to be given them, and that products by them hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tvm

from heron_ms._tvm import IRModule, Target, ms, relax
from heron_ms.hardware import cpu_named, host
from heron_ms.models.compiling import compile_relax
from heron_ms.models.passes import prepared
from heron_ms.models.tasks import functions_of, tasks_of
from heron_ms.small_bytes import LARGEST, small_bytes
from heron_ms.untuned import UnmeasuredWarning

ROWS, SIZE = 9, 64


def weight(largest: int, seed: int = 0, size: int = SIZE) -> Any:
    """Random bytes [size, size], of which both ends of the range are among the first products."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(-largest, min(largest, 127), (size, size), endpoint=True)
    drawn[:8] = np.where(rng.integers(0, 2, (8, size)), min(largest, 127), -largest)
    return drawn.astype("int8")


def layers(weights: Sequence[Any], dtype: str = "uint8", rows: int = ROWS) -> IRModule:
    """Each product of the last one's low bytes and a constant weight; int32 in the end."""
    builder, op = relax.BlockBuilder(), relax.op
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor((rows, len(weights[0])), dtype))
    with builder.function("main", [x]):
        with builder.dataflow():
            y: Any = x
            for each in weights:
                low = builder.emit(op.astype(y, dtype))
                y = builder.emit(op.matmul(low, relax.const(each), out_dtype="int32"))
            y = builder.emit_output(y)
        builder.emit_func_output(y)
    return builder.get()


def said(mod: IRModule) -> list[list[int]]:
    """Of each function with a product, which of its arguments are small bytes."""
    functions = [func for _, func in functions_of(prepared(mod)) if len(func.params) == 3]
    return [small_bytes(func) for func in functions]


@pytest.mark.parametrize(("largest", "small"), [(LARGEST, [1]), (LARGEST + 1, []), (128, [])])
def test_a_function_says_whether_its_weight_is_small(largest: int, small: list[int]) -> None:
    assert said(layers([weight(largest)])) == [small]


def test_only_if_it_is_in_every_call() -> None:
    alike = [weight(LARGEST, seed) for seed in range(3)]
    assert said(layers(alike))[-1] == [1]
    assert said(layers([*alike, weight(LARGEST + 1)]))[-1] == []


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize(
    ("mcpu", "mapped"),
    [
        ("haswell", "avx2.{}s7s32.8x4"),
        ("skylake-avx512", "avx512bw.{}s7s32.16x4"),
        ("znver4", "vnni.{}s8s32.16x4"),
    ],
)
def test_products_by_them_map_to_what_saturates_for_others(
    dtype: str, mcpu: str, mapped: str
) -> None:
    sign, machine = {"uint8": "u8", "int8": "s8"}[dtype], cpu_named(mcpu)
    ways = [
        next(task.way for task in tasks_of(prepared(layers([weight(largest)], dtype)), machine))
        for largest in (LARGEST, 128)
    ]
    assert ways == [mapped.format(sign), mapped.format(sign).replace("s7", "s8")]


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
@pytest.mark.parametrize("largest", [LARGEST, 128])
@pytest.mark.parametrize(("rows", "size"), [(ROWS, SIZE), (1, 33), (7, 101)])
def test_what_is_computed_is_exact(rows: int, size: int, largest: int, dtype: str) -> None:
    weights = [weight(largest, seed, size) for seed in range(2)]
    ends = np.iinfo(dtype)
    x = np.random.default_rng(0).choice([ends.min, ends.max, 1], (rows, size)).astype(dtype)
    target, nothing = Target(host().target(1)), ms.database.MemoryDatabase()
    with pytest.warns(UnmeasuredWarning):
        compiled = compile_relax(nothing, layers(weights, dtype, rows), target, None)
    y = relax.VirtualMachine(compiled, tvm.cpu())["main"](tvm.runtime.tensor(x)).numpy()
    expected = x
    for each in weights:
        expected = expected.astype(dtype).astype("int32") @ each.astype("int32")
    assert (y == expected).all()
