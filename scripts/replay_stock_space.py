"""The space of a recorded set for stock's search: its mutators know the recorded constraints.

The mutators of `ReplaySpace` derive the constraints from a trace. A set that was measured in full
holds some variables, which no trace says: nearly all mutants would lie outside the set.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heron_ms._tvm import derived_object, ms
from heron_ms.constraints import ConstrainedSketch
from heron_ms.mutators.meta_schedule import _MutateAssignment
from heron_ms.testing.replay_measure import _ReplaySpace
from heron_ms.testing.replay_task import Task


class _MutateRecorded(_MutateAssignment):
    """See `MutateRecorded`."""

    def __init__(self, sketches: Iterable[ConstrainedSketch]) -> None:
        super().__init__()
        self._sketches = {each.key: each for each in sketches}

    def clone(self) -> Any:
        return MutateRecorded(self._sketches.values())


class _StockSpace(_ReplaySpace):
    """See `StockSpace`."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        # TVM's own search knows those that were there when the object was made, and no later ones.
        self.postprocs = list(ms.postproc.Postproc.create("llvm"))
        self.mutator_probs = {MutateRecorded(task.constrained): 1.0}

    def _initialize_with_tune_context(self, context: Any) -> None:
        for each in [*self.postprocs, *self.mutator_probs]:
            each._initialize_with_tune_context(context)

    def clone(self) -> Any:
        return StockSpace(self._task)


MutateRecorded: Any = derived_object(_MutateRecorded)
"""``MutateRecorded(sketches)`` is `MutateAssignment` under the problems of these sketches."""

StockSpace: Any = derived_object(_StockSpace)
"""``StockSpace(task)`` is `ReplaySpace` with mutators that never leave the recorded problems."""
