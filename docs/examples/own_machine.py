"""A machine of your own kind: what it is, its space rules, who measures, and an intrinsic."""

from pathlib import Path

from own_machine_unit import UNIT

import heron_ms
from heron_ms.hardware import add, host
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.catalogue import KINDS
from heron_ms.interstellar.device import AnalyticDevice
from heron_ms.intrinsics import register
from heron_ms.measure.devices import DEVICES
from heron_ms.space_generators.platforms import PLATFORMS, Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s1_tensorize import tensorize
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import accumulate
from heron_ms.space_generators.rules.tiling import tile
from heron_ms.workloads import Gemm


class Toy(Accelerator):
    """Programs for it are compiled for this CPU, which computes their results."""

    kind = "toy"
    target = lambda self: {**host().target(1), "model": self.name}  # noqa: E731
    here = lambda self: None  # noqa: E731  an estimate can be had anywhere


KINDS["toy"] = Toy
PLATFORMS["toy"] = Platform((tensorize, tile, accumulate, attach, finish))
DEVICES["toy"] = AnalyticDevice
register(UNIT)
target = add(Path(__file__).with_suffix(".toml")).target()

func = Gemm(16, 16, 32).prim_func()
kernel = heron_ms.compile_tir(heron_ms.tune_tir(func, target, "build/toy", 8), func, target)
print(heron_ms.check(kernel, func, target), f"; estimated: {kernel.seconds * 1e6:.1f} us")
