"""What fits in a level is found from the inside out: loops touch no less than those inside them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule
from heron_ms.constraints import constrain
from heron_ms.hardware import machine
from heron_ms.interstellar.tir import read_accesses
from heron_ms.interstellar.tir.accesses import Access, Loop
from heron_ms.interstellar.tir.caches import Caches
from heron_ms.interstellar.tir.executions import footprint
from heron_ms.normalization import normalize
from heron_ms.space_generators import generate_sketches
from heron_ms.workloads import OPERATORS

CASES = {"gemm": (64, 64, 64), "c2d": (1, 8, 8, 16, 32, 3, 3, 1, 1, 1)}


def _body(accesses: list[Access], loop: Loop) -> int:
    """Bytes that a loop touches, each buffer by the access that touches most of it."""
    most: dict[str, int] = {}
    for access in accesses:
        if access.role == "fill" or loop not in access.loops:
            continue
        inside = access.loops[access.loops.index(loop) :]
        held = footprint(access, inside) * access.itemsize
        most[access.name] = max(most.get(access.name, 0), held)
    return sum(most.values())


@pytest.mark.parametrize("operator", CASES)
def test_loops_touch_no_less_than_those_inside_them(
    operator: str, dlboost: Any, rng: np.random.Generator
) -> None:
    kind: Any = OPERATORS[operator]
    module = normalize(IRModule({"main": kind.of(CASES[operator], weight="packed").prim_func()}))
    sketch = constrain(generate_sketches(module, dlboost)[-1], machine("cascadelake"))
    for assignment in sketch.problem.sample(3, rng):
        accesses = read_accesses(sketch.materialize(assignment).mod)
        for access in accesses:
            bodies = [_body(accesses, loop) for loop in access.loops]
            assert bodies == sorted(bodies, reverse=True)


def test_a_cache_for_everything_fetches_each_byte_once(gemm: Any) -> None:
    fetched = Caches(read_accesses(gemm(16, 32, 48))).fetched(2**30)
    sizes = {"A": 16 * 32, "B": 32 * 48, "C": 2 * 4 * 16 * 48}
    assert fetched == sizes
    nothing = Caches(read_accesses(gemm(16, 32, 48))).fetched(0)
    assert nothing["A"] == nothing["B"] == prod((16, 32, 48))
