"""The pictures of docs that programs draw, by their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from heron_ms.cli.explain.sketches import rows
from heron_ms.cli.tune.records import program_of
from heron_ms.csp.picture import drawing
from heron_ms.hardware import machine
from heron_ms.workloads import Gemm


def _csp() -> str:
    """The problem that docs/csp.md explains."""
    described = machine("cascadelake")
    row = rows(program_of(Gemm(64, 64, 64, weight="packed"), described), described)[0]
    title = f"gemm 64 64 64, packed, on {described.name}: {row.chooses}"
    return drawing(row.constrained.problem, title)


PICTURES: Mapping[str, Callable[[], str]] = {"docs/pictures/csp.svg": _csp}
