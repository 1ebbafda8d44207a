"""From what a user typed to what the library takes, or one line that says what is wrong."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from heron_ms.cli.arguments.kept import is_kept
from heron_ms.database.files import require_directory
from heron_ms.errors import TargetError, UsageError, WorkDirError
from heron_ms.hardware import Machine, for_target, host, resolve
from heron_ms.workloads import DTYPES, OPERATORS, SUITES, Grouped2d, Workload


def workload_of(args: argparse.Namespace) -> Workload:
    """The workload; raises `InvalidDimensionError`, `LayoutError` and `UnsupportedDtypeError`."""
    operator = OPERATORS[args.operator]
    case = tuple(getattr(args, name.upper()) for name in operator.sizes())
    options: dict[str, Any] = {"weight": args.weight}
    if any(operator.layouts):
        options["layout"] = args.layout
    if operator is Grouped2d:
        options["split"] = not args.joined
    return operator.of(case, _dtype(args), **options)


def cases_of(args: argparse.Namespace) -> list[Workload]:
    """The cases of a suite that are asked for; raises `UsageError`."""
    if args.suite not in SUITES:
        raise UsageError(f"unknown --suite {args.suite!r}: choose from {', '.join(SUITES)}")
    wanted = args.only or ""
    cases = [case for case in SUITES[args.suite] if wanted in case.name]
    if not cases:
        raise UsageError(
            f"--only {wanted!r} is in no name of suite {args.suite}, such as "
            f"{SUITES[args.suite][0].name}"
        )
    return cases


def _dtype(args: argparse.Namespace) -> str:
    text: str = resolve(args.target).dtype if args.dtype is None else args.dtype
    if text not in DTYPES:
        raise UsageError(f"--dtype takes one of {', '.join(DTYPES)}, not {text!r}")
    return text


def runnable(name: str, cores: int | None) -> Machine:
    """The machine to tune for, on which it can be measured here; raises `TargetError`."""
    described = resolve(name)
    reason = described.here()
    if reason is not None:
        raise TargetError(
            f"target {name} {reason}, so nothing can be measured here: use --target host, or look "
            f"at the space with `heron-ms explain --target {name}`"
        )
    running = for_target(described.target())
    return running.with_cores(running.cores if cores is None else available(cores))


def available(cores: int) -> int:
    """A number of cores that this process may use; raises `UsageError` for more."""
    if cores > host().cores:
        raise UsageError(f"--cores {cores} is more than this process may use ({host().cores})")
    return cores


def writable_file(option: str, text: str) -> Path:
    """A file that can be written later; raises `UsageError` now.

    What a run keeps in its work directory is no such file, though it could be written.
    """
    path = Path(text)
    if is_kept(path):
        raise UsageError(f"{option} {path} is what a run keeps: name another file")
    if path.is_dir():
        raise UsageError(f"{option} {path} is a directory: name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: the directory {path.parent} does not exist: make it")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{option} {path} cannot be written: name another file")
    return path


def accessible(work_dir: Path) -> Path:
    """The work directory; raises `WorkDirError` if it is no directory, or may not be used."""
    require_directory(work_dir)
    if work_dir.is_dir() and not os.access(work_dir, os.R_OK | os.W_OK | os.X_OK):
        raise WorkDirError(
            f"the work directory {work_dir} cannot be read and written: change its permissions or "
            "name another"
        )
    return work_dir
