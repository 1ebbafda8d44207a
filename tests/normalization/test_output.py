"""Sums that do not make the whole of a buffer, or go on from another one, are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from tvm.script import from_source

import heron_ms
from heron_ms._preload import frames_without_source
from heron_ms._tvm import IRModule

SOURCE = """
# from tvm.script import tirx as T
@T.prim_func(s_tir=True)
def main(
    A: T.Buffer((4,), "float32"),
    B: T.Buffer((3,), "float32"),
    D: T.Buffer((4,), "float32"),
    C: T.Buffer(({size},), "float32"),
):
    A_padded = T.sblock_alloc_buffer((6,), "float32")
    for i in range(6):
        with T.sblock("A_padded"):
            v = T.axis.spatial(6, i)
            A_padded[v] = T.if_then_else(1 <= v and v < 5, A[v - 1], T.float32(0))
    for i, k in T.grid(4, 3):
        with T.sblock("C"):
            v, r = T.axis.remap("SR", [i, k])
            with T.init():
                C[v] = {start}
            C[v] = {before} + A_padded[v + r] * B[r]
"""


def _program(**parts: Any) -> IRModule:
    plain = {"size": 4, "start": "T.float32(0)", "before": "C[v]"}
    with frames_without_source():
        return IRModule({"main": from_source(SOURCE.format(**{**plain, **parts}))})


def test_the_plain_program_changes() -> None:
    assert "C_joined" in heron_ms.normalize(_program()).script()


@pytest.mark.parametrize("parts", [{"size": 5}, {"before": "D[v]"}], ids=str)
def test_others_do_not(parts: dict[str, Any]) -> None:
    mod = _program(**parts)
    assert heron_ms.normalize(mod) is mod
