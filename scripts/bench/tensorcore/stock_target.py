"""The target that stock MetaSchedule tunes for, of a GPU that heron_ms describes."""

from __future__ import annotations

from heron_ms._tvm import Target
from heron_ms.hardware.tensorcore import TensorCore

STATIC_SHARED = 48 * 1024
"""Bytes of shared memory of a block that may be static (CUDA C++ Programming Guide), as stock's is
without TensorCores; so much every tag of TVM's for a GPU has, such as "nvidia/nvidia-a100"."""


def stock_target(gpu: TensorCore) -> Target:
    """With the limits of the GPU; for its architecture TVM takes its rules for TensorCores."""
    options = {
        "kind": "cuda",
        "arch": gpu.arch,
        "max_threads_per_block": 1024,
        "max_shared_memory_per_block": STATIC_SHARED,
        "thread_warp_size": 32,
        "registers_per_block": gpu.limits["registers"],
    }
    return Target(options, host="llvm")
