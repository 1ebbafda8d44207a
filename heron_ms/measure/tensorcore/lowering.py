"""From a scheduled program to CUDA C++, by passes of our own where TVM's lose registers.

What differs from TVM's pipeline of this wheel: a loop marked with a number of stages becomes a
software pipeline whose copies go aside (cp.async); `LowerWarpMemory`, which lowers one buffer of a
warp and leaves the others with 32 lanes in every thread, is run until none is left, which needs
common subexpressions left alone; and loops over fragments get ``#pragma unroll``, without which the
fragments go to memory, and short ones without a barrier. Long ones do not, such as those that fill
shared memory: all their addresses would be kept in registers at once. They get a name by which they
can be kept from nvcc's own unrolling (`toolchain`). And vectors of zero bytes are
written as CUDA has them, in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from heron_ms._tvm import (
    BufferStore,
    Call,
    For,
    IRModule,
    PassContext,
    PrimFunc,
    Target,
    TensorLoad,
    Var,
    any_uses,
    collect,
    constant,
    itemsize,
    operator_of,
    structural_map,
    substitute,
    tirx,
    with_functions,
)
from heron_ms.hardware.tensorcore import STAGES, TensorCore
from heron_ms.measure.tensorcore.generating import source_of
from heron_ms.measure.tensorcore.toolchain import LONG
from heron_ms.measure.tensorcore.work import roots

MERGED_ONCE = {"tirx.merge_static_smem": True}
"""Or storage rewrite would give results in shared memory the array of an operand, before all arrays
there are merged: of other bytes than that alone takes, or a type that WMMA takes no pointer to."""
_CONFIG = {"tirx.use_async_copy": True, "tirx.disable_cse_tir": True}
OF_HEXAGON = ("s_tir.LowerAsyncDMA",)
"""Left out: it finds nothing to do in a GPU's programs, and takes half of the time of lowering."""
_FRAGMENTS = 8
"""Buffers of a warp in one kernel, at most: `LowerWarpMemory` is run as often."""
_SHORT = 8
"""Turns of a loop that is unrolled though it indexes no fragments, at most."""
_MOVED = ("ldmatrix", "tvm_load_matrix_sync", "tvm_store_matrix_sync")
_FRAGMENT_MOVED = 4
"""The argument of each of these that says which fragment is loaded or stored."""
_ON_FRAGMENTS = ("mma", "mma_fill_legacy", "tvm_mma_sync", "tvm_fill_fragment")
_DYNAMIC = "tirx.use_dyn_shared_memory"
_BARRIER = "tvm_storage_sync"
_ZERO_BYTES = re.compile(r"make_int([24])\((?:\(signed char\)0(?:, )?)+\)")


@dataclass(frozen=True)
class Kernel:
    """One function on the GPU: its name, arguments in order, grid, threads, bytes of shared memory.

    ``shared`` is what is allocated at the launch; static shared memory the compiler reports.
    """

    name: str
    arguments: tuple[str, ...]
    grid: tuple[int, int, int]
    threads: tuple[int, int, int]
    shared: int


@dataclass(frozen=True)
class Halves:
    """A module as far as code is generated from it: what launches kernels, and the kernels."""

    host: IRModule
    device: IRModule


@dataclass(frozen=True)
class Lowered:
    """CUDA C++ and the kernels in it, in the order in which they are launched.

    ``between``: the bytes of each array that one kernel leaves to another. ``halves``: what the
    source was made of, where it is at hand.
    """

    source: str
    kernels: tuple[Kernel, ...]
    between: Mapping[str, int] = field(default_factory=dict)
    halves: Halves | None = field(default=None, compare=False, repr=False)


def compiled_for(machine: TensorCore) -> Target:
    """TVM's target of a machine."""
    options = {
        "kind": "cuda",
        "arch": machine.arch,
        "max_threads_per_block": 1024,
        "max_num_threads": 1024,
        "max_shared_memory_per_block": machine.memory("shared").capacity,
        "thread_warp_size": 32,
        "registers_per_block": machine.limits["registers"],
    }
    return Target(options, host="llvm")


def lower(mod: IRModule, machine: TensorCore) -> Lowered:
    """The CUDA C++ of a scheduled module; raises TVM's errors for what it cannot lower."""
    from tvm.s_tir.pipeline import default_s_tir_pipeline
    from tvm.tirx.build import split_host_device_mods

    target = compiled_for(machine)
    with PassContext(config=_CONFIG | MERGED_ONCE, disabled_pass=OF_HEXAGON):
        main, finish_host, _ = default_s_tir_pipeline()
        whole = main(tirx.transform.BindTarget(target)(with_functions(mod, _ready)))
        host, devices = split_host_device_mods(whole)
        [device] = devices.values()
        halves = Halves(finish_host()(host), _finished(device))
        source = in_words(source_of(halves.device, target))
    launches = [
        call
        for _, func in host.functions_items()
        for call in collect(func, Call)
        if operator_of(call).endswith("call_ffi_kernel")
    ]
    return Lowered(source, tuple(map(_kernel, launches)), _between(mod), halves)


