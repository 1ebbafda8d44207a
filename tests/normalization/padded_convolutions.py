"""Small convolutions with padding, how many products they need, and how to run them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, SBlock, Target, collect, tirx, tvm_compile
from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import OPERATORS, Workload

PLAIN = {"c1d": 1, "c2d": 2, "dil": 2, "c3d": 3, "dep": 2}
"""Operators that read padding as it is, and how many axes they have."""


@st.composite
def convolutions(draw: st.DrawFn, *operators: str, largest: int = 6) -> Workload:
    """A convolution whose kernel fits its padded input, in any layout."""
    name = draw(st.sampled_from(operators))
    operator = OPERATORS[name]
    sizes = {name: draw(_size(name, largest)) for name in operator.sizes()}
    if name == "t2d":
        sizes["out_pad"] = 0
        sizes["dil"] = 1 if sizes["stride"] > 1 else sizes["dil"]
    if name == "grp":
        sizes["groups"], sizes["ci"], sizes["co"] = 2, 2 * sizes["ci"], 2 * sizes["co"]
    options = {
        "layout": draw(st.sampled_from(operator.layouts)),
        "weight": draw(st.sampled_from(operator.weights)),
    }
    dtype = draw(st.sampled_from(["u8s8", "s8s8", "f32"]))
    try:
        return operator.of(tuple(sizes.values()), dtype, **options)
    except InvalidDimensionError:  # no output is left, as padding takes it from a transposed one
        sizes = {**sizes, "pad": 0 if name == "t2d" else 6, "stride": 1}
        return operator.of(tuple(sizes.values()), dtype, **options)


def _size(name: str, largest: int) -> st.SearchStrategy[int]:
    if name == "pad":
        return st.integers(0, 4)
    small = {"n": 2, "ci": 3, "co": 3, "c": 3, "stride": 3, "dil": 3, "groups": 1, "out_pad": 0}
    most = 3 if name.startswith("k") else small.get(name, largest)
    return st.integers(min(1, most), most)


def module(workload: Workload) -> IRModule:
    """The program of a workload as it is written."""
    return IRModule({"main": workload.prim_func()})


def products(mod: IRModule) -> int:
    """How often the reductions of a module multiply: the extents of their blocks."""
    blocks = [block for _, func in mod.functions_items() for block in collect(func.body, SBlock)]
    return sum(
        prod(int(iterator.dom.extent) for iterator in b.iter_vars) for b in blocks if _reduces(b)
    )


def reductions(mod: IRModule) -> list[str]:
    """The names of the reductions of a module."""
    blocks = [block for _, func in mod.functions_items() for block in collect(func.body, SBlock)]
    return [str(block.name_hint) for block in blocks if _reduces(block)]


def _reduces(block: Any) -> bool:
    return any(iterator.iter_type == tirx.IterVar.CommReduce for iterator in block.iter_vars)


def taps_on_data(workload: Any, axis: int) -> list[list[int]]:
    """For each output along an axis, the taps that meet an input, by going through all of them."""
    size, kernel = workload.spatial[axis], workload.kernel[axis]
    return [
        [
            t
            for t in range(kernel)
            if 0 <= y * workload.stride + t * workload.dil - workload.pad < size
        ]
        for y in range(workload.spatial_out[axis])
    ]


def compute(mod: IRModule, workload: Workload, a: Any, b: Any) -> NDArray[Any]:
    """What a module makes of A and B, built as it is."""
    import tvm

    kernel = tvm_compile(mod, Target({"kind": "llvm", "num-cores": 1}))
    c = tvm.runtime.tensor(np.full(workload.c_shape, -7, workload.dtypes.c))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), c)
    return np.asarray(c.numpy())
