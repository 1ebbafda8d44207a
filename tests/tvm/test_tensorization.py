"""Tensorization: what the primitives take, what they make wrong, and what the rules do not tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tvm

from heron_ms import check
from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import (
    IRModule,
    PrimFunc,
    Schedule,
    ScheduleError,
    T,
    Target,
    Var,
    collect,
    constant,
    ms,
    te,
    topi,
    tvm_compile,
)
from heron_ms.database.child import CRASHED, verdicts
from heron_ms.errors import WrongResultError
from heron_ms.intrinsics.vnni import VNNI_U8
from heron_ms.testing.observed import allocated, nests
from heron_ms.testing.soundness import COMPACTED, lower
from heron_ms.workloads import Gemm
from tests.tvm.programs import HERE, chain, copy4x4, dot4, product, scheduled

ZEN4 = Target({"kind": "llvm", "mcpu": "znver4", "num-cores": 1})
NARROW = Target({"kind": "llvm", "mcpu": "alderlake", "num-cores": 1})
"""With the form of VNNI for 256 bits alone."""


def is_right(sch: Schedule, func: PrimFunc) -> bool:
    """Whether a schedule computes what the function does."""
    try:
        check(tvm_compile(sch.mod, HERE), func, HERE)
    except WrongResultError:
        return False
    return True


def assembled(sch: Schedule, target: Target) -> None:
    """Make machine code of a schedule."""
    tvm_compile(sch.mod, target).mod.inspect_source("asm")


def with_stock_vnni() -> Schedule:
    """A product of 16 lanes, tensorized with the intrinsic of the wheel."""
    preload_intrinsics()
    sch = scheduled(Gemm(1, 4, 16, weight="packed").prim_func())
    block = sch.get_sblock("C")
    loops = sch.get_loops(block)
    sch.decompose_reduction(block, loops[1])
    sch.tensorize(loops[1], "dot_16x4_vnni")
    return sch


def in_dots(func: PrimFunc) -> tuple[Schedule, Any]:
    """A product whose tiles are blocks of four multiplications, and the block."""
    sch = scheduled(func)
    block = sch.get_sblock("C")
    _, inner = sch.split(sch.get_loops(block)[2], [None, 4])
    tile = sch.blockize(inner)
    sch.decompose_reduction(tile, sch.get_loops(tile)[2])
    return sch, tile


def tiles(sch: Schedule) -> tuple[Any, Any]:
    """A copy B in tiles of 4 x 4: a loop around a tile, and the outermost one in it."""
    i, j = sch.get_loops(sch.get_sblock("B"))
    (i0, i1), (j0, j1) = sch.split(i, [2, 4]), sch.split(j, [2, 4])
    sch.reorder(i0, j0, i1, j1)
    return j0, i1


def test_stocks_vnni_does_not_build() -> None:
    sch = with_stock_vnni()
    failure = verdicts(1, lambda _: assembled(sch, ZEN4))[0]
    assert failure is not None and "vpdpbusd" in failure


def test_an_instruction_that_the_target_lacks_ends_the_process() -> None:
    sch = scheduled(Gemm(1, 4, 16, weight="packed").prim_func())
    block = sch.get_sblock("C")
    loops = sch.get_loops(block)
    sch.decompose_reduction(block, loops[1])
    sch.tensorize(loops[1], VNNI_U8.name)
    targets = [ZEN4, NARROW]
    # Machine code is made when it is asked for.
    said = verdicts(2, lambda n: assembled(sch, targets[n]))
    assert said == [None, CRASHED]


@pytest.mark.parametrize("declared", [False, True])
def test_strides_are_compared_where_they_are_declared(declared: bool) -> None:
    a = te.placeholder((8, 8), "int32", "A")
    func = te.create_prim_func([a, te.compute((8, 8), lambda i, j: a[i, j], "B")])
    sch = scheduled(func)
    _, inner = tiles(sch)
    sch.tensorize(inner, copy4x4([4, 1] if declared else None))
    if declared:
        with pytest.raises(Exception, match="stride"):
            tvm_compile(sch.mod, HERE)
    else:
        assert not is_right(sch, func)


def test_a_schedule_is_not_copied_once_a_loop_is_tensorized() -> None:
    a = te.placeholder((8, 8), "int32", "A")
    sch = scheduled(te.create_prim_func([a, te.compute((8, 8), lambda i, j: a[i, j], "B")]))
    _, inner = tiles(sch)
    sch.copy()
    sch.tensorize(inner, copy4x4([4, 1]))
    with pytest.raises(Exception, match="unordered_map::at"):
        sch.copy()


def test_rewrite_tensorize_reports_success_where_it_fails() -> None:
    sch, tile = in_dots(product(is_swapped=True))
    sch.annotate(tile, "meta_schedule.auto_tensorize", dot4())
    postproc = ms.postproc.RewriteTensorize()
    postproc._initialize_with_tune_context(ms.TuneContext(mod=sch.mod, target=HERE))
    sch.enter_postproc()
    assert postproc.apply(sch)
    assert not any(str(inst.kind.name) == "Tensorize" for inst in sch.trace.insts)


@pytest.mark.parametrize("size", [32, 36])
def test_stocks_rule_does_not_pad(size: int) -> None:
    preload_intrinsics()
    rule = ms.schedule_rule.MultiLevelTilingWithIntrin(
        "dot_16x4_vnni", structure="SSRSRS", tile_binds=None, max_innermost_factor=64,
        vector_load_lens=None, reuse_read=None, reuse_write=None,
    )  # fmt: skip
    mod = IRModule({"main": Gemm(size, size, size, weight="nk").prim_func()})
    space = ms.space_generator.PostOrderApply(sch_rules=[rule], postprocs=[], mutator_probs={})
    ms.TuneContext(mod=mod, target=ZEN4, space_generator=space)
    tensorized = ["auto_tensorize" in str(sch.trace) for sch in space.generate_design_space(mod)]
    assert tensorized == [size % 16 == 0]


@pytest.mark.parametrize("is_vector", [False, True])
def test_a_vector_loop_around_a_tensorized_block_fails_in_lowering(is_vector: bool) -> None:
    sch = scheduled(Gemm(2, 4, 16, weight="packed").prim_func())
    block = sch.get_sblock("C")
    rows, lanes, _ = sch.get_loops(block)
    if is_vector:
        sch.vectorize(rows)
    sch.decompose_reduction(block, lanes)
    sch.tensorize(lanes, VNNI_U8.name)
    if is_vector:
        with pytest.raises(Exception, match="(?i)vectori|lanes|broadcast"):
            tvm_compile(sch.mod, ZEN4)
    else:
        tvm_compile(sch.mod, ZEN4)


def accumulating() -> PrimFunc:
    """A sum on top of what the result holds: a reduction without an init."""

    @T.prim_func(s_tir=True)
    def func(A: T.Buffer((8, 8), "int32"), C: T.Buffer((8,), "int32")) -> None:
        for i, k in T.grid(8, 8):
            with T.sblock("C"):
                vi, vk = T.axis.remap("SR", [i, k])
                C[vi] = C[vi] + A[vi, vk]

    return func


def test_cache_write_does_not_load_what_a_sum_without_init_begins_with() -> None:
    sch = scheduled(accumulating())
    sch.cache_write(sch.get_sblock("C"), 0, "global")
    sums = tvm.runtime.tensor(np.full(8, 1000, "int32"))
    tvm_compile(sch.mod, HERE)(tvm.runtime.tensor(np.ones((8, 8), "int32")), sums)
    assert not np.array_equal(sums.numpy(), np.full(8, 1008))


def test_parallel_loops_of_a_sum_without_init_are_refused() -> None:
    sch = scheduled(accumulating())
    sch.annotate(sch.get_sblock("root"), "meta_schedule.parallel", 8)
    postproc = ms.postproc.RewriteParallelVectorizeUnroll()
    postproc._initialize_with_tune_context(ms.TuneContext(mod=sch.mod, target=HERE))
    sch.enter_postproc()
    assert not postproc.apply(sch)


def test_rfactor_adds_an_iterator_to_a_block() -> None:
    sch = scheduled(product())
    outer, _ = sch.split(sch.get_loops(sch.get_sblock("C"))[2], [1, 8])
    factored = sch.rfactor(outer, 0)
    assert [len(sch.get(block).iter_vars) for block in (factored, sch.get_sblock("C"))] == [4, 3]


def test_a_sum_in_blocks_keeps_one_block_of_its_parts() -> None:
    """Each block is summed up in a memory of its own, and added to the result beside the loops."""
    sch = scheduled(product())
    block = sch.get_sblock("C")
    outer, _ = sch.split(sch.get_loops(block)[2], [2, 4])
    part = sch.rfactor(outer, 0)
    i, j, blocks = sch.get_loops(block)
    (i0, i1), (j0, j1) = sch.split(i, [None, 2]), sch.split(j, [None, 2])
    sch.reorder(i0, j0, blocks, i1, j1)
    sch.compute_at(part, blocks)
    sch.decompose_reduction(part, sch.get_loops(part)[-1])
    sch.decompose_reduction(block, blocks)
    compacted = lower(sch.mod, HERE)[COMPACTED]
    assert allocated(compacted) == {"C.rf.bytes": 4 * 2 * 2}
    assert is_right(sch, product())


def test_cache_inplace_stands_between_the_iterators_of_its_block_and_their_uses() -> None:
    """A tile of results that is brought in and out: the copies name iterators that end before."""
    sch, tile = in_dots(product())
    sch.cache_inplace(tile, 0, "local")
    copies = [n for n in nests(sch.mod).values() if str(n.block.name_hint) == "C_local"]
    assert copies
    bound = {str(loop.loop_var.name) for nest in copies for loop in nest.loops}
    used = {str(v.name) for n in copies for at in n.realize.iter_values for v in collect(at, Var)}
    assert used - bound == {"v_i_o", "v_j_o"}


def test_transform_block_layout_wants_loops_in_the_order_of_the_iterators() -> None:
    for is_ordered in (True, False):
        sch = scheduled(product())
        block = sch.get_sblock("C")
        i, j, k = sch.get_loops(block)
        if not is_ordered:
            sch.reorder(j, i, k)
            with pytest.raises(ScheduleError):
                sch.transform_block_layout(block, lambda i, j, k: (i, j, k))
        else:
            sch.transform_block_layout(block, lambda i, j, k: (i, j, k))


@pytest.mark.parametrize("is_swapped", [False, True])
def test_tensorize_compares_factors_in_order(is_swapped: bool) -> None:
    sch, tile = in_dots(product(is_swapped=is_swapped))
    if is_swapped:
        with pytest.raises(ScheduleError):
            sch.tensorize(tile, dot4())
    else:
        sch.tensorize(tile, dot4())
        assert is_right(sch, product())


def test_transform_block_layout_replaces_an_iterator_of_extent_one() -> None:
    sch = scheduled(product(m=1))
    block = sch.get_sblock("C")
    sch.transform_block_layout(block, lambda i, j, k: (i * 8 + j, k))
    row = sch.get(block).reads[0].region[0]
    assert constant(row.min) == 0 and constant(row.extent) == 1


@pytest.mark.parametrize("size", [1, 4])
def test_reindex_leaves_out_an_iterator_of_extent_one(size: int) -> None:
    a, k = te.placeholder((size + 2, 8), "int32", "A"), te.reduce_axis((0, 3), "k")
    sums = te.compute((size, 8), lambda i, j: te.sum(a[i + k, j], axis=k), "C")
    sch = scheduled(te.create_prim_func([a, sums]))
    view = sch.reindex(sch.get_sblock("C"), ("read", 0))
    shape = [int(extent) for extent in sch.get(view).writes[0].source.shape]
    assert shape == ([8, 3] if size == 1 else [size, 8, 3])


def test_reverse_compute_inline_loses_the_zeros_of_a_larger_consumer() -> None:
    x = te.placeholder((4,), "int32", "X")
    doubled = te.compute((4,), lambda i: x[i] * 2, "D")
    func = te.create_prim_func([x, topi.nn.dilate(doubled, [2], name="S")])
    sch = scheduled(func)
    sch.reverse_compute_inline(sch.get_sblock("S"))
    assert "range(7)" not in sch.mod.script()
    assert not is_right(sch, func)


def test_cache_read_replaces_the_operand_of_every_consumer() -> None:
    x = te.placeholder((8,), "int32", "X")
    first, second = (te.compute((8,), lambda i: x[i] + 1, name) for name in ("S1", "S2"))
    for asked in ([], ["S1"]):
        sch = scheduled(te.create_prim_func([x, first, second]))
        blocks = [sch.get_sblock(name) for name in asked]
        sch.cache_read(sch.get_sblock("S1"), 0, "global", consumer_blocks=blocks or None)
        read = [str(sch.get(sch.get_sblock(n)).reads[0].source.name) for n in ("S1", "S2")]
        assert read == (["X_global", "X"] if asked else ["X_global", "X_global"])


def predicated(is_joint: bool) -> PrimFunc:
    """A sum over a window, with a predicate on two iterators or on one."""
    if is_joint:

        @T.prim_func(s_tir=True)
        def func(A: T.Buffer((8,), "int32"), C: T.Buffer((4,), "int32")) -> None:
            for d, k in T.grid(4, 3):
                with T.sblock("C"):
                    T.where(d + k < 4)
                    vd, vk = T.axis.remap("SR", [d, k])
                    with T.init():
                        C[vd] = 0
                    C[vd] = C[vd] + A[vd + vk]
    else:

        @T.prim_func(s_tir=True)
        def func(A: T.Buffer((8,), "int32"), C: T.Buffer((4,), "int32")) -> None:
            for d, k in T.grid(4, 3):
                with T.sblock("C"):
                    T.where(d < 3)
                    vd, vk = T.axis.remap("SR", [d, k])
                    with T.init():
                        C[vd] = 0
                    C[vd] = C[vd] + A[vd + vk]

    return func


PRIMITIVES: dict[str, Callable[[Schedule, Any, Any], Any]] = {
    "reorder": lambda sch, d, k: sch.reorder(k, d),
    "rfactor": lambda sch, d, k: sch.rfactor(k, 0),
    "parallel": lambda sch, d, k: sch.parallel(d),
    "decompose": lambda sch, d, k: sch.decompose_reduction(sch.get_sblock("C"), d),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_predicate_on_two_iterators_makes_the_binding_non_affine(name: str) -> None:
    free, joint = scheduled(predicated(False)), scheduled(predicated(True))
    PRIMITIVES[name](free, *free.get_loops(free.get_sblock("C")))
    with pytest.raises(ScheduleError):
        PRIMITIVES[name](joint, *joint.get_loops(joint.get_sblock("C")))


def test_bfloat16_arguments_of_a_call_become_float32() -> None:
    @T.prim_func(s_tir=True)
    def func(A: T.Buffer((4,), "bfloat16"), C: T.Buffer((4,), "bfloat16")) -> None:
        for i in range(4):
            with T.sblock("C"):
                vi = T.axis.spatial(4, i)
                C[vi] = T.call_pure_extern("bfloat16", "somebody", A[vi])

    lowered = tvm_compile(scheduled(func).mod, HERE)
    assert "float @somebody(float" in lowered.mod.inspect_source("ll")


def test_pad_einsum_takes_plain_indices_alone() -> None:
    a = te.placeholder((20,), "int32", "A")
    k = te.reduce_axis((0, 3), "k")
    func = te.create_prim_func([a, te.compute((18,), lambda i: te.sum(a[i + k], axis=k), "C")])
    sch = scheduled(func)
    with pytest.raises(ScheduleError):
        sch.pad_einsum(sch.get_sblock("C"), [4, 1])
    sch = scheduled(product(m=6))
    sch.pad_einsum(sch.get_sblock("C"), [4, 1, 1])


def test_reverse_compute_at_loses_a_predicate() -> None:
    sch = scheduled(chain(lambda x: x + 1.0, lambda x: x * 2.0, size=30))
    producer, consumer = sch.get_sblock("S0"), sch.get_sblock("S1")
    sch.split(sch.get_loops(consumer)[0], [None, 8])
    assert "T.where" in sch.mod.script()
    outer, _ = sch.split(sch.get_loops(producer)[0], [5, 6])
    sch.reverse_compute_at(consumer, outer)
    assert "T.where" not in sch.mod.script()


def test_reverse_compute_inline_of_a_crop_replaces_a_predicate() -> None:
    x = te.placeholder((5, 4), "int32", "X")
    doubled = te.compute((5, 4), lambda i, j: x[i, j] * 2, "D")
    crop = te.compute((5, 2), lambda i, j: doubled[i, j + 1], "S")
    sch = scheduled(te.create_prim_func([x, crop]))
    block = sch.get_sblock("D")
    sch.split(sch.fuse(*sch.get_loops(block)), [None, 8])
    assert "< 20" in sch.mod.script()
    sch.reverse_compute_inline(sch.get_sblock("S"))
    assert "T.where" in sch.mod.script() and "< 20" not in sch.mod.script()


@pytest.mark.parametrize(("size", "is_on_heap"), [(255, False), (256, True)])
def test_a_buffer_of_its_own_of_1024_bytes_is_on_the_heap(size: int, is_on_heap: bool) -> None:
    sch = scheduled(chain(lambda x: x + 1.0, lambda x: x * 2.0, size=size))
    source = tvm_compile(sch.mod, HERE).mod.inspect_source("asm")
    assert ("TVMBackendAllocWorkspace@" in source) == is_on_heap
