"""The cases that are measured, as in the paper (Heron, section on workloads).

DL Boost runs them with 8-bit operands and batch 1, on weights that were packed beforehand, except
for BMM, whose second operand is no constant. TensorCore runs them in half precision with larger
batches. The suite "f32" is for CPUs: what they multiply and add in single precision; "yolo" has the
layers C1 to C15 of YOLO that FlexTensor (ASPLOS 2020) publishes spaces and speeds of.
"""

from __future__ import annotations

from collections.abc import Iterator

from heron_ms.workloads.bmm import Bmm
from heron_ms.workloads.convolutions import Conv1d, Conv2d, Conv3d, Dilated2d
from heron_ms.workloads.gemm import Gemm
from heron_ms.workloads.gemv import Gemv
from heron_ms.workloads.scan import Scan
from heron_ms.workloads.transposed import Transposed2d
from heron_ms.workloads.workload import Workload

_GEMM_1024 = (1024, 1024, 1024)
_FLAT_GEMM = ((32, 2048, 1000), (32, 4096, 4096), (32, 4096, 1000))
_BMM = ((12, 512, 64, 512), (12, 512, 512, 64), (16, 512, 64, 512), (16, 512, 512, 64))
_GEMV = ((512, 16), (1024, 256), (256, 1024), (512, 256), (1024, 1024))
_SCAN = ((16, 512, 128), (1024, 16, 256), (256, 1024, 256), (512, 256, 16))
# (CI, CO, K, PAD, DIL); W is 892.
_C1D = ((512, 1024, 1, 0, 1), (1024, 512, 1, 0, 1))
_C1D_DILATED = ((512, 512, 3, 4, 2), (512, 512, 3, 8, 4), (512, 512, 3, 16, 8))
# (H, CI, CO, K, STRIDE, PAD); W is H.
_C2D = (
    (56, 64, 64, 3, 1, 1),
    (56, 64, 64, 1, 1, 0),
    (28, 128, 128, 3, 1, 1),
    (28, 128, 256, 1, 2, 0),
    (14, 256, 256, 3, 1, 1),
    (14, 256, 512, 1, 2, 0),
)
_T2D_TENSORCORE = (
    (56, 64, 64, 3, 1, 1),
    (56, 64, 128, 1, 2, 0),
    (28, 128, 128, 3, 1, 1),
    (28, 128, 256, 1, 2, 0),
    (14, 256, 512, 3, 1, 1),
    (14, 256, 512, 1, 2, 0),
)
# (CI, H, CO, K, STRIDE) of C1 to C15; W is H, and PAD is K // 2.
_YOLO = (
    (3, 448, 64, 7, 2),
    (64, 112, 192, 3, 1),
    (192, 56, 128, 1, 1),
    (128, 56, 256, 3, 1),
    (256, 56, 256, 1, 1),
    (256, 56, 512, 3, 1),
    (512, 28, 256, 1, 1),
    (256, 28, 512, 3, 1),
    (512, 28, 512, 1, 1),
    (512, 28, 1024, 3, 1),
    (1024, 14, 512, 1, 1),
    (512, 14, 1024, 3, 1),
    (1024, 14, 1024, 3, 1),
    (1024, 14, 1024, 3, 2),
    (1024, 7, 1024, 3, 1),
)
# (D, H, CI, CO, K, STRIDE, PAD); W is H.
_C3D = (
    (8, 56, 64, 64, 3, 1, 1),
    (8, 56, 64, 128, 1, 2, 0),
    (4, 28, 128, 128, 3, 1, 1),
    (4, 28, 128, 256, 1, 2, 0),
    (2, 14, 256, 256, 3, 1, 1),
    (2, 14, 256, 512, 1, 2, 0),
)


def _dlboost() -> Iterator[Workload]:
    yield from (Gemm.of(case, weight="packed") for case in (_GEMM_1024, *_FLAT_GEMM))
    yield from (Bmm.of(case) for case in _BMM)
    yield from (Gemv.of(case, weight="packed") for case in _GEMV)
    yield from (Scan.of(case, weight="packed") for case in _SCAN)
    for case in (*_C1D, *_C1D_DILATED):
        yield Conv1d.of(_c1d(1, case), weight="packed")
    yield from (Conv2d.of(_c2d(1, case, 1), weight="packed") for case in _C2D)
    yield from (Dilated2d.of(_c2d(1, case, 2), weight="packed") for case in _C2D)
    yield from (Conv3d.of(_c3d(1, case), weight="packed") for case in _C3D)
    yield from (Transposed2d.of(_c2d(1, case, 1), weight="packed") for case in _C2D)


def _tensorcore() -> Iterator[Workload]:
    gemms = (_GEMM_1024, (4096, 4096, 4096), *_FLAT_GEMM)
    yield from (Gemm.of(case, "f16") for case in gemms)
    bmms = (*_BMM, (96, 2048, 128, 2048), (96, 2048, 2048, 128))
    yield from (Bmm.of(case, "f16") for case in bmms)
    lines = (*_C1D_DILATED, (512, 512, 3, 32, 16), *_C1D)
    yield from (Conv1d.of(_c1d(16, case), "f16") for case in lines)
    yield from (Conv2d.of(_c2d(16, case, 1), "f16") for case in _C2D)
    yield from (Conv3d.of(_c3d(8, case), "f16") for case in _C3D)
    yield from (Dilated2d.of(_c2d(16, case, 2), "f16") for case in _C2D)
    yield from (Transposed2d.of(_c2d(16, case, 1), "f16") for case in _T2D_TENSORCORE)
    yield from (Gemv.of(case, "f16") for case in _GEMV)
    yield from (Scan.of(case, "f16") for case in (*_SCAN, _GEMM_1024))


def _f32() -> Iterator[Workload]:
    for size in (512, 1024):
        yield Gemm.of((size, size, size), "f32", weight="packed")
    yield from (Conv2d.of(_c2d(1, case, 1), "f32", weight="packed") for case in _C2D)


def _yolo() -> Iterator[Workload]:
    for ci, h, co, k, stride in _YOLO:
        case = (h, ci, co, k, stride, k // 2)
        yield Conv2d.of(_c2d(1, case, 1), "f32", weight="packed")


def _c1d(n: int, case: tuple[int, ...]) -> tuple[int, ...]:
    ci, co, k, pad, dil = case
    return (n, 892, ci, co, k, 1, pad, dil)


def _c2d(n: int, case: tuple[int, ...], dil: int) -> tuple[int, ...]:
    h, ci, co, k, stride, pad = case
    return (n, h, h, ci, co, k, k, stride, pad, dil)


def _c3d(n: int, case: tuple[int, ...]) -> tuple[int, ...]:
    d, h, ci, co, k, stride, pad = case
    return (n, d, h, h, ci, co, k, k, k, stride, pad, 1)


SUITES: dict[str, tuple[Workload, ...]] = {
    "dlboost": tuple(_dlboost()),
    "tensorcore": tuple(_tensorcore()),
    "f32": tuple(_f32()),
    "yolo": tuple(_yolo()),
}
"""The cases of each suite, in the order in which they are reported."""
