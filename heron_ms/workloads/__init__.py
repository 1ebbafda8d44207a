"""The operators of the papers: each a program, its inputs and what is right."""

from heron_ms.workloads.bmm import Bmm
from heron_ms.workloads.convolution import Convolution
from heron_ms.workloads.convolutions import Conv1d, Conv2d, Conv3d, Dilated2d
from heron_ms.workloads.depthwise import Depthwise2d
from heron_ms.workloads.dtypes import DTYPES, Dtypes
from heron_ms.workloads.gemm import Gemm
from heron_ms.workloads.gemv import Gemv
from heron_ms.workloads.grouped import Grouped2d
from heron_ms.workloads.scan import Scan
from heron_ms.workloads.suites import SUITES
from heron_ms.workloads.transposed import Transposed2d
from heron_ms.workloads.weights import WEIGHTS, WeightLayout
from heron_ms.workloads.workload import LARGEST, LAYOUTS, Workload

_CLASSES: tuple[type[Workload], ...] = (
    Gemm,
    Bmm,
    Conv1d,
    Conv2d,
    Conv3d,
    Transposed2d,
    Dilated2d,
    Gemv,
    Scan,
    Grouped2d,
    Depthwise2d,
)

OPERATORS: dict[str, type[Workload]] = {kind.operator: kind for kind in _CLASSES}
"""Every operator by its name in the paper."""

__all__ = [
    "DTYPES",
    "LARGEST",
    "LAYOUTS",
    "OPERATORS",
    "SUITES",
    "WEIGHTS",
    "Bmm",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "Convolution",
    "Depthwise2d",
    "Dilated2d",
    "Dtypes",
    "Gemm",
    "Gemv",
    "Grouped2d",
    "Scan",
    "Transposed2d",
    "WeightLayout",
    "Workload",
]
