"""A Relax module, whose indices have 64 bits and whose functions are called by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax

import heron_ms
from heron_ms._tvm import IRModule, PrimFunc, Target, tvm_compile
from heron_ms.models.passes import legalize_and_fuse
from tests.normalization.padded_convolutions import reductions


def _model() -> IRModule:
    """A convolution of 4 x 4 places under 3 x 3 taps, with padding, then ReLU."""
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    builder = relax.BlockBuilder()
    x = relax.Var("x", tensor((1, 4, 4, 4), "float32"))
    w = relax.Var("w", tensor((8, 4, 3, 3), "float32"))
    with builder.function("main", [x, w]):
        with builder.dataflow():
            y = builder.emit(relax.op.nn.conv2d(x, w, padding=1))
            out = builder.emit_output(builder.emit(relax.op.nn.relu(y)))
        builder.emit_func_output(out)
    return legalize_and_fuse(builder.get())


def _run(mod: IRModule, arrays: list[Any]) -> Any:
    target = Target({"kind": "llvm", "num-cores": 1})
    machine = relax.VirtualMachine(tvm_compile(mod, target), tvm.cpu())
    return machine["main"](*map(tvm.runtime.tensor, arrays)).numpy()


def test_its_functions_change_and_compute_the_same(rng: np.random.Generator) -> None:
    mod = _model()
    after = heron_ms.normalize(mod)
    functions = {name: f for name, f in after.functions_items() if isinstance(f, PrimFunc)}
    assert len(reductions(IRModule(functions))) == 3
    arrays = [rng.standard_normal(shape, np.float32) for shape in ((1, 4, 4, 4), (8, 4, 3, 3))]
    np.testing.assert_array_equal(_run(after, arrays), _run(mod, arrays))


def _transposed(strides: int, out_pad: int, dilation: int) -> IRModule:
    """A transposed convolution of 5 x 4 places, then ReLU."""
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    builder = relax.BlockBuilder()
    x = relax.Var("x", tensor((1, 4, 5, 4), "float32"))
    w = relax.Var("w", tensor((4, 8, 3, 3), "float32"))
    options = {"padding": 1, "output_padding": out_pad, "dilation": dilation}
    with builder.function("main", [x, w]):
        with builder.dataflow():
            y = builder.emit(relax.op.nn.conv2d_transpose(x, w, strides=strides, **options))
            out = builder.emit_output(builder.emit(relax.op.nn.relu(y)))
        builder.emit_func_output(out)
    return legalize_and_fuse(builder.get())


@pytest.mark.parametrize(("strides", "out_pad", "dilation"), [(2, 1, 1), (3, 0, 1), (2, 0, 2)])
def test_transposed_convolutions_become_phases(
    strides: int, out_pad: int, dilation: int, rng: np.random.Generator
) -> None:
    mod = _transposed(strides, out_pad, dilation)
    after = heron_ms.normalize(mod)
    functions = {name: f for name, f in after.functions_items() if isinstance(f, PrimFunc)}
    assert len(reductions(IRModule(functions))) == strides**2
    arrays = [rng.standard_normal(shape, np.float32) for shape in ((1, 4, 5, 4), (4, 8, 3, 3))]
    np.testing.assert_array_equal(_run(after, arrays), _run(mod, arrays))
