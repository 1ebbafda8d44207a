"""Sums that begin with a bias, or with what is there already, begin at zero and add it later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm.script import from_source

import heron_ms
from heron_ms._preload import frames_without_source
from heron_ms._tvm import IRModule, Target, tvm_compile
from heron_ms.hardware import for_target, host
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping, NoMatch
from heron_ms.testing import Checker, spread
from heron_ms.untuned import UntensorizedWarning

SOURCE = """
# from tvm.script import tirx as T
@T.prim_func(s_tir=True)
def main(
    A: T.Buffer((20, 36), "uint8"),
    B: T.Buffer((36, 33), "int8"),
    S: T.Buffer((33,), "int32"),
    C: T.Buffer((20, 33), "int32"),
):
    for i, j, k in T.grid(20, 33, 36):
        with T.sblock("mm"):
            vi, vj, vk = T.axis.remap("SSR", [i, j, k])
{init}
            C[vi, vj] = {value}
"""
PRODUCT = 'T.Cast("int32", A[vi, vk]) * T.Cast("int32", B[vk, vj])'
INIT = "            with T.init():\n                C[vi, vj] = {}"
FORMS = {
    "a bias": (INIT.format("S[vj]"), f"C[vi, vj] + {PRODUCT}"),
    "a number": (INIT.format("7"), f"C[vi, vj] + {PRODUCT}"),
    "what is there": ("", f"C[vi, vj] + {PRODUCT}"),
    "what is there, last": ("", f"{PRODUCT} + C[vi, vj]"),
}
OTHERS = {
    "zero": (INIT.format("0"), f"C[vi, vj] + {PRODUCT}"),
    "no sum": ("", PRODUCT),
    "no product": ("", "C[vi, vj] + B[vk, vj]"),
    "another element": ("", f"C[0, vj] + {PRODUCT}"),
    "itself as a factor": ("", "C[vi, vj] + C[vi, vj] * S[vj]"),
}


def program(form: tuple[str, str]) -> IRModule:
    with frames_without_source():
        return IRModule({"main": from_source(SOURCE.format(init=form[0], value=form[1]))})


def outcome(mod: IRModule, arrays: list[Any]) -> Any:
    import tvm

    arguments = [tvm.runtime.tensor(array) for array in arrays]
    tvm_compile(mod, target=Target(host().target(1)))(*arguments)
    return arguments[-1].numpy()


@pytest.mark.parametrize("name", FORMS)
def test_it_computes_the_same(name: str, rng: np.random.Generator) -> None:
    mod = program(FORMS[name])
    arrays = [
        rng.integers(0, 256, (20, 36)).astype("uint8"),
        rng.integers(-128, 128, (36, 33)).astype("int8"),
        rng.integers(-999, 999, 33).astype("int32"),
        rng.integers(-999, 999, (20, 33)).astype("int32"),
    ]
    changed = heron_ms.normalize(mod)
    assert changed is not mod
    np.testing.assert_array_equal(outcome(changed, arrays), outcome(mod, arrays))


@pytest.mark.parametrize("name", FORMS)
def test_it_is_tensorized(name: str, dlboost: Any) -> None:
    plan = plan_of(heron_ms.normalize(program(FORMS[name])), for_target(dlboost))
    assert plan.sketches
    assert isinstance(plan.blocks[0], Mapping)


def test_without_it_a_sketch_of_stock_and_a_reason(dlboost: Any) -> None:
    with pytest.warns(UntensorizedWarning, match="block mm: not admitted .*maps to vnni"):
        sketches = heron_ms.generate_sketches(program(FORMS["a bias"]), dlboost)
    assert sketches
    [explained] = plan_of(program(FORMS["a bias"]), for_target(dlboost)).blocks
    assert isinstance(explained, NoMatch)


def test_in_place_without_it_there_is_a_program(dlboost: Any, rng: np.random.Generator) -> None:
    checker = Checker(program(FORMS["what is there"]), dlboost)
    draws = spread(checker.sketches, 3, rng)
    assert draws
    assert all("accepted" in checker.check(*draw).passed for draw in draws)


def test_it_is_done_once() -> None:
    once = heron_ms.normalize(program(FORMS["a bias"]))
    assert heron_ms.normalize(once) is once


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_alone(name: str) -> None:
    mod = program(OTHERS[name])
    assert heron_ms.normalize(mod) is mod
