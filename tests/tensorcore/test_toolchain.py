"""What nvcc says of a kernel, and what is asked of it."""

from __future__ import annotations

import pytest

from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore import toolchain
from heron_ms.measure.tensorcore.toolchain import Binary, Resources, compile_cuda

A100 = only(TensorCore, machine("a100"), "GPU")
SPILLING, WHOLE = Resources(48, 8, 12), Resources(56, 0, 0)


SOURCE = """
__launch_bounds__({}) main_kernel();
__launch_bounds__({}) main_kernel() {{
  {}for (int k = 0; k < 4; ++k) {{
    {}for (int ax0_fused_0_long_1 = 0; ax0_fused_0_long_1 < 24; ++ax0_fused_0_long_1) {{
"""


@pytest.mark.parametrize("good", range(4))
def test_a_kernel_that_spills_is_compiled_in_other_ways(
    monkeypatch: pytest.MonkeyPatch, good: int
) -> None:
    asked: list[str] = []

    def compiled(source: str, arch: str) -> Binary:
        asked.append(source)
        return Binary(b"", {"main_kernel": WHOLE if len(asked) > good else SPILLING})

    monkeypatch.setattr(toolchain, "compile_as_is", compiled)
    rolled = "#pragma unroll 1\n    "
    ways = [("288", ""), ("288, 1", ""), ("288, 1", rolled), ("288", rolled)]
    written = [SOURCE.format(bounds, bounds, "", pragma) for bounds, pragma in ways]
    assert compile_cuda(written[0], A100).used == {"main_kernel": WHOLE}
    assert asked == written[: good + 1]


def test_what_spills_in_every_way_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    spilling = Binary(b"", {"main_kernel": SPILLING})
    monkeypatch.setattr(toolchain, "compile_as_is", lambda *_: spilling)
    assert compile_cuda("", A100) is spilling


def test_a_kernel_without_spills_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def compiled(source: str, arch: str) -> Binary:
        asked.append(source)
        return Binary(b"", {"main_kernel": WHOLE})

    monkeypatch.setattr(toolchain, "compile_as_is", compiled)
    source = "void __launch_bounds__(128) main_kernel() {}"
    compile_cuda(source, A100)
    assert asked == [source]
