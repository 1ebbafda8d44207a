"""Zero points leave the sums that they stand in, exactly, and what is left maps to an intrinsic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target, te, tirx, tvm_compile
from heron_ms.hardware import cpu_named, for_target, host
from heron_ms.normalization.centred import MOST_PRODUCTS
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping

M, N, K = 12, 33, 40


@dataclass(frozen=True)
class Form:
    """A product of bytes; ``zeros``: of both, as numbers or as functions of (i, j, arguments)."""

    dtypes: tuple[str, str]
    left: Any = 0
    right: Any = 0

    @property
    def program(self) -> IRModule:
        """Arguments: A (M, K), B (N, K), scalar S, R (M,), L (N,), all int32; and the result."""
        a, b = (
            te.placeholder((rows, K), dtype, name)
            for rows, dtype, name in zip((M, N), self.dtypes, "AB", strict=True)
        )
        given = [te.placeholder(shape, "int32", name) for shape, name in (((M,), "R"), ((N,), "L"))]
        k = te.reduce_axis((0, K), "k")

        def element(i: Any, j: Any) -> Any:
            left, right = (z(i, j, *given) if callable(z) else z for z in (self.left, self.right))
            return te.sum((_wide(a[i, k]) - left) * (_wide(b[j, k]) - right), axis=k)

        c = te.compute((M, N), element, name="C")
        return IRModule({"main": te.create_prim_func([a, b, *given, c])})

    def reference(self, a: Any, b: Any, r: Any, s: Any) -> Any:
        """In numpy's int64."""
        i, j = np.arange(M)[:, None], np.arange(N)[None, :]
        left, right = (z(i, j, r, s) if callable(z) else z for z in (self.left, self.right))
        left, right = (np.broadcast_to(z, (M, N))[..., None] for z in (left, right))
        return ((a[:, None].astype("int64") - left) * (b[None].astype("int64") - right)).sum(-1)


def _wide(value: Any) -> Any:
    return value.astype("int32")


FORMS = {
    "both unsigned": Form(("uint8", "uint8"), 121, 7),
    "both unsigned, no zero points": Form(("uint8", "uint8")),
    "unsigned by signed": Form(("uint8", "int8"), 121),
    "signed by unsigned": Form(("int8", "uint8"), -3, 130),
    "both signed": Form(("int8", "int8"), 0, 9),
    "one a row": Form(("uint8", "int8"), lambda i, j, r, s: r[i], 3),
    "one a column": Form(("uint8", "uint8"), 128, lambda i, j, r, s: s[j]),
    "both at run time": Form(("uint8", "uint8"), lambda i, j, r, s: r[i], lambda i, j, r, s: s[j]),
    "added": Form(("uint8", "int8"), lambda i, j, r, s: -r[i] - 4),
}


def arguments(form: Form, rng: np.random.Generator) -> list[Any]:
    def random(dtype: str, *shape: int) -> Any:
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max + 1, shape).astype(dtype)

    a, b = random(form.dtypes[0], M, K), random(form.dtypes[1], N, K)
    return [a, b, *(random("uint8", n).astype("int32") for n in (M, N))]


def outcome(mod: IRModule, given: list[Any], shape: tuple[int, ...]) -> Any:
    import tvm

    result = tvm.runtime.tensor(np.full(shape, -7, "int32"))
    kernel = tvm_compile(mod, target=Target(host().target(1)))
    kernel(*map(tvm.runtime.tensor, given), result)
    return result.numpy()


@pytest.mark.parametrize("name", FORMS)
def test_it_computes_the_same_and_is_tensorized(
    name: str, dlboost: Any, rng: np.random.Generator
) -> None:
    form = FORMS[name]
    changed = heron_ms.normalize(form.program)
    Schedule(changed, debug_mask="all")  # checks block bindings and regions
    given = arguments(form, rng)
    np.testing.assert_array_equal(outcome(changed, given, (M, N)), form.reference(*given))
    plan = plan_of(changed, for_target(dlboost))
    assert any(isinstance(block, Mapping) for block in plan.blocks)
    assert plan.sketches


