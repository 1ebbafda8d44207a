"""The NVIDIA GPU of this computer, as its driver tells: the one that CUDA calls number 0.

The driver is asked itself, not nvidia-smi, which numbers GPUs in an order of its own and does not
heed CUDA_VISIBLE_DEVICES.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

LIBRARY = "libcuda.so.1"
_MAJOR, _MINOR = 75, 76
"""CUdevice_attribute of the two numbers of a compute capability (CUDA driver API, cuda.h)."""
_LONGEST = 256


@dataclass(frozen=True)
class Gpu:
    """A GPU by the name that its driver gives it, and its compute capability, 80 for "sm_80"."""

    name: str
    capability: int


@cache
def gpu() -> Gpu | None:
    """The GPU that is here; None without one, and without a driver."""
    try:
        driver = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    return asked(driver)


def asked(driver: Any) -> Gpu | None:
    """What the driver says of its first GPU; None where it has none.

    driver: the library, of which cuInit, cuDeviceGet, cuDeviceGetName and cuDeviceGetAttribute are
    called.
    """
    device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    name = ctypes.create_string_buffer(_LONGEST)
    steps: tuple[Callable[[], int], ...] = (
        lambda: driver.cuInit(0),
        lambda: driver.cuDeviceGet(ctypes.byref(device), 0),
        lambda: driver.cuDeviceGetName(name, _LONGEST, device),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device),
    )
    if any(step() for step in steps):  # each returns 0 unless something is wrong
        return None
    return Gpu(name.value.decode(), 10 * major.value + minor.value)
