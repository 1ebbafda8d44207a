"""What was recorded, apart from the seconds: a program, its sketches, and the CSP of each.

Plain JSON values, written before the first measurement: a replay depends neither on the space
generator nor on the constraint rules of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Schedule, Target, load_json, save_json
from heron_ms.constraints import ConstrainedSketch
from heron_ms.constraints.state import Knob
from heron_ms.csp import completed, from_json, to_json
from heron_ms.errors import HeronError
from heron_ms.intrinsics.traces import replayed
from heron_ms.sketch import Sketch


class RecordedSetError(HeronError, ValueError):
    """A file that is no recorded set, or a point that a set does not hold."""


@dataclass(frozen=True)
class Task:
    """A program on a target, its sketches, and how much of their space was recorded.

    ``operator``, ``sizes`` and ``weight`` name the program among `heron_ms.workloads`. ``full``:
    every solution was measured, the variables in ``fixed`` being held; else a random sample of the
    whole space was, uniform within each sketch. ``data`` is all of it as JSON values.
    """

    name: str
    operator: str
    sizes: tuple[int, ...]
    weight: str
    full: bool
    fixed: Mapping[str, int]
    target: Mapping[str, Any]
    data: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Task:
        """Read what `described` made. Raises `RecordedSetError` where an entry is missing."""
        try:
            words = [data[entry] for entry in ("name", "operator", "sizes", "weight", "full")]
            name, operator, sizes, weight, full = words
            rest = data["fixed"], data["target"], data
            return cls(name, operator, tuple(sizes), weight, bool(full), *rest)
        except KeyError as error:
            raise RecordedSetError(f"a recorded set without {error}: record it anew") from error

    @cached_property
    def mod(self) -> IRModule:
        """The program, normalised as it was tuned."""
        return load_json(self.data["mod"])

    @property
    def tvm_target(self) -> Target:
        """The target that it was recorded on."""
        return Target(dict(self.target))

    @cached_property
    def knobs(self) -> list[tuple[Knob, ...]]:
        """For each sketch, the variables of its sampling instructions."""
        return [tuple(map(_knob, sketch["knobs"])) for sketch in self.data["sketches"]]

    @cached_property
    def constrained(self) -> list[ConstrainedSketch]:
        """The sketches with the problems that were recorded; made at first use."""
        sketches = zip(self.data["sketches"], self.knobs, strict=True)
        return [
            ConstrainedSketch(
                _sketch(self.mod, sketch["trace"]),
                from_json(sketch["problem"]),
                knobs,
                tuple(sketch["notes"]),
            )
            for sketch, knobs in sketches
        ]

    def names(self, sketch: int) -> tuple[str, ...]:
        """The tunable variables of a sketch, in the order of the stored columns."""
        return tuple(name for knob in self.knobs[sketch] for name in knob.variables)

    def rows(self, sketch: int, values: Any) -> NDArray[np.int64]:
        """Solutions, int64 [n, variables], of their tunable variables' values, [n, names]."""
        problem = self.constrained[sketch].problem
        return completed(problem, self.names(sketch), np.asarray(values, np.int64))


def described(
    head: Mapping[str, Any], mod: IRModule, sketches: Sequence[ConstrainedSketch]
) -> dict[str, Any]:
    """A task as JSON values; ``head`` holds all entries but the program and its sketches."""
    return {**head, "mod": save_json(mod), "sketches": [_written(sketch) for sketch in sketches]}


def _written(sketch: ConstrainedSketch) -> dict[str, Any]:
    return {
        "trace": _plain(sketch.sketch.trace.as_json()),
        "knobs": [[list(k.variables), k.candidates, k.tiles] for k in sketch.knobs],
        "notes": list(sketch.notes),
        "problem": to_json(sketch.problem),
    }


def _plain(value: Any) -> Any:
    """TVM's arrays and numbers as Python's."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return [_plain(item) for item in value] if hasattr(value, "__iter__") else int(value)


def _knob(data: Sequence[Any]) -> Knob:
    names, candidates, tiles = data
    return Knob(tuple(names), None if candidates is None else tuple(candidates), bool(tiles))


def _sketch(mod: IRModule, trace: Any) -> Sketch:
    return Sketch(mod, replayed(trace, Schedule(mod)).trace)
