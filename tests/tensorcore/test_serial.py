"""Programs for a GPU, one thread after the other on this CPU, compute what numpy computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import (
    For,
    IRModule,
    SBlock,
    Target,
    collect,
    structural_map,
    tvm_compile,
    with_functions,
)
from heron_ms.hardware import host
from heron_ms.testing.serial import serial
from scripts.bench.harness.right import Operands, share_right
from scripts.bench.tensorcore import serial as benchmark
from scripts.bench.tensorcore.cases import OURS, Case


def _right(case: Case, mod: IRModule) -> bool:
    kernel = tvm_compile(serial(mod), target=Target(host().target(1)))
    return share_right(kernel["main"], Operands.of(case.workload, 0)) == 1.0


@pytest.mark.parametrize(("gpu", "dtype"), [("a100", "s8s8"), ("a100", "f16"), ("v100", "f16")])
def test_a_program_is_right_and_a_shorter_sum_is_not(
    gpu: str, dtype: str, rng: np.random.Generator
) -> None:
    case = Case(gpu, "gemm, long", dtype, OURS)
    [mod] = benchmark._programs(case, 1, rng)
    assert _right(case, mod)
    assert not _right(case, with_functions(mod, _shorter))


def test_nothing_is_bound_and_nothing_annotated(rng: np.random.Generator) -> None:
    [mod] = benchmark._programs(Case("a100", "gemm, long", "f16", OURS), 1, rng)
    assert any(loop.thread_binding is not None for loop in collect(mod["main"].body, For))
    body = serial(mod)["main"].body
    assert not any(loop.thread_binding or loop.annotations for loop in collect(body, For))
    assert not any(block.annotations for block in collect(body, SBlock))


def _shorter(func: Any) -> Any:
    """A function whose loops over the sum turn once."""
    return func.with_body(structural_map(func.body, (For, _once)))


def _once(loop: For) -> For:
    if not str(loop.loop_var.name).startswith("k"):
        return loop
    return For(
        loop.loop_var, loop.min, 1, loop.kind, loop.body, loop.thread_binding, loop.annotations
    )
