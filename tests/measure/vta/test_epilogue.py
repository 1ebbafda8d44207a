"""What stands behind a product: bias, shift, ReLU, clip, on the ALU; and what it does not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Target, te, tirx
from heron_ms.checking import compared
from heron_ms.constraints import constrain
from heron_ms.errors import FaultError
from heron_ms.measure.vta.device import VtaDevice
from heron_ms.measure.vta.epilogue import chain_of
from heron_ms.measure.vta.instructions import Alu, Compute, Opcode
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.workloads import OPERATORS, Gemm, Workload
from tests.measure.vta.programs import PYNQ, sketch_of, wrong


def _biased(m: int, n: int, k: int) -> IRModule:
    """E = int8(min(max((A W^T + bias) >> 6, 0), 100))."""
    a = te.placeholder((m, k), "int8", "A")
    w = te.placeholder((n, k), "int8", "W")
    bias = te.placeholder((n,), "int32", "bias")
    r = te.reduce_axis((0, k), "k")

    def dot(i: Any, j: Any) -> Any:
        return te.sum(a[i, r].astype("int32") * w[j, r].astype("int32"), axis=[r])

    def bounded(i: Any, j: Any) -> Any:
        rectified = tirx.max(d[i, j] >> 6, tirx.const(0, "int32"))
        return tirx.min(rectified, tirx.const(100, "int32")).astype("int8")

    c = te.compute((m, n), dot, name="C")
    d = te.compute((m, n), lambda i, j: c[i, j] + bias[j], name="D")
    return IRModule({"main": te.create_prim_func([a, w, bias, te.compute((m, n), bounded, "E")])})


@pytest.mark.parametrize("m, n, k", [(32, 48, 64), (21, 32, 40)])
def test_a_bias_and_a_relu(m: int, n: int, k: int, rng: np.random.Generator) -> None:
    mod = _biased(m, n, k)
    [chosen] = plan_of(mod, PYNQ).sketches
    sketch = constrain(Sketch(mod, chosen.schedule.trace), PYNQ)
    a, w = (rng.integers(-128, 128, shape, np.int8) for shape in ((m, k), (n, k)))
    bias = rng.integers(-9000, 9000, n, np.int32)
    sums = a.astype(np.int32) @ w.astype(np.int32).T + bias
    right = np.clip(sums >> 6, 0, 100).astype(np.int8)
    device = VtaDevice(PYNQ)
    for assignment in sketch.problem.sample(3, rng):
        sch = sketch.materialize(assignment)
        kernel = device.compile(sch.mod, Target(PYNQ.target()))
        got = device.call(kernel["main"], [a, w, bias, np.zeros((m, n), np.int8)])[-1]
        assert (got == right).all()
        instructions = kernel.emitted[0].instructions
        alu = [i for i in instructions if isinstance(i, Compute) and i.opcode == Opcode.ALU]
        assert [Alu(i.alu).name for i in alu[:4]] == ["ADD", "SHR", "MAX", "MIN"]
        assert [i.use_imm for i in alu[:4]] == [0, 1, 1, 1]


Joined = Callable[[Any, Any, Any], Any]
"""An accumulator with a bias and a residual."""

JOINED: dict[str, Joined] = {
    "a bias": lambda c, bias, _: c + bias,
    "a bias first": lambda c, bias, _: bias + c,
    "a residual": lambda c, _, residual: c + residual,
    "a bias, a shift and a residual": lambda c, bias, residual: ((c + bias) >> 2) + residual,
}


def _joined(m: int, n: int, k: int, join: Joined, *, exchanged: bool) -> IRModule:
    """E = int8(clip(join(A W^T, bias, R) >> 6)), W before A where the factors are exchanged."""
    a = te.placeholder((m, k), "int8", "A")
    w = te.placeholder((n, k), "int8", "W")
    bias = te.placeholder((n,), "int32", "bias")
    residual = te.placeholder((m, n), "int32", "R")
    r = te.reduce_axis((0, k), "k")

    def dot(i: Any, j: Any) -> Any:
        factors = [a[i, r].astype("int32"), w[j, r].astype("int32")]
        first, second = reversed(factors) if exchanged else factors
        return te.sum(first * second, axis=[r])

    def bounded(i: Any, j: Any) -> Any:
        shifted = join(c[i, j], bias[j], residual[i, j]) >> 6
        rectified = tirx.max(shifted, tirx.const(0, "int32"))
        return tirx.min(rectified, tirx.const(100, "int32")).astype("int8")

    c = te.compute((m, n), dot, name="C")
    return IRModule(
        {"main": te.create_prim_func([a, w, bias, residual, te.compute((m, n), bounded, "E")])}
    )


@pytest.mark.parametrize("exchanged", [False, True])
@pytest.mark.parametrize("joined", JOINED)
@pytest.mark.parametrize("m", [32, 21])
def test_what_is_added_on_the_chip(
    m: int, joined: str, exchanged: bool, rng: np.random.Generator
) -> None:
    n, k = 48, 64
    mod = _joined(m, n, k, JOINED[joined], exchanged=exchanged)
    [chosen] = plan_of(mod, PYNQ).sketches
    sketch = constrain(Sketch(mod, chosen.schedule.trace), PYNQ)
    a, w = (rng.integers(-128, 128, shape, np.int8) for shape in ((m, k), (n, k)))
    bias, residual = (rng.integers(-9000, 9000, shape, np.int32) for shape in (n, (m, n)))
    sums = JOINED[joined](a.astype(np.int32) @ w.astype(np.int32).T, bias, residual)
    right = np.clip(sums >> 6, 0, 100).astype(np.int8)
    for assignment in sketch.problem.sample(2, rng):
        kernel = Kernel.of(sketch.materialize(assignment).mod, PYNQ)
        got = kernel.run([a, w, bias, residual, np.zeros((m, n), np.int8)])[-1]
        assert (got == right).all()


def _chained(m: int, k: int, n: int, p: int) -> IRModule:
    """F = q(q(A W^T) V^T), where q(x) = int8(clip(x >> 6, 0, 127))."""
    a = te.placeholder((m, k), "int8", "A")
    w, v = te.placeholder((n, k), "int8", "W"), te.placeholder((p, n), "int8", "V")
    between = _bytes_of(_product(a, w, "C"))
    result = _bytes_of(_product(between, v, "E"))
    return IRModule({"main": te.create_prim_func([a, w, v, result])})


def _product(a: Any, b: Any, name: str) -> Any:
    r = te.reduce_axis((0, int(a.shape[1])), f"{name}.k")

    def dot(i: Any, j: Any) -> Any:
        return te.sum(a[i, r].astype("int32") * b[j, r].astype("int32"), axis=[r])

    return te.compute((int(a.shape[0]), int(b.shape[0])), dot, name=name)


def _bytes_of(sums: Any) -> Any:
    def clipped(i: Any, j: Any) -> Any:
        rectified = tirx.max(sums[i, j] >> 6, tirx.const(0, "int32"))
        return tirx.min(rectified, tirx.const(127, "int32")).astype("int8")

    return te.compute(sums.shape, clipped, f"{sums.op.name}.bytes")


def test_a_product_waits_for_the_one_that_it_reads(rng: np.random.Generator) -> None:
    """No token between modules would say so: each is a program of its own."""
    mod = _chained(32, 48, 32, 64)
    [chosen] = plan_of(mod, PYNQ).sketches
    sketch = constrain(Sketch(mod, chosen.schedule.trace), PYNQ)
    a, w, v = (rng.integers(-128, 128, shape, np.int8) for shape in ((32, 48), (32, 48), (64, 32)))
    between = np.clip(a.astype(np.int32) @ w.astype(np.int32).T >> 6, 0, 127)
    right = np.clip(between @ v.astype(np.int32).T >> 6, 0, 127).astype(np.int8)
    for assignment in sketch.problem.sample(6, rng):
        kernel = Kernel.of(sketch.materialize(assignment).mod, PYNQ)
        assert len(kernel.emitted) == 2
        assert (kernel.run([a, w, v, np.zeros((32, 64), np.int8)])[-1] == right).all()


def _scaled(c: Any, bias: Any, _: Any) -> Any:
    scaled = (c + bias).astype("float32") * tirx.const(0.37, "float32")
    return tirx.round(scaled).astype("int32")


LEFT: dict[str, Joined] = {
    "a scale": _scaled,
    # The cores load no bytes into accumulators; VTA's functional simulator alone does.
    "a residual of bytes": lambda c, _, residual: c + residual.astype("int8").astype("int32"),
    "a difference": lambda c, bias, _: c - bias,
    "a wide number": lambda c, _, __: c + tirx.const(1 << 15, "int32"),
}
"""What the ALU does not compute of sums."""


@pytest.mark.parametrize("joined", LEFT)
@pytest.mark.parametrize("m", [32, 21])
def test_what_is_left_to_the_caller(m: int, joined: str, rng: np.random.Generator) -> None:
    """The chip stores all 32 bits of its sums, a byte at a time."""
    n, k = 48, 64
    mod = _joined(m, n, k, LEFT[joined], exchanged=False)
    [chosen] = plan_of(mod, PYNQ).sketches
    sketch = constrain(Sketch(mod, chosen.schedule.trace), PYNQ)
    device, target = VtaDevice(PYNQ), Target(PYNQ.target())
    for assignment in sketch.problem.sample(2, rng):
        kernel = device.compile(sketch.materialize(assignment).mod, target)
        assert compared(device, kernel, mod["main"], seed=0).wrong == 0
        [program] = kernel.emitted
        alu = [i for i in program.instructions if isinstance(i, Compute) and i.opcode == Opcode.ALU]
        assert {(Alu(i.alu).name, i.imm) for i in alu} == {("SHR", 8)}


def test_a_program_without_a_product() -> None:
    given = te.placeholder((16,), "int8", "A")
    added = te.compute((16,), lambda i: given[i] + tirx.const(1, "int8"), "B")
    with pytest.raises(FaultError, match="no statement of it is for the chip"):
        Kernel.of(IRModule({"main": te.create_prim_func([given, added])}), PYNQ)


SUMS = [
    Gemm.of((32, 32, 32), "s8s8"),
    Gemm.of((21, 40, 20), "s8s8"),
    OPERATORS["c2d"].of((1, 7, 6, 5, 18, 3, 2, 1, 1, 1), "s8s8"),
]


@pytest.mark.parametrize("given", SUMS, ids=lambda given: given.name)
def test_sums_of_32_bits(given: Workload, rng: np.random.Generator) -> None:
    """Four stores of bytes, and three shifts between them."""
    sketch = sketch_of(given)
    for assignment in sketch.problem.sample(3, rng):
        counts: Counter[str] = Counter()
        different, _ = wrong(given, sketch.materialize(assignment), rng, counts=counts)
        assert different == 0
        assert counts["out bytes"] * 3 == counts["alu"] * 16 * 4


def test_floats_cannot_be_stored() -> None:
    held = te.placeholder((4,), "int32", "acc")
    program = te.create_prim_func([held, te.compute((4,), lambda i: held[i].astype("float32"))])
    value = program.body.block.body.body.block.body.value
    with pytest.raises(FaultError, match="the ALU does not compute"):
        chain_of(value, [program.params[0]])


def test_what_the_alu_does_not_compute() -> None:
    held = te.placeholder((4,), "int32", "acc")
    program = te.create_prim_func([held, te.compute((4,), lambda i: held[i] // 3, "C")])
    value = program.body.block.body.body.block.body.value
    with pytest.raises(FaultError, match="the ALU does not compute") as raised:
        chain_of(value, [program.params[0]])
    assert raised.value.kind == "affine"
