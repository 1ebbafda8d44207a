"""Which processors a benchmark computes on.

Imports nothing heavy: a core must be claimed before TVM, OpenMP or heron_ms look at the processors
that this process may use.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from enum import Enum

_THREADS = ("TVM_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Cores(Enum):
    """What a benchmark asks for; `ANY` leaves the process as it is."""

    ONE = "one, pinned"
    ONE_OR_ALL = "one, pinned, or all with --cores all"
    ANY = "whatever it may use"


def core_options(cores: Cores) -> ArgumentParser:
    """A parser of the options that choose processors, to be the parent of another."""
    parser = ArgumentParser("python -m scripts.bench", add_help=False, allow_abbrev=False)
    parser.set_defaults(core=None, cores="1" if cores is Cores.ONE else "")
    if cores is not Cores.ANY:
        parser.add_argument("--core", type=int, help="the processor to compute on (default: the "
                            "last one that this process may use)")  # fmt: skip
    if cores is Cores.ONE_OR_ALL:
        parser.add_argument("--cores", choices=("1", "all"), default="1",
                            help="one pinned core, or all (default 1)")  # fmt: skip
    return parser


def claim(cores: Cores, words: Sequence[str]) -> None:
    """Does what the options of `core_options` among the words of a command line say.

    Must come before the first import of tvm, heron_ms, torch or onnxruntime.
    """
    chosen: Namespace = core_options(cores).parse_known_args(words)[0]
    if chosen.cores == "1":
        pin(chosen.core)
    elif chosen.cores == "all":
        unpin()


def pin(core: int | None) -> None:
    """Keeps this process, its threads and its children on one processor.

    Without a number: the last one of those that this process may use. Raises SystemExit for one
    that it may not.
    """
    usable = os.sched_getaffinity(0)
    core = max(usable) if core is None else core
    if core not in usable:
        raise SystemExit(f"--core {core} is none of {', '.join(map(str, sorted(usable)))}")
    os.sched_setaffinity(0, {core})
    # TVM's pool would pin its threads where it likes, often to processor 0.
    os.environ["TVM_BIND_THREADS"] = "0"
    for name in _THREADS:
        os.environ[name] = "1"


def unpin() -> None:
    """Lets this process and its children use all cores that it may use."""
    os.environ["TVM_BIND_THREADS"] = "0"
    from heron_ms.hardware import physical_cpus

    for name in _THREADS:
        os.environ[name] = str(len(physical_cpus()))
