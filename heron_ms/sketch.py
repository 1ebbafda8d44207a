"""A sketch: a program and a trace on it whose decisions are open (Heron's space generation)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import Instruction, IRModule, Trace


@dataclass(frozen=True)
class Sketch:
    """``trace`` replays on ``mod``; its decisions are one example of the many it stands for."""

    mod: IRModule
    trace: Trace

    def sampling(self) -> list[Instruction]:
        """The instructions that take a decision, in order."""
        return sampling(self.trace)

    def key(self) -> str:
        """What two traces share that differ in decisions and postprocessing only."""
        return trace_key(self.trace)


def sampling(trace: Trace) -> list[Instruction]:
    """The instructions of a trace that take a decision, up to where postprocessing starts."""
    sampled = []
    for inst in trace.insts:
        kind = str(inst.kind.name)
        if kind == "EnterPostproc":
            break
        if kind.startswith("Sample"):
            sampled.append(inst)
    return sampled


def trace_key(trace: Trace) -> str:
    """The instructions of a trace without decisions, dead code and postprocessing."""
    insts, _ = trace.simplified(remove_postproc=True).as_json()
    return json.dumps(_written(insts), default=_plain)


def _written(value: Any) -> Any:
    """As the file of a database has it, which knows no truth values."""
    if isinstance(value, list):
        return [_written(part) for part in value]
    return int(value) if isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    return int(value) if hasattr(value, "__int__") else str(value)