def test_a_sketch_of_it_is_exact(dlboost: Any, rng: np.random.Generator) -> None:
    form = FORMS["both at run time"]
    given = arguments(form, rng)
    plan = plan_of(heron_ms.normalize(form.program), host().with_cores(1))
    if host().intrinsics:
        assert plan.sketches
    for chosen in plan.sketches[:2]:
        got = outcome(chosen.schedule.mod, given, (M, N))
        np.testing.assert_array_equal(got, form.reference(*given))


@pytest.mark.parametrize("name", FORMS)
def test_for_tiles_it_computes_the_same(name: str, rng: np.random.Generator) -> None:
    """Where the machine multiplies any two bytes, no factor becomes signed."""
    form, machine = FORMS[name], cpu_named("sapphirerapids")
    changed = heron_ms.normalize(form.program, machine)
    assert "_signed" not in changed.script()
    given = arguments(form, rng)
    np.testing.assert_array_equal(outcome(changed, given, (M, N)), form.reference(*given))


def test_the_extremes_do_not_overflow() -> None:
    form = FORMS["both unsigned"]
    given: list[Any] = [np.full((M, K), 255, "uint8"), np.zeros((N, K), "uint8")]
    given += [np.zeros(n, "int32") for n in (M, N)]
    got = outcome(heron_ms.normalize(form.program), given, (M, N))
    np.testing.assert_array_equal(got, form.reference(*given))


def convolution(channels: int | None) -> IRModule:
    """(1, 8, 8, 16) by 3 x 3, both unsigned; with no output channels it is a depthwise one."""
    x = te.placeholder((1, 8, 8, 16), "uint8", "X")
    deep = channels is not None
    w = te.placeholder((channels or 1, 3, 3, 16), "uint8", "W")
    taps = [te.reduce_axis((0, 3), name) for name in ("p", "q")]
    rc = te.reduce_axis((0, 16), "c")

    def element(n: Any, y: Any, z: Any, f: Any) -> Any:
        p, q = taps
        c = rc if deep else f
        left = _wide(x[n, y + p, z + q, c]) - 100
        right = _wide(w[f if deep else 0, p, q, c]) - 50
        return te.sum(left * right, axis=[*taps, rc] if deep else taps)

    return IRModule(
        {"main": te.create_prim_func([x, w, te.compute((1, 6, 6, channels or 16), element)])}
    )


def test_a_convolution_too(dlboost: Any, rng: np.random.Generator) -> None:
    mod = convolution(32)
    changed = heron_ms.normalize(mod)
    given = [
        rng.integers(0, 256, shape).astype("uint8") for shape in ((1, 8, 8, 16), (32, 3, 3, 16))
    ]
    got, want = (outcome(m, given, (1, 6, 6, 32)) for m in (changed, mod))
    np.testing.assert_array_equal(got, want)
    assert any(isinstance(b, Mapping) for b in plan_of(changed, for_target(dlboost)).blocks)


def dot(factor: Callable[[Any, Any], Any], length: int = 16, dtype: str = "uint8") -> IRModule:
    a = te.placeholder((8, length), dtype, "A")
    b = te.placeholder((8, length), "uint8", "B")
    k = te.reduce_axis((0, length), "k")
    c = te.compute((8, 8), lambda i, j: te.sum(factor(a[i, k], k) * _wide(b[j, k]), axis=k))
    return IRModule({"main": te.create_prim_func([a, b, c])})


OTHERS = {
    "one for each product": lambda: dot(lambda a, k: _wide(a) - _wide(k)),
    "a difference of bytes": lambda: dot(lambda a, k: _wide(a - tirx.const(3, "uint8"))),
    "so many that they overflow": lambda: dot(lambda a, k: _wide(a) - 3, MOST_PRODUCTS),
    "wide already": lambda: dot(lambda a, k: a - 3, dtype="int32"),
    "a depthwise convolution": lambda: convolution(None),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_alone(name: str) -> None:
    mod = OTHERS[name]()
    assert heron_ms.normalize(mod) is mod


def test_it_is_done_once() -> None:
    once = heron_ms.normalize(FORMS["both unsigned"].program)
    assert heron_ms.normalize(once) is once
