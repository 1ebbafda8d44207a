"""What the emulator reads off CUDA C++, whoever it was generated for."""

from __future__ import annotations

import pytest

from heron_ms.errors import EmulationError
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
