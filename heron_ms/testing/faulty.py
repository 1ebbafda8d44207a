"""``heron-ms`` one of whose candidates does harm to the process that runs it.

    python -m heron_ms.testing.faulty "endless loop" 3 tune gemm 64 64 64 --trials 8

The third candidate that is measured does; the process that does it is a worker's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from heron_ms.cli import main
from heron_ms.measure.cpu import arguments
from heron_ms.measure.patience import patient

PATIENCE = 5.0
"""Seconds until a candidate is given up here."""

Allocate = Callable[..., list[list[Any]]]

# Local functions travel to a worker by value: it need not import this module.


def _crashing() -> Allocate:
    def allocate(*_: Any) -> list[list[Any]]:
        import ctypes

        return [[ctypes.string_at(0)]]

    return allocate


def _illegal() -> Allocate:
    def allocate(*_: Any) -> list[list[Any]]:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGILL)
        return []

    return allocate


def _endless() -> Allocate:
    def allocate(*_: Any) -> list[list[Any]]:
        while True:
            pass

    return allocate


def _greedy() -> Allocate:
    def allocate(*_: Any) -> list[list[Any]]:
        import resource

        # A limit of its own, so that nobody else's memory is taken.
        size = 4096 * int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115
        resource.setrlimit(resource.RLIMIT_AS, (size + 2**28, size + 2**28))
        return [[bytearray(2**24) for _ in range(2**10)]]

    return allocate


def _taken_for_its_memory() -> Allocate:
    def allocate(*_: Any) -> list[list[Any]]:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does
        return []

    return allocate


HARM: dict[str, Callable[[], Allocate]] = {
    "SIGSEGV": _crashing,
    "SIGILL": _illegal,
    "endless loop": _endless,
    "out of memory": _greedy,
    "killed for its memory": _taken_for_its_memory,
}


def plant(harm: str, position: int) -> None:
    """Have the candidate at a position, counted from 1, do harm when its arguments are made."""
    names, count = vars(arguments), 0
    allocation = names["allocation"]

    def planted(*given: Any) -> Allocate:
        nonlocal count
        count += 1
        made: Allocate = HARM[harm]() if count == position else allocation(*given)
        return made

    names["allocation"] = planted


if __name__ == "__main__":
    plant(sys.argv[1], int(sys.argv[2]))
    sys.argv = ["heron-ms", *sys.argv[3:]]
    with patient(lambda: PATIENCE):
        main()
