"""Machines that multiply several rows at a time: exact on odd sizes, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from heron_ms._tvm import IRModule, te, tirx
from heron_ms.constraints import constrain
from heron_ms.hardware import catalogue
from heron_ms.measure.vta.kernel import Kernel
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.workloads import Workload
from scripts.bench.vta.reuse import expected
from tests.measure.vta.programs import described, is_exchanged, sketch_of, workload, wrong

COUNTED = [
    workload("gemm", 32, 64, 48),
    workload("gemm", 13, 31, 67),
    workload("gemm", 1, 40, 20),
    workload("gemm", 31, 47, 65, weight="nk"),
    workload("bmm", 2, 32, 48, 40),
    workload("bmm", 3, 5, 18, 7),
]
WINDOWS = [
    workload("c1d", 1, 13, 5, 18, 3, 1, 1, 1),
    workload("c2d", 2, 8, 8, 16, 32, 3, 3, 1, 1, 1),
    workload("c2d", 1, 7, 6, 5, 18, 3, 2, 1, 1, 1),
    workload("c2d", 3, 5, 7, 17, 33, 3, 3, 2, 1, 1),
    workload("c2d", 1, 7, 7, 20, 20, 1, 1, 1, 0, 1, layout="nchw"),
    workload("dil", 1, 9, 9, 18, 20, 3, 3, 1, 2, 2),
    workload("t2d", 1, 5, 7, 9, 20, 3, 3, 2, 1, 1),
    workload("grp", 1, 7, 5, 36, 44, 3, 3, 1, 1, 1, 2),
]


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is known in that test only."""
    monkeypatch.setattr(catalogue, "_added", {})


def _named(assignment: Mapping[str, int], order: str, operator: str) -> dict[str, int]:
    """An assignment by the workload's axes, where a block was rearranged for rows come first."""
    axes = [*(order if operator == "bmm" else order[1:]), "k"]
    by_axis = {f"C.ax{at}.{part}": f"C.{a}.{part}" for at, a in enumerate(axes) for part in "01"}
    return {by_axis.get(name, name): value for name, value in assignment.items()}


@pytest.mark.parametrize("batch", [2, 4])
@pytest.mark.parametrize("given", COUNTED, ids=lambda given: given.name)
def test_products(given: Workload, batch: int, tmp_path: Path, rng: np.random.Generator) -> None:
    machine = described(tmp_path, batch=batch)
    sketch, exchanged = sketch_of(given, machine), is_exchanged(given, machine)
    for assignment in sketch.problem.sample(3, rng):
        counts: Counter[str] = Counter()
        different, _ = wrong(given, sketch.materialize(assignment), rng, machine, counts)
        named = _named(assignment, "bji" if exchanged else "bij", given.operator)
        right = expected(given, named, exchanged=exchanged, batch=batch)
        assert different == 0
        assert {name: counts[name] for name in right} == right, assignment


@pytest.mark.parametrize("given", WINDOWS, ids=lambda given: given.name)
def test_windows(given: Workload, tmp_path: Path, rng: np.random.Generator) -> None:
    machine = described(tmp_path, batch=2)
    sketch = sketch_of(given, machine)
    for assignment in sketch.problem.sample(2, rng):
        different, kernel = wrong(given, sketch.materialize(assignment), rng, machine)
        assert different == 0
        steps = sum(cycles.total for cycles in kernel.cycles)
        assert steps * machine.multiplications >= given.operations // 2


def _joined(m: int, n: int, k: int) -> IRModule:
    """E = int8(clip((A W^T + bias + R) >> 6))."""
    a, w = te.placeholder((m, k), "int8", "A"), te.placeholder((n, k), "int8", "W")
    bias = te.placeholder((n,), "int32", "bias")
    residual = te.placeholder((m, n), "int32", "R")
    r = te.reduce_axis((0, k), "k")
    c = te.compute(
        (m, n),
        lambda i, j: te.sum(a[i, r].astype("int32") * w[j, r].astype("int32"), axis=[r]),
        name="C",
    )
    d = te.compute((m, n), lambda i, j: c[i, j] + residual[i, j], name="D")
    e = te.compute(
        (m, n),
        lambda i, j: tirx.min(
            tirx.max((d[i, j] + bias[j]) >> 6, tirx.const(0, "int32")), tirx.const(100, "int32")
        ).astype("int8"),
        name="E",
    )
    return IRModule({"main": te.create_prim_func([a, w, bias, residual, e])})


@pytest.mark.parametrize("m", [32, 21])
def test_a_residual_is_added_on_the_chip_and_a_bias_is_not(
    m: int, tmp_path: Path, rng: np.random.Generator
) -> None:
    n, k, machine = 48, 64, described(tmp_path, batch=2)
    mod = _joined(m, n, k)
    [chosen] = plan_of(mod, machine).sketches
    sketch = constrain(Sketch(mod, chosen.schedule.trace), machine)
    a, w = (rng.integers(-128, 128, shape, np.int8) for shape in ((m, k), (n, k)))
    bias, residual = (rng.integers(-9000, 9000, shape, np.int32) for shape in (n, (m, n)))
    sums = a.astype(np.int32) @ w.astype(np.int32).T + residual + bias
    right = np.clip(sums >> 6, 0, 100).astype(np.int8)
    for assignment in sketch.problem.sample(3, rng):
        kernel = Kernel.of(sketch.materialize(assignment).mod, machine)
        # Where rows are padded, those of the residual are not.
        assert "E" in kernel.left and ("D" in kernel.left) == (m % 2 > 0)
        got = kernel.run([a, w, bias, residual, np.zeros((m, n), np.int8)])[-1]
        assert (got == right).all()
