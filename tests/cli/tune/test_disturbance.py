"""A machine that was disturbed is told in the report; a quiet one is not mentioned."""

from __future__ import annotations

import os
import subprocess
import sys
from time import sleep

import pytest

from heron_ms.cli.tune.disturbance import Disturbance, spread_of
from heron_ms.cli.tune.others import Others

QUIET = Disturbance(others=0.05, spread=0.03, seconds=(1.0e-6, 1.1e-6), peaks=(700.0, 740.0))


def test_a_quiet_machine_has_no_signs() -> None:
    assert QUIET.signs == []
    assert QUIET.record() == {
        "disturbed": False,
        "others": 0.05,
        "spread": 0.03,
        "search_latency_ms": pytest.approx(0.001),
        "peaks_gops": [700.0, 740.0],
    }


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"others": 0.97}, "others had 97% of the time of its cores"),
        ({"spread": 0.45}, "repeats of the latency spread by 45%"),
        ({"seconds": (1e-6, 5e-6)}, "the latency was 0.001000 ms in the search"),
        ({"seconds": (5e-6, 1e-6)}, "the latency was 0.005000 ms in the search"),
        ({"peaks": (705.0, 1328.0)}, "the peak read 705.0 and 1328.0 GOP/s"),
        ({"peaks": (1328.0, 705.0)}, "the peak read 1328.0 and 705.0 GOP/s"),
    ],
)
def test_each_sign_is_told(change: dict[str, object], sign: str) -> None:
    disturbed = Disturbance(**{**vars(QUIET), **change})
    assert disturbed.signs == [sign]
    assert disturbed.record()["disturbed"] is True


def test_no_peak_is_no_sign() -> None:
    assert Disturbance(0.0, 0.0, (1.0, 1.0)).signs == []


@pytest.mark.parametrize(
    ("cores", "had", "share"), [(1, 1.0, 0.0), (1, 1.5, 0.5), (2, 1.0, 0.5), (2, 9.0, 1.0)]
)
def test_others_may_have_what_is_left(
    cores: int, had: float, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two processors, in a second."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    seconds, taken = iter([10.0, 11.0]), iter([3.0, 3.0 + had])
    monkeypatch.setattr("heron_ms.cli.tune.others.perf_counter", lambda: next(seconds))
    monkeypatch.setattr(Others, "_time", lambda _: next(taken))
    assert Others(cores).share() == pytest.approx(share)


def test_busy_processes_are_seen() -> None:
    every = len(os.sched_getaffinity(0))
    others = Others(every)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(every)]
    sleep(1)
    beside = others.share()
    for process in busy:
        process.kill()
        process.wait()
    assert beside > 0.5


def test_the_spread_is_that_of_the_middle_half() -> None:
    assert spread_of([1.0] * 50) == 0
    assert spread_of([2.0, 1.0, 1.0, 100.0]) == pytest.approx(99)
    assert spread_of([3.0, 1.0, 2.0, 2.5, 2.0, 2.0, 100.0, 1.0]) == pytest.approx(0.5)
