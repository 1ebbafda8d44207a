"""Every product of a chain is tensorized, and every assignment materialises to a right program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tvm import te

from heron_ms._tvm import IRModule, PrimFunc, SBlock, Target, collect, tvm_compile
from heron_ms.hardware import for_target, host
from heron_ms.space_generators.plan import plan_of
from heron_ms.tensorize import Mapping
from heron_ms.testing import Checker, spread
from tests.space.chained_programs import CHAINS

ASSIGNMENTS = 3


@pytest.fixture(params=CHAINS)
def chain(request: pytest.FixtureRequest) -> tuple[PrimFunc, int]:
    """A function, and how many products it has."""
    make, products = CHAINS[request.param]
    return te.create_prim_func(make()), products


def test_every_product_is_tensorized(chain: tuple[PrimFunc, int], dlboost: Any) -> None:
    func, products = chain
    plan = plan_of(IRModule({"main": func}), for_target(dlboost))
    assert sum(isinstance(block, Mapping) for block in plan.blocks) == products
    assert plan.sketches
    assert all(len(sketch.blocks) == products for sketch in plan.sketches)


def test_every_assignment_is_its_program(
    chain: tuple[PrimFunc, int], dlboost: Any, rng: np.random.Generator
) -> None:
    checker = Checker(IRModule({"main": chain[0]}), dlboost)
    for sketch, assignment in spread(checker.sketches, ASSIGNMENTS, rng):
        assert checker.check(sketch, assignment).failures == ()


def test_what_is_added_to_a_product_is_computed_where_it_is_added(dlboost: Any) -> None:
    func = te.create_prim_func(CHAINS["scaled_residual"][0]())
    for sketch in plan_of(IRModule({"main": func}), for_target(dlboost)).sketches:
        root = sketch.schedule.mod["main"].body.block
        names = {str(block.name_hint) for block in collect(root, SBlock)}
        assert names.isdisjoint({"wide", "centred", "real", "scaled", "out"})


@pytest.mark.slow
@pytest.mark.vnni
def test_it_computes_what_the_unscheduled_program_computes(
    chain: tuple[PrimFunc, int], rng: np.random.Generator
) -> None:
    here = Target(host().target(1))
    checker = Checker(IRModule({"main": chain[0]}), here)
    arrays = [_random(param, rng) for param in chain[0].params]
    expected = _run(tvm_compile(chain[0], here), arrays)
    for sketch, assignment in spread(checker.sketches, 2, rng):
        schedule = checker.check(sketch, assignment).schedule
        assert schedule is not None
        for got, right in zip(_run(tvm_compile(schedule.mod, here), arrays), expected, strict=True):
            np.testing.assert_allclose(got, right, rtol=1e-3, atol=1e-3)


def _random(param: Any, rng: np.random.Generator) -> Any:
    shape, dtype = [int(size) for size in param.shape], str(param.dtype)
    if "float" in dtype:
        return rng.standard_normal(shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, endpoint=True).astype(dtype)


def _run(kernel: Any, arrays: list[Any]) -> list[Any]:
    import tvm

    arguments = [tvm.runtime.tensor(array) for array in arrays]
    kernel(*arguments)
    return [argument.numpy() for argument in arguments]
