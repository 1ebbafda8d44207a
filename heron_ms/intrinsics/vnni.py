"""AVX512-VNNI: 16 lanes of 4-deep 8-bit dot products into 32-bit integers.

Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, VPDPBUSD. The
instruction multiplies unsigned by signed bytes and does not saturate; LLVM 22 declares it as
(i32x16, i8x64, i8x64).
"""

# mypy: ignore-errors
# (TVMScript is a language of its own inside these functions.)

from tvm.script import tirx as T

from heron_ms.intrinsics.intrinsic import Intrinsic

_VPDPBUSD = "llvm.x86.avx512.vpdpbusd.512"


def _description(a_dtype):
    @T.prim_func(s_tir=True)
    def dot_product(
        A: T.Buffer((4,), a_dtype, offset_factor=1),
        B: T.Buffer((16, 4), "int8", offset_factor=1),
        C: T.Buffer((16,), "int32", offset_factor=1),
    ) -> None:
        with T.sblock("root"):
            T.reads(C[0:16], A[0:4], B[0:16, 0:4])
            T.writes(C[0:16])
            for i, k in T.grid(16, 4):
                with T.sblock("update"):
                    vi, vk = T.axis.remap("SR", [i, k])
                    C[vi] = C[vi] + T.cast(A[vk], "int32") * T.cast(B[vi, vk], "int32")

    return dot_product


# B's strides are declared because tensorize checks only those it is told: a row stride other than
# 4 would otherwise load the wrong 64 bytes without an error.
@T.prim_func(s_tir=True)
def _u8s8(
    A: T.Buffer((4,), "uint8", offset_factor=1),
    B: T.Buffer((16, 4), "int8", offset_factor=1, strides=[4, 1]),
    C: T.Buffer((16,), "int32", offset_factor=1),
) -> None:
    with T.sblock("root"):
        T.reads(C[0:16], A[0:4], B[0:16, 0:4])
        T.writes(C[0:16])
        C[T.ramp(T.int32(0), 1, 16)] = T.call_llvm_pure_intrin(
            T.llvm_lookup_intrinsic_id(_VPDPBUSD),
            C.vload([0], dtype="int32x16"),
            T.reinterpret(
                T.broadcast(T.reinterpret(A.vload([0], "uint8x4"), dtype="int32"), 16),
                dtype="int8x64",
            ),
            B.vload([0, 0], dtype="int8x64"),
            dtype="int32x16",
        )


# Signed A: flipping the sign bit adds 128 and makes it unsigned; 128 times the sum of B is taken
# off again. LLVM shares that sum between the rows of an unrolled tile.
@T.prim_func(s_tir=True)
def _s8s8(
    A: T.Buffer((4,), "int8", offset_factor=1),
    B: T.Buffer((16, 4), "int8", offset_factor=1, strides=[4, 1]),
    C: T.Buffer((16,), "int32", offset_factor=1),
) -> None:
    with T.sblock("root"):
        T.reads(C[0:16], A[0:4], B[0:16, 0:4])
        T.writes(C[0:16])
        C[T.ramp(T.int32(0), 1, 16)] = T.call_llvm_pure_intrin(
            T.llvm_lookup_intrinsic_id(_VPDPBUSD),
            C.vload([0], dtype="int32x16"),
            T.reinterpret(
                T.broadcast(
                    T.bitwise_xor(
                        T.reinterpret(A.vload([0], "int8x4"), dtype="int32"),
                        T.int32(-2139062144),
                    ),
                    16,
                ),
                dtype="int8x64",
            ),
            B.vload([0, 0], dtype="int8x64"),
            dtype="int32x16",
        ) - T.call_llvm_pure_intrin(
            T.llvm_lookup_intrinsic_id(_VPDPBUSD),
            T.broadcast(T.int32(0), 16),
            T.reinterpret(T.broadcast(T.int32(-2139062144), 16), dtype="int8x64"),
            B.vload([0, 0], dtype="int8x64"),
            dtype="int32x16",
        )


def _vnni(name, a_dtype, implementation):
    return Intrinsic(
        name=name,
        feature="avx512vnni",
        a_dtype=a_dtype,
        b_dtype="int8",
        c_dtype="int32",
        lanes=16,
        depth=4,
        description=_description(a_dtype),
        implementation=implementation,
    )


VNNI_U8 = _vnni("vnni.u8s8s32.16x4", "uint8", _u8s8)
VNNI_S8 = _vnni("vnni.s8s8s32.16x4", "int8", _s8s8)
