"""Events as a run writes them, made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heron_ms.events.bus import tell
from heron_ms.events.kinds import (
    BatchBuilt,
    CandidateTried,
    Checked,
    ModelLearned,
    PeakMeasured,
    PhaseEnded,
    SketchMade,
    TaskFound,
    TaskSettled,
)
from heron_ms.events.run import recorded

TASKS = {"matmul<1>": 4, "softmax & co": 1}
"""Names that HTML has to escape, and calls."""

FACTS: Mapping[str, Any] = {"subject": "net.onnx", "target": "llvm", "cores": 1, "trials": 8}


def write(folder: Path, trials: int = 4) -> None:
    """A whole run; each task has as many trials, one of them a failure."""
    with recorded(folder, **FACTS):
        tell(PeakMeasured(int8_gops=700.0, float32_gops=90.0, cache_gbs=60.0, memory_gbs=10.0))
        for name, calls in TASKS.items():
            _tune(name, calls, trials)
        tell(PhaseEnded(phase="search", seconds=30.0))
        for name in TASKS:
            tell(TaskSettled(workload=name, seconds=2e-3))
        tell(Checked(passed=True, seconds=9e-3, words="PASS: 1 outputs"))


def write_alone(folder: Path, trials: int = 4) -> None:
    """A run of one kernel on a CPU of whose instruction no peak is known."""
    with recorded(folder, **{**FACTS, "subject": "gemm"}):
        tell(PeakMeasured(int8_gops=None, float32_gops=90.0, cache_gbs=60.0, memory_gbs=10.0))
        _tune("matmul<1>", 1, trials)


def unfinished(folder: Path) -> None:
    """Take the end off, as of a run that goes on."""
    file = folder / "events.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    assert json.loads(lines[-1])["event"] == "end"
    file.write_text("".join(lines[:-1]))


def _tune(name: str, calls: int, trials: int) -> None:
    maps = name.startswith("matmul")
    tell(
        TaskFound(
            task=name,
            workload=name,
            calls=calls,
            operations=2**20,
            bytes=2**14,
            dtype="uint8" if maps else "float32",
            intrinsic="dot" if maps else None,
            mapping="lanes <- j" if maps else None,
            why=None if maps else "not an einsum (a <max>)",
        )
    )
    tell(SketchMade(task=name, sketch="s", variables=9, constraints=8, intrinsics="dot"))
    tell(BatchBuilt(candidates=trials, build_seconds=4.0, load=0.5))
    for number in range(trials):
        failed = number == 1
        tell(
            CandidateTried(
                task=name,
                sketch="s",
                decisions="[]",
                build_seconds=1.0,
                run_seconds=0.1,
                seconds=None if failed else 4e-3 / (number + 1),
                failure="run" if failed else None,
                error="Segmentation <fault>" if failed else None,
            )
        )
    tell(ModelLearned(task=name, measured=trials, importance='{"C.i.0": 0.75, "C.j.1": 0.25}'))
