"""The bandwidth: the loop reads everything as often as it says; caches are faster than memory."""

from __future__ import annotations

import numpy as np
import pytest

from heron_ms._tvm import Target, tvm_compile
from heron_ms.hardware import host
from heron_ms.measure.cpu import bandwidth
from heron_ms.measure.cpu.bandwidth import memory_bandwidth


@pytest.mark.parametrize(("steps", "rounds"), [(1, 1), (3, 2), (16, 3)])
def test_it_reads_everything(steps: int, rounds: int) -> None:
    import tvm

    one = host().with_cores(1)
    width = bandwidth._step(one) // 4
    rng = np.random.default_rng(0)
    data = rng.integers(-8, 8, (1, steps * width)).astype("float32")
    start = rng.integers(-8, 8, (1, width)).astype("float32")
    sums = tvm.runtime.tensor(start)
    kernel = tvm_compile(bandwidth._reader(one, steps, rounds), Target(one.target()))
    kernel(tvm.runtime.tensor(data), sums)
    np.testing.assert_array_equal(sums.numpy(), start + rounds * data.reshape(steps, -1).sum(0))


def test_a_cache_is_faster_than_memory() -> None:
    inner = memory_bandwidth(1, host().share("L1") // 2)
    memory = memory_bandwidth(1, 2 * host().hierarchy[-1].capacity)
    # 1 to 128 bytes a cycle at 1 to 6 GHz, and memory within reason of them.
    assert 1e9 < inner < 8e11
    assert 1e8 < memory < inner


def test_it_is_measured_once() -> None:
    size = host().share("L1") // 2
    assert memory_bandwidth(1, size) == memory_bandwidth(1, size)


@pytest.mark.parametrize("size", [1, 1000, 4096])
def test_a_small_working_set_is_rounded_up(size: int) -> None:
    assert memory_bandwidth(1, size) > 1e9


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="at least one thread, not 0"):
        memory_bandwidth(0)
    with pytest.raises(ValueError, match="above zero bytes, not 0"):
        memory_bandwidth(1, 0)
