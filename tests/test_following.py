"""What is computed where its operand is stored loses nothing of its result."""

from __future__ import annotations

import pytest
from tvm import te

from heron_ms._tvm import IRModule, Schedule
from heron_ms.following import keeps_all
from heron_ms.unmeasured.inlining import inline_cheap


def _spread_out(size: int) -> IRModule:
    """Eight elements, every second one of a result with zeros between, as far as it goes."""
    x = te.placeholder((8,), "float32", "X")
    doubled = te.compute((8,), lambda i: x[i] * 2.0, "D")
    zero = te.const(0, "float32")
    spaced = te.compute((size,), lambda i: te.if_then_else(i % 2 < 1, doubled[i // 2], zero), "S")
    return IRModule({"main": te.create_prim_func([x, spaced])})


@pytest.mark.parametrize("size", [3, 8, 15])
def test_zeros_between_what_is_read_are_kept(size: int) -> None:
    sch = Schedule(_spread_out(size))
    assert not keeps_all(sch, sch.get_sblock("D"), sch.get_sblock("S"))
    inline_cheap(sch)
    assert f"range({size})" in sch.mod.script() or f"T.serial({size})" in sch.mod.script()


@pytest.mark.parametrize("size", [3, 8])
def test_a_crop_is_no_loss(size: int) -> None:
    x = te.placeholder((8,), "float32", "X")
    doubled = te.compute((8,), lambda i: x[i] * 2.0, "D")
    sch = Schedule(te.create_prim_func([x, te.compute((size,), lambda i: doubled[i] + 1.0, "S")]))
    assert keeps_all(sch, sch.get_sblock("D"), sch.get_sblock("S"))
