"""Whether the system lets a process use the tile registers, which the CPU's flags do not say.

Linux hands them out on request (since 5.16; a sandbox may refuse), and what it has handed out it
does not take back. So the question is put in a process of its own. Source: Linux
Documentation/arch/x86/xstate.rst, ARCH_REQ_XCOMP_PERM.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import cache

TILE_FEATURE = "amx-tile"
_PREFIX = "amx-"
_ASK = "import ctypes; raise SystemExit(ctypes.CDLL(None).syscall(158, 0x1023, 18) != 0)"
_PATIENCE = 10.0
"""Seconds; the answer takes some hundredths of one."""


def permitted_features(features: Iterable[str]) -> frozenset[str]:
    """What is left of a CPU's features, by LLVM's names, when the system was asked for tiles."""
    present = frozenset(features)
    if TILE_FEATURE not in present or tiles_are_permitted():
        return present
    return frozenset(feature for feature in present if not feature.startswith(_PREFIX))


@cache
def tiles_are_permitted() -> bool:
    """Whether a process may use tile registers; False on anything but Linux on x86."""
    try:
        asked = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _ASK], check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return asked.returncode == 0


def withheld() -> bool:
    """Whether the CPU has tile registers that the system does not let a process use."""
    from heron_ms.hardware.cpu.host import cpu_flags

    return TILE_FEATURE in cpu_flags() and not tiles_are_permitted()
