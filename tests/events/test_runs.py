"""The events of runs of `tune_tir`: what is told, in which order, what a killed run left."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from heron_ms._tvm import ms
from heron_ms.events.reading import of_kind, read_events
from heron_ms.measure.records import records_for
from heron_ms.measure.telling import sketch_id
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.testing.small_runs import CASES, killed, opened, programs, target, tune
from heron_ms.tune import tune_tir


def _tune(folder: Path, trials: int, objective: Any = lambda _: 1e-3, **more: Any) -> None:
    tune_tir(
        CASES[0].prim_func(),
        target(),
        str(folder),
        trials,
        builder=PlantedBuilder(objective),
        runner=PlantedRunner(),
        num_tuning_cores=1,
        seed=1,
        **more,
    )


def test_kinds_and_order(tmp_path: Path) -> None:
    times = iter([1e-3, None, 2e-3, 3e-3, 4e-3, 5e-3])
    _tune(tmp_path, 6, lambda _: next(times))
    rows = read_events(tmp_path)
    kinds = Counter(row["event"] for row in rows)
    assert kinds["candidate"] == 6 and kinds["batch"] >= 1 and kinds["sketch"] >= 1
    assert [rows[0]["event"], rows[-1]["event"]] == ["run", "end"]
    [task] = of_kind(rows, "task")
    assert task["operations"] == CASES[0].operations and task["task"] == "main"
    assert task["why"] is None or task["intrinsic"] is None
    [settled] = of_kind(rows, "settled")
    assert settled["workload"] == task["workload"] and settled["seconds"] == 1e-3
    tried = list(of_kind(rows, "candidate"))
    assert [row["failure"] for row in tried] == [None, "run", None, None, None, None]
    assert [row["seconds"] for row in tried] == [1e-3, None, 2e-3, 3e-3, 4e-3, 5e-3]
    assert tried[1]["error"] == "planted failure"
    sketches = {row["sketch"] for row in of_kind(rows, "sketch")}
    assert {row["sketch"] for row in tried} <= sketches


def test_an_event_finds_its_record(tmp_path: Path) -> None:
    _tune(tmp_path, 4)
    records = records_for(opened(tmp_path), programs()[0], target())
    rows = of_kind(read_events(tmp_path), "candidate")
    told = [(row["sketch"], json.loads(row["decisions"])) for row in rows]
    held = [(sketch_id(r.trace), _decisions(r.trace)) for r in records]
    assert sorted(told) == sorted(held)


def _decisions(trace: Any) -> list[Any]:
    made = (trace.get_decision(inst) for inst in trace.insts if "Sample" in str(inst.kind.name))
    return [[int(x) for x in one] if hasattr(one, "__iter__") else int(one) for one in made]


def test_metaschedules_own_search(tmp_path: Path) -> None:
    strategy = ms.search_strategy.ReplayTrace()
    _tune(tmp_path, 4, strategy=strategy, space="post-order-apply")
    rows = read_events(tmp_path)
    assert len(list(of_kind(rows, "candidate"))) == 4
    assert next(iter(of_kind(rows, "run")))["strategy"] == "ReplayTrace"


def test_a_killed_run_and_the_next(tmp_path: Path) -> None:
    killed(partial(tune, tmp_path, 40, 0.05), 2.5)
    before = read_events(tmp_path)
    assert not list(of_kind(before, "end"))
    tune(tmp_path, 4)
    after = read_events(tmp_path)
    assert after[: len(before)] == before and after[-1]["event"] == "end"
    assert len({row["run"] for row in after}) == 3
