"""The features of a program are those that its text shows and that TVM's own scopes say."""

from __future__ import annotations

from typing import Any

import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Schedule, T, te
from heron_ms.flextensor import Analysis, Loop, analyze
from heron_ms.normalization.module import normalize
from heron_ms.workloads import OPERATORS, Conv2d, Gemm

preload_intrinsics()

SMALL: dict[str, tuple[int, ...]] = {
    "gemm": (4, 6, 8),
    "bmm": (2, 4, 6, 8),
    "gemv": (8, 6),
    "scan": (4, 6, 8),
    "c1d": (1, 8, 4, 6, 3, 1, 1, 1),
    "c2d": (1, 8, 8, 4, 6, 3, 3, 2, 1, 1),
    "dil": (1, 8, 8, 4, 6, 3, 3, 1, 2, 2),
    "c3d": (1, 4, 8, 8, 4, 6, 3, 3, 3, 1, 1, 1),
    "t2d": (1, 8, 8, 4, 6, 3, 3, 2, 1),
}


def by_tvm(mod: IRModule) -> dict[str, tuple[list[str], list[str]]]:
    """Loops and consumers of every block, as `Schedule` finds them."""
    sch = Schedule(mod)
    root = sch.get_sblock("root")

    def name(block: Any) -> str:
        return str(sch.get(block).name_hint)

    return {
        name(block): (
            [str(sch.get(loop).loop_var.name) for loop in sch.get_loops(block)],
            sorted(name(reader) for reader in sch.get_consumers(block)),
        )
        for block in sch.get_child_blocks(root)
    }


def same_as_tvm(mod: IRModule) -> Analysis:
    """The analysis, after comparing it with what TVM says of every block."""
    analysis = analyze(mod)
    ours = {n.name: ([e.name for e in n.loops], sorted(n.consumers)) for n in analysis.nodes}
    assert ours == by_tvm(mod)
    return analysis


@pytest.mark.parametrize("name", SMALL)
def test_every_operator_as_tvm_sees_it(name: str) -> None:
    workload = OPERATORS[name].of(SMALL[name], "f32")
    analysis = same_as_tvm(IRModule({"main": workload.prim_func()}))
    assert [node.name for node in analysis.nodes if not node.consumers] == [analysis.nodes[-1].name]


@pytest.mark.parametrize("name", ["C2D", "DEP", "GRP", "T2D", "CAP", "NRM", "SFM", "CBR", "TBG"])
def test_workloads_of_tvm_as_tvm_sees_them(name: str) -> None:
    from tvm.s_tir.meta_schedule.testing.te_workload import CONFIGS

    make, cases = CONFIGS[name]
    analysis = same_as_tvm(IRModule({"main": te.create_prim_func(make(*cases[0]))}))
    assert not analysis.nodes[-1].consumers


def test_a_padded_convolution() -> None:
    analysis = analyze(Conv2d.of((1, 8, 8, 4, 6, 3, 3, 2, 1, 1), "f32").prim_func())
    pad, conv = analysis.nodes
    assert (pad.name, pad.inputs, pad.outputs, pad.consumers) == (
        *("A_padded", ("A",), ("A_padded",)),
        ("C",),
    )
    assert [loop.trips for loop in pad.spatial] == [1, 10, 10, 4] and not pad.reduce
    assert (conv.inputs, conv.outputs, conv.consumers) == (("A_padded", "B"), ("C",), ())
    assert conv.spatial == (Loop("n", 1), Loop("h", 4), Loop("w", 4), Loop("co", 6))
    assert conv.reduce == (Loop("kh", 3, True), Loop("kw", 3, True), Loop("ci", 4, True))
    assert conv.loops == conv.spatial + conv.reduce


def test_pieces_of_a_partitioned_convolution_are_all_consumers() -> None:
    workload = Conv2d.of((1, 8, 8, 4, 6, 3, 3, 1, 1, 1), "f32")
    mod = normalize(IRModule({"main": workload.prim_func()}))
    same_as_tvm(mod)


def test_the_order_is_that_of_the_loops_and_a_decomposed_sum_reads_itself() -> None:
    sch = Schedule(IRModule({"main": Gemm.of((4, 6, 8), "f32").prim_func()}))
    i, j, k = sch.get_loops("C")
    sch.reorder(k, j, i)
    assert str(analyze(sch.mod).node("C").loops[0]).startswith("[k")
    sch.reorder(i, j, k)
    sch.decompose_reduction("C", k)
    init, update = same_as_tvm(sch.mod).nodes
    assert (init.inputs, init.outputs, init.consumers) == ((), ("C",), (update.name,))
    assert len(init.reduce) == 0 and len(update.reduce) == 1
    assert set(update.inputs) == {"A", "B", "C"}


def test_a_fused_loop_reduces_if_a_part_of_it_does() -> None:
    sch = Schedule(IRModule({"main": Gemm.of((4, 6, 8), "f32").prim_func()}))
    _, j, k = sch.get_loops("C")
    sch.fuse(j, k)
    spatial, fused = analyze(sch.mod).node("C").loops
    assert (spatial.trips, fused.trips, fused.reduces) == (4, 48, True)


def test_what_lies_inside_a_block_belongs_to_it() -> None:
    sch = Schedule(IRModule({"main": Gemm.of((4, 6, 8), "f32").prim_func()}))
    sch.blockize(sch.get_loops("C")[1])
    (node,) = analyze(sch.mod).nodes
    assert [loop.trips for loop in node.loops] == [4]


def test_a_diamond_and_two_outputs() -> None:
    a = te.placeholder((8,), name="A")
    b = te.compute((8,), lambda i: a[i] + 1.0, name="B")
    c = te.compute((8,), lambda i: b[i] * 2.0, name="C")
    d = te.compute((8,), lambda i: b[i] + c[i] * c[i], name="D")
    analysis = same_as_tvm(IRModule({"main": te.create_prim_func([a, c, d])}))
    assert analysis.node("B").consumers == ("C", "D")
    assert analysis.node("C").consumers == ("D",)
    assert analysis.node("D").inputs == ("B", "C")


@T.prim_func(s_tir=True)
def alone(a: T.Buffer((8,), "float32")) -> None:
    """A function that is one block, without a root around it."""
    with T.sblock("only"):
        T.reads()
        T.writes(a[0])
        a[0] = T.float32(0)


def test_a_scalar_and_a_function_that_is_one_block() -> None:
    a = te.placeholder((), name="A")
    analysis = analyze(te.create_prim_func([a, te.compute((), lambda: a() + 1.0, name="B")]))
    assert [(node.name, node.loops, node.inputs) for node in analysis.nodes] == [("B", (), ("A",))]
    (only,) = analyze(alone).nodes
    assert (only.name, only.loops, only.outputs) == ("only", (), ("a",))


def test_the_table_has_a_line_for_each_node() -> None:
    analysis = analyze(Conv2d.of((1, 8, 8, 4, 6, 3, 3, 2, 1, 1), "f32").prim_func())
    title, header, pad, conv = str(analysis).splitlines()
    assert title == "2 nodes, in post order"
    assert header.split()[:3] == ["node", "spatial", "reduce"]
    assert pad.split()[:3] == ["A_padded", "4", "0"]
    assert conv.split()[:5] == ["C", "4", "3", "n=1", "h=4"]
    assert "[kh=3] [kw=3] [ci=4]" in conv and conv.endswith("-")
