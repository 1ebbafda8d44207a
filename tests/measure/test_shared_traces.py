"""Traces that share their instructions: they read the same, and the first one's are kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms._tvm import IRModule, Schedule, Trace, structural_equal
from heron_ms.measure.shared_traces import SharedTraces
from heron_ms.workloads.gemm import Gemm

MOD = IRModule({"main": Gemm(64, 64, 64).prim_func()})


def tiled(inner: int, annotated: str = "") -> Trace:
    """A trace with a decision; another annotation makes it one of other instructions."""
    sch = Schedule(MOD)
    loop = sch.get_loops(sch.get_child_blocks(sch.get_sblock("root"))[0])[0]
    sch.split(loop, sch.sample_perfect_tile(loop, 2, decision=[64 // inner, inner]))
    if annotated:
        sch.annotate(sch.get_child_blocks(sch.get_sblock("root"))[0], annotated, 1)
    return sch.trace


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 8, 64]), st.sampled_from(["", "a", "b"]))))
def test_each_reads_as_it_did(programs: list[tuple[int, str]]) -> None:
    shared = SharedTraces()
    for program in programs:
        trace, again = tiled(*program), Schedule(MOD)
        found = shared.of(trace)
        assert structural_equal(found.as_json(), trace.as_json())
        found.apply_to_schedule(again, remove_postproc=False)
        assert structural_equal(again.trace.as_json(), trace.as_json())


def test_what_is_the_same_is_there_once() -> None:
    shared = SharedTraces()
    first, other, alike = (shared.of(trace) for trace in (tiled(2), tiled(2, "a"), tiled(8)))
    assert all(a.same_as(b) for a, b in zip(first.insts, alike.insts, strict=True))
    assert not any(a.same_as(b) for a, b in zip(first.insts, other.insts, strict=False))
    assert list(first.decisions.values()) != list(alike.decisions.values())
