"""HeronSpace: the rules applied to a program, one sketch for every choice.

A block that maps to an intrinsic is tensorized; a program without one gets MetaSchedule's own
rules for the target, whose sketches carry derived constraints just as ours do.
"""

from __future__ import annotations

import logging
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import (
    IRModule,
    PySpaceGenerator,
    SBlock,
    Schedule,
    ScheduleError,
    Target,
    collect,
    derived_object,
    ms,
    tirx,
)
from heron_ms.errors import DynamicShapeError
from heron_ms.hardware import Machine, for_target
from heron_ms.intrinsics import INTRINSICS
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import Choices, choices
from heron_ms.space_generators.finish import finish
from heron_ms.space_generators.multi_level import attach
from heron_ms.space_generators.multi_scope import accumulate
from heron_ms.space_generators.tensorize import tensorize
from heron_ms.space_generators.tiling import tile
from heron_ms.tensorize import Match, NoMatch, match_block

logger = logging.getLogger(__name__)


def matches(mod: IRModule, machine: Machine) -> list[Match | NoMatch]:
    """For every block of the program, the intrinsic it maps to or the reason why not."""
    sch = Schedule(mod)
    intrinsics = [INTRINSICS[name] for name in machine.intrinsics]
    blocks = sch.get_child_blocks(sch.get_sblock("root"))
    return [match_block(sch.get(block), intrinsics) for block in blocks]


def tensorized_sketches(mod: IRModule, machine: Machine) -> list[Schedule]:
    """One schedule for every choice at the first block that takes one; [] where none does.

    Raises `DynamicShapeError` for a block whose extents are not constant.
    """
    return [sch for _, _, sch in chosen_sketches(mod, machine)]


def chosen_sketches(mod: IRModule, machine: Machine) -> list[tuple[Match, Choices, Schedule]]:
    """`tensorized_sketches`, each with the block and the choice that it was made for."""
    for match in matches(mod, machine):
        if isinstance(match, NoMatch):
            _refuse_dynamic(match)
            continue
        tallest = machine.vector_registers - 2
        options = choices(match, tallest, a_is_produced=_is_produced(mod, match))
        made = [(match, each, _sketch(mod, machine, match, each)) for each in options]
        admitted = [(m, choice, sch) for m, choice, sch in made if sch is not None]
        if admitted:
            return admitted
    return []


def _refuse_dynamic(refused: NoMatch) -> None:
    if refused.reason == "dynamic shape":
        raise DynamicShapeError(f"{refused}: heron_ms tunes static shapes, bind the variable first")


def _sketch(mod: IRModule, machine: Machine, match: Match, choice: Choices) -> Schedule | None:
    """The schedule of a choice; None where the rest of the program does not admit it."""
    sch = Schedule(mod)
    try:
        tensorized = tensorize(sch, match, choice)
        nest = tile(sch, tensorized.block, match, machine)
        accumulate(sch, tensorized, match, nest)
        attach(sch, tensorized, choice, nest)
        finish(sch, tensorized, match, nest)
    except (ScheduleError, ValueError) as error:
        # An operand with a second reader cannot be staged for this one, for instance.
        logger.info("block %s does not admit %s: %s", match.block, choice, error)
        return None
    return sch


def _is_produced(mod: IRModule, match: Match) -> bool:
    sch = Schedule(mod)
    block = sch.get_sblock(match.block)
    operand = sch.get(block).reads[match.a].source
    producers = (sch.get(each) for each in sch.get_producers(block))
    return any(each.writes[0].source.same_as(operand) for each in producers)


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
        super().__init__()
        preload_intrinsics()
        self.sch_rules: list[Any] = []
        self.postprocs: list[Any] = []
        self.mutator_probs: dict[Any, float] = {}
        self._machine: Machine | None = None
        self._stock: Any = None

    def _initialize_with_tune_context(self, context: Any) -> None:
        from heron_ms.mutators import constrained_mutators

        self._machine = for_target(context.target)
        # Not what the target would choose: stock's own VNNI rule makes wrong programs in silence.
        stock = "llvm"
        self._stock = ms.space_generator.PostOrderApply(
            sch_rules=stock, postprocs=stock, mutator_probs=stock
        )
        self._stock._initialize_with_tune_context(context)
        self.sch_rules = list(self._stock.sch_rules or [])
        self.postprocs = list(self._stock.postprocs or [])
        self.mutator_probs = constrained_mutators()
        for each in [*self.postprocs, *self.mutator_probs]:
            each._initialize_with_tune_context(context)

    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        assert self._machine is not None, "the space generator was not initialised"
        sketches = tensorized_sketches(mod, self._machine)
        return sketches or _sound(mod, list(self._stock.generate_design_space(mod)))

    def clone(self) -> Any:
        return HeronSpace()


HeronSpace: Any = derived_object(_HeronSpace)


def generate_sketches(mod: IRModule, target: Target, space: Any = None) -> list[Sketch]:
    """The sketches that a space generator (default `HeronSpace`) makes of a program."""
    preload_intrinsics()
    context = ms.TuneContext(
        mod=mod,
        target=target,
        space_generator=HeronSpace() if space is None else space,
        num_threads=1,
    )
    return [Sketch(context.mod, sch.trace) for sch in context.generate_design_space()]
