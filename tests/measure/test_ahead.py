"""A scheduled program taken apart: what packs its arguments, and what is left."""

from __future__ import annotations

import numpy as np
import pytest
import tvm

from heron_ms._tvm import IRModule, SBlock, Schedule, Target, collect, tirx, tvm_compile
from heron_ms.layout_free import LAYOUT_FREE, PREPROC
from heron_ms.measure.ahead import split_ahead
from heron_ms.workloads import Gemm

TARGET = Target({"kind": "llvm", "num-cores": 1})
M, K, N = 5, 12, 32


@pytest.fixture
def packing() -> IRModule:
    """A GEMM that begins by copying B (K, N) to (N / 16, K, 16), in a block so marked."""
    sch = Schedule(IRModule({"main": Gemm(M, K, N, weight="ahead").prim_func()}))
    stage = sch.cache_read(sch.get_sblock("C"), 1, "global")
    tiles = tirx.IndexMap.from_func(lambda k, n: [n // 16, k, n % 16], ndim=2, index_dtype="int32")
    sch.transform_layout(stage, ("write", 0), tiles)
    sch.parallel(sch.get_loops(stage)[0])
    sch.annotate(stage, PREPROC, True)
    return sch.mod


def test_without_such_a_block_nothing_changes() -> None:
    mod = IRModule({"main": Gemm(M, K, N, weight="ahead").prim_func()})
    split = split_ahead(mod)
    assert split.program.same_as(mod) and split.packing == {}


def test_the_parts(packing: IRModule) -> None:
    split = split_ahead(packing)
    func = split.packing[1]
    assert list(split.packing) == [1]
    assert [list(map(int, param.shape)) for param in func.params] == [[K, N], [N // 16, K, 16]]
    assert LAYOUT_FREE not in func.attrs
    program = split.program["main"]
    assert list(map(int, program.params[1].shape)) == [N // 16, K, 16]
    writing = [node for node in collect(program.body, SBlock) if len(node.writes)]
    assert [str(block.name_hint) for block in writing] == ["C"]


def test_together_the_parts_compute_what_the_whole_does(packing: IRModule) -> None:
    workload, split = Gemm(M, K, N, weight="ahead"), split_ahead(packing)
    a, b = workload.random_inputs(np.random.default_rng(0))
    packed = tvm.runtime.tensor(np.zeros((N // 16, K, 16), np.int8))
    tvm_compile(split.packing[1], TARGET)(tvm.runtime.tensor(b), packed)
    expected = b.reshape(K, N // 16, 16).transpose(1, 0, 2)
    np.testing.assert_array_equal(packed.numpy(), expected)
    for mod, weight in ((packing, tvm.runtime.tensor(b)), (split.program, packed)):
        output = tvm.runtime.tensor(np.full((M, N), -1, np.int32))
        tvm_compile(mod, TARGET)(tvm.runtime.tensor(a), weight, output)
        np.testing.assert_array_equal(output.numpy(), workload.reference(a, b))


def test_what_is_left_has_one_parallel_loop_less(packing: IRModule) -> None:
    launch = "TVMBackendParallelLaunch"
    whole, rest = (
        tvm_compile(program, TARGET).mod.inspect_source("ll")
        for program in (packing, split_ahead(packing).program)
    )
    assert launch in whole and launch not in rest
