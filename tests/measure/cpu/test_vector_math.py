"""exp, erf, tanh, sigmoid and nearbyint: errors over all of a type, corners, vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tvm
from tvm import te

from heron_ms._tvm import IRModule, Schedule
from heron_ms.hardware import host
from heron_ms.measure.cpu import elementary
from heron_ms.measure.cpu.elementary import ERRORS
from heron_ms.measure.cpu.vector_math import with_vector_math
from tests.measure.cpu import minimax

LANES = 64


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


EXACT: Mapping[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "sigmoid": logistic,
    "erf": np.vectorize(math.erf),
    "tanh": np.tanh,
}


def compiled(name: str, count: int, dtype: str = "float32") -> tuple[Any, str]:
    """A vectorised function of so many elements, and its module."""
    x = te.placeholder((count,), dtype, "x")
    y = te.compute((count,), lambda i: getattr(te, name)(x[i]), "y")
    sch = Schedule(with_vector_math(IRModule({"main": te.create_prim_func([x, y])})))
    [loop] = sch.get_loops(sch.get_sblock("y"))
    _, lanes = sch.split(loop, [None, LANES])
    sch.vectorize(lanes)
    return tvm.compile(sch.mod, target=tvm.target.Target(host().target(1))), str(sch.mod)


def values(name: str, x: Any) -> Any:
    """What the compiled function makes of some elements."""
    padded = np.resize(x, -(-len(x) // LANES) * LANES)
    out = tvm.runtime.tensor(np.zeros_like(padded))
    compiled(name, len(padded), str(x.dtype))[0](tvm.runtime.tensor(padded), out)
    return out.numpy()[: len(x)]


def everywhere(step: int = 1 << 13) -> Any:
    """Finite float32s: a random one of each ``step`` neighbours, of either sign."""
    starts = np.arange(0, 1 << 32, step, dtype=np.uint64)
    bits = starts + np.random.default_rng(0).integers(0, step, len(starts)).astype(np.uint64)
    x = bits.astype(np.uint32).view("float32")
    return x[np.isfinite(x)]


@pytest.mark.parametrize("name", ERRORS)
def test_errors_over_all_of_float32(name: str) -> None:
    x = everywhere()
    with np.errstate(over="ignore", under="ignore"):
        exact = EXACT[name](x.astype("float64"))
        nearest = exact.astype("float32")
    got = values(name, x)
    np.testing.assert_array_equal(np.isinf(got), np.isinf(nearest))
    smallest = np.finfo("float32").tiny
    normal = np.isfinite(nearest) & (np.abs(nearest) >= smallest)
    units = np.abs(got[normal] - exact[normal]) / np.spacing(np.abs(nearest[normal]))
    assert 0.5 < units.max() < ERRORS[name]
    tiny = np.abs(nearest) < smallest
    allowed = smallest if name == "sigmoid" else 1.5 * np.finfo("float32").smallest_subnormal
    assert (np.abs(got[tiny] - exact[tiny]) <= allowed).all()


@pytest.mark.parametrize("name", ERRORS)
def test_corners_are_what_the_c_library_gives(name: str) -> None:
    x = np.array([np.inf, -np.inf, 0.0, -0.0, 3e38, -3e38, 1e-45, -1e-45, np.nan], "float32")
    got = values(name, x)
    with np.errstate(over="ignore"):
        expected = EXACT[name](x.astype("float64")).astype("float32")
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.signbit(got[:-1]), np.signbit(expected[:-1]))


def test_nearbyint_is_the_nearest_even_integer_and_a_vector() -> None:
    x = np.concatenate([everywhere(), np.arange(-9, 9, 0.5).astype("float32")])
    got = values("nearbyint", x)
    np.testing.assert_array_equal(got, np.rint(x))
    np.testing.assert_array_equal(np.signbit(got), np.signbit(x))
    assert "T.nearbyint(" not in compiled("nearbyint", LANES)[1]


@pytest.mark.parametrize("name", ["erf", "tanh"])
def test_nothing_is_above_one(name: str) -> None:
    x = np.linspace(-12, 12, 100_032, dtype="float32")
    assert np.abs(values(name, x)).max() == 1


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_all_floats_of_16_bits(name: str, dtype: str) -> None:
    """Of their values rounded to float32, the nearest of 16 bits."""
    of_bits = np.arange(1 << 16, dtype=np.uint16).view(getattr(ml_dtypes, dtype, dtype))
    wide = of_bits.astype("float32")
    wide = wide[np.isfinite(wide)]
    got = values(name, wide.astype(of_bits.dtype))
    with np.errstate(over="ignore"):
        nearest = values(name, wide).astype(of_bits.dtype)
    np.testing.assert_array_equal(got.view("uint16"), nearest.view("uint16"))


@pytest.mark.parametrize("name", ERRORS)
def test_no_call_is_left_but_of_float64(name: str) -> None:
    for dtype in ("float32", "float16", "bfloat16"):
        assert f"T.{name}(" not in compiled(name, LANES, dtype)[1]
    assert f"T.{name}(" in compiled(name, LANES, "float64")[1]


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("between", [False, True])
def test_what_is_computed_in_float32_may_come_from_bfloat16_and_be_cast_to_it(
    name: str, between: bool
) -> None:
    """As an operator that ONNX widens is, such as GELU; also behind an array of bfloat16."""
    x = te.placeholder((LANES,), "bfloat16", "x")
    read = te.compute((LANES,), lambda i: x[i] + x[i], "read") if between else x

    def widened(i: Any) -> Any:
        wide = read[i].astype("float32")
        return (wide * getattr(te, name)(wide)).astype("bfloat16")

    sch = Schedule(te.create_prim_func([x, te.compute((LANES,), widened, "y")]))
    sch.vectorize(sch.get_loops(sch.get_sblock("y"))[0])
    built = tvm.compile(with_vector_math(sch.mod), target=tvm.target.Target(host().target(1)))
    given = np.linspace(-3, 3, LANES).astype(ml_dtypes.bfloat16)
    out = tvm.runtime.tensor(np.zeros_like(given))
    built(tvm.runtime.tensor(given), out)
    wide = given.astype("float32") * (1 + between)
    exact = wide * EXACT[name](wide.astype("float64"))
    np.testing.assert_allclose(out.numpy().astype("float64"), exact, rtol=2**-8)


@pytest.mark.parametrize("name", ["sinh", "cosh"])
def test_what_has_no_vectors_is_computed_one_by_one(name: str) -> None:
    x = np.linspace(-5, 5, LANES, dtype="float32")
    given = te.placeholder((LANES,), "float32", "x")
    sch = Schedule(
        te.create_prim_func([given, te.compute((LANES,), lambda i: getattr(te, name)(given[i]))])
    )
    sch.vectorize(sch.get_loops(sch.get_sblock("compute"))[0])
    target = tvm.target.Target(host().target(1))
    out = tvm.runtime.tensor(np.zeros_like(x))
    tvm.compile(with_vector_math(sch.mod), target=target)(tvm.runtime.tensor(x), out)
    np.testing.assert_allclose(out.numpy(), getattr(np, name)(x), rtol=1e-5)


def test_coefficients_are_our_own_fits() -> None:
    error, exp = minimax.exponential()
    assert error < 1e-8
    np.testing.assert_allclose(elementary.EXP, exp, rtol=1e-4)
    for fit, coefficients in (
        (minimax.error_function(), elementary.ERF),
        (minimax.hyperbolic_tangent(), elementary.TANH),
    ):
        assert fit[0] < 3e-8
        for found, stated in zip(fit[1:], coefficients, strict=True):
            np.testing.assert_allclose(stated, found, rtol=1e-3)
