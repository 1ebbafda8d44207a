"""The program of a sketch before and after each space rule, as TVMScript."""

from __future__ import annotations

from collections.abc import Iterator

from heron_ms._tvm import IRModule, Schedule
from heron_ms.hardware import Machine
from heron_ms.space_generators.finish import finish
from heron_ms.space_generators.multi_level import attach
from heron_ms.space_generators.multi_scope import accumulate
from heron_ms.space_generators.plan import plan_of
from heron_ms.space_generators.rest import schedule_rest
from heron_ms.space_generators.tensorize import tensorize
from heron_ms.space_generators.tiling import tile


def steps(mod: IRModule, machine: Machine, sketch: int) -> Iterator[tuple[str, str]]:
    """The name of each rule and the program after it, for the first block of a sketch."""
    mapping, choice = plan_of(mod, machine).sketches[sketch].blocks[0]
    sch = Schedule(mod)
    # What tiles are drawn is not the rules' matter, but shows in the program.
    sch.seed(1)
    yield "before", sch.mod.script()
    tensorized = tensorize(sch, mapping, choice)
    yield "S1 tensorize", sch.mod.script()
    nest = tile(sch, tensorized.block, mapping, machine)
    yield "tiling", sch.mod.script()
    accumulate(sch, tensorized, mapping, nest)
    yield "S3 multi-scope", sch.mod.script()
    attach(sch, tensorized, choice, nest)
    yield "S2 multi-level", sch.mod.script()
    finish(sch, tensorized, mapping, nest)
    yield "finish", sch.mod.script()
    schedule_rest(sch, machine)
    yield "rest", sch.mod.script()
