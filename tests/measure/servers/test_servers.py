"""Measuring on servers: real ones on this machine, two of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule
from heron_ms.errors import TrackerError
from heron_ms.measure.coming import as_they_come, in_one_place
from heron_ms.measure.records import best_record, records_for, seconds_of
from heron_ms.measure.servers.how import How
from heron_ms.measure.servers.runner import ServersRunner
from heron_ms.measure.servers.tracker import Tracker
from heron_ms.testing.loopback import Loopback, loopback, sleeping
from heron_ms.workloads import Gemm

NAP = 1.0
"""Seconds, much longer than the rest that a candidate takes."""


@contextmanager
def runner(tracker: Tracker, how: How, **options: Any) -> Iterator[Any]:
    made = ServersRunner(tracker, how, **options)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.slow
def test_both_servers_are_busy_and_each_time_is_positive(two: Loopback, candidate: Any) -> None:
    with runner(two.tracker, How(1, evaluate=sleeping(NAP))) as measuring:
        measuring.run([candidate] * 2)  # starts the workers
        begun = perf_counter()
        results = dict(as_they_come(measuring, [candidate] * 4))
        took = perf_counter() - begun
    assert sorted(results) == [0, 1, 2, 3]
    assert all(result.error_msg is None for result in results.values())
    assert 2 * NAP < took < 3.5 * NAP


def test_a_program_is_timed_and_one_server_is_kept(two: Loopback, candidate: Any) -> None:
    with runner(two.tracker, How(1)) as measuring:
        [future] = measuring.run([candidate])
        assert len(future.result().run_secs) == 15
        with in_one_place(measuring) as alone:
            values = [alone.run([candidate])[0].result().run_secs for _ in range(2)]
            assert two.tracker.standing().free == 1
    assert all(seconds_of(seconds) < 1e-3 for seconds in values)


@pytest.mark.slow
def test_tuned_there_and_right(two: Loopback, tmp_path: Path) -> None:
    servers = heron_ms.Servers(two.address, two.tracker.key, cores=1)
    func, target = Gemm(16, 16, 16).prim_func(), servers.target()
    database = heron_ms.tune_tir(func, target, str(tmp_path), 4, seed=0, device=servers)
    program = heron_ms.normalize(IRModule({"main": func}))["main"]
    assert len(records_for(database, program, target)) == 4
    assert best_record(database, program, target) is not None

    kernel = heron_ms.compile_tir(database, func, target, servers)
    rng = np.random.default_rng(0)
    a = rng.integers(0, 256, (16, 16), np.uint8)
    b = rng.integers(-128, 128, (16, 16), np.int8)
    given = [a, b, np.zeros((16, 16), np.int32)]
    assert (servers.call(kernel["main"], given)[2] == a.astype(np.int32) @ b).all()
    assert min(servers.seconds(kernel, given)) > 0


@pytest.mark.parametrize(
    ("address", "key", "words"),
    [
        ("here", "k", "named as HOST:PORT"),
        ("127.0.0.1:99999", "k", "named as HOST:PORT"),
        ("127.0.0.1:1", "k", "no RPC tracker answers at 127.0.0.1:1"),
        ("two", "other", "no server of key 'other': its keys are loopback"),
    ],
)
def test_no_such_servers(two: Loopback, address: str, key: str, words: str) -> None:
    with pytest.raises(TrackerError, match=words) as raised:
        heron_ms.Servers(two.address if address == "two" else address, key)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_one_of_two_is_killed_in_the_middle(candidate: Any) -> None:
    with loopback(2) as servers, runner(servers.tracker, How(1, evaluate=sleeping(NAP))) as here:
        coming = as_they_come(here, [candidate] * 8)
        first = next(coming)
        threading.Timer(1.5 * NAP, servers.kill, [0]).start()
        results = dict([first, *coming])
        assert servers.tracker.standing().servers == 1
    failed = [result.error_msg for result in results.values() if result.error_msg]
    assert len(results) == 8
    assert len(failed) <= 1


@pytest.mark.slow
def test_a_server_comes_back(candidate: Any) -> None:
    with loopback(1) as servers, runner(servers.tracker, How(1, evaluate=sleeping(NAP))) as here:
        coming = as_they_come(here, [candidate] * 4)
        assert next(coming)[1].error_msg is None
        servers.kill(0)
        threading.Timer(NAP, servers.start, [1]).start()
        rest = [result for _, result in coming]
    assert [result.error_msg is None for result in rest][-2:] == [True, True]


@pytest.mark.slow
def test_no_server_is_left(candidate: Any) -> None:
    how = How(1, evaluate=sleeping(NAP))
    with loopback(1) as servers, runner(servers.tracker, how, patience=1.0) as here:
        coming = as_they_come(here, [candidate] * 4)
        next(coming)
        servers.kill(0)
        sleep(NAP)
        with pytest.raises(TrackerError, match="they are gone; what was measured is kept"):
            list(coming)


@pytest.mark.slow
def test_a_program_that_hangs_costs_itself_only(two: Loopback, candidate: Any) -> None:
    how = How(1, seconds=3.0, evaluate=sleeping(60.0))
    with runner(two.tracker, how) as here:
        [future] = here.run([candidate])
        assert future.result().run_secs is None
    with runner(two.tracker, How(1)) as here:
        results = here.run([candidate] * 4)
    assert all(future.result().error_msg is None for future in results)


@pytest.mark.slow
def test_a_server_that_hangs_costs_the_candidate_that_it_is_given(candidate: Any) -> None:
    how = How(1, seconds=4.0, evaluate=sleeping(NAP))
    with loopback(2) as servers, runner(servers.tracker, how) as here:
        servers.pause(0)
        results = [result for _, result in as_they_come(here, [candidate] * 6)]
        servers.pause(0, going_on=True)
    assert len(results) == 6
    assert sum(result.error_msg is not None for result in results) == 1
