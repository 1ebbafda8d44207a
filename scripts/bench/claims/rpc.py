"""How many more candidates several RPC servers measure than one, and what a dead one costs.

    python -m scripts.bench rpc --nap 4 --rounds 5

The servers are processes on this machine and a candidate sleeps on its server instead of computing,
so that what is measured is how well the servers are kept busy, and not how many cores there are.
Then one of two servers is killed in the middle of a tuning, of which every trial has to be in the
database.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from threading import Timer
from time import perf_counter
from typing import Any

import numpy as np

import heron_ms
from heron_ms._tvm import ArgInfo, IRModule, PrimFunc, Target, ms
from heron_ms.hardware import host
from heron_ms.measure.coming import as_they_come
from heron_ms.measure.cpu.builder import local_builder
from heron_ms.measure.records import seconds_of
from heron_ms.measure.servers.how import How
from heron_ms.measure.servers.runner import ServersRunner
from heron_ms.testing.loopback import Loopback, loopback, sleeping
from heron_ms.workloads import Gemm
from scripts.bench.harness.console import say
from scripts.bench.harness.options import at_least
from scripts.bench.harness.report import Report

CLAIMED = {1: 1.0, 2: 1.8, 8: 6.0}
"""Candidates measured by so many servers in the time in which one measures one, at least."""
KILLED_TRIALS = 12


def options(parser: ArgumentParser) -> None:
    """How long, and how often."""
    add = parser.add_argument
    add("--nap", type=at_least(1), default=4, metavar="SECONDS",
        help="that a candidate sleeps (default 4)")  # fmt: skip
    add("--rounds", type=at_least(1), default=5, metavar="N",
        help="candidates for each server (default 5)")  # fmt: skip


def run(arguments: Namespace) -> Report:
    """A table of rates, and one of what is left of a tuning whose server is killed."""
    rates = _rates(arguments.nap, arguments.rounds)
    return Report.joined({"rates": rates, "killed": _killed(arguments.nap)})


def _rates(nap: float, rounds: int) -> Report:
    """Candidates a minute of one, two and eight servers."""
    measured = {count: _rate(count, nap, rounds) for count in CLAIMED}
    rows = [
        [count, f"{rate * 60:.1f}", f"{rate / measured[1]:.2f}", f"{CLAIMED[count]:.1f}"]
        for count, rate in measured.items()
    ]
    kept = all(rate >= CLAIMED[count] * measured[1] for count, rate in measured.items())
    head = ["servers", "candidates a minute", "of one server's", "claimed"]
    return Report.of_table(head, rows, f"each candidate sleeps {nap} s", kept)


def _rate(servers: int, nap: float, rounds: int) -> float:
    """Candidates a second, in a batch of so many for each server."""
    with loopback(servers) as there, _sleeper(there, nap) as runner:
        candidate = _candidate()
        runner.run([candidate] * servers)  # the workers have started by then
        begun = perf_counter()
        results = [result for _, result in as_they_come(runner, [candidate] * servers * rounds)]
        took = perf_counter() - begun
    failed = sum(result.error_msg is not None for result in results)
    say(f"{servers} servers: {len(results)} candidates in {took:.1f} s, {failed} failed")
    return (len(results) - failed) / took


def _killed(nap: float) -> Report:
    """Tune with two servers, one of which dies after a third of the trials."""
    func = Gemm(16, 16, 16).prim_func()
    with TemporaryDirectory() as folder, loopback(2) as there, _sleeper(there, nap) as runner:
        told: list[float | None] = []

        def count(seconds: float | None) -> None:
            told.append(seconds)
            if len(told) == KILLED_TRIALS // 3:
                Timer(nap / 2, there.kill, [0]).start()

        records = _tuned(func, folder, runner, count)
        left = there.tracker.standing().servers
    failed = sum(not np.isfinite(seconds_of(record.run_secs)) for record in records)
    head = ["trials", "records", "failed", "servers at first", "in the end"]
    sound = len(records) == len(told) == KILLED_TRIALS and failed <= 1 and left == 1
    return Report.of_table(head, [[KILLED_TRIALS, len(records), failed, 2, left]], "", sound)


def _tuned(func: PrimFunc, folder: str, runner: Any, on_result: Any) -> list[Any]:
    database = heron_ms.tune_tir(
        func,
        Target(host().target(1)),
        folder,
        KILLED_TRIALS,
        num_trials_per_iter=KILLED_TRIALS,
        runner=runner,
        seed=0,
        on_result=on_result,
    )
    return list(database.get_all_tuning_records())


@contextmanager
def _sleeper(there: Loopback, nap: float) -> Iterator[Any]:
    runner = ServersRunner(there.tracker, How(1, seconds=nap + 10, evaluate=sleeping(nap)))
    try:
        yield runner
    finally:
        runner.close()


def _candidate() -> Any:
    mod, builder = IRModule({"main": Gemm(16, 16, 16).prim_func()}), local_builder(1)
    [built] = builder.build([ms.builder.BuilderInput(mod, Target(host().target(1)))])
    builder.close()
    arguments = ArgInfo.from_entry_func(mod, remove_preproc=True)
    return ms.runner.RunnerInput(str(built.artifact_path), "cpu", arguments)
