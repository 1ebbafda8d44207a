"""Sums that start in the first turn of what they are summed up over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, SBlock, Target, collect, tvm_compile
from heron_ms.hardware import cpu_named, host
from heron_ms.space_generators.start_sums import STARTS_INSIDE
from heron_ms.testing import Checker, spread
from heron_ms.testing.described import by_description
from heron_ms.workloads import Gemm
from scripts.bench.harness.right import Operands, share_right

MACHINE = cpu_named("sapphirerapids")
LONG = [
    Gemm(64, 1024, 96, weight="packed"),
    Gemm(35, 1100, 70),
    Gemm.of((60, 1040, 100), "s8s8s8", weight="nk"),
]
"""Of which some sketches sum up the reduction in blocks."""


def _is_in_blocks(sketch: Any) -> bool:
    return any(str(inst.kind.name) == "RFactor" for inst in sketch.sketch.trace.insts)


def _postprocessed(workload: Any, in_blocks: bool, rng: np.random.Generator) -> Any:
    """Programs of sketches that sum up in blocks, or do not, as they are measured."""
    checker = Checker(IRModule({"main": workload.prim_func()}), Target(MACHINE.target(1)))
    checker.sketches = [one for one in checker.sketches if _is_in_blocks(one) == in_blocks]
    assert checker.sketches
    for sketch, assignment in spread(checker.sketches, 3, rng):
        report = checker.check(sketch, assignment)
        assert report.sound and report.schedule is not None
        yield report.schedule.mod


def _not_started(mod: IRModule) -> list[Any]:
    return [block for block in collect(mod["main"].body, SBlock) if block.init is not None]


@pytest.mark.parametrize("workload", LONG, ids=lambda workload: workload.name)
def test_only_sums_of_blocks_start_inside(workload: Any, rng: np.random.Generator) -> None:
    for mod in _postprocessed(workload, True, rng):
        (sums,) = _not_started(mod)
        assert STARTS_INSIDE in sums.annotations
    for mod in _postprocessed(workload, False, rng):
        assert not _not_started(mod)


@pytest.mark.parametrize("workload", LONG, ids=lambda workload: workload.name)
def test_they_are_what_numpy_computes(workload: Any, rng: np.random.Generator) -> None:
    operands = Operands.of(workload, 1)
    with by_description(MACHINE):
        for mod in _postprocessed(workload, True, rng):
            kernel = tvm_compile(mod, Target(host().target(1)))
            assert share_right(kernel, operands) == 1.0
