"""HeronSpace: the rules applied to a program, one sketch for every choice.

A block that maps to an intrinsic is tensorized; a program without one gets MetaSchedule's own
rules for the target, whose sketches carry derived constraints just as ours do. A program that has
neither is left as it is, and the others of the module are tuned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, PySpaceGenerator, Schedule, derived_object, ms
from heron_ms.errors import is_ctrl_c
from heron_ms.events.bus import tell
from heron_ms.events.kinds import SpaceMade
from heron_ms.hardware import Machine, for_target, host, target_of
from heron_ms.hardware.spelling import require_cores
from heron_ms.intrinsics import make
from heron_ms.sketch import Sketch
from heron_ms.space_generators.fallback import Fallback, postprocessors
from heron_ms.space_generators.plan import plan_of
from heron_ms.space_generators.platforms import platform_of
from heron_ms.space_generators.static import require_constant_loops
from heron_ms.tensorize import NoMatch, Reason
from heron_ms.untuned import UntensorizedWarning, warn_untuned

Otherwise = Callable[[IRModule, Machine], "Schedule | None"]


class _HeronSpace(PySpaceGenerator):  # type: ignore[misc]
    """See `HeronSpace`; undecorated, because TVM's decorated classes cannot be subclassed."""

    def __init__(self, strict: bool = False, otherwise: Otherwise | None = None) -> None:
        from heron_ms.mutators import constrained_mutators

        super().__init__()
        preload_intrinsics()
        # MetaSchedule opens a database before this space knows for which machine it is.
        make(host().intrinsics)
        # TVM reads these when the object is made, and never again.
        self.sch_rules: list[Any] = []
        self.postprocs = postprocessors()
        self.mutator_probs = constrained_mutators()
        self._strict, self._otherwise = strict, otherwise
        self._task_name = ""
        self._machine: Machine | None = None
        self._fallback: Fallback | None = None

    def _initialize_with_tune_context(self, context: Any) -> None:
        self._machine = for_target(context.target)
        require_cores(context.target)
        self._task_name = str(context.task_name)
        self._fallback = Fallback(context, platform_of(self._machine).stock)
        for part in [*self.postprocs, *self.mutator_probs]:
            part._initialize_with_tune_context(context)

    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        begun = perf_counter()
        sketches = self._made(mod)
        took = perf_counter() - begun
        tell(SpaceMade(task=self._task_name, sketches=len(sketches), seconds=took))
        return sketches

    def _made(self, mod: IRModule) -> list[Schedule]:
        try:
            return self._sketches(mod)
        except Exception as error:  # of ours or of TVM: the other tasks are to be tuned
            if self._strict or is_ctrl_c(error):
                raise
            warn_untuned(self._task_name, error)
            return [Schedule(mod)]

    def _sketches(self, mod: IRModule) -> list[Schedule]:
        assert self._machine and self._fallback, "the space generator was not initialised"
        plan = plan_of(mod, self._machine)
        require_constant_loops(mod)
        for block in plan.blocks:
            if isinstance(block, NoMatch) and block.reason is Reason.REST:
                warnings.warn(UntensorizedWarning(self._task_name, block), stacklevel=2)
        if plan.sketches:
            return [sketch.schedule for sketch in plan.sketches]
        scheduled = None if self._otherwise is None else self._otherwise(mod, self._machine)
        return self._fallback.sketches(mod) if scheduled is None else [scheduled]

    def clone(self) -> Any:
        return HeronSpace(self._strict, self._otherwise)


HeronSpace: Any = derived_object(_HeronSpace)
"""``HeronSpace(strict=False, otherwise=None)``: the space of a task, as MetaSchedule takes one.

``otherwise`` schedules a program that maps to nothing; where it gives None, MetaSchedule's rules
make the sketches. A program that cannot be scheduled, such as one of a dynamic shape, has itself as
its one sketch, with an `UntunedWarning`; where ``strict``, that is an error. A block that maps to
an intrinsic but does not get it is an `UntensorizedWarning`.
"""


def generate_sketches(mod: IRModule, target: Any, space: Any = None) -> list[Sketch]:
    """The sketches that a space generator (default `HeronSpace`) makes of a program.

    The same ones each time, also where MetaSchedule's own rules draw at random. Raises
    `DynamicShapeError` for extents that are not constant, `TargetError` for a target that heron_ms
    cannot describe.
    """
    preload_intrinsics()
    context = ms.TuneContext(
        mod=mod,
        target=target_of(target),
        space_generator=HeronSpace(strict=True) if space is None else space,
        num_threads=1,
        rand_state=1,
    )
    return [Sketch(context.mod, sch.trace) for sch in context.generate_design_space()]
