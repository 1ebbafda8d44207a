"""What a program is measured on: an index out of bounds would end the runner's process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tvm import te

from heron_ms._tvm import ArgInfo, IRModule, PrimFunc, Target, ms
from heron_ms.hardware import host
from heron_ms.measure.cpu.arguments import NOTE
from heron_ms.measure.cpu.builder import local_builder, local_runner
from heron_ms.measure.records import seconds_of
from heron_ms.workloads import Gemm

HERE = Target(host().target(1))


def taken(rows: int, indices: tuple[int, ...]) -> PrimFunc:
    """Rows of a table by indices, which may be one number."""
    table = te.placeholder((rows, 8), "float32", "table")
    at = te.placeholder(indices, "int64", "at")
    out = te.compute((*indices, 8), lambda *i: table[at(*i[:-1]), i[-1]], "out")
    return te.create_prim_func([table, at, out])


@pytest.fixture(scope="module")
def tools() -> Any:
    builder = local_builder(1)
    yield builder, local_runner(HERE)
    builder.close()


@pytest.mark.parametrize("indices", [(), (3,)])
def test_a_small_table_is_measured(indices: tuple[int, ...], tools: Any) -> None:
    builder, runner = tools
    func = taken(2, indices)
    [built] = builder.build([ms.builder.BuilderInput(IRModule({"main": func}), HERE)])
    note = Path(str(built.artifact_path)).with_name(NOTE)
    assert json.loads(note.read_text(encoding="utf-8")) == {"1": [0, 2]}
    given = ms.runner.RunnerInput(built.artifact_path, "cpu", ArgInfo.from_prim_func(func))
    result = runner.run([given])[0].result()
    assert result.error_msg is None
    assert 0 < seconds_of(result.run_secs) < 1e-3


def test_a_program_without_indices_has_no_note(tools: Any) -> None:
    func = Gemm(4, 4, 16).prim_func()
    [built] = tools[0].build([ms.builder.BuilderInput(IRModule({"main": func}), HERE)])
    assert not Path(str(built.artifact_path)).with_name(NOTE).exists()
