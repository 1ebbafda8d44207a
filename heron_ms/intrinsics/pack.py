"""Packing of an 8-bit weight into (N/16, K/4, 16, 4) tiles, one tile an intrinsic.

Without these, LLVM packs byte by byte at two to three cycles a byte; shuffled in registers it is
a fraction of a cycle, which is what makes a plain weight nearly as fast as a packed one.
"""

# mypy: ignore-errors
# (TVMScript is a language of its own inside these functions.)

from tvm.script import tirx as T

from heron_ms._tvm import TensorIntrin

_INTERLEAVE = [(lane % 4) * 16 + lane // 4 for lane in range(64)]


@T.prim_func(s_tir=True)
def _kn_description(
    S: T.Buffer((4, 16), "int8", offset_factor=1),
    D: T.Buffer((16, 4), "int8", offset_factor=1),
) -> None:
    with T.sblock("root"):
        T.reads(S[0:4, 0:16])
        T.writes(D[0:16, 0:4])
        for n, k in T.grid(16, 4):
            with T.sblock("copy"):
                vn, vk = T.axis.remap("SS", [n, k])
                D[vn, vk] = S[vk, vn]


@T.prim_func(s_tir=True)
def _kn_implementation(
    S: T.Buffer((4, 16), "int8", offset_factor=1, strides=[T.int32(), 1]),
    D: T.Buffer((16, 4), "int8", offset_factor=1, strides=[4, 1]),
) -> None:
    with T.sblock("root"):
        T.reads(S[0:4, 0:16])
        T.writes(D[0:16, 0:4])
        D.vstore(
            [0, 0],
            T.Shuffle([S.vload([row, 0], "int8x16") for row in range(4)], _INTERLEAVE),
        )


@T.prim_func(s_tir=True)
def _nk_description(
    S: T.Buffer((16, 4), "int8", offset_factor=1),
    D: T.Buffer((16, 4), "int8", offset_factor=1),
) -> None:
    with T.sblock("root"):
        T.reads(S[0:16, 0:4])
        T.writes(D[0:16, 0:4])
        for n, k in T.grid(16, 4):
            with T.sblock("copy"):
                vn, vk = T.axis.remap("SS", [n, k])
                D[vn, vk] = S[vn, vk]


@T.prim_func(s_tir=True)
def _nk_implementation(
    S: T.Buffer((16, 4), "int8", offset_factor=1, strides=[T.int32(), 1]),
    D: T.Buffer((16, 4), "int8", offset_factor=1, strides=[4, 1]),
) -> None:
    with T.sblock("root"):
        T.reads(S[0:16, 0:4])
        T.writes(D[0:16, 0:4])
        for row in T.unroll(16):
            D.vstore([row, 0], S.vload([row, 0], "int8x4"))


PACK_INTRINSICS: dict[str, str] = {"kn": "pack.kn.i8.16x4", "nk": "pack.nk.i8.16x4"}
"""Intrinsic name by the layout of the plain weight."""

TensorIntrin.register(PACK_INTRINSICS["kn"], _kn_description, _kn_implementation, override=True)
TensorIntrin.register(PACK_INTRINSICS["nk"], _nk_description, _nk_implementation, override=True)
