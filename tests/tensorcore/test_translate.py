"""What the emulator reads off CUDA C++, whoever it was generated for, and what it leaves."""

from __future__ import annotations

import pytest

from heron_ms import _starting
from heron_ms.errors import EmulationError
from heron_ms.measure.tensorcore.emulation import emulate
from heron_ms.measure.tensorcore.emulation.translate import parameters


@pytest.mark.parametrize("bounds", ["__launch_bounds__(64) ", ""])
def test_parameters_of_a_kernel_with_and_without_bounds(bounds: str) -> None:
    """TVM writes none for blocks of one thread."""
    head = f'extern "C" __global__ void {bounds}'
    given = "half* __restrict__ A_ptr, float* __restrict__ C_ptr"
    source = f"{head}main_kernel({given});\n{head}main_kernel({given}) {{\n}}\n"
    assert parameters(source, "main_kernel") == [("half*", "A_ptr"), ("float*", "C_ptr")]
    with pytest.raises(EmulationError, match="there is no kernel kernel in"):
        parameters(source, "kernel")


def test_programs_of_the_emulation_end_with_a_command() -> None:
    emulate._folder.cache_clear()
    folder, removed = emulate._folder(), len(_starting.cleanups)
    assert folder.is_dir() and removed
    _starting.cleanups.pop()()
    assert not folder.exists()
    emulate._folder.cache_clear()
