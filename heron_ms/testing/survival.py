"""What is left of a work directory that came to harm, and whether all that was whole is used.

Two products of matrices are tuned in it, with times that are a function of the program.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heron_ms._tvm import (
    IRModule,
    Schedule,
    Target,
    derived_object,
    ms,
    structural_hash,
    tvm_compile,
)
from heron_ms.database.aside import pieces_aside
from heron_ms.database.files import RECORDS, WORKLOADS, content
from heron_ms.database.shape import hash_of
from heron_ms.database.text import Text
from heron_ms.hardware import host
from heron_ms.measure.pool import run_with_threads
from heron_ms.measure.records import best_record, records_for
from heron_ms.normalization import normalize
from heron_ms.strategies import strategy_of
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.tune import tune_tir
from heron_ms.work_dir import open_database
from heron_ms.workloads import Gemm

CASES = (Gemm(16, 32, 16), Gemm(32, 32, 32, weight="packed"))
_NUMBER = re.compile(rb"\[\d+,$")


@dataclass(frozen=True)
class Kept:
    """A record less the number of its workload, and that workload's hash."""

    rest: bytes
    checksum: bytes
    workload: bytes | None

    def is_in(self, text: bytes) -> bool:
        """Whether it stands there, letter by letter."""
        at = text.find(self.rest + self.checksum)
        return at >= 0 and _NUMBER.search(text[max(0, at - 10) : at]) is not None


@dataclass(frozen=True)
class Outcome:
    """``wrong`` kernels, ``lost`` records that were whole, ``changed`` ones that are used."""

    wrong: int
    lost: int
    changed: int


def tune(folder: Path, trials: int, pause: float = 0.0) -> None:
    """Tune each case with so many trials, of which every one takes some seconds."""

    class Slow(ms.runner.PyRunner):  # type: ignore[misc]
        def run(self, runner_inputs: list[Any]) -> list[Any]:
            time.sleep(pause)
            return list(PlantedRunner().run(runner_inputs))

    for each in CASES:
        tune_tir(
            each.prim_func(),
            _target(),
            str(folder),
            trials,
            builder=PlantedBuilder(lambda mod: 1e-4 * (1 + structural_hash(mod) % 997)),
            runner=derived_object(Slow)(),
            # A learned model would compute in threads, which a forked process does not have.
            strategy=strategy_of("random")(),
            num_tuning_cores=1,
            seed=1,
        )


def records(folder: Path) -> list[Kept]:
    """The records of a database, but for a last one that was not written to its end."""
    hashes = [hash_of(each) for each in content(folder / WORKLOADS).split(b"\n")]
    texts = [Text.of(each) for each in content(folder / RECORDS).split(b"\n")[:-1]]
    numbers = [each.number or 0 for each in texts]
    return [
        Kept(text.body.partition(b",")[2], text.checksum, hashes[number])
        for text, number in zip(texts, numbers, strict=True)
    ]


def whole(folder: Path, before: Iterable[Kept]) -> list[Kept]:
    """The records that came to no harm."""
    there = content(folder / WORKLOADS) + b"\n" + content(folder / RECORDS)
    return [each for each in before if each.is_in(there)]


def examine(
    folder: Path, before: Sequence[Kept], unharmed: Sequence[Kept], right: Collection[str] = ()
) -> Outcome:
    """Open a folder as `tune_tir` does, and run the best kernels.

    before: the `records` that were ever in it; unharmed: those of them that are to be there still;
    right: traces of which it is known already that they compute what they ought to.
    """
    database = opened(folder)
    best = [best_record(database, each, _target()) for each in _programs()]
    after = {each.rest: each.workload for each in records(folder)}
    aside = b"\n".join(each.text for each in pieces_aside(folder))
    # Without a checksum nothing tells that a record goes with a workload that is lost.
    kept = [
        after.get(each.rest) == each.workload or (not each.checksum and each.is_in(aside))
        for each in unharmed
    ]
    known = {each.rest: each.workload for each in before}
    changed = [rest for rest, workload in after.items() if known.get(rest) != workload]
    wrong = [
        each is not None and str(each.trace) not in right and _is_wrong(each, case)
        for each, case in zip(best, CASES, strict=True)
    ]
    return Outcome(sum(wrong), kept.count(False), len(changed))


def right_traces(folder: Path) -> set[str]:
    """Those of all records that compute what they ought to."""
    database = opened(folder)
    return {
        str(record.trace)
        for program, case in zip(_programs(), CASES, strict=True)
        for record in records_for(database, program, _target())
        if not _is_wrong(record, case)
    }


def opened(folder: Path) -> Any:
    """Its database, opened for the two cases."""
    return open_database(str(folder), programs=_programs())


def killed(work: Callable[[], None], seconds: float) -> bool:
    """Do some work in a process that is killed after so long; whether that came before its end."""
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _programs() -> list[Any]:
    return [normalize(IRModule({"main": each.prim_func()}))["main"] for each in CASES]


def _target() -> Target:
    return Target(host().target(1))


def _is_wrong(record: Any, workload: Gemm) -> bool:
    """Whether the kernel of a record computes something else than numpy."""
    import tvm

    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    a, b = workload.random_inputs(np.random.default_rng())
    output = tvm.runtime.tensor(np.full(workload.c_shape, -7, np.int32))
    kernel = tvm_compile(sch.mod, _target())
    arguments = tvm.runtime.tensor(a), tvm.runtime.tensor(workload.arrange(b)), output
    # In a thread of its own: a forked process has no pool of threads for the one that forked.
    run_with_threads(1, lambda: kernel(*arguments))
    return not np.array_equal(output.numpy(), workload.reference(a, b))
