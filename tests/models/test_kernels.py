"""A model of which the products are kernels of a GPU that is not here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

import heron_ms
from heron_ms.hardware import machine
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.untuned import UnmeasuredWarning
from heron_ms.work_dir import open_database
from tests.tensorcore.programs import needs_nvcc

A100 = machine("a100")
ROWS, INNER, COLUMNS = 24, 32, 16


def _whole(*shape: int) -> Any:
    """Numbers of which the sums are exact in halves."""
    return np.random.default_rng(sum(shape)).integers(-2, 3, shape).astype("float16")


def _layer() -> Any:
    """A product, and what is in no kernel of it."""
    builder = relax.BlockBuilder()
    x = relax.Var("x", relax.TensorType((ROWS, INNER), "float16"))
    with builder.function("main", [x]):
        with builder.dataflow():
            product = builder.emit(relax.op.matmul(x, relax.const(_whole(INNER, COLUMNS))))
            result = builder.emit_output(relax.op.max(relax.op.nn.relu(product), axis=0))
        builder.emit_func_output(result)
    return builder.get()


def _tuned(mod: Any, target: Any, work_dir: Path) -> Any:
    planted = {"builder": PlantedBuilder(lambda mod: 1e-3), "runner": PlantedRunner()}
    heron_ms.tune_relax(mod, {}, target, str(work_dir), 2, seed=0, **planted)
    return open_database(str(work_dir))


def _outputs(executable: Any, x: Any) -> Any:
    return relax.VirtualMachine(executable, tvm.cpu())["main"](tvm.runtime.tensor(x)).numpy()


@needs_nvcc
def test_records_are_kernels_and_the_rest_is_this_cpus(tmp_path: Path) -> None:
    mod, target, x = _layer(), tvm.target.Target(A100.target()), _whole(ROWS, INNER)
    right = np.maximum(x.astype(float) @ _whole(INNER, COLUMNS), 0).max(axis=0)
    database = _tuned(mod, target, tmp_path)
    with pytest.warns(UnmeasuredWarning, match="1 of 1 functions"):
        executable = heron_ms.compile_relax(database, mod, target, {})
    np.testing.assert_array_equal(_outputs(executable, x), right)
    [called] = set(re.findall(r"heron_ms\.kernels\.\d+\.\w*matmul\w*", executable.as_text()))
    assert tvm.get_global_func(called)
    pipeline = heron_ms.relax_pipeline(database, target=target)
    with pytest.warns(UnmeasuredWarning):
        again = tvm.compile(mod, target, relax_pipeline=pipeline)
    assert called not in again.as_text()
    np.testing.assert_array_equal(_outputs(again, x), right)