def _ready(func: PrimFunc) -> PrimFunc:
    """A function with its pipelines, and a symbol, which functions of a model have none of."""
    symbol = (func.attrs or {}).get("global_symbol", "main")
    return pipelined(func).with_attr("global_symbol", symbol)


def _between(mod: IRModule) -> dict[str, int]:
    buffers = [buffer for root in roots(mod) for buffer in root.alloc_buffers]
    return {
        str(buffer.name): itemsize(buffer) * prod(constant(size) or 1 for size in buffer.shape)
        for buffer in buffers
        if str(buffer.scope()) == "global"
    }


def _kernel(launch: Call) -> Kernel:
    """A kernel by its launch: its name, pointers, and an extent for each of the parameters."""
    tags = [str(tag) for tag in launch.attrs.launch_params]
    name, *given = launch.args
    extents = dict(zip(tags, given[-len(tags) :], strict=True))
    pointers = [_name(pointer) for pointer in given[: -len(tags)]]

    def along(unit: str) -> tuple[int, int, int]:
        x, y, z = (constant(extents.get(f"{unit}.{axis}", 1)) or 1 for axis in "xyz")
        return x, y, z

    shared = constant(extents.get(_DYNAMIC, 0)) or 0
    return Kernel(str(name.value), tuple(pointers), along("blockIdx"), along("threadIdx"), shared)


def _name(pointer: Any) -> str:
    """The name of the array that a pointer was taken of."""
    [buffer] = collect(pointer, Var)
    return str(buffer.name)


def pipelined(func: PrimFunc) -> PrimFunc:
    """Loops that are marked with a number of stages, as TVM's pass for software pipelines reads it.

    Two copies go first, as many turns ahead as there are stages but one; the rest comes last.
    """
    return func.with_body(structural_map(func.body, (For, _pipelined)))


def _pipelined(loop: For) -> For:
    stages = int(loop.annotations.get(STAGES, 0))
    if not stages:
        return loop
    others = {name: value for name, value in loop.annotations.items() if name != STAGES}
    pipeline = {
        "software_pipeline_stage": [0, 0, stages - 1],
        "software_pipeline_order": [0, 1, 2],
        "software_pipeline_async_stages": [0],
    }
    return _like(loop, annotations={**others, **(pipeline if stages > 1 else {})})


def _finished(device: IRModule) -> IRModule:
    transform = tirx.transform
    passes = [
        *(transform.LowerWarpMemory() for _ in range(_FRAGMENTS)),
        transform.StmtSimplify(),
        transform.LowerIntrin(),
    ]
    for apply in passes:
        device = apply(device)
    return with_functions(with_functions(device, _unrolled), _renamed)


def in_words(source: str) -> str:
    """The source with an argument for each word of a vector of zeros, where TVM has one a byte."""
    return _ZERO_BYTES.sub(
        lambda found: f"make_int{found[1]}({', '.join('0' * int(found[1]))})", source
    )


def _renamed(func: PrimFunc) -> PrimFunc:
    """A function whose fragments have names without capitals.

    TVM's `mma` has the letters A, B, C and D for its operands, and puts these in one after the
    other, also where a name that it has put in before has such a letter.
    """
    names: dict[Var, Var] = {}

    def named(var: Var) -> Var:
        if getattr(var.ty, "storage_scope", "") != "local":
            return var
        return names.setdefault(var, Var(str(var.name).lower(), var.ty))

    return func.with_body(structural_map(func.body, (Var, named)))


def _unrolled(func: PrimFunc) -> PrimFunc:
    return func.with_body(structural_map(func.body, (For, _marked)))


def _marked(loop: For) -> For:
    extent = constant(loop.extent)
    if loop.kind != tirx.ForKind.SERIAL or extent is None or _waits(loop):
        return loop
    if extent <= _SHORT or any_uses(_fragments_used(loop), loop.loop_var):
        return _like(loop, kind=tirx.ForKind.UNROLLED)
    counter = Var(f"{loop.loop_var.name}{LONG}", loop.loop_var.ty)
    return _like(loop, loop_var=counter, body=substitute(loop.body, {loop.loop_var: counter}))


def _waits(loop: For) -> bool:
    return any(_BARRIER in operator_of(call) for call in collect(loop, Call))


def _fragments_used(loop: For) -> list[Any]:
    """Where in their fragments the instructions, loads and stores of a loop act."""
    places: list[Any] = []
    for call in collect(loop, Call):
        name = operator_of(call).rpartition(".")[2]
        if name in _ON_FRAGMENTS:
            places.extend(call.args)
        elif name in _MOVED:
            places.append(call.args[_FRAGMENT_MOVED])
    stores = collect(loop, BufferStore)
    loads = [load for store in stores for load in collect(store, TensorLoad)]
    places.extend(at for one in stores if _is_local(one.buffer) for at in one.indices)
    places.extend(at for one in loads if _is_local(one.source) for at in one.indices)
    return places


def _is_local(buffer: Any) -> bool:
    return str(buffer.scope()) == "local"


def _like(loop: For, **changes: Any) -> For:
    names = ("loop_var", "min", "extent", "kind", "body", "thread_binding", "annotations")
    return For(*({name: getattr(loop, name) for name in names} | changes).values())
