"""Searches of spaces of VTA's, each a line of a journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from heron_ms.hardware import machine
from heron_ms.hardware.description import only
from heron_ms.hardware.vta import Vta
from heron_ms.strategies import STRATEGIES
from heron_ms.testing.simulate import simulate
from heron_ms.workloads import OPERATORS
from scripts.bench.harness.console import say
from scripts.bench.harness.journal import Journal, Record
from scripts.bench.replay.stock import NAME as STOCK
from scripts.bench.replay.stock import Stock
from scripts.bench.vta.objective import Programs
from scripts.bench.vta.template import autotvm, ours

SPACES: Mapping[str, Callable[..., Any]] = {"ours": ours, "AutoTVM": autotvm}
BOARD = "pynq"


@dataclass(frozen=True)
class Case:
    """A program by its operator and sizes, and what it is called."""

    name: str
    operator: str
    sizes: tuple[int, ...]


class Searches:
    """Searches whose results stand in a folder; none is made twice."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._journal = Journal(out / "searches.jsonl")
        self._machine = only(Vta, machine(BOARD), "VTA")
        self.programs = cache(self._programs)

    def search(self, case: Case, space: str, strategy: str, seed: int, trials: int) -> Record:
        """``best``: the least cycles after each trial, ``valid``, ``seconds`` without emitting."""
        words = (case.name, space, strategy, seed, trials)
        identity = dict(zip(("case", "space", "strategy", "seed", "trials"), words, strict=True))
        return self._known(identity, lambda: self._searched(case, space, strategy, seed, trials))

    def random(self, case: Case, count: int) -> Record:
        """``best``: the least cycles of so many random programs of our space."""
        identity = {"case": case.name, "random": count}
        return self._known(identity, lambda: self._least_of(case, count))

    @property
    def hertz(self) -> float:
        """Cycles in a second."""
        return self._machine.hertz

    def steps(self, case: Case) -> int:
        """Steps of the multipliers of a case that nothing is padded in."""
        workload = OPERATORS[case.operator].of(case.sizes, "s8s8s8")
        return workload.operations // 2 // self._machine.multiplications

    def _known(self, identity: Record, make: Callable[[], Record]) -> Record:
        known = self._journal.find(identity)
        if known is None:
            say(*identity.values())
            known = identity | make()
            self._journal.append(known)
        return known

    def _programs(self, case: Case, space: str) -> Programs:
        workload = OPERATORS[case.operator].of(case.sizes, "s8s8s8")
        sketch = SPACES[space](workload, self._machine)
        out = Journal(self._out / "programs.jsonl")
        return Programs(f"{case.name}, {space}", sketch, self._machine, out)

    def _searched(self, case: Case, space: str, strategy: str, seed: int, trials: int) -> Record:
        programs = self.programs(case, space)
        programs.asked.clear()
        programs.spent, begin = 0.0, process_time()
        if strategy == STOCK:
            seconds: Any = Stock(self._out / STOCK).seconds(programs, trials, seed)
        else:
            explorer = STRATEGIES[strategy].explorer()
            seconds = simulate(explorer, programs, trials, seed, self._machine).seconds
        cycles = [round(took * self._machine.hertz, 3) for took in accumulate(seconds, min)]
        taken = process_time() - begin - programs.spent
        return {"best": cycles, "valid": programs.valid, "seconds": taken}

    def _least_of(self, case: Case, count: int) -> Record:
        """Programs whose lower bound is above the best so far are not emitted."""
        programs = self.programs(case, "ours")
        drawn = programs.space.sample(count, np.random.default_rng(0))
        best = float("inf")
        for individual in sorted(drawn, key=programs.least):
            if programs.least(individual) < best:
                best = min(best, programs.cycles(individual))
        return {"best": best, "drawn": len(drawn)}
