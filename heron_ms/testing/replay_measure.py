"""Recorded objectives as MetaSchedule sees them: a space, a builder and a runner.

    ms.tune_tir(objective.task.mod, objective.task.tvm_target, ..., **replaying([objective]))

compares any strategy of MetaSchedule, stock's evolutionary search too, on what was recorded. The
traces that stock draws for its first population know no constraints; those outside them fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, Schedule, Trace, derived_object, ms
from heron_ms.errors import HeronError
from heron_ms.measure.artifacts import ArtifactBuilder
from heron_ms.mutators import MutateAssignment
from heron_ms.space_generators.space import _HeronSpace
from heron_ms.testing.fakes import PlantedRunner
from heron_ms.testing.replay import Replay
from heron_ms.testing.replay_task import Task

UNKNOWN = "no recorded set holds this program"


class _ReplayBuilder(ArtifactBuilder):
    """See `ReplayBuilder`."""

    def __init__(self, scheduler: Any, objectives: Sequence[Replay]) -> None:
        super().__init__()
        self._scheduler = scheduler
        self._objectives = list(objectives)

    def made(self, mod: IRModule) -> bytes:
        # The scheduler is asked, as a builder is given the program but not its trace.
        trace = self._trace(mod)
        seconds = None if trace is None else self._seconds(trace)
        if seconds is None:
            raise HeronError(UNKNOWN)
        return repr(seconds if np.isfinite(seconds) else None).encode()

    def _trace(self, mod: IRModule) -> Trace | None:
        for task in self._scheduler.tasks_:
            for candidate in task.measure_candidates or []:
                if candidate.sch.mod.same_as(mod):
                    return candidate.sch.trace
        return None

    def _seconds(self, trace: Trace) -> float | None:
        answers = (objective.of_trace(trace) for objective in self._objectives)
        return next((seconds for seconds in answers if seconds is not None), None)


class _ReplaySpace(_HeronSpace):
    """See `ReplaySpace`."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        # A set that was measured in full holds some variables, which no trace says.
        self.mutator_probs = {MutateAssignment(task.constrained): 1.0}

    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        spaces = []
        for constrained in self._task.constrained:
            sch = Schedule(self._task.mod)
            constrained.sketch.trace.apply_to_schedule(sch, remove_postproc=True)
            spaces.append(sch)
        return spaces

    def clone(self) -> Any:
        return ReplaySpace(self._task)


ReplayBuilder: Any = derived_object(_ReplayBuilder)
"""``ReplayBuilder(scheduler, objectives)`` compiles nothing: the first of the objectives whose
space holds a candidate's trace says its seconds. A set that was measured in full may be followed by
the surrogate of the same program for what lies outside it; what none holds does not build."""

ReplayRunner: Any = PlantedRunner
"""``ReplayRunner()`` reports what `ReplayBuilder` wrote; a recorded failure fails to run."""

ReplaySpace: Any = derived_object(_ReplaySpace)
"""``ReplaySpace(task)`` has the sketches that were recorded, `HeronSpace`'s postprocessors, and
mutators that never leave the recorded problems."""


def replaying(objectives: Sequence[Replay]) -> dict[str, Any]:
    """Arguments of ``tune_tir``, ours or MetaSchedule's, that answer from recorded objectives.

    The space is that of the last of them, as `ReplayBuilder` asks them in their order.
    """
    scheduler = ms.task_scheduler.GradientBased()
    return {
        "space": ReplaySpace(objectives[-1].task),
        "builder": ReplayBuilder(scheduler, objectives),
        "runner": ReplayRunner(),
        "task_scheduler": scheduler,
    }
