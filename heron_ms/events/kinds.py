"""The kinds of events, each with flat fields: numbers, words, truth values, or None.

What is a list or a mapping is written as JSON in a string, so that a table of the events has plain
columns. Seconds are wall time unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

VERSION = 1
"""Of the format; it grows when a field changes its meaning or goes, not when one is added."""

INFEASIBLE, SCHEDULE, BUILD, RUN, TIME_OUT, WRONG = (
    "infeasible",
    "schedule",
    "build",
    "run",
    "time-out",
    "wrong result",
)
"""Why a candidate failed: a postprocessor refuses the program, the trace makes none, it does not
build or run, takes too long to, or computes something else than the task does."""

FAILURES = (INFEASIBLE, SCHEDULE, BUILD, RUN, TIME_OUT, WRONG)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened; ``kind`` is its name in the file."""

    kind: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """A run begins: what was asked for, of what, on what."""

    kind: ClassVar[str] = "run"

    command: str
    subject: str
    target: str
    cores: int
    cpu: str
    trials: int | None
    budget_seconds: float | None = None
    until: float | None = None
    seed: int | None = None
    strategy: str | None = None
    preset: str | None = None
    heron_ms: str
    tvm: str
    python: str
    numpy: str
    xgboost: str


@dataclass(frozen=True, kw_only=True)
class PeakMeasured(Event):
    """The roof of the machine, with all cores of the target; None where it is unknown.

    Operations on bytes and on float32, and bytes from the second cache and from memory.
    """

    kind: ClassVar[str] = "peak"

    int8_gops: float | None
    float32_gops: float | None
    cache_gbs: float | None
    memory_gbs: float | None


@dataclass(frozen=True, kw_only=True)
class TaskFound(Event):
    """A function to tune: the work of one call, and which intrinsic computes it or why none.

    ``workload`` is the hash of its program, by which later events of it are found.
    """

    kind: ClassVar[str] = "task"

    task: str
    workload: str
    calls: int
    operations: int
    bytes: int
    dtype: str
    intrinsic: str | None
    mapping: str | None
    why: str | None


@dataclass(frozen=True, kw_only=True)
class SpaceMade(Event):
    """The space of a task was made, of so many sketches."""

    kind: ClassVar[str] = "space"

    task: str
    sketches: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class SketchMade(Event):
    """A sketch of a task: the hash of its instructions, the size of its CSP, what it calls.

    The sizes are None where no constraints are derived: under MetaSchedule's own search.
    """

    kind: ClassVar[str] = "sketch"

    task: str
    sketch: str
    variables: int | None
    constraints: int | None
    intrinsics: str


@dataclass(frozen=True, kw_only=True)
class BatchBuilt(Event):
    """Candidates were built; ``load``: of the machine, as processes that ran in the last minute."""

    kind: ClassVar[str] = "batch"

    candidates: int
    build_seconds: float
    load: float


@dataclass(frozen=True, kw_only=True)
class CandidateTried(Event):
    """A candidate, as far as it came.

    ``seconds``: of a call of the program, None for a failure; ``run_seconds``: what measuring it
    took. ``sketch`` and ``decisions`` (JSON) find its record in the database.
    """

    kind: ClassVar[str] = "candidate"

    task: str
    sketch: str | None = None
    decisions: str | None = None
    build_seconds: float | None = None
    run_seconds: float | None = None
    seconds: float | None = None
    failure: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModelLearned(Event):
    """What the cost model of a task goes by: shares of the variables, a JSON object."""

    kind: ClassVar[str] = "model"

    task: str
    measured: int
    importance: str


@dataclass(frozen=True, kw_only=True)
class FinalistMeasured(Event):
    """One of the fastest was measured again; ``seconds`` is None where it failed this time."""

    kind: ClassVar[str] = "finalist"

    workload: str
    seconds_before: float
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class TaskSettled(Event):
    """What the fastest program of a task takes in the end; None where none runs."""

    kind: ClassVar[str] = "settled"

    workload: str
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class TaskLeft(Event):
    """A task is left as it is."""

    kind: ClassVar[str] = "left"

    task: str
    error: str


@dataclass(frozen=True, kw_only=True)
class PhaseEnded(Event):
    """Something took so long: "peak", "search", "finalists", "compare", "compile", "check"."""

    kind: ClassVar[str] = "phase"

    phase: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Checked(Event):
    """What was compiled in the end was compared, and takes ``seconds`` a call."""

    kind: ClassVar[str] = "check"

    passed: bool
    seconds: float | None
    words: str


@dataclass(frozen=True, kw_only=True)
class RunEnded(Event):
    """A run ends: "finished", "interrupted" or "failed", and of what."""

    kind: ClassVar[str] = "end"

    how: str
    seconds: float
    error: str | None = None
