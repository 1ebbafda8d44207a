"""The cases that are recorded, and what of each is put on paper before it starts.

A *full* set fixes some variables so that every solution of what is left can be measured; a
*sampled* set is random solutions of the whole space of the same program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import constrain
from heron_ms.csp import Eq
from heron_ms.hardware import for_target
from heron_ms.normalization import normalize
from heron_ms.space_generators import generate_sketches
from heron_ms.testing.replay_task import described
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.targets import cpu_target

SAMPLES = 4500
"""Random solutions of a sampled set: an equal share for each sketch."""


@dataclass(frozen=True)
class Case:
    """One set to record.

    ``operator``, ``sizes`` and ``weight`` say the program. ``sketches`` are the numbers of those
    that are kept (None: all), ``fixed`` the values of the variables that are not free.
    """

    name: str
    operator: str
    sizes: tuple[int, ...]
    weight: str
    full: bool
    sketches: tuple[int, ...] | None = None
    fixed: Mapping[str, int] = field(default_factory=dict)


_PACKED = ("gemm", (512, 512, 512), "packed")
_PLAIN = ("gemm", (384, 384, 384), "kn")
_CONV = ("c2d", (1, 28, 28, 128, 128, 3, 3, 1, 1, 1), "packed")

# Held where most programs that are left are slow, and few are nearly as fast as the best.
_PACKED_FIXED = {"C.i.0": 1, "C.k.1": 1}
_PLAIN_FIXED = {"C.i.0": 2, "C.j.0": 1, "C.k.1": 1}
_CONV_FIXED = {"C.h.0": 1, "C.w.0": 2, "C.co.0": 1, "C.kh.0": 3, "C.kw.0": 3, "C.ci.1": 1}

CASES = (
    Case("gemm-packed-full", *_PACKED, True, (0, 1), _PACKED_FIXED),
    Case("gemm-plain-full", *_PLAIN, True, (0, 1, 6), _PLAIN_FIXED),
    Case("c2d-packed-full", *_CONV, True, (0, 1, 2), _CONV_FIXED),
    Case("gemm-packed-sampled", *_PACKED, False),
    Case("gemm-plain-sampled", *_PLAIN, False),
    Case("c2d-packed-sampled", *_CONV, False),
)


def definition(case: Case, folder: Path) -> dict[str, Any]:
    """What a case is, as plain JSON values: written once, then read, whatever changes meanwhile."""
    file = folder / f"{case.name}.definition.json"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(_define(case)))
        partial.rename(file)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _define(case: Case) -> dict[str, Any]:
    workload = OPERATORS[case.operator].of(case.sizes, weight=case.weight)
    head = {
        "name": case.name,
        "operator": case.operator,
        "sizes": list(case.sizes),
        "weight": case.weight,
        "full": case.full,
        "fixed": dict(case.fixed),
        "target": cpu_target(1),
    }
    target = Target(head["target"])
    mod = normalize(IRModule({"main": workload.prim_func()}))
    sketches = generate_sketches(mod, target)
    kept = range(len(sketches)) if case.sketches is None else case.sketches
    machine = for_target(target)
    made = [_narrowed(constrain(sketches[number], machine), case) for number in kept]
    return described(head, sketches[0].mod, made)


def _narrowed(sketch: Any, case: Case) -> Any:
    fixed = [Eq(name, value, rule="fixed") for name, value in case.fixed.items()]
    return replace(sketch, problem=sketch.problem.with_constraints(*fixed))
