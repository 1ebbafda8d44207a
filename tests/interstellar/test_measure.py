"""MetaSchedule tunes for a machine that is only described, by our strategy and by stock's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import Schedule, ms
from heron_ms.errors import HeronError
from heron_ms.hardware import cpu_named
from heron_ms.hardware.presets import preset
from heron_ms.interstellar.cpu import cpu_accelerator
from heron_ms.interstellar.measure import AnalyticBuilder, AnalyticRunner, objective_of
from heron_ms.measure.records import seconds_of


@pytest.fixture(scope="module")
def described() -> Any:
    return cpu_accelerator(cpu_named("cascadelake").with_cores(2))


def _tuned(mod: Any, target: Any, work_dir: Path, runner: Any, **how: Any) -> list[float]:
    preload_intrinsics()
    database = ms.tune_tir(
        mod,
        target,
        str(work_dir),
        6,
        num_trials_per_iter=3,
        seed=1,
        builder=AnalyticBuilder(),
        runner=runner,
        cost_model="random",
        **how,
    )
    return [seconds_of(record.run_secs) for record in database.get_all_tuning_records()]


@pytest.mark.parametrize("objective", ["energy", "latency", "edp"])
def test_our_space_and_search(
    gemm: Any, dlboost: Any, described: Any, tmp_path: Path, objective: str
) -> None:
    from heron_ms import ConstrainedGeneticSearch, HeronSpace

    how = {"space": HeronSpace(), "strategy": ConstrainedGeneticSearch("quick")}
    runner = AnalyticRunner(described, objective)
    first = _tuned(gemm(64, 64, 64, weight="packed"), dlboost, tmp_path / "1", runner, **how)
    again = _tuned(gemm(64, 64, 64, weight="packed"), dlboost, tmp_path / "2", runner, **how)
    assert len(first) == 6 and all(0 < candidate < 1 for candidate in first)
    assert len(set(first)) > 1
    assert first == again


def test_stock_s_space_and_search(gemm: Any, dlboost: Any, described: Any, tmp_path: Path) -> None:
    small = ms.search_strategy.EvolutionarySearch(population_size=8, genetic_num_iters=1)
    runner = AnalyticRunner(described, "latency", warm=True)
    found = _tuned(gemm(32, 32, 32), dlboost, tmp_path, runner, strategy=small)
    assert len(found) == 6 and all(0 < share < 1 for share in found)


def test_a_program_that_does_not_fit_is_a_failure(gemm: Any) -> None:
    """An operand staged in a scratchpad of the machine, too large for it."""
    sch = Schedule(gemm(64, 64, 64))
    sch.cache_read(sch.get_sblock("C"), 0, "shared")
    eyeriss = preset("eyeriss")
    assert objective_of(sch.mod, eyeriss, "energy") > 0
    small = replace(eyeriss.memories[1], capacity=1024)
    tight = replace(eyeriss, memories=(eyeriss.memories[0], small, eyeriss.memories[2]))
    with pytest.raises(HeronError, match="level buffer: 4096 bytes do not fit in 1024"):
        objective_of(sch.mod, tight, "energy")
    built = AnalyticBuilder().build([ms.builder.BuilderInput(sch.mod, _target())])[0]
    result = AnalyticRunner(tight).run([_runner_input(built)])[0].result()
    assert result.run_secs is None
    assert "do not fit" in str(result.error_msg)


def _target() -> Any:
    from heron_ms._tvm import Target

    return Target("llvm")


def _runner_input(built: Any) -> Any:
    return ms.runner.RunnerInput(str(built.artifact_path), "llvm", [])


def test_an_objective_that_is_none(described: Any) -> None:
    with pytest.raises(HeronError, match="unknown objective 'speed': use energy, latency, edp"):
        AnalyticRunner(described, "speed")


def test_more_cores_are_faster_and_warm_caches_cheaper(gemm: Any) -> None:
    from heron_ms.interstellar.tir import evaluate_tir

    sch = Schedule(gemm(64, 64, 64))
    sch.parallel(sch.get_loops(sch.get_sblock("C"))[0])
    costs = [
        evaluate_tir(sch.mod, cpu_accelerator(cpu_named("cascadelake").with_cores(cores)))
        for cores in (1, 4)
    ]
    assert costs[0].ideal_cycles == 4 * costs[1].ideal_cycles
    cold, warm = (
        evaluate_tir(sch.mod, cpu_accelerator(cpu_named("cascadelake")), warm=warm)
        for warm in (False, True)
    )
    assert warm.energy < cold.energy
