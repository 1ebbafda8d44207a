"""Machines by name: the running one, those that a file describes, and those that are added.

A file lies in ``data/KIND`` and has the fields of its kind's class, with ``[[memories]]``,
``[[units]]`` and ``[[structure]]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from heron_ms.errors import TargetError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.cpu.cpu import Cpu
from heron_ms.hardware.cpu.host import dlboost, host
from heron_ms.hardware.description import Machine, only
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.hardware.vta import Vta
from heron_ms.hardware.vta_config import configured

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KINDS: dict[str, type[Machine]] = {kind.kind: kind for kind in (Cpu, Accelerator, TensorCore, Vta)}
"""The class of each kind of machine; one of a user's own is added with its entry."""

_RUNNING: dict[str, Callable[[], Machine]] = {"host": host, "dlboost": dlboost}
_FOLDER = Path(__file__).parent / "data"
_added: dict[str, Machine] = {}


def known_machines(kind: str | None = None) -> tuple[str, ...]:
    """Every name that `machine` takes; of one kind, the described machines."""
    if kind is None:
        return (*_RUNNING, *sorted({*_files(), *_added}))
    added = {name for name, described in _added.items() if described.kind == kind}
    return tuple(sorted({*(n for n, file in _files().items() if file.parent.name == kind), *added}))


def machine(name: str) -> Machine:
    """A machine by name: "host", "dlboost" (the host with its dot product), or a described one.

    Raises `TargetError` for an unknown name, and for "dlboost" on a CPU without the instruction.
    """
    if name in _RUNNING:
        return _RUNNING[name]()
    if name in _added:
        return _added[name]
    if name not in _files():
        raise TargetError(f"unknown machine {name!r}; known are {', '.join(known_machines())}")
    return _described(name)


def cpu_named(name: str) -> Cpu:
    """`machine`, of which only a CPU will do; raises `TargetError` for any other."""
    return only(Cpu, machine(name), "CPU")


def load(path: Path) -> Machine:
    """Reads a machine from a TOML file with the fields of its ``kind``, or a ``vta_config.json``.

    Raises `TargetError` if the file is missing, is neither, or does not describe a machine.
    """
    if not path.is_file():
        raise TargetError(f"there is no file {str(path)!r} that could describe a machine")
    try:
        if path.suffix == ".json":
            return configured(path, machine)
        fields = read(path)
        kind = fields.pop("kind", None)
        if kind not in KINDS:
            named = "it names no kind" if kind is None else f"no kind of machine is {kind!r}"
            raise TargetError(f"{named}; known are {', '.join(KINDS)}")
        return KINDS[kind].of(fields)
    except (TargetError, TypeError) as error:
        raise TargetError(f"{path.name} describes no machine: {error}") from error


def add(given: Path | Machine) -> Machine:
    """Makes a machine known by its name from then on: a description, or a file that `load` reads.

    A target finds it by its name, as the target's "model". Raises what `load` raises.
    """
    described = load(given) if isinstance(given, Path) else given
    _added[described.name] = described
    return described


def read(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; raises `TargetError` if there is none that can be read."""
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return tables
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TargetError(f"it cannot be read: {error}") from error


@cache
def _files() -> Mapping[str, Path]:
    """The described machines of the kinds that can be tuned for."""
    return {file.stem: file for kind in KINDS for file in _FOLDER.glob(f"{kind}/*.toml")}


@cache
def _described(name: str) -> Machine:
    return load(_files()[name])
