"""Two servers on this machine, and a program that one of them can load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from heron_ms._tvm import ArgInfo, IRModule, Target, ms
from heron_ms.hardware import host
from heron_ms.measure.cpu.builder import local_builder
from heron_ms.testing.loopback import Loopback, loopback
from heron_ms.workloads import Gemm


@pytest.fixture(scope="session")
def two() -> Iterator[Loopback]:
    with loopback(2) as servers:
        yield servers


@pytest.fixture(scope="session")
def candidate() -> Any:
    """What a runner is given: a small product of matrices, as it is."""
    mod = IRModule({"main": Gemm(16, 16, 16).prim_func()})
    builder = local_builder(1)
    [built] = builder.build([ms.builder.BuilderInput(mod, Target(host().target(1)))])
    builder.close()
    arguments = ArgInfo.from_entry_func(mod, remove_preproc=True)
    return ms.runner.RunnerInput(str(built.artifact_path), "cpu", arguments)
