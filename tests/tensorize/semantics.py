"""Mappings carried out with an intrinsic's description in place of its instruction, on any CPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Schedule, Target, TensorIntrin, tvm_compile
from heron_ms.intrinsics import Intrinsic, Tile, describe
from heron_ms.intrinsics.swapped import exchange_factors
from heron_ms.tensorize import Mapping
from heron_ms.tensorize.realize import realize

# Compiling is what takes the time.
TARGET = {"kind": "llvm", "num-cores": 1, "opt-level": 0}


def intrinsic(name: str, tile: Tile) -> Intrinsic:
    """An intrinsic that exists in these tests only; its description is its implementation."""
    return Intrinsic(
        name=name,
        features=frozenset(),
        a_dtype=tile.a_dtype,
        b_dtype=tile.b_dtype,
        c_dtype=tile.c_dtype,
        lanes=tile.lanes,
        depth=tile.depth,
        rows=tile.rows,
        description=describe(tile),
        implementation=describe(tile),
    )


def realized(mod: IRModule, mapping: Mapping) -> IRModule:
    """The program with a block tensorized by the description of the mapping's intrinsic."""
    used = mapping.intrinsic
    shape = (used.lanes, used.depth, used.rows)
    description = describe(Tile(used.a_dtype, used.b_dtype, used.c_dtype, *shape))
    matched = exchange_factors(description) if mapping.swapped else description
    TensorIntrin.register(
        f"semantics.{mapping.intrinsic_name}", matched, description, override=True
    )
    sch = Schedule(mod)
    realize(sch, mapping, f"semantics.{mapping.intrinsic_name}")
    return sch.mod


def output(mod: IRModule, inputs: tuple[Any, ...], like: Any) -> Any:
    """What a program computes, in an array like another one that holds something else before."""
    import tvm

    c = tvm.runtime.tensor(np.full(like.shape, -7, like.dtype))
    kernel = tvm_compile(mod, target=Target(TARGET))
    kernel(*map(tvm.runtime.tensor, inputs), c)
    return c.numpy()
