"""What a person calls a machine, and what is said of what is none."""

from __future__ import annotations

import pytest

from heron_ms.errors import TargetError
from heron_ms.hardware import host, resolve


@pytest.mark.parametrize("text", ["host", "cpu", "cpu:", "cpu:host"])
def test_this_cpu(text: str) -> None:
    assert resolve(text) is host()


@pytest.mark.parametrize("text", ["znver4", "cpu:znver4", "icelake-server", "cpu:icelake-server"])
def test_another_one(text: str) -> None:
    assert resolve(text).name == text.removeprefix("cpu:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("z80", "unknown target 'z80': use host, dlboost, .*, a kind .cpu, .*, or a CPU that LLVM"),
        ("abacus:wood", "unknown target 'abacus:wood': no kind 'abacus', only cpu"),
        ("", "unknown target ''"),
        ("cpu:z80", "unknown target 'cpu:z80': of kind cpu use .*, or a CPU that LLVM knows"),
        ("vta:z80", "unknown target 'vta:z80': of kind vta use de10nano, .*, or a file"),
    ],
)
def test_none(text: str, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        resolve(text)
