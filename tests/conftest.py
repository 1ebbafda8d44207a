"""What the tests of the TVM side share: targets, and which tests this CPU can run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms.hardware import host
from tests.tensorcore.standing_in.installed import Environment, installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what executes VNNI instructions on a CPU without them."""
    if host().has("avx512vnni"):
        return
    skip = pytest.mark.skip(reason="this CPU has no AVX512-VNNI")
    for item in items:
        if item.get_closest_marker("vnni"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def logs_go_to_the_terminal() -> None:
    """Whatever was logged first in this process may have left a handler with a closed terminal."""
    logging.getLogger().handlers.clear()


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that starts the same in every test."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def dlboost() -> Any:
    """A described AVX512-VNNI CPU of two cores, whatever this one is."""
    from heron_ms._tvm import Target

    return Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2})


@pytest.fixture(scope="session")
def here() -> Any:
    """This CPU."""
    from heron_ms._tvm import Target

    return Target(host().target(1))


@pytest.fixture(scope="session")
def gemm() -> Callable[..., Any]:
    """Makes the module of a GEMM: ``gemm(m, k, n, weight="kn", a_dtype="uint8")``."""
    from heron_ms._tvm import IRModule
    from heron_ms.workloads.gemm import Gemm

    return lambda *shape, **options: IRModule({"main": Gemm(*shape, **options).prim_func()})


@pytest.fixture(scope="session")
def standing_in(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Of a process that has a GPU: a stand-in for NVIDIA's libraries emulates what is launched."""
    return installed(tmp_path_factory.mktemp("standing-in"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-golden`` writes what tests compare with anew."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
