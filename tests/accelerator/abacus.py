"""A whole accelerator outside of the package: all that it takes to tune for a machine of one's own.

`register` adds it: its kind and description, its space rules, what it asks for, and its device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from heron_ms._tvm import Instruction, IRBuilder, PrimFunc, T, prim_func
from heron_ms.constraints.c6_dla import ASKS, Asks
from heron_ms.constraints.loops import Loop
from heron_ms.constraints.state import State
from heron_ms.csp import Le
from heron_ms.hardware import add, host
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.catalogue import KINDS
from heron_ms.interstellar.device import AnalyticDevice
from heron_ms.intrinsics import Intrinsic, Tile, describe, implement, register_companion
from heron_ms.intrinsics import register as register_intrinsic
from heron_ms.intrinsics.build import multiply_accumulate
from heron_ms.measure.devices import DEVICES
from heron_ms.space_generators.platforms import PLATFORMS, Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s1_tensorize import tensorize
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import accumulate
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.tiling import tile

KIND = "abacus"
SIZE = 4
BURST = "abacus.burst"
ACCUMULATORS, SCRATCHPAD, DRAM = "local.accumulators", "shared.scratchpad", "global"


class Abacus(Accelerator):
    """The machine; programs for it are compiled, for their results, for this CPU."""

    kind: ClassVar[str] = KIND

    def target(self) -> dict[str, Any]:
        """This CPU, with the name of the machine as its model."""
        return {**host().target(1), "model": self.name}

    def here(self) -> str | None:
        """None: what it takes is estimated, which can be done anywhere."""
        return None


def _tile(name: str, dtype: str, scope: str, *, strided: bool) -> Any:
    """An argument of one tile; ``strided``: whose rows may lie apart."""
    strides = [T.int32(), 1] if strided else None
    buffer = T.Buffer((SIZE, SIZE), dtype, offset_factor=1, strides=strides, scope=scope)
    return T.arg(name, buffer)


def _companion(name: str, make: Callable[[bool], PrimFunc]) -> str:
    return register_companion(f"{KIND}.{name}", make(False), make(True))


def _copy(name: str, dtype: str, scopes: Sequence[str], *, turned: bool = False) -> str:
    """An intrinsic that copies a tile between memories, turned or as it is."""

    def function(strided: bool) -> PrimFunc:
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("copy")
            source, target = (
                _tile(argument, dtype, scope, strided=strided)
                for argument, scope in zip("SD", scopes, strict=True)
            )
            with T.sblock("root"):
                T.reads(source[0:SIZE, 0:SIZE])
                T.writes(target[0:SIZE, 0:SIZE])
                with T.grid(SIZE, SIZE) as (i, j), T.sblock("copy"):
                    i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                    T.buffer_store(target, source[j, i] if turned else source[i, j], [i, j])
        return builder.get()

    return _companion(name, function)


def _zero() -> str:
    """An intrinsic that starts a tile of the result."""

    def function(strided: bool) -> PrimFunc:
        with IRBuilder() as builder, prim_func(s_tir=True):
            T.func_name("zero")
            target = _tile("C", "int32", ACCUMULATORS, strided=strided)
            with T.sblock("root"):
                T.reads()
                T.writes(target[0:SIZE, 0:SIZE])
                with T.grid(SIZE, SIZE) as (i, j), T.sblock("init"):
                    i, j = T.axis.spatial(SIZE, i), T.axis.spatial(SIZE, j)
                    T.buffer_store(target, T.int32(0), [i, j])
        return builder.get()

    return _companion("zero", function)


def _multiply() -> Intrinsic:
    shape = Tile(
        *("uint8", "int8", "int32", SIZE, SIZE, SIZE),
        scopes=(SCRATCHPAD, SCRATCHPAD, ACCUMULATORS),
    )

    def emit(a: Any, b: Any, c: Any) -> None:
        multiply_accumulate(a, b, c, rows=SIZE, lanes=SIZE, depth=SIZE)

    return Intrinsic(
        name=f"{KIND}.u8s8s32.4x4x4",
        features=frozenset(),
        a_dtype="uint8",
        b_dtype="int8",
        c_dtype="int32",
        rows=SIZE,
        lanes=SIZE,
        depth=SIZE,
        description=describe(shape),
        implementation=implement(shape, emit),
        pack={
            "kn": _copy("load_kn", "int8", (DRAM, SCRATCHPAD), turned=True),
            "nk": _copy("load_nk", "int8", (DRAM, SCRATCHPAD)),
        },
        companions={
            "zero": _zero(),
            "A": _copy("load", "uint8", (DRAM, SCRATCHPAD)),
            "C": _copy("store", "int32", (ACCUMULATORS, DRAM)),
        },
    )


def burst(sketching: Sketching) -> None:
    """A space rule of its own: how many tiles are loaded at once."""
    sch = sketching.sch
    length = sch.sample_categorical([1, 2, 4, 8], [0.25] * 4)
    sch.annotate(sketching.nest.inside(sketching.holding("A")), BURST, length)


def limit_burst(state: State, inst: Instruction, loops: tuple[Loop, ...]) -> None:
    """A constraint rule of its own: no burst is longer than the machine's, or than its loop."""
    if str(inst.attrs[0]) == BURST:
        length = state.scalars[inst.inputs[1]]
        state.model.add(Le(length, state.machine.limits["longest_burst"], rule="C6"))
        extent = loops[0].extent
        if extent is not None:
            state.model.add(Le(length, extent, rule="C6"))


def register() -> Abacus:
    """Make the machine known."""
    KINDS[KIND] = Abacus
    PLATFORMS[KIND] = Platform((tensorize, tile, accumulate, attach, burst, finish))
    ASKS[KIND] = Asks({"Annotate": limit_burst})
    DEVICES[KIND] = AnalyticDevice
    register_intrinsic(_multiply())
    machine = add(Path(__file__).with_name("abacus.toml"))
    assert isinstance(machine, Abacus)
    return machine
