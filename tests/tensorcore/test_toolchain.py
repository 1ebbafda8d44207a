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


def test_a_kernel_that_spills_may_use_every_register(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def compiled(source: str, arch: str) -> Binary:
        asked.append(source)
        return Binary(b"", {"main_kernel": SPILLING if len(asked) == 1 else WHOLE})

    monkeypatch.setattr(toolchain, "_compiled", compiled)
    source = (
        "void __launch_bounds__({}) main_kernel(); void __launch_bounds__({}) main_kernel() {{}}"
    )
    once = source.format("288", "288")
    assert compile_cuda(once, A100).used == {"main_kernel": WHOLE}
    assert asked == [once, source.format("288, 1", "288, 1")]


def test_a_kernel_without_spills_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def compiled(source: str, arch: str) -> Binary:
        asked.append(source)
        return Binary(b"", {"main_kernel": WHOLE})

    monkeypatch.setattr(toolchain, "_compiled", compiled)
    source = "void __launch_bounds__(128) main_kernel() {}"
    compile_cuda(source, A100)
    assert asked == [source]
