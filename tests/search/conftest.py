"""Spaces for tests of the search that run nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def packed_space(gemm: Callable[..., Any], dlboost: Any) -> Any:
    """The space of a packed GEMM of 64^3 on a described VNNI machine: three sketches."""
    from heron_ms._preload import preload_intrinsics
    from heron_ms.constraints import constrain
    from heron_ms.hardware import for_target
    from heron_ms.search.search_space import SearchSpace
    from heron_ms.space_generators import generate_sketches

    preload_intrinsics()
    machine = for_target(dlboost)
    sketches = generate_sketches(gemm(64, 64, 64, weight="packed"), dlboost)
    return SearchSpace([constrain(sketch, machine) for sketch in sketches])
