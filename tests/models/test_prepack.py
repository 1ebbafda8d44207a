"""A model whose weights are packed while it is compiled, or once by a function of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

import heron_ms
from heron_ms._tvm import structural_equal
from heron_ms.errors import PackingError
from heron_ms.hardware import host
from heron_ms.layout_free import layout_free
from heron_ms.models.passes import prepared
from heron_ms.models.prepack import with_free_constants
from heron_ms.models.tasks import functions_of
from heron_ms.work_dir import open_database

ROWS, INPUTS, HIDDEN, OUTPUTS = 8, 32, 48, 16
DTYPES = {"u8s8": ("uint8", "int8", "int32"), "f32": ("float32",) * 3}


def model(case: str) -> tvm.IRModule:
    """Two matrix products: of bytes requantised by a shift and a mask, or of float32 with ReLU."""
    x, w, acc = DTYPES[case]
    builder, op = relax.BlockBuilder(), relax.op
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    shapes = {"x": (ROWS, INPUTS), "w1": (INPUTS, HIDDEN), "w2": (HIDDEN, OUTPUTS)}
    params = [relax.Var(n, tensor(s, x if n == "x" else w)) for n, s in shapes.items()]
    with builder.function("main", params):
        with builder.dataflow():
            y = builder.emit(op.matmul(params[0], params[1], out_dtype=acc))
            if case == "u8s8":
                y = builder.emit(op.astype(builder.emit(op.clip(y, 0, 255)), "uint8"))
            else:
                y = builder.emit(op.nn.relu(y))
            out = builder.emit_output(op.matmul(y, params[2], out_dtype=acc))
        builder.emit_func_output(out)
    return builder.get()


def inputs(case: str) -> list[Any]:
    """Random x, w1 and w2; bytes over their whole range."""
    rng, shapes = np.random.default_rng(0), ((ROWS, INPUTS), (INPUTS, HIDDEN), (HIDDEN, OUTPUTS))
    if case == "f32":
        return [rng.standard_normal(shape).astype("float32") for shape in shapes]
    x = rng.integers(0, 256, shapes[0]).astype("uint8")
    return [x, *(rng.integers(-128, 128, shape).astype("int8") for shape in shapes[1:])]


def reference(case: str, x: Any, w1: Any, w2: Any) -> Any:
    """What `model` computes."""
    if case == "f32":
        return np.maximum(x @ w1, 0) @ w2
    y = np.clip(x.astype("int32") @ w1.astype("int32"), 0, 255)
    return y @ w2.astype("int32")


def tuned(mod: Any, params: dict[str, Any], work_dir: Path, prepack: bool | None = None) -> Any:
    """The executable after one trial a function."""
    target = tvm.target.Target(host().target(1))
    database = heron_ms.tune_relax(
        mod,
        params,
        target,
        str(work_dir),
        2,
        num_trials_per_iter=1,
        task_scheduler="round-robin",
        seed=0,
        cpu_weight_prepack=prepack,
    )
    assert len(database.get_all_tuning_records()) == 2
    return heron_ms.compile_relax(database, mod, target, params, prepack)


def weights(arrays: list[Any]) -> dict[str, Any]:
    """The parameters of `model` behind its first, by name."""
    return {name: tvm.runtime.tensor(w) for name, w in zip(("w1", "w2"), arrays[1:], strict=True)}


def functions(executable: Any) -> dict[str, list[str]]:
    """For each function of the virtual machine, the names of the kernels that it calls."""
    found: dict[str, list[str]] = {}
    for line in executable.as_text().splitlines():
        if line.startswith("@") and line.endswith(":"):
            found[line[1:-1]] = []
        elif line.split()[:1] == ["call"]:
            found[list(found)[-1]].append(line.split()[1])
    return {
        name: [call for call in calls if not call.startswith("vm.")]
        for name, calls in found.items()
    }


def packed(
    mod: Any, params: dict[str, Any], work_dir: Path, prepack: bool | None = None
) -> list[str]:
    """The kernels with packed weights of a model that is compiled without a trial."""
    target, database = tvm.target.Target(host().target(1)), open_database(str(work_dir))
    executable = heron_ms.compile_relax(database, mod, target, params, prepack)
    return [call for call in functions(executable)["main"] if "prepack" in call]


def check(case: str, output: Any, arrays: list[Any]) -> None:
    """Exact for integers, to float accuracy otherwise."""
    expected = reference(case, *arrays)
    np.testing.assert_allclose(output, expected, rtol=0 if case == "u8s8" else 1e-4, atol=1e-4)


@pytest.mark.parametrize("case", ["u8s8", pytest.param("f32", marks=pytest.mark.slow)])
def test_constants_are_packed_while_compiling(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arrays, mod = inputs(case), model(case)
    # As TVM's importer of ONNX says of every model.
    mod["main"] = mod["main"].with_attr("num_input", 1)
    params = weights(arrays)
    executable = tuned(mod, params, tmp_path)
    assert "not found" not in capfd.readouterr().err
    calls = functions(executable)
    assert list(calls) == ["main"]
    assert len(calls["main"]) == 2
    assert all(call.endswith("_prepacked") for call in calls["main"])
    machine = relax.VirtualMachine(executable, tvm.cpu())
    check(case, machine["main"](tvm.runtime.tensor(arrays[0])).numpy(), arrays)


def test_parameters_are_packed_by_a_function_of_their_own(tmp_path: Path) -> None:
    arrays = inputs("u8s8")
    mod = model("u8s8")
    mod["main"] = mod["main"].with_attr("num_input", 1)
    executable = tuned(mod, {}, tmp_path, prepack=True)
    calls = functions(executable)
    assert set(calls) == {"main", "main_transform_params"}
    assert [call for call in calls["main"] if "weight_prepack" in call] == []
    assert sum("weight_prepack" in call for call in calls["main_transform_params"]) == 2
    machine = relax.VirtualMachine(executable, tvm.cpu())
    x, *weights = (tvm.runtime.tensor(array) for array in arrays)
    packed = machine["main_transform_params"](weights)
    check("u8s8", machine["main"](x, *packed).numpy(), arrays)


def test_without_it_the_weights_stay(tmp_path: Path) -> None:
    params = weights(inputs("u8s8"))
    assert packed(model("u8s8"), params, tmp_path) != []
    assert packed(model("u8s8"), params, tmp_path, prepack=False) == []


def test_parameters_stay_unless_it_is_asked_for(tmp_path: Path) -> None:
    mod = model("u8s8")
    assert packed(mod, {}, tmp_path) == []
    mod["main"] = mod["main"].with_attr("num_input", 1)
    assert packed(mod, {}, tmp_path) == []


def test_it_is_refused_where_no_weight_is_constant(tmp_path: Path) -> None:
    with pytest.raises(PackingError, match="num_input"):
        packed(model("u8s8"), {}, tmp_path, prepack=True)


def test_a_function_without_a_constant_stays_the_program_that_it_is() -> None:
    first = {"w1": weights(inputs("f32"))["w1"]}
    free, kept = (
        [func for _, func in functions_of(prepared(model("f32"), first, prepack))]
        for prepack in (None, False)
    )
    same = [any(structural_equal(func, other) for other in kept) for func in free]
    assert sorted(same) == [False, True]


def test_what_is_prepared_stays_as_it_is() -> None:
    fused = prepared(model("f32"), weights(inputs("f32")))
    assert prepared(fused).same_as(fused)


def test_a_model_is_prepared_the_same_each_time() -> None:
    """Else its records are not found again: attention names operands where no pass follows."""
    builder = relax.BlockBuilder()
    q, k, v = (relax.Var(name, relax.TensorType((2, 6, 4, 8), "float32")) for name in "qkv")
    with builder.function("main", [q, k, v]):
        with builder.dataflow():
            out = builder.emit_output(relax.op.nn.attention(q, k, v))
        builder.emit_func_output(out)
    mod = builder.get()
    assert structural_equal(prepared(mod), prepared(mod))


def test_only_what_is_summed_up_is_packed() -> None:
    """Not a bias, which is read as it lies, nor a scale; but a weight that is turned first."""
    builder, op = relax.BlockBuilder(), relax.op
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor((1, 4, 6, 6), "float32"))
    rng = np.random.default_rng(0)
    weight, bias, scale = (
        relax.const(rng.random(shape).astype("float32"))
        for shape in ((4, 8, 3, 3), (1, 8, 1, 1), (1, 8, 1, 1))
    )
    with builder.function("main", [x]):
        with builder.dataflow():
            y = builder.emit(op.nn.conv2d_transpose(x, weight))
            y = builder.emit(op.add(y, bias))
            out = builder.emit_output(op.multiply(y, scale))
        builder.emit_func_output(out)
    steps = (
        relax.transform.LegalizeOps(),
        relax.transform.AnnotateTIROpPattern(),
        relax.transform.FuseOps(),
        relax.transform.FuseTIR(),
    )
    fused = tvm.ir.transform.Sequential(steps)(builder.get())
    [(_, func)] = functions_of(with_free_constants(fused, None))
    assert len(func.params) == 5
    [at] = layout_free(func)
    assert [int(extent) for extent in func.params[at].shape] == [4, 8, 3, 3]
