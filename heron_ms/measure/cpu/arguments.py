"""What a program is measured on: indices within what they index, where MetaSchedule has garbage.

MetaSchedule fills every argument with the bits of random floats. Read as an integer of 32 bits or
more that is a number around a billion, and a program that takes it for an index ends its process.
The builder, which sees the program, leaves a note beside what it built; the runner reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, derived_object, ms
from heron_ms.random_arguments import safe_ranges

NOTE = "ranges.json"


def note_ranges(mod: IRModule, artifact: str) -> None:
    """Write beside an artifact what the indices among the arguments of its program may be."""
    functions = [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]
    ranges = safe_ranges(functions[0]) if len(functions) == 1 else {}
    if ranges:
        Path(artifact).with_name(NOTE).write_text(json.dumps(ranges), encoding="utf-8")


class _IndexingRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """See `IndexingRunner`."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self._inner = inner

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        futures = []
        for runner_input in runner_inputs:
            self._inner.f_alloc_argument = _allocation(str(runner_input.artifact_path))
            futures += self._inner.run([runner_input])
        return futures


IndexingRunner: Any = derived_object(_IndexingRunner)
"""``IndexingRunner(inner)``: MetaSchedule's `LocalRunner`, with arguments as `note_ranges` says."""


def _allocation(artifact: str) -> Callable[..., list[list[Any]]] | None:
    """What makes the arguments in the worker; None for MetaSchedule's own."""
    note = Path(artifact).with_name(NOTE)
    if not note.exists():
        return None
    ranges = {int(at): safe for at, safe in json.loads(note.read_text(encoding="utf-8")).items()}

    # A local function travels to the worker by value: it need not import heron_ms.
    def allocate(device: Any, args_info: Any, repeats: int) -> list[list[Any]]:
        import numpy as np
        import tvm
        from tvm.s_tir.meta_schedule.runner.local_runner import default_alloc_argument

        rng = np.random.default_rng(0)
        repeated = default_alloc_argument(device, args_info, repeats)
        for arguments in repeated:
            for at, (low, high) in ranges.items():
                _, dtype, shape = args_info[at]
                values = rng.integers(low, high, tuple(map(int, shape))).astype(str(dtype))
                arguments[at] = tvm.runtime.tensor(values, device)
        return list(repeated)

    return allocate
