"""MetaSchedule's own cost models behind our interface; for comparisons, as each costs a lowering.

MetaSchedule's models read lowered programs, so every solution becomes a schedule first: some
milliseconds each (of a search's thousand predictions a round, a few are ours to spare). Facts of
TVM 0.27: `XGBModel` predicts at random until it has seen a hundred results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import ArgInfo, MeasureCandidate, Target, ms
from heron_ms.constraints import ConstrainedSketch
from heron_ms.cost_model.interface import Scores, Solution
from heron_ms.errors import HeronError, is_ctrl_c
from heron_ms.measure.records import FAILED

WORST = -1e3
"""The score of a solution that TVM cannot make a program of."""


class MetaScheduleModel:
    """Adapts any ``ms.cost_model.CostModel`` (`PyCostModel`s too) to `CostModel`.

    ``target`` is that of the programs. ``model`` is updated with what is new of each training; it
    sees the schedules as the sketches make them, without postprocessors. One that starts from
    scratch belongs to each space: without ``model`` a new `XGBModel` is made.
    """

    def __init__(
        self,
        sketches: Sequence[ConstrainedSketch],
        seed: int,
        *,
        target: Target,
        model: Any = None,
    ) -> None:
        preload_intrinsics()
        self._sketches = sketches
        self._model = ms.cost_model.XGBModel() if model is None else model
        self._context = ms.TuneContext(mod=sketches[0].sketch.mod, target=target, rand_state=seed)
        self._known: set[tuple[int, bytes]] = set()

    @property
    def is_trained(self) -> bool:
        """Whether it was told of anything; whether it uses that is the model's own affair."""
        return bool(self._known)

    def train(self, solutions: Sequence[Solution], seconds: Scores) -> None:
        """Tell the model of what it has not been told yet, float64 seconds [solutions]."""
        pairs = [(e, s) for e, s in zip(solutions, seconds, strict=True) if self._is_new(e)]
        made = [(self._candidate(each), took) for each, took in pairs]
        known = [(candidate, took) for candidate, took in made if candidate is not None]
        self._known |= {_key(each) for each, _ in pairs}
        if known:
            results = [_result(float(took)) for _, took in known]
            self._model.update(self._context, [each for each, _ in known], results)

    def predict(self, solutions: Sequence[Solution]) -> Scores:
        """The model's scores, float64 [solutions]; `WORST` for what makes no program."""
        made = [self._candidate(solution) for solution in solutions]
        works = [at for at, each in enumerate(made) if each is not None]
        scores = np.full(len(made), WORST)
        if works:
            scores[works] = self._model.predict(self._context, [made[at] for at in works])
        return scores

    def importance(self) -> dict[str, float]:
        """Empty: its features are those of lowered programs."""
        return {}

    def _is_new(self, solution: Solution) -> bool:
        return _key(solution) not in self._known

    def _candidate(self, solution: Solution) -> Any:
        """The candidate of a solution; None where TVM objects to it."""
        sketch = self._sketches[solution.sketch]
        values = dict(zip(sketch.problem.names, solution.row.tolist(), strict=True))
        try:
            sch = sketch.materialize(values)
        except (HeronError, RuntimeError, ValueError) as error:
            if is_ctrl_c(error):
                raise
            return None
        return MeasureCandidate(sch, ArgInfo.from_entry_func(sch.mod, remove_preproc=True))


def _key(solution: Solution) -> tuple[int, bytes]:
    return solution.sketch, solution.row.tobytes()


def _result(seconds: float) -> Any:
    if np.isfinite(seconds):
        return ms.runner.RunnerResult([seconds], None)
    return ms.runner.RunnerResult([FAILED], "failed")
