"""The fastest kernel that is right is chosen, whatever wrong ones do to the process they run in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.bench.harness.trials import Trials
from scripts.bench.peers.cases import case


def _program(workload: Any, value: Any) -> Any:
    """A program with the workload's arguments whose result is this value everywhere."""
    from heron_ms._tvm import IRModule, te

    a = te.placeholder(workload.a_shape, workload.dtypes.a, name="A")
    b = te.placeholder(workload.b_shape, workload.dtypes.b, name="B")
    c = te.compute(workload.c_shape, lambda *_: value, name="C")
    return IRModule({"main": te.create_prim_func([a, b, c])})


def _null_pointer_read() -> Any:
    from heron_ms._tvm import tirx

    return tirx.call_extern("int32", "strlen", tirx.reinterpret("handle", tirx.const(0, "uint64")))


@pytest.mark.slow
def test_wrong_and_crashing_kernels_cost_only_themselves(here: Any) -> None:
    from heron_ms._tvm import IRModule, tirx

    workload = case("gemm 8 8 16 kn")
    trials = Trials(workload, here, 0, 60.0)
    try:
        right = IRModule({"main": workload.prim_func()})
        verdicts = [
            trials.check(trials.build(module))
            for module in (
                _program(workload, tirx.const(0, "int32")),
                right,
                _program(workload, _null_pointer_read()),
                right,
            )
        ]
    finally:
        trials.close()
    assert [verdict.right for verdict in verdicts] == [False, True, False, True]
    assert verdicts[0].why == "wrong result" and verdicts[2].why == "crashed"
    assert np.all([verdict.built for verdict in verdicts])
