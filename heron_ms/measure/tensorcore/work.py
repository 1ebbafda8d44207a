"""What one block of threads of a scheduled program does, counted in its TensorIR."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms._tvm import (
    BufferStore,
    Call,
    For,
    IRModule,
    PrimFunc,
    SBlock,
    TensorLoad,
    collect,
    constant,
    itemsize,
    operator_of,
    outermost,
    structural_map,
    tirx,
)
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.tensorcore import IN_LANES, STAGES, WARP
from heron_ms.intrinsics.fragments import SHARED

_MULTIPLIES = ("mma", "tvm_mma_sync")
_LOADS = ("ldmatrix", "tvm_load_matrix_sync")
_STORES = "tvm_store_matrix_sync"
_OF_TILE = slice(1, 3)
"""The extents of a tile of C among the arguments of `_STORES`, whose first is the fragments."""
_POINTER = 5
"""Where it stores to, among these."""
_SECTOR = 32
"""Bytes of memory that are accessed as one (CUDA C++ Best Practices Guide, coalesced access)."""
_LANES_OF_ROW = 4
"""Lanes of a warp that store elements of one row of a tile of C."""


@dataclass(frozen=True)
class Work:
    """Of one kernel: how many blocks there are and of how many warps, and what each block does.

    multiplications: mma instructions. loads: ldmatrix instructions; those of WMMA count as well.
    filled: bytes copied to shared memory. turns: of the loop that fills it. stages: under way.
    passed: bytes of results that are stored to shared memory, and loaded from there. read: other
    bytes that come from memory. written: bytes that go there. touched: bytes of all sectors that
    are accessed in writing them.
    """

    blocks: int
    warps: int
    multiplications: int
    loads: int
    filled: int
    passed: int
    read: int
    written: int
    touched: int
    turns: int
    stages: int


def work_of(mod: IRModule) -> list[Work]:
    """The work of each kernel of a module, in order."""
    return [_work(nest) for root in roots(mod) for nest in outermost(root.body, For)]


def roots(mod: IRModule) -> list[SBlock]:
    """The outermost block of each function, in which the arrays between kernels are declared."""
    functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    return [block for func in functions for block in outermost(func.body, SBlock)]


def _work(nest: For) -> Work:
    counter = _Counter()
    counter.walk(nest, 1)
    pipelines = [loop for loop in collect(nest, For) if STAGES in loop.annotations]
    return Work(
        blocks=_extent(nest, "blockIdx"),
        warps=max(1, _extent(nest, "threadIdx") // WARP),
        multiplications=sum(counter.calls.get(name, 0) for name in _MULTIPLIES),
        loads=sum(counter.calls.get(name, 0) for name in _LOADS),
        filled=counter.filled,
        passed=counter.passed,
        read=counter.read,
        written=counter.written,
        touched=counter.touched,
        turns=max((constant(loop.extent) or 1 for loop in pipelines), default=1),
        stages=max((int(loop.annotations[STAGES]) for loop in pipelines), default=1),
    )


def _extent(nest: For, unit: str) -> int:
    extents = {
        str(loop.thread_binding.thread_tag): constant(loop.extent) or 1
        for loop in collect(nest, For)
        if loop.thread_binding is not None
    }
    return prod(extent for tag, extent in extents.items() if tag.startswith(unit))


class _Counter:
    """Executions in one block of threads: calls of a warp's instructions, and bytes of `Work`."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}
        self.filled = self.passed = self.read = self.written = self.touched = 0

    def walk(self, nest: For, times: int) -> None:
        """Count what lies in a loop that is run so often."""
        tag = "" if nest.thread_binding is None else str(nest.thread_binding.thread_tag)
        inside = times if tag.startswith("blockIdx") else times * (constant(nest.extent) or 1)
        for loop in outermost(nest.body, For):
            self.walk(loop, inside)
        self._count(structural_map(nest.body, (For, lambda _: tirx.Evaluate(0))), inside)

    def _count(self, body: Any, times: int) -> None:
        for call in collect(body, Call):
            name = operator_of(call).rpartition(".")[2]
            # Each lane comes by here, for one instruction of them all.
            self.calls[name] = self.calls.get(name, 0) + times // WARP
            if name == _STORES:
                self._store_tile(call, times // WARP)
        for store in collect(body, BufferStore):
            self._store(store, times)

    def _store_tile(self, store: Call, times: int) -> None:
        size = times * _tile(store)
        _, data, *_ = store.args[_POINTER].args
        if str(data.ty.storage_scope) == SHARED:
            self.passed += size
            return
        self.written += size
        self.touched += size

    def _store(self, store: BufferStore, times: int) -> None:
        scope, size = str(store.buffer.scope()), itemsize(store.buffer)
        from_lanes = IN_LANES in _scopes_read(store)
        if scope == SHARED and not from_lanes:
            self.filled += times * size
            return
        self.read += times * _read(store)
        if scope == SHARED:
            self.passed += times * size
        elif scope == GLOBAL:
            self.written += times * size
            self.touched += times * (max(size, _SECTOR // _LANES_OF_ROW) if from_lanes else size)


def _tile(store: Call) -> int:
    """Bytes of a tile of C that WMMA stores."""
    fragments, *_ = store.args
    extents = (constant(extent) or 1 for extent in store.args[_OF_TILE])
    return prod(extents) * itemsize(fragments.ty.element_type)


def _scopes_read(store: BufferStore) -> set[str]:
    return {str(load.source.scope()) for load in collect(store.value, TensorLoad)}


def _read(store: BufferStore) -> int:
    """Bytes of memory that the value of a store is made of."""
    sources = [load.source for load in collect(store.value, TensorLoad)]
    return sum(itemsize(source) for source in sources if str(source.scope()) == GLOBAL)
