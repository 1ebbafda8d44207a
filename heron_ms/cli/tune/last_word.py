"""The last word on the winner of a search: if it is right, how fast, and if all was quiet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRModule
from heron_ms.cli.terminal.patience import told
from heron_ms.cli.tune.check import Verdict, check
from heron_ms.cli.tune.disturbance import Disturbance
from heron_ms.cli.tune.job import Job
from heron_ms.cli.tune.kernels import packed_ahead
from heron_ms.cli.tune.others import Others
from heron_ms.compiling import compile_tir
from heron_ms.events.bus import phase


@dataclass(frozen=True)
class LastWord:
    """A verdict, the peaks (GOP/s) that were measured around it, and what others took meanwhile."""

    verdict: Verdict
    peaks: tuple[float, ...]
    others: float

    @property
    def words(self) -> str:
        """The verdict in words."""
        wrong, elements = self.verdict.wrong, self.verdict.elements
        return f"FAIL: {wrong} of {elements} elements differ from numpy" if wrong else "PASS"

    def disturbance(self, searched: float) -> Disturbance:
        """What tells of one; ``searched`` are the seconds of the program in the search."""
        seconds = (searched, self.verdict.seconds)
        return Disturbance(self.others, self.verdict.spread, seconds, self.peaks)


def last_word(job: Job, database: Any, program: IRModule) -> LastWord:
    """Compile the best program of a database, compare it with numpy and measure it again.

    What is right is written to the job's file, if it has one.

    program: it, as it was scheduled.
    """
    others, before = Others(job.machine.cores), peaks(job)
    with phase("check"), told("compiling the best program and checking it against numpy"):
        kernel = compile_tir(database, job.workload.prim_func(), job.target, job.device)
        ahead = packed_ahead(program, job.target, job.device)
        verdict = check(kernel, job.workload, job.device, ahead)
        write = job.device.writer()
        if job.emit is not None and write is not None and not verdict.wrong:
            write(kernel, job.emit)
    return LastWord(verdict, (*before, *peaks(job)), others.share())


def peaks(job: Job) -> tuple[float, ...]:
    """The peak of the machine now; none where its device cannot tell."""
    peak = job.device.peak(job.workload.dtypes.a)
    return () if peak is None else (peak,)
