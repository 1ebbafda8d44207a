"""Programs in other forms than te's: the same padding said differently, and what is no padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target, te, tirx, tvm_compile
from tests.normalization.padded_convolutions import products, reductions

W, K, CI, CO = 4, 3, 5, 6


def _program(pad: Callable[[Any, Any], Any], reduce: Any = te.sum, more: Any = None) -> IRModule:
    """A convolution of four places under three taps, over ``pad(A, w, ci)`` with a place more."""
    a = te.placeholder((W, CI), "float32", name="A")
    b = te.placeholder((K, CI, CO), "float32", name="B")
    padded = te.compute((W + 2, CI), lambda w, ci: pad(a, w)(ci), name="A_padded")
    k, ci = te.reduce_axis((0, K), "k"), te.reduce_axis((0, CI), "ci")
    c = te.compute(
        (W, CO), lambda w, co: reduce(padded[w + k, ci] * b[k, ci, co], axis=[k, ci]), name="C"
    )
    results = [c] if more is None else [c, more(padded)]
    return IRModule({"main": te.create_prim_func([a, b, *results])})


def _where(condition: Callable[[Any], Any], otherwise: float = 0.0) -> Callable[[Any, Any], Any]:
    zero = tirx.const(otherwise, "float32")
    return lambda a, w: lambda ci: tirx.if_then_else(condition(w), a[w - 1, ci], zero)


FORMS = {
    "and": lambda w: tirx.And(w >= 1, w < 5),
    "all": lambda w: tirx.all(w > 0, w <= 4),
    "not": lambda w: tirx.Not(tirx.Or(w < 1, w > 4)),
    "sides exchanged": lambda w: tirx.And(tirx.const(0, "int32") < w, tirx.const(5, "int32") > w),
    "moved": lambda w: tirx.And(w - 1 >= 0, w - 1 < 4),
    "division": lambda w: tirx.floordiv(w + 3, 4) == 1,
    "remainder": lambda w: tirx.floormod(w, 5) != 0,
}


def _reference(a: Any, b: Any) -> Any:
    padded = np.pad(a.astype(np.float64), ((1, 1), (0, 0)))
    return sum(np.einsum("wc,co->wo", padded[k : k + W], b[k].astype(np.float64)) for k in range(K))


def _run(mod: IRModule, rng: np.random.Generator) -> tuple[Any, Any]:
    import tvm

    a = rng.standard_normal((W, CI), np.float32)
    b = rng.standard_normal((K, CI, CO), np.float32)
    c = tvm.runtime.tensor(np.full((W, CO), np.nan, np.float32))
    kernel = tvm_compile(mod, Target({"kind": "llvm", "num-cores": 1}))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(b), c)
    return c.numpy(), _reference(a, b)


@pytest.mark.parametrize("form", FORMS)
def test_the_analyzer_sees_through(form: str, rng: np.random.Generator) -> None:
    mod = _program(_where(FORMS[form]))
    after = heron_ms.normalize(mod)
    assert reductions(after) == ["C_0", "C_1", "C_2"]
    assert products(mod) - products(after) == 2 * CI * CO
    np.testing.assert_allclose(*_run(after, rng), rtol=1e-5, atol=1e-5)


def test_select_is_a_choice_too(rng: np.random.Generator) -> None:
    zero = tirx.const(0.0, "float32")

    def pad(a: Any, w: Any) -> Any:
        inside = tirx.max(tirx.min(w - 1, W - 1), 0)
        return lambda ci: tirx.Select(tirx.And(w >= 1, w < 5), a[inside, ci], zero)

    after = heron_ms.normalize(_program(pad))
    assert reductions(after) == ["C_0", "C_1", "C_2"]
    np.testing.assert_allclose(*_run(after, rng), rtol=1e-5, atol=1e-5)


LEFT_ALONE = {
    "padded with ones": lambda: _program(_where(FORMS["and"], 1.0)),
    "an unknown condition": lambda: _program(
        lambda a, w: lambda ci: tirx.if_then_else(a[0, ci] > 0, a[0, ci], tirx.const(0.0))
    ),
    "a maximum": lambda: _program(_where(FORMS["and"]), te.max),
    "a second reader": lambda: _program(
        _where(FORMS["and"]),
        more=lambda p: te.compute((W + 2, CI), lambda w, c: p[w, c] + 1, name="D"),
    ),
}


@pytest.mark.parametrize("program", LEFT_ALONE)
def test_what_is_no_padding_of_one_sum_is_left_alone(program: str) -> None:
    mod = LEFT_ALONE[program]()
    assert heron_ms.normalize(mod) is mod


def test_scheduled_programs_are_left_alone() -> None:
    sch = Schedule(_program(_where(FORMS["and"])))
    sch.split(sch.get_loops(sch.get_sblock("C"))[0], [2, 2])
    mod = sch.mod
    assert heron_ms.normalize(mod) is mod


def test_padding_may_be_inlined(rng: np.random.Generator) -> None:
    sch = Schedule(_program(_where(FORMS["and"])))
    sch.compute_inline(sch.get_sblock("A_padded"))
    after = heron_ms.normalize(sch.mod)
    assert reductions(after) == ["C_0", "C_1", "C_2"]
    np.testing.assert_allclose(*_run(after, rng), rtol=1e-5, atol=1e-5)


def test_symbolic_sizes_are_left_alone() -> None:
    n = te.var("n")
    a = te.placeholder((n, CI), "float32", name="A")
    b = te.placeholder((K, CI), "float32", name="B")
    padded = te.compute((n + 2, CI), lambda w, ci: _where(FORMS["and"])(a, w)(ci), name="A_padded")
    k, ci = te.reduce_axis((0, K), "k"), te.reduce_axis((0, CI), "ci")
    c = te.compute((n,), lambda w: te.sum(padded[w + k, ci] * b[k, ci], axis=[k, ci]), name="C")
    mod = IRModule({"main": te.create_prim_func([a, b, c])})
    assert heron_ms.normalize(mod) is mod


def test_both_convolutions_of_a_function_change(rng: np.random.Generator) -> None:
    import tvm

    a = te.placeholder((W, CI), "float32", name="A")
    weights = [te.placeholder((K, CI, CI), "float32", name=f"B{number}") for number in (0, 1)]
    value = a
    for weight in weights:
        value = _layer(value, weight)
    mod = IRModule({"main": te.create_prim_func([a, *weights, value])})
    after = heron_ms.normalize(mod)
    assert len(set(reductions(after))) == 6
    shapes = [(W, CI), (K, CI, CI), (K, CI, CI)]
    arrays = [rng.standard_normal(shape, np.float32) for shape in shapes]
    results = []
    for program in (mod, after):
        c = tvm.runtime.tensor(np.full((W, CI), np.nan, np.float32))
        kernel = tvm_compile(program, Target({"kind": "llvm", "num-cores": 1}))
        kernel(*map(tvm.runtime.tensor, arrays), c)
        results.append(c.numpy())
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5, atol=1e-5)


def _layer(a: Any, b: Any) -> Any:
    padded = te.compute((W + 2, CI), lambda w, ci: _where(FORMS["and"])(a, w)(ci), name="A_padded")
    k, ci = te.reduce_axis((0, K), "k"), te.reduce_axis((0, CI), "ci")
    return te.compute(
        (W, CI), lambda w, co: te.sum(padded[w + k, ci] * b[k, ci, co], axis=[k, ci]), name="C"
    )
