"""From what a user typed to what the library takes, or one line that says what is wrong."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from heron_ms.errors import TargetError, UsageError, WorkDirError
from heron_ms.hardware import Machine, for_target, host, known_machines, machine
from heron_ms.workloads import DTYPES, OPERATORS, SUITES, Grouped2d, Workload

VNNI = "avx512vnni"


def workload_of(args: argparse.Namespace) -> Workload:
    """The workload; raises `InvalidDimensionError`, `LayoutError` and `UnsupportedDtypeError`."""
    operator = OPERATORS[args.operator]
    case = tuple(getattr(args, name.upper()) for name in operator.sizes())
    options: dict[str, Any] = {"weight": args.weight}
    if any(operator.layouts):
        options["layout"] = args.layout
    if operator is Grouped2d:
        options["split"] = not args.joined
    return operator.of(case, _dtype(args.dtype), **options)


def cases_of(args: argparse.Namespace) -> list[Workload]:
    """The cases of a suite that are asked for; raises `UsageError`."""
    if args.suite not in SUITES:
        raise UsageError(f"unknown --suite {args.suite!r}: choose from {', '.join(SUITES)}")
    wanted = args.only or ""
    found = [each for each in SUITES[args.suite] if wanted in each.name]
    if not found:
        raise UsageError(
            f"--only {wanted!r} is in no name of suite {args.suite}, such as "
            f"{SUITES[args.suite][0].name}"
        )
    return found


def _dtype(text: str) -> str:
    if text not in DTYPES:
        raise UsageError(f"--dtype takes one of {', '.join(DTYPES)}, not {text!r}")
    return text


def described(name: str) -> Machine:
    """A machine by any name, here or not. Raises `TargetError` for a name nobody knows."""
    from tvm.target.codegen import llvm_is_valid_cpu

    if name in known_machines():
        return machine(name)
    triple = "x86_64-linux-gnu"
    if not llvm_is_valid_cpu(name, triple):
        known = ", ".join(known_machines())
        raise TargetError(f"unknown target {name!r}: use {known}, or a CPU name that LLVM knows")
    return for_target({"kind": "llvm", "mcpu": name, "mtriple": triple})


def runnable(name: str, cores: int | None, workload: Workload) -> Machine:
    """The machine to tune a workload for, which must be this one; raises `TargetError`."""
    found = described(name)
    if name != "host" and workload.dtypes.integer and not found.has(VNNI):
        raise TargetError(
            f"target {name} has no {VNNI}, which products of 8-bit integers need: use --target "
            "dlboost, or --target host for whatever this CPU has"
        )
    if found.mcpu != host().mcpu:
        raise TargetError(
            f"target {name} is not this CPU ({host().mcpu}), so nothing can be measured here: use "
            f"--target dlboost, or look at the space with `heron-ms explain --target {name}`"
        )
    available = host().cores
    wanted = available if cores is None else cores
    if wanted > available:
        raise UsageError(f"--cores {wanted} is more than this process may use ({available})")
    return host().with_cores(wanted)


def writable_file(option: str, text: str) -> Path:
    """A file that can be written later; raises `UsageError` now."""
    path = Path(text)
    if path.is_dir():
        raise UsageError(f"{option} {path} is a directory: name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: the directory {path.parent} does not exist: make it")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{option} {path} cannot be written: name another file")
    return path


def accessible(work_dir: Path) -> Path:
    """The work directory; raises `WorkDirError` if it is there and its permissions forbid use."""
    if work_dir.is_dir() and not os.access(work_dir, os.R_OK | os.W_OK | os.X_OK):
        raise WorkDirError(
            f"the work directory {work_dir} cannot be read and written: change its permissions or "
            "name another"
        )
    return work_dir
