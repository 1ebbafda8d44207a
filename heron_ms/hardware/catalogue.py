"""Machines by name: the running one, and those that a TOML file of this folder describes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from heron_ms.errors import TargetError
from heron_ms.hardware.description import Machine, MemoryLevel, intrinsics_of
from heron_ms.hardware.host import host

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent
DL_BOOST = "avx512vnni"


def known_machines() -> tuple[str, ...]:
    """Every name that `machine` takes."""
    return ("host", "dlboost", *sorted(file.stem for file in _FOLDER.glob("*.toml")))


def machine(name: str) -> Machine:
    """A machine by name: "host", "dlboost" (the host with AVX512-VNNI), or a described one.

    Raises TargetError for an unknown name, and for "dlboost" on a CPU without AVX512-VNNI.
    """
    if name == "host":
        return host()
    if name == "dlboost":
        return _dlboost()
    if name not in known_machines():
        raise TargetError(f"unknown machine {name!r}; known are {', '.join(known_machines())}")
    return _described(name)


def load(path: Path) -> Machine:
    """Reads a machine from a TOML file with the fields of `Machine` and `[[levels]]`.

    Without `intrinsics`, it has the known ones that its features allow.

    Raises TargetError if the file is missing, is not TOML, or does not describe a machine.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _machine(data)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise TargetError(f"{path.name} describes no machine: {error}") from error


def _machine(data: Mapping[str, Any]) -> Machine:
    fields = dict(data)
    levels = tuple(MemoryLevel(**level) for level in fields.pop("levels"))
    features = frozenset(fields.pop("features"))
    intrinsics = tuple(fields.pop("intrinsics", intrinsics_of(features)))
    return Machine(levels=levels, features=features, intrinsics=intrinsics, **fields)


@cache
def _described(name: str) -> Machine:
    return load(_FOLDER / f"{name}.toml")


def _dlboost() -> Machine:
    here = host()
    if not here.has(DL_BOOST):
        raise TargetError(
            f"target dlboost: this CPU (mcpu {here.mcpu}) has no {DL_BOOST}, so nothing can be "
            "measured here; `heron-ms explain` works with a described machine, such as "
            "`--target cascadelake`"
        )
    return here
