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


@pytest.mark.parametrize(("threads", "registers"), [(32, 255), (256, 255), (288, 224), (1024, 64)])
def test_a_kernel_that_spills_may_use_every_register(
    monkeypatch: pytest.MonkeyPatch, threads: int, registers: int
) -> None:
    asked: list[tuple[str, ...]] = []

    def compiled(source: str, arch: str, *options: str) -> Binary:
        asked.append(options)
        return Binary(b"", {"main_kernel": WHOLE if options else SPILLING})

    monkeypatch.setattr(toolchain, "_compiled", compiled)
    source = f"void __launch_bounds__({threads}) main_kernel() {{}}"
    assert compile_cuda(source, A100).used == {"main_kernel": WHOLE}
    assert asked == [(), (f"-maxrregcount={registers}",)]


def test_a_kernel_without_spills_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def compiled(source: str, arch: str, *options: str) -> Binary:
        asked.append(options)
        return Binary(b"", {"main_kernel": WHOLE})

    monkeypatch.setattr(toolchain, "_compiled", compiled)
    compile_cuda("void __launch_bounds__(128) main_kernel() {}", A100)
    assert asked == [()]
