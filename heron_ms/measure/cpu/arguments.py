"""What a program is measured on: indices within what they index, and what a model's caches hold.

MetaSchedule fills every argument with the bits of random floats. Read as an integer of 32 bits or
more that is a number around a billion, and a program that takes it for an index ends its process.
And it calls a program with the same arguments over and over. The builder, which sees the program,
leaves a note beside what it built; the runner reads it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, derived_object, ms
from heron_ms.layout_free import layout_free
from heron_ms.measure.cpu.rotating import allocation, in_turn
from heron_ms.measure.patience import patience
from heron_ms.random_arguments import safe_ranges, written

NOTE = "arguments.json"


@dataclass(frozen=True)
class Note:
    """``ranges``: from where to below where indices may be; ``constant``, ``written``: arguments.

    All arguments by their positions.
    """

    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    constant: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, mod: IRModule) -> Note:
        """What there is to say of a program; nothing of several functions."""
        functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
        if len(functions) != 1:
            return cls()
        [func] = functions
        return cls(safe_ranges(func), layout_free(func), written(func))

    @classmethod
    def beside(cls, artifact: str) -> Note:
        """The note that was left beside an artifact."""
        path = Path(artifact).with_name(NOTE)
        if not path.exists():
            return cls()
        fields = json.loads(path.read_text(encoding="utf-8"))
        ranges = {int(at): (low, high) for at, (low, high) in fields.pop("ranges").items()}
        return cls(ranges, **fields)

    def leave(self, artifact: str) -> None:
        """Write it beside an artifact."""
        path = Path(artifact).with_name(NOTE)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class _ArgumentsRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `ArgumentsRunner`."""

    def __init__(self, inner: Any, in_model: bool) -> None:
        super().__init__()
        self._inner = inner
        self._in_model = in_model
        self._timeout = inner.timeout_sec

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        self._inner.f_run_evaluator = in_turn() if self._in_model else None
        # MetaSchedule tells its pool once, and itself for the words of the error.
        self._inner.timeout_sec = self._inner.pool._timeout = min(self._timeout, patience())
        futures = []
        for runner_input in runner_inputs:
            note = Note.beside(str(runner_input.artifact_path))
            cold = [*note.constant, *note.written] if self._in_model else []
            self._inner.f_alloc_argument = allocation(note.ranges, cold)
            futures += self._inner.run([runner_input])
        return futures


ArgumentsRunner: Any = derived_object(_ArgumentsRunner)
"""``ArgumentsRunner(inner, in_model)``: MetaSchedule's `LocalRunner`, on arguments as notes say.

``in_model``: in each call a program's constants and what it writes are others than in the last
(`rotating`).
"""
