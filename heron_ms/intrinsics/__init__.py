"""Tensor intrinsics that the wheel lacks or breaks, known by name on import.

A MetaSchedule database names intrinsics in its traces, and TVM cannot open it before it was told of
them. TVM is told of most on import, which takes a few hundredths of a second. Those of AMX,
TensorCores and VTA are many, and each is made when it is asked for, also by what reads a database.
``make(INTRINSICS)`` makes all, for a database of another machine that TVM is to open by itself.

An intrinsic of your own: write a module like `heron_ms.intrinsics.neon` outside the package, that
makes the description with `describe(Tile(...))` and the implementation with `implement`, and
registers an `Intrinsic` of them with `register`. Import it before a database that names it is
opened. Then list its name, before the ones it is faster than, in the `intrinsics` of your machine:
in its TOML file, or
``dataclasses.replace(machine, name="mine", intrinsics=("mine.s16", *machine.intrinsics))``, and
make that machine known (`heron_ms.hardware.add`). ``docs/examples/own_intrinsic.py`` is all of it.
"""

from heron_ms.intrinsics.amx import AMX
from heron_ms.intrinsics.bf16 import AVX512_BF16
from heron_ms.intrinsics.build import Tile, describe, implement
from heron_ms.intrinsics.fma import AVX512_F32, FMA_F32, NEON_F32
from heron_ms.intrinsics.i8mm import SMMLA, USMMLA
from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.madd import AVX2_S8, AVX2_U8, AVX512BW_S8, AVX512BW_U8
from heron_ms.intrinsics.maddubs import (
    AVX2_S8_SMALL,
    AVX2_U8_SMALL,
    AVX512BW_S8_SMALL,
    AVX512BW_U8_SMALL,
)
from heron_ms.intrinsics.mma import MMA
from heron_ms.intrinsics.neon import NEON_S8, NEON_U8, SDOT, USDOT
from heron_ms.intrinsics.pack import PACK_INTRINSICS
from heron_ms.intrinsics.registry import INTRINSICS, listed, make, register, register_companion
from heron_ms.intrinsics.stock_wmma import WMMA_F16
from heron_ms.intrinsics.vnni import (
    AVX_VNNI_S8,
    AVX_VNNI_U8,
    VNNI_S8,
    VNNI_S8_8,
    VNNI_U8,
    VNNI_U8_8,
)
from heron_ms.intrinsics.vta import UNITS
from heron_ms.intrinsics.wmma import WMMA

__all__ = [
    "AMX",
    "AVX2_S8",
    "AVX2_S8_SMALL",
    "AVX2_U8",
    "AVX2_U8_SMALL",
    "AVX512BW_S8",
    "AVX512BW_S8_SMALL",
    "AVX512BW_U8",
    "AVX512BW_U8_SMALL",
    "AVX512_BF16",
    "AVX512_F32",
    "AVX_VNNI_S8",
    "AVX_VNNI_U8",
    "FMA_F32",
    "INTRINSICS",
    "MMA",
    "NEON_F32",
    "NEON_S8",
    "NEON_U8",
    "PACK_INTRINSICS",
    "SDOT",
    "SMMLA",
    "UNITS",
    "USDOT",
    "USMMLA",
    "VNNI_S8",
    "VNNI_S8_8",
    "VNNI_U8",
    "VNNI_U8_8",
    "WMMA",
    "WMMA_F16",
    "Intrinsic",
    "Tile",
    "describe",
    "implement",
    "listed",
    "make",
    "register",
    "register_companion",
]
