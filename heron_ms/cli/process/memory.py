"""Whether a problem fits in the memory of this machine, together with what checks its result."""

from __future__ import annotations

from math import prod
from pathlib import Path

from heron_ms.errors import UsageError
from heron_ms.workloads import Workload

_COPIES = {"A": 2, "A_padded": 1, "B": 2, "C": 5}
"""Arrays of 64 bits that the comparison with numpy holds at once, for each buffer."""

_LIMIT = Path("/sys/fs/cgroup/memory.max")
_GIB = 2**30


def needed(workload: Workload) -> int:
    """Bytes that checking a kernel of a workload takes, about; more than measuring it."""
    return sum(8 * _COPIES[name] * prod(shape) for name, shape in workload.buffers.items())


def fitting(workload: Workload) -> Workload:
    """The workload; raises `UsageError` where it does not fit in the memory that is left."""
    require_memory(workload.name, needed(workload))
    return workload


def require_memory(name: str, wanted: int) -> None:
    """Raise `UsageError` where what has that name takes more bytes than are left."""
    free = _free()
    if wanted > free:
        raise UsageError(
            f"{name} takes about {wanted / _GIB:.1f} GiB of memory to tune and check, and "
            f"{free / _GIB:.1f} GiB are free here: choose smaller sizes"
        )


def _free() -> int:
    """Bytes of memory that this process may still take."""
    import psutil

    free = int(psutil.virtual_memory().available)
    text = _LIMIT.read_text().strip() if _LIMIT.is_file() else "max"
    return min(free, int(text)) if text.isdecimal() else free
