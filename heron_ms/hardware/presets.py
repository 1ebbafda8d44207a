"""The described accelerators of the analytic model."""

from __future__ import annotations

from pathlib import Path

from heron_ms.errors import TargetError
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.hardware.catalogue import known_machines, load, machine
from heron_ms.hardware.description import only

MODEL = "accelerator of the analytic model"


def known_accelerators() -> tuple[str, ...]:
    """Every name that `preset` takes."""
    return known_machines(Accelerator.kind)


def preset(name: str) -> Accelerator:
    """A described accelerator. Raises `TargetError`, listing the names, for an unknown one."""
    known = known_accelerators()
    if name not in known:
        raise TargetError(f"unknown accelerator {name!r}: use {', '.join(known)}")
    return only(Accelerator, machine(name), MODEL)


def load_accelerator(path: Path) -> Accelerator:
    """`load`, of which only an accelerator of the model will do; `TargetError` for another one."""
    return only(Accelerator, load(path), MODEL)
