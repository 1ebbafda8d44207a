"""The program of a sketch before and after each space rule, as TVMScript."""

from __future__ import annotations

from collections.abc import Iterator

from heron_ms._tvm import IRModule, Schedule
from heron_ms.hardware import Machine
from heron_ms.space_generators.plan import plan_of
from heron_ms.space_generators.platforms import platform_of
from heron_ms.space_generators.rules.sketching import Sketching

NAMES = {
    "tensorize": "S1 tensorize",
    "tile": "tiling",
    "accumulate": "S3 multi-scope",
    "attach": "S2 multi-level",
    "finish": "finish",
}


def steps(mod: IRModule, machine: Machine, sketch: int) -> Iterator[tuple[str, str]]:
    """The name of each rule and the program after it, for the first block of a sketch."""
    mapping, choice = plan_of(mod, machine).sketches[sketch].tensorized[0]
    sch = Schedule(mod)
    # What tiles are drawn is not the rules' matter, but shows in the program.
    sch.seed(1)
    yield "before", sch.mod.script()
    sketching, platform = Sketching(sch, machine, mapping, choice), platform_of(machine)
    for rule in platform.blocks:
        rule(sketching)
        yield NAMES[rule.__name__], sch.mod.script()
    for rest_rule in platform.rest:
        rest_rule(sch, machine)
    yield "rest", sch.mod.script()
