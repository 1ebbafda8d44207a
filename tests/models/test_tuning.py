"""Whole models: a two-layer MLP, quantised and in float, tuned and run in the Relax VM."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

import heron_ms
from heron_ms.hardware import host
from heron_ms.measure.cpu.builder import local_builder, local_runner
from heron_ms.measure.cpu.device import CpuDevice
from heron_ms.models.passes import legalize_and_fuse
from heron_ms.testing import PlantedBuilder, PlantedRunner

ROWS, INPUTS, HIDDEN, OUTPUTS = 32, 60, 100, 10
Layer = Callable[[relax.BlockBuilder, Any, Any, Any], Any]


def mlp(layer: Layer, x: str, weight: str, bias: str) -> tvm.IRModule:
    """Two layers; the dtypes of input, weights and biases by name."""
    builder = relax.BlockBuilder()
    shapes = {
        "x": ((ROWS, INPUTS), x),
        "w1": ((INPUTS, HIDDEN), weight),
        "b1": ((HIDDEN,), bias),
        "w2": ((HIDDEN, OUTPUTS), weight),
        "b2": ((OUTPUTS,), bias),
    }
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    params = [relax.Var(name, tensor(*shape)) for name, shape in shapes.items()]
    with builder.function("main", params):
        with builder.dataflow():
            hidden = layer(builder, params[0], params[1], params[2])
            out = builder.emit_output(layer(builder, hidden, params[3], params[4]))
        builder.emit_func_output(out)
    return builder.get()


def quantised(builder: relax.BlockBuilder, x: Any, w: Any, b: Any) -> Any:
    """u8 x s8 matmul, bias, requantise."""
    op = relax.op
    y = builder.emit(op.matmul(x, w, out_dtype="int32"))
    y = builder.emit(op.astype(builder.emit(op.add(y, b)), "float32"))
    y = builder.emit(op.round(builder.emit(op.multiply(y, relax.const(0.01, "float32")))))
    return builder.emit(op.astype(builder.emit(op.clip(y, 0.0, 255.0)), "uint8"))


def rectified(builder: relax.BlockBuilder, x: Any, w: Any, b: Any) -> Any:
    """f32 matmul, bias, ReLU."""
    op = relax.op
    return builder.emit(op.nn.relu(builder.emit(op.add(builder.emit(op.matmul(x, w)), b))))


def quantised_reference(x: Any, w: Any, b: Any) -> Any:
    """What `quantised` computes."""
    y = x.astype("int32") @ w.astype("int32") + b
    return np.clip(np.round(y.astype("float32") * np.float32(0.01)), 0, 255).astype("uint8")


def rectified_reference(x: Any, w: Any, b: Any) -> Any:
    """What `rectified` computes."""
    return np.maximum(x @ w + b, 0)


def quantised_inputs(rng: np.random.Generator) -> list[Any]:
    """Random operands over the whole range of the bytes."""
    return [
        rng.integers(0, 256, (ROWS, INPUTS)).astype("uint8"),
        rng.integers(-128, 128, (INPUTS, HIDDEN)).astype("int8"),
        rng.integers(-1000, 1000, HIDDEN).astype("int32"),
        rng.integers(-128, 128, (HIDDEN, OUTPUTS)).astype("int8"),
        rng.integers(-1000, 1000, OUTPUTS).astype("int32"),
    ]


def rectified_inputs(rng: np.random.Generator) -> list[Any]:
    """Random normal operands."""
    shapes = [(ROWS, INPUTS), (INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, OUTPUTS), (OUTPUTS,)]
    return [rng.standard_normal(shape).astype("float32") for shape in shapes]


CASES = {
    "u8s8": (quantised, ("uint8", "int8", "int32"), quantised_inputs, quantised_reference),
    "f32": (rectified, ("float32", "float32", "float32"), rectified_inputs, rectified_reference),
}


def run(executable: Any, inputs: list[Any]) -> Any:
    """The output of the model in the Relax VM."""
    machine = relax.VirtualMachine(executable, tvm.cpu())
    return machine["main"](*[tvm.runtime.tensor(array) for array in inputs]).numpy()


def check(case: str, executable: Any) -> None:
    """Exact for integers, to float accuracy otherwise."""
    _, _, inputs_of, reference = CASES[case]
    x, w1, b1, w2, b2 = inputs = inputs_of(np.random.default_rng(0))
    expected = reference(reference(x, w1, b1), w2, b2)
    np.testing.assert_allclose(run(executable, inputs), expected, rtol=1e-4, atol=1e-3)


def tensorized(database: Any) -> list[bool]:
    """For every record, whether its trace puts in an intrinsic of ours."""
    records = database.get_all_tuning_records()
    return [any(unit in str(record.trace) for unit in ("vnni", "amx")) for record in records]


@pytest.mark.parametrize("case", CASES)
def test_plain_meta_schedule_tunes_a_model_with_our_space_and_search(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layer, dtypes, _, _ = CASES[case]
    target = tvm.target.Target(host().target(1))
    mod = mlp(layer, *dtypes)
    database = tvm.s_tir.meta_schedule.relax_integration.tune_relax(
        legalize_and_fuse(mod),
        {},
        target,
        str(tmp_path),
        4,
        num_trials_per_iter=2,
        builder=local_builder(),
        runner=local_runner(target),
        cost_model="random",
        space=heron_ms.HeronSpace(),
        strategy=heron_ms.ConstrainedGeneticSearch("quick"),
        task_scheduler="round-robin",
        seed=0,
    )
    capfd.readouterr()
    executable = heron_ms.compile_relax(database, mod, target, {})
    assert "not found" not in capfd.readouterr().err
    assert len(database.get_all_tuning_records()) == 4
    if host().has("avx512vnni"):
        assert tensorized(database) == [case == "u8s8"] * 4
    check(case, executable)


@pytest.mark.slow
def test_our_tune_relax_fuses_and_resumes(tmp_path: Path) -> None:
    target = tvm.target.Target(host().target(1))
    mod = mlp(quantised, "uint8", "int8", "int32")
    for trials in (2, 4, 4):
        database = heron_ms.tune_relax(
            mod, {}, target, str(tmp_path), trials, task_scheduler="round-robin", seed=0
        )
        assert len(database.get_all_tuning_records()) == trials
    check("u8s8", heron_ms.compile_relax(database, mod, target, {}))


def test_tasks_are_measured_as_a_model_calls_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def runner(self: CpuDevice, target: Any, in_model: bool = False) -> Any:
        asked.append(in_model)
        return PlantedRunner()

    monkeypatch.setattr(CpuDevice, "runner", runner)
    layer, dtypes, _, _ = CASES["f32"]
    builder, target = PlantedBuilder(lambda mod: 1.0), host().target(1)
    heron_ms.tune_relax(mlp(layer, *dtypes), {}, target, str(tmp_path), 2, builder=builder, seed=0)
    assert asked == [True]
