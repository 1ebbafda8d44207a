"""Candidates for another CPU: built there, and right here by their intrinsics' descriptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.bench.harness.right import Operands, share_right
from scripts.bench.harness.targets import MACHINES, executes, target_of
from scripts.bench.harness.trials import Candidate, Trials
from scripts.bench.peers.cases import case
from scripts.bench.stock.candidates import heron_candidates
from scripts.bench.stock.described import described

ARM, SDOT = "Arm dotprod", "dotprod.s8s8s32.4x4"


@pytest.fixture(scope="module")
def workload() -> Any:
    """Sizes with tiles of several rows, lanes and depths."""
    return case("gemm 8 16 12 kn s8s8")


@pytest.fixture(scope="module")
def candidates(workload: Any) -> list[Candidate]:
    """Some of every sketch for Arm's dot product."""
    return heron_candidates(workload.prim_func(), target_of(ARM, 1), 4, 0)


def _share(candidate: Candidate, workload: Any, here: Any) -> float:
    from heron_ms._tvm import tvm_compile

    return share_right(tvm_compile(candidate.module, target=here), Operands.of(workload, 0))


def test_described_candidates_are_right_without_the_instruction(
    candidates: list[Candidate], workload: Any, here: Any
) -> None:
    for candidate in candidates:
        twin = described(candidate)
        assert candidate.tensorized and "sdot" in candidate.module.script()
        assert not twin.rejected and "sdot" not in twin.module.script()
        assert _share(twin, workload, here) == 1.0


def test_the_intrinsic_is_itself_again_afterwards(candidates: list[Candidate]) -> None:
    from heron_ms._tvm import TensorIntrin

    before = TensorIntrin.get(SDOT)
    described(candidates[0])
    after = TensorIntrin.get(SDOT)
    assert after.impl.same_as(before.impl) and after.desc.same_as(before.desc)


@pytest.mark.parametrize(("weight", "right"), [("packed", True), ("nk", False)])
def test_a_tile_with_gaps_is_not_right(weight: str, right: bool, here: Any) -> None:
    """Stock's intrinsic takes rows of B that lie apart, and loads them as if they did not."""
    workload = case(f"gemm 4 16 16 {weight} s8s8")
    sch = _tensorized_by_stock(workload)
    candidate = described(Candidate(sch.mod, True, "", _module(workload), sch.trace))
    assert not candidate.rejected
    if right:
        assert _share(candidate, workload, here) == 1.0
    else:
        with pytest.raises(Exception, match="stride"):
            _share(candidate, workload, here)


def _module(workload: Any) -> Any:
    from heron_ms._tvm import IRModule

    return IRModule({"main": workload.prim_func()})


def _tensorized_by_stock(workload: Any) -> Any:
    """A row of A by four columns of B, four deep; B is packed first where the workload says so."""
    from heron_ms._preload import preload_intrinsics
    from heron_ms._tvm import Schedule

    preload_intrinsics()
    sch = Schedule(_module(workload))
    block = sch.get_sblock("C")
    i, j, k = sch.get_loops(block)
    (j, lanes), (k, depth) = sch.split(j, [None, 4]), sch.split(k, [None, 4])
    sch.reorder(i, j, k, lanes, depth)
    tile = sch.blockize(lanes)
    sch.decompose_reduction(tile, k)
    sch.tensorize(tile, "dot_4x4_i8i8s32_sdot")
    return sch


def test_a_trace_that_does_not_replay_is_rejected(candidates: list[Candidate]) -> None:
    other = Candidate(None, source=_relu(), trace=candidates[0].trace)
    assert described(other).rejected.startswith("does not replay")


def _relu() -> Any:
    from heron_ms._tvm import IRModule, te

    a = te.placeholder((8,), "int32", name="A")
    return IRModule({"main": te.create_prim_func([a, te.compute((8,), lambda i: a[i] + 1)])})


def test_candidates_for_another_cpu_are_built_and_not_run(
    candidates: list[Candidate], workload: Any
) -> None:
    target = target_of(ARM, 1)
    if executes(target):
        pytest.skip("this CPU is the other one")
    trials = Trials(workload, target, 0, 60.0)
    try:
        rejected = Candidate(None, rejected="for a reason")
        built, refused = trials.judge([candidates[0], rejected])
    finally:
        trials.close()
    assert (built.built, built.ran, built.right) == (True, None, None)
    assert (refused.built, refused.ran, refused.why) == (False, None, "for a reason")


@pytest.mark.parametrize("machine", MACHINES)
def test_a_cpu_executes_what_its_features_say(machine: str) -> None:
    from heron_ms.hardware import cpu_for, host

    target = target_of(machine, 1)
    assert executes(target) == (cpu_for(target).features <= host().features)
    assert np.all([name in str(target) for name in MACHINES[machine].values()])
