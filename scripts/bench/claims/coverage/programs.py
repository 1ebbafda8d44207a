"""The programs that are matched: the paper's shapes, and those of MetaSchedule's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any

from tvm import te, tirx
from tvm.s_tir.meta_schedule.testing.te_workload import CONFIGS

from heron_ms.workloads import SUITES as KNOWN

SUITES = ("dlboost", "tensorcore")


@dataclass(frozen=True)
class Family:
    """The operands of an intrinsic: a workload's short name of them, and TVM's of A, B and C."""

    intrinsic: str
    dtype: str
    a: str
    b: str
    c: str


FAMILIES = (
    Family("vnni.u8s8s32.16x4", "u8s8", "uint8", "int8", "int32"),
    Family("dotprod.s8s8s32.4x4", "s8s8", "int8", "int8", "int32"),
    Family("wmma_sync_16x16x16_f16f16f32", "f16", "float16", "float16", "float32"),
)


@dataclass(frozen=True)
class Program:
    """A program to be, of the operands of any family."""

    operator: str
    source: str
    sizes: tuple[int, ...]
    make: Callable[[Family], Any]

    @property
    def title(self) -> str:
        """As in the table."""
        return f"{self.operator} {' '.join(map(str, self.sizes))}"


def programs() -> Iterator[Program]:
    """All of them, each shape once."""
    yield from dict.fromkeys(_of_the_paper())
    yield from _of_metaschedule()


def _of_the_paper() -> Iterator[Program]:
    seen = set()
    for suite in SUITES:
        for workload in KNOWN[suite]:
            if (workload.operator, workload.case) not in seen:
                seen.add((workload.operator, workload.case))
                yield Program(
                    workload.operator.upper(), "paper", workload.case, _workload(workload)
                )


def _workload(like: Any) -> Callable[[Family], Any]:
    def make(family: Family) -> Any:
        # Each intrinsic gets the weight that stock's rules can do most with. The packed one is
        # VNNI's; a dot product of Arm finds its tiles in a transposed one.
        weight = {"u8s8": like.weight, "s8s8": "nk", "f16": "kn"}[family.dtype]
        options = {"layout": like.layout} if like.layout else {}
        return type(like).of(like.case, family.dtype, weight=weight, **options).prim_func()

    return make


def _of_metaschedule() -> Iterator[Program]:
    # The winograd one raises in the wheel itself: "LEGACY-FLOW triggered, to be removed".
    known = {name: config for name, config in CONFIGS.items() if name != "C2D_WIN_NHWC"}
    for name, (function, shapes) in known.items():
        for shape in shapes:
            make = _norm(shape) if name == "NRM" else _te_workload(function, shape)
            yield Program(name, "te_workload", tuple(shape), make)
            if name == "T2D":
                yield Program("T2D staged", "te_workload", tuple(shape), _staged(shape))


def _te_workload(function: Callable[..., Any], shape: tuple[int, ...]) -> Callable[[Family], Any]:
    def make(family: Family) -> Any:
        if "out_dtype" not in signature(function).parameters:
            return te.create_prim_func(list(function(*shape)))
        with _placeholders(family):
            return te.create_prim_func(list(function(*shape, out_dtype=family.c)))

    return make


@contextmanager
def _placeholders(family: Family) -> Iterator[None]:
    """Gives the operands a type each, of which te_workload has one for both."""
    original, dtypes = te.placeholder, iter((family.a, family.b))

    def typed(shape: Any, dtype: str = "", name: str = "placeholder") -> Any:
        return original(shape, next(dtypes, family.c), name)

    te.placeholder = typed
    try:
        yield
    finally:
        te.placeholder = original


def _norm(shape: tuple[int, ...]) -> Callable[[Family], Any]:
    """te_workload's NRM, which takes no types, with those of a family."""
    batch, m, n = shape

    def make(family: Family) -> Any:
        a = te.placeholder((batch, m, n), family.b, name="A")
        i, j = te.reduce_axis((0, m), "i"), te.reduce_axis((0, n), "j")

        def square(b: Any) -> Any:
            return te.sum(a[b, i, j].astype(family.c) * a[b, i, j].astype(family.c), axis=[i, j])

        c = te.compute((batch,), square, name="C")
        root = te.compute((batch,), lambda b: te.sqrt(c[b].astype("float32")), name="D")
        return te.create_prim_func([a, root])

    return make


def _staged(shape: tuple[int, ...]) -> Callable[[Family], Any]:
    """te_workload's T2D with the dilated input in a block of its own, which nothing else is."""
    n, h, w, ci, co, k, stride, pad = shape

    def make(family: Family) -> Any:
        a = te.placeholder((n, h, w, ci), family.a, name="inputs")
        b = te.placeholder((k, k, ci, co), family.b, name="weight")
        edge = k - 1 - pad
        size = [(extent - 1) * stride + 1 + 2 * edge for extent in (h, w)]

        def dilated(i: Any, y: Any, x: Any, c: Any) -> Any:
            steps = [(at - edge, extent) for at, extent in ((y, h), (x, w))]
            inside = [at >= 0 for at, _ in steps]
            inside += [at < (extent - 1) * stride + 1 for at, extent in steps]
            inside += [at % stride == 0 for at, _ in steps]
            value = a[i, steps[0][0] // stride, steps[1][0] // stride, c]
            return tirx.if_then_else(tirx.all(*inside), value, tirx.const(0, family.a))

        x = te.compute((n, *size, ci), dilated, name="dilated")
        rh, rw = (te.reduce_axis((0, k), name) for name in ("rh", "rw"))
        rc = te.reduce_axis((0, ci), "rc")

        def dot(i: Any, y: Any, z: Any, o: Any) -> Any:
            weight = b[k - 1 - rh, k - 1 - rw, rc, o].astype(family.c)
            return te.sum(x[i, y + rh, z + rw, rc].astype(family.c) * weight, axis=[rh, rw, rc])

        out = (n, size[0] - k + 1, size[1] - k + 1, co)
        return te.create_prim_func([a, b, te.compute(out, dot, name="conv2d_transpose_nhwc")])

    return make
