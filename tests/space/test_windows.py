"""Blocks that slide a window: which are, what is made of them, and that it is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import (
    IRModule,
    SBlockRealize,
    Target,
    collect,
    te,
    tirx,
    topi,
    tvm_compile,
)
from heron_ms.constraints import constrain
from heron_ms.hardware import host
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import NONE
from heron_ms.space_generators.plan import plan_of
from heron_ms.space_generators.rules.window import INLINE, TASK
from heron_ms.space_generators.windows import Window, read_window
from heron_ms.testing import STEPS, Checker, spread
from heron_ms.workloads import OPERATORS
from tests.space.window_programs import Depthwise, Pool

MACHINE = host().with_cores(1)

PROGRAMS: list[Depthwise | Pool] = [
    Depthwise(1, 7, 7, 3, 1, 1),
    Depthwise(3, 14, 14, 3, 2, 1),
    Depthwise(17, 28, 33, 5, 1, 2),
    Depthwise(3, 33, 28, 5, 2, 2),
    Depthwise(3, 9, 17, 3, 1, 0),
    Depthwise(1, 7, 7, 3, 1, 1, "NHWC"),
    Depthwise(3, 14, 14, 3, 2, 1, "NHWC"),
    Depthwise(17, 7, 33, 5, 1, 2, "NHWC"),
    Depthwise(32, 14, 7, 3, 2, 0, "NHWC"),
    Pool("max", 3, 14, 33, 2),
    Pool("max", 17, 7, 14, 1, "NHWC"),
    Pool("avg", 3, 14, 28, 1),
    Pool("avg", 32, 7, 14, 2, "NHWC"),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_drawn_programs_compute_what_numpy_computes(program: Depthwise | Pool) -> None:
    rng = np.random.default_rng(0)
    given = [rng.standard_normal(shape).astype(np.float32) for shape in program.shapes]
    expected = program.expected(*given)
    plan = plan_of(program.module, MACHINE)
    assert any(isinstance(block, Window) for block in plan.blocks)
    for chosen in plan.sketches:
        sketch = constrain(Sketch(program.module, chosen.schedule.trace), MACHINE)
        for assignment in sketch.problem.sample(3, rng):
            result = _run(sketch.materialize(assignment).mod, given, expected.shape)
            np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layout", ("nhwc", "nchw"))
def test_bytes_are_exact(layout: str, rng: np.random.Generator) -> None:
    workload = OPERATORS["dep"].of((1, 9, 14, 24, 3, 3, 2, 1, 1), "u8s8", layout=layout)
    a, b = workload.random_inputs(rng)
    expected = workload.reference(a, b)
    mod = IRModule({"main": workload.prim_func()})
    for chosen in plan_of(mod, MACHINE).sketches:
        sketch = constrain(Sketch(mod, chosen.schedule.trace), MACHINE)
        for assignment in sketch.problem.sample(3, rng):
            scheduled = sketch.materialize(assignment).mod
            result = _run(scheduled, [a, workload.arrange(b)], expected.shape, "int32")
            np.testing.assert_array_equal(result, expected)


def _run(mod: IRModule, given: list[Any], shape: tuple[int, ...], dtype: str = "float32") -> Any:
    import tvm

    result = tvm.runtime.tensor(np.full(shape, -7, dtype))
    kernel = tvm_compile(mod, target=Target(MACHINE.target()))
    kernel(*map(tvm.runtime.tensor, given), result)
    return result.numpy()


@pytest.mark.parametrize("layout", ("NCHW", "NHWC"))
def test_an_assignment_is_its_program(layout: str, rng: np.random.Generator) -> None:
    checker = Checker(Depthwise(12, 14, 28, 3, 1, 1, layout).module, Target(MACHINE.target()))
    for sketch, assignment in spread(checker.sketches, 6, rng):
        report = checker.check(sketch, assignment)
        assert report.failures == ()
        assert report.passed == STEPS


def test_padding_is_made_where_it_costs_no_vectors() -> None:
    def places(program: Depthwise) -> list[Any]:
        return [chosen.blocks[0][1] for chosen in plan_of(program.module, MACHINE).sketches]

    assert places(Depthwise(32, 14, 14, 3, 1, 1, "NHWC")) == [INLINE]
    assert places(Depthwise(32, 14, 14, 3, 1, 1, "NCHW")) == [TASK]
    # What an importer leaves of no padding is a block that copies; it is left out.
    assert places(Depthwise(32, 14, 14, 3, 1, 0, "NCHW")) == [NONE]


def bordered(layout: str, stride: int) -> tuple[IRModule, Any]:
    """A depthwise convolution of bytes with a border of threes, as a quantised model has it.

    What pads it with its zero point is copied by a block that pads it with nothing.
    """
    channels, size = 24, 14
    shapes = {"NCHW": ((1, channels, size, size), (channels, 1, 3, 3))}
    shapes["NHWC"] = ((1, size, size, channels), (3, 3, channels, 1))
    x, w = (
        te.placeholder(shape, dtype, name)
        for shape, dtype, name in zip(shapes[layout], ("uint8", "int8"), "xw", strict=True)
    )
    border = [0 if letter in "NC" else 1 for letter in layout]
    padded = topi.nn.pad(x, border, border, tirx.const(3, "uint8"))
    kernel_layout = "OIHW" if layout == "NCHW" else "HWOI"
    c = topi.nn.conv(
        padded, w, [stride] * 2, [0] * 4, [1] * 2, channels, layout, kernel_layout, "int32"
    )

    def reference(data: Any, weight: Any) -> Any:
        if layout == "NCHW":
            data, weight = np.moveaxis(data, 1, -1), np.transpose(weight, (2, 3, 0, 1))
        around = np.pad(data, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=3)
        every = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(1, 2))
        result = np.einsum(
            "nyxcij,ijc->nyxc",
            every[:, ::stride, ::stride].astype("int32"),
            weight[..., 0].astype("int32"),
        )
        return np.moveaxis(result, -1, 1) if layout == "NCHW" else result

    return IRModule({"main": te.create_prim_func([x, w, c])}), reference


@pytest.mark.parametrize("stride", (1, 2))
@pytest.mark.parametrize(("layout", "place"), [("NCHW", TASK), ("NHWC", INLINE)])
def test_a_border_of_zero_points_is_made_where_it_costs_no_vectors(
    layout: str, place: Any, stride: int, rng: np.random.Generator
) -> None:
    mod, reference = bordered(layout, stride)
    [chosen] = plan_of(mod, MACHINE).sketches
    assert [made for _, made in chosen.blocks] == [place]
    given = [
        rng.integers(0, 256, (1, 24, 14, 14) if layout == "NCHW" else (1, 14, 14, 24)),
        rng.integers(-128, 128, (24, 1, 3, 3) if layout == "NCHW" else (3, 3, 24, 1)),
    ]
    x, weight = given[0].astype("uint8"), given[1].astype("int8")
    expected = reference(x, weight)
    sketch = constrain(Sketch(mod, chosen.schedule.trace), MACHINE)
    [assignment] = sketch.problem.sample(1, rng)
    result = _run(sketch.materialize(assignment).mod, [x, weight], expected.shape, "int32")
    np.testing.assert_array_equal(result, expected)


def test_data_that_no_block_makes_is_read_in_place() -> None:
    func = OPERATORS["dep"].of((1, 8, 8, 16, 3, 3, 1, 0, 1), "f32").prim_func()
    [sketch] = plan_of(IRModule({"main": func}), MACHINE).sketches
    assert [place for _, place in sketch.blocks] == [NONE]


@pytest.mark.parametrize(
    ("operator", "sizes"),
    [
        ("c2d", (1, 8, 8, 16, 32, 3, 3, 1, 1, 1)),
        ("c2d", (1, 8, 8, 1, 32, 3, 3, 1, 1, 1)),
        ("grp", (1, 8, 8, 32, 64, 3, 3, 1, 1, 1, 2)),
        ("gemm", (16, 16, 16)),
    ],
)
def test_what_shares_its_operands_is_no_window(operator: str, sizes: tuple[int, ...]) -> None:
    func = OPERATORS[operator].of(sizes, "f32").prim_func()
    blocks = plan_of(IRModule({"main": func}), MACHINE).blocks
    assert not any(isinstance(block, Window) for block in blocks)


@pytest.mark.parametrize(("channels", "halves"), [(48, {2, 4}), (24, {1})])
def test_a_vector_fills_registers_where_some_divisor_does(channels: int, halves: set[int]) -> None:
    half = MACHINE.vector_bytes // 8
    mod = Depthwise(channels * half // 8, 14, 14, 3, 1, 1, "NHWC").module
    sketch = constrain(Sketch(mod, plan_of(mod, MACHINE).sketches[0].schedule.trace), MACHINE)
    drawn = sketch.problem.sample(20, np.random.default_rng(0))
    [lanes] = {name for name in drawn[0] if name.endswith("ff.3")}
    assert {assignment[lanes] // half for assignment in drawn} <= halves


def test_one_number_has_no_window() -> None:
    a, k = te.placeholder((5,), "float32", "A"), te.reduce_axis((0, 5), "k")
    func = te.create_prim_func([a, te.compute((), lambda: te.sum(a[k], axis=k), "C")])
    [realize] = [r for r in collect(func.body, SBlockRealize) if r.block.iter_vars]
    assert read_window(realize) is None
