"""A sum that was moved into the loops of its reader starts anew in each of their turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tvm import te

from heron_ms import HeronSpace, check
from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target, ms, tvm_compile
from heron_ms.hardware import host

HERE = Target(host().target(1))


def program() -> PrimFunc:
    """C = S x B, where S are the sums of the rows of A."""
    a, b = te.placeholder((4, 8), "float32", "A"), te.placeholder((16, 6), "float32", "B")
    r, k = te.reduce_axis((0, 8), "r"), te.reduce_axis((0, 16), "k")
    s = te.compute((4,), lambda i: te.sum(a[i, r], axis=r), "S")
    c = te.compute((4, 6), lambda i, j: te.sum(s[i] * b[k, j], axis=k), "C")
    return te.create_prim_func([a, b, c])


def rows(sch: Schedule) -> Any:
    """A loop of the sum's own: nothing is repeated."""
    return sch.get_loops(sch.get_sblock("C"))[0]


def reduction(sch: Schedule) -> Any:
    """The outermost loop of the reader's reduction, with another one below."""
    i, j, k = sch.get_loops(sch.get_sblock("C"))
    sch.reorder(i, k, j)
    return k


def below(sch: Schedule) -> Any:
    """A loop below the reader's reduction."""
    i, j, k = sch.get_loops(sch.get_sblock("C"))
    sch.reorder(i, k, j)
    return j


@pytest.mark.parametrize("place", [rows, reduction, below])
@pytest.mark.parametrize("is_split", [False, True])
def test_it_is_right_wherever_it_is(place: Callable[[Schedule], Any], is_split: bool) -> None:
    func = program()
    sch = Schedule(IRModule({"main": func}))
    if is_split:
        outer, _ = sch.split(sch.get_loops(sch.get_sblock("S"))[1], [2, 4])
        sch.rfactor(outer, 0)
    sch.compute_at(sch.get_sblock("S"), place(sch), preserve_unit_loops=True)
    assert postprocessed(sch)
    assert "T.init" not in str(sch.mod)
    assert check(tvm_compile(sch.mod, HERE), func, HERE).wrong == 0


def postprocessed(sch: Schedule) -> bool:
    """By the postprocessors of the space."""
    context = ms.TuneContext(mod=sch.mod, target=HERE, space_generator=HeronSpace(), num_threads=1)
    sch.enter_postproc()
    return all(postproc.apply(sch) for postproc in context.space_generator.postprocs)
