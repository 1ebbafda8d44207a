"""An intrinsic of your own: AVX2's VPMADDWD, which adds products of 16-bit numbers in pairs."""

from dataclasses import replace

from tvm import te
from tvm.script import tirx as T

import heron_ms
from heron_ms.hardware import add, host
from heron_ms.intrinsics import Intrinsic, Tile, describe, implement, register
from heron_ms.intrinsics.build import llvm, spread, store

LANES, DEPTH = 8, 2
NAME = "mine.s16s16s32.8x2"


def emit(a, b, c):
    """C (8) int32 += A (2) int16 times B (8, 2) int16, in one instruction and an addition."""
    pair = T.reinterpret("int16x16", spread(a, LANES))
    products = llvm("int32x8", "llvm.x86.avx2.pmadd.wd", pair, b.vload([0, 0], "int16x16"))
    store(c, c.vload([0], "int32x8") + products, LANES)


dtypes = {"a_dtype": "int16", "b_dtype": "int16", "c_dtype": "int32"}
tile = Tile(**dtypes, lanes=LANES, depth=DEPTH)
functions = {"description": describe(tile), "implementation": implement(tile, emit)}
features = {"features": frozenset({"avx2"}), "instruction": "vpmaddwd"}
register(Intrinsic(NAME, **dtypes, **features, **functions, lanes=LANES, depth=DEPTH))
machine = add(replace(host(), name="mine", intrinsics=(NAME, *host().intrinsics)))
target = {**machine.target(), "model": machine.name}

a, b = (te.placeholder((48, 48), "int16", name) for name in "AB")
k = te.reduce_axis((0, 48), "k")
product = lambda i, j: te.sum(a[i, k].astype("int32") * b[k, j].astype("int32"), k)  # noqa: E731
func = te.create_prim_func([a, b, te.compute((48, 48), product, name="C")])
database = heron_ms.tune_tir(func, target, "build/own_intrinsic", 8, seed=0)
print(heron_ms.check(heron_ms.compile_tir(database, func, target), func, target))
assert NAME in str(heron_ms.best_record(database, heron_ms.normalize(func), target).trace)
