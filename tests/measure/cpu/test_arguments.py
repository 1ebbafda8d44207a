"""What a program is measured on: an index out of bounds would end the runner's process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tvm import te

from heron_ms._tvm import ArgInfo, IRModule, PrimFunc, Target, ms
from heron_ms.hardware import host
from heron_ms.measure.cpu.arguments import Note
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
    assert Note.beside(str(built.artifact_path)) == Note({1: (0, 2)}, [], [2])
    given = ms.runner.RunnerInput(built.artifact_path, "cpu", ArgInfo.from_prim_func(func))
    result = runner.run([given])[0].result()
    assert result.error_msg is None
    assert 0 < seconds_of(result.run_secs) < 1e-3


@pytest.mark.parametrize("in_model", [False, True])
def test_a_program_whose_weights_are_packed_ahead(in_model: bool, tools: Any) -> None:
    func = Gemm(4, 4, 16, weight="ahead").prim_func()
    [built] = tools[0].build([ms.builder.BuilderInput(IRModule({"main": func}), HERE)])
    assert Note.beside(str(built.artifact_path)) == Note({}, [1], [2])
    given = ms.runner.RunnerInput(built.artifact_path, "cpu", ArgInfo.from_prim_func(func))
    result = local_runner(HERE, in_model=in_model).run([given])[0].result()
    assert result.error_msg is None
    assert len(result.run_secs) == 15 and 0 < seconds_of(result.run_secs) < 1e-3


def test_nothing_is_known_of_what_another_builder_built(tmp_path: Path) -> None:
    assert Note.beside(str(tmp_path / "program.so")) == Note()
