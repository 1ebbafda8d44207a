"""HeronSpace: the rules applied to a program, one sketch for every choice.

A block that maps to an intrinsic is tensorized; a program without one gets MetaSchedule's own
rules for the target, whose sketches carry derived constraints just as ours do.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import (
    IRModule,
    PySpaceGenerator,
    SBlock,
    SBlockRealize,
    Schedule,
    ScheduleError,
    Target,
    collect,
    derived_object,
    ms,
    outermost,
    tirx,
)
from heron_ms.errors import DynamicShapeError
from heron_ms.hardware import Machine, for_target
from heron_ms.intrinsics import INTRINSICS
from heron_ms.layout_free import is_layout_free
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import Choices, choices
from heron_ms.space_generators.finish import finish
from heron_ms.space_generators.multi_level import attach
from heron_ms.space_generators.multi_scope import accumulate
from heron_ms.space_generators.rest import schedule_rest
from heron_ms.space_generators.stage import producer
from heron_ms.space_generators.tensorize import tensorize
from heron_ms.space_generators.tiling import tile
from heron_ms.tensorize import Mapping, NoMatch, Reason, match_block

logger = logging.getLogger(__name__)

STOCK = "llvm"
"""MetaSchedule's rules for what maps to no intrinsic. Not what the target would choose: stock's own
VNNI rule makes wrong programs in silence."""


def matches(mod: IRModule, machine: Machine) -> list[Mapping | NoMatch]:
    """For every block of the program, the intrinsic it maps to or the reason why not."""
    sch = Schedule(mod)
    intrinsics = [INTRINSICS[name] for name in machine.intrinsics]
    root = sch.get(sch.get_sblock("root"))
    return [match_block(each, intrinsics) for each in outermost(root.body, SBlockRealize)]


@dataclass(frozen=True)
class Chosen:
    """A sketch, and for every block that it tensorizes the mapping and the choice."""

    blocks: tuple[tuple[Mapping, Choices], ...]
    schedule: Schedule


def chosen_sketches(mod: IRModule, machine: Machine) -> list[Chosen]:
    """The sketches of a program whose blocks map to intrinsics; [] where none does.

    Raises `DynamicShapeError` for a block whose extents are not constant.
    """
    found = matches(mod, machine)
    for each in found:
        _refuse_dynamic(each)
    mapped = [each for each in found if isinstance(each, Mapping)]
    # All blocks, or the first alone that the rest of the program admits.
    alone = [[each] for each in mapped] if len(mapped) > 1 else []
    for group in (mapped, *alone):
        sketches = [_sketch(mod, machine, blocks) for blocks in _together(mod, machine, group)]
        admitted = [each for each in sketches if each is not None]
        if admitted:
            return admitted
    return []


def _together(
    mod: IRModule, machine: Machine, mapped: list[Mapping]
) -> list[tuple[tuple[Mapping, Choices], ...]]:
    """A choice for every block; side by side, as all combinations would be too many sketches."""
    tallest = machine.vector_registers - 2
    options = [
        list(
            choices(
                each,
                tallest,
                a_is_produced=_is_produced(mod, each),
                b_is_constant=_is_constant(mod, mapped, each.einsum.b.buffer),
            )
        )
        for each in mapped
    ]
    longest = max(map(len, options), default=0)
    return [
        tuple((each, ours[at % len(ours)]) for each, ours in zip(mapped, options, strict=True))
        for at in range(longest)
    ]


def _is_constant(mod: IRModule, mapped: list[Mapping], buffer: Any) -> bool:
    # Packed ahead, an argument has one layout; several readers may want several.
    readers = sum(each.einsum.b.buffer.same_as(buffer) for each in mapped)
    return readers == 1 and is_layout_free(mod, buffer)


def _refuse_dynamic(found: Mapping | NoMatch) -> None:
    if isinstance(found, NoMatch) and found.reason is Reason.DYNAMIC:
        raise DynamicShapeError(f"{found}: heron_ms tunes static shapes, bind the variable first")


def _sketch(
    mod: IRModule, machine: Machine, blocks: tuple[tuple[Mapping, Choices], ...]
) -> Chosen | None:
    """The schedule of some choices; None where the rest of the program does not admit them."""
    sch = Schedule(mod)
    try:
        for mapping, choice in blocks:
            _apply_rules(sch, machine, mapping, choice)
        schedule_rest(sch, machine)
    except (ScheduleError, ValueError) as error:
        # An operand with a second reader cannot be staged for this one, for instance.
        reason = str(error).strip().splitlines()[-1]
        logger.info("%s is not admitted: %s", ", ".join(m.block for m, _ in blocks), reason)
        return None
    return Chosen(blocks, sch)


def _apply_rules(sch: Schedule, machine: Machine, mapping: Mapping, choice: Choices) -> None:
    tensorized = tensorize(sch, mapping, choice)
    nest = tile(sch, tensorized.block, mapping, machine)
    accumulate(sch, tensorized, mapping, nest)
    attach(sch, tensorized, choice, nest)
    finish(sch, tensorized, mapping, nest)


def _is_produced(mod: IRModule, match: Mapping) -> bool:
    sch = Schedule(mod)
    return producer(sch, sch.get_sblock(match.block), match.einsum.a.region) is not None


def _sound(mod: IRModule, sketches: list[Schedule]) -> list[Schedule]:
    """Stock's sketches without those that lose what a reduction without init started from.

    Its cache_write stage begins with whatever is in memory and never loads the output.
    """
    blocks = [each for _, func in mod.functions_items() for each in collect(func, SBlock)]
    in_place = any(each.init is None and _reduces(each) for each in blocks)
    return [s for s in sketches if not (in_place and "cache_write" in str(s.trace))]


def _reduces(block: SBlock) -> bool:
    kinds = [int(each.iter_type) for each in block.iter_vars]
    return bool(tirx.IterVar.CommReduce in kinds)


class _HeronSpace(PySpaceGenerator):  # type: ignore[misc]
    """See `HeronSpace`; undecorated, because TVM's decorated classes cannot be subclassed."""

    def __init__(self) -> None:
        from heron_ms.mutators import constrained_mutators

        super().__init__()
        preload_intrinsics()
        # TVM reads these when the object is made, and never again.
        self.sch_rules: list[Any] = []
        self.postprocs = list(ms.postproc.Postproc.create(STOCK))
        self.mutator_probs = constrained_mutators()
        self._machine: Machine | None = None
        self._stock: Any = None

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._machine = for_target(context.target)
        self._stock = ms.space_generator.PostOrderApply(
            sch_rules=STOCK, postprocs=[], mutator_probs={}
        )
        for each in [self._stock, *self.postprocs, *self.mutator_probs]:
            each._initialize_with_tune_context(context)

    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        assert self._machine is not None, "the space generator was not initialised"
        sketches = [each.schedule for each in chosen_sketches(mod, self._machine)]
        return sketches or _sound(mod, list(self._stock.generate_design_space(mod)))

    def clone(self) -> Any:
        return HeronSpace()


HeronSpace: Any = derived_object(_HeronSpace)


def generate_sketches(mod: IRModule, target: Target, space: Any = None) -> list[Sketch]:
    """The sketches that a space generator (default `HeronSpace`) makes of a program.

    The same ones each time, also where MetaSchedule's own rules draw at random.
    """
    preload_intrinsics()
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator=HeronSpace() if space is None else space,
        num_threads=1,
        rand_state=1,
    )
    return [Sketch(context.mod, sch.trace) for sch in context.generate_design_space()]
