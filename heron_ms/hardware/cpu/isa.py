"""Which features of a CPU each known tensor intrinsic needs, and so which ones a CPU executes.

The features bear LLVM's names. Sources: the CPUID feature flags of each instruction in the Intel 64
and IA-32 Architectures Software Developer's Manual, volume 2 (325383) and, for the forms that are
VEX encoded, the Intel Architecture Instruction Set Extensions reference (319433); for Arm the
FEAT_ names of the Arm Architecture Reference Manual (DDI 0487), FEAT_DotProd and FEAT_I8MM.
"""

from __future__ import annotations

from collections.abc import Iterable

AMX_ROWS = tuple(range(16, 2, -1))
"""Rows that there is a tile of. Less than 7 take as long as 7: two, or one, are for vectors."""

INTRINSIC_FEATURES: dict[str, frozenset[str]] = {
    **{
        f"amx.{dtypes}s32.{rows}x16x64": frozenset({"amx-tile", "amx-int8"})
        for dtypes in ("u8s8", "s8s8", "s8u8", "u8u8")
        for rows in AMX_ROWS
    },
    **{f"amx.bf16bf16f32.{rows}x16x32": frozenset({"amx-tile", "amx-bf16"}) for rows in AMX_ROWS},
    **{f"amx.f16f16f32.{rows}x16x32": frozenset({"amx-tile", "amx-fp16"}) for rows in AMX_ROWS},
    "vnni.u8s8s32.16x4": frozenset({"avx512vnni"}),
    "vnni.s8s8s32.16x4": frozenset({"avx512vnni"}),
    "vnni.u8s8s32.8x4": frozenset({"avx512vnni", "avx512vl"}),
    "vnni.s8s8s32.8x4": frozenset({"avx512vnni", "avx512vl"}),
    "avxvnni.u8s8s32.8x4": frozenset({"avxvnni"}),
    "avxvnni.s8s8s32.8x4": frozenset({"avxvnni"}),
    "avx512bw.u8s7s32.16x4": frozenset({"avx512bw"}),
    "avx512bw.s8s7s32.16x4": frozenset({"avx512bw"}),
    "avx512bw.u8s8s32.16x4": frozenset({"avx512bw"}),
    "avx512bw.s8s8s32.16x4": frozenset({"avx512bw"}),
    "avx2.u8s7s32.8x4": frozenset({"avx2"}),
    "avx2.s8s7s32.8x4": frozenset({"avx2"}),
    "avx2.u8s8s32.8x4": frozenset({"avx2"}),
    "avx2.s8s8s32.8x4": frozenset({"avx2"}),
    "i8mm.u8s8s32.2x2x8": frozenset({"i8mm"}),
    "i8mm.s8s8s32.2x2x8": frozenset({"i8mm"}),
    "i8mm.u8s8s32.4x4": frozenset({"i8mm"}),
    "dotprod.s8s8s32.4x4": frozenset({"dotprod"}),
    "neon.u8s8s32.4x4": frozenset({"neon"}),
    "neon.s8s8s32.4x4": frozenset({"neon"}),
    "avx512bf16.bf16bf16f32.16x2": frozenset({"avx512bf16"}),
    "avx512f.f32f32f32.16x1": frozenset({"avx512f"}),
    "fma.f32f32f32.8x1": frozenset({"fma"}),
    "neon.f32f32f32.4x1": frozenset({"neon"}),
}
"""The features that each intrinsic needs, all of them; for the same operands the fastest first."""


NOTABLE = (
    *("avx2", "fma", "avx512f", "avx512bw", "avx512vnni", "avxvnni", "avx512bf16", "amx-int8"),
    *("neon", "dotprod", "i8mm"),
)
"""What a user may want to know of a CPU's features."""


def intrinsics_of(features: Iterable[str]) -> tuple[str, ...]:
    """Names of the known intrinsics that a CPU with these LLVM features executes, fastest first."""
    present = frozenset(features)
    if "thumb2" in present:
        # 32-bit Arm calls its features the same, but LLVM has other names for the instructions.
        return ()
    return tuple(name for name, needed in INTRINSIC_FEATURES.items() if needed <= present)
