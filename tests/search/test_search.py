"""The constrained genetic search, driven as MetaSchedule drives it, with planted measurements.

What every strategy promises is in `test_contract`.
"""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from heron_ms._tvm import IRModule, Target, ms, te
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import Le, Prod, Variable
from heron_ms.csp import Problem as Csp
from heron_ms.errors import TargetError, TrialsError, UnsatisfiableSpaceError
from heron_ms.measure.recording import commit
from heron_ms.search import PRESETS, ConstrainedGeneticSearch, Preset, strategy
from heron_ms.search.search_space import SearchSpace
from heron_ms.sketch import Sketch, sampling
from heron_ms.testing import driver
from heron_ms.testing.driver import Measure, context_of, flat, identity

SMALL = Preset(batch=8, population=64, generations=2, parents=16, elites=8)


def tiles(candidate: Any) -> list[list[int]]:
    """The decisions of a GEMM: tile factors of rows, lanes and depth."""
    trace = candidate.sch.trace
    return [[int(x) for x in trace.get_decision(inst)] for inst in sampling(trace)]


def planted(candidate: Any) -> float:
    """Fastest for 8 x 2 register tiles, 4 tasks and a depth of 16: 1 ms, and more away from it."""
    *rows, j, k = tiles(candidate)
    i = rows[0] if rows else [1, 1, 1, 1]
    wanted = ((i[3], 8), (j[3], 2), (i[0] * j[0], 4), (k[1], 16))
    return 1e-3 * (1.0 + sum(abs(math.log2(got / best)) for got, best in wanted))


def make(mod: IRModule, target: Target, seed: int = 1, strategy: Any = None) -> Any:
    chosen = ConstrainedGeneticSearch(SMALL) if strategy is None else strategy
    return context_of(mod, target, chosen, seed)


def search(
    context: Any, trials: int, measure: Measure = planted, database: Any = None, per_round: int = 64
) -> list[list[Any]]:
    return driver.search(context, trials, measure, database, per_round)


@pytest.fixture
def mod(gemm: Callable[..., Any]) -> IRModule:
    return gemm(128, 256, 192)


@pytest.mark.parametrize("measure", [lambda _: None, lambda _: 1e-3], ids=["fail", "equal"])
def test_it_ends_whatever_is_measured(mod: IRModule, dlboost: Any, measure: Measure) -> None:
    proposed = flat(search(make(mod, dlboost), 32, measure))
    assert len({identity(candidate) for candidate in proposed}) == 32


def test_a_small_space_is_exhausted(gemm: Callable[..., Any], dlboost: Any) -> None:
    # One row, one vector, one step of depth: one solution in each sketch.
    context = make(gemm(1, 4, 16), dlboost)
    sketches = len(context.generate_design_space())
    proposed = flat(search(context, 100))
    assert 0 < len(proposed) <= sketches


def test_a_program_without_decisions_is_measured_once(dlboost: Any) -> None:
    a = te.placeholder((64, 64), "float32", name="A")
    b = te.compute((64, 64), lambda i, j: a[i, j] * 2.0, name="B")
    context = make(IRModule({"main": te.create_prim_func([a, b])}), dlboost)
    assert len(flat(search(context, 10, lambda _: 1e-3))) == 1


@pytest.mark.slow
def test_it_learns(gemm: Callable[..., Any], dlboost: Any) -> None:
    module = gemm(512, 512, 512, weight="packed")
    guided, random = [], []
    for seed in range(3):
        proposed = flat(search(make(module, dlboost, seed + 1), 48))
        guided.append(min(map(planted, proposed)))
        # The first round of a search that learns nothing is random.
        blind = flat(search(make(module, dlboost, seed + 1), 48, lambda _: None))
        random.append(min(map(planted, blind)))
    assert np.mean(guided) < np.mean(random)
    assert min(guided) <= 2e-3


def test_its_rounds_get_better(gemm: Callable[..., Any], dlboost: Any) -> None:
    batches = search(make(gemm(512, 512, 512, weight="packed"), dlboost), 48)
    means = [float(np.mean([planted(candidate) for candidate in batch])) for batch in batches]
    assert np.mean(means[-2:]) < means[0]


def test_records_of_another_target_do_not_count(mod: IRModule, dlboost: Any) -> None:
    database = ms.database.MemoryDatabase()
    other = make(mod, Target({"kind": "llvm", "mcpu": "znver4", "num-cores": 2}))
    for candidate in flat(search(other, 8)):
        commit(database, other, candidate, [1e-3])
    assert len(flat(search(make(mod, dlboost), 8, database=database))) == 8


def test_records_of_another_space_neither_count_nor_teach(mod: IRModule, dlboost: Any) -> None:
    database = ms.database.MemoryDatabase()
    stock = ms.TuneContext(
        mod=mod,
        target=dlboost,
        space_generator=ms.space_generator.PostOrderApply(),
        search_strategy=ConstrainedGeneticSearch(SMALL),
        num_threads=1,
    )
    for candidate in flat(search(stock, 8, lambda _: 1e-3)):
        commit(database, stock, candidate, [1e-3])
    resuming = ConstrainedGeneticSearch(SMALL).resuming()
    context = make(mod, dlboost, strategy=resuming)
    assert len(flat(search(context, 16, database=database))) == 16


def test_trials_of_an_earlier_run_count_where_that_is_asked_for(
    mod: IRModule, dlboost: Any
) -> None:
    database = ms.database.MemoryDatabase()
    context = make(mod, dlboost)
    first = flat(search(context, 8))
    for candidate in first:
        commit(database, context, candidate, [1e-3])
    again = flat(search(make(mod, dlboost), 8, database=database))
    assert len(again) == 8
    assert {identity(candidate) for candidate in first}.isdisjoint(map(identity, again))
    resuming = make(mod, dlboost, strategy=ConstrainedGeneticSearch(SMALL).resuming())
    assert search(resuming, 8, database=database) == []


def test_a_round_of_no_trials(mod: IRModule, dlboost: Any) -> None:
    with pytest.raises(TrialsError, match="num_trials_per_iter .* got 0"):
        search(make(mod, dlboost), 8, per_round=0)


def test_a_context_without_a_target(mod: IRModule) -> None:
    space = ms.space_generator.ScheduleFn(
        lambda sch: None, sch_rules=[], postprocs=[], mutator_probs={}
    )
    context = ms.TuneContext(
        mod, space_generator=space, search_strategy=ConstrainedGeneticSearch(SMALL), num_threads=1
    )
    with pytest.raises(TargetError, match="no target"):
        context.pre_tuning(2, num_trials_per_iter=2, design_spaces=context.generate_design_space())


def test_a_task_is_prepared_when_it_is_asked(
    mod: IRModule, dlboost: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[Any] = []

    def constraining(sketch: Sketch, machine: Any) -> ConstrainedSketch:
        prepared.append(sketch)
        return constrain(sketch, machine)

    monkeypatch.setattr(strategy, "constrain", constraining)
    context = make(mod, dlboost)
    sketches = context.generate_design_space()
    context.pre_tuning(16, num_trials_per_iter=8, design_spaces=sketches)
    assert prepared == []
    for _ in range(2):
        batch = context.generate_measure_candidates()
        assert len(batch) == 8 and len(prepared) == len(sketches)
    context.post_tuning()


def test_it_lets_go_of_the_context(mod: IRModule, dlboost: Any) -> None:
    strategy = ConstrainedGeneticSearch(SMALL)
    search(make(mod, dlboost, strategy=strategy), 8)
    gone = weakref.ref(strategy)
    del strategy
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_searches(mod: IRModule, dlboost: Any, name: str) -> None:
    context = make(mod, dlboost, strategy=ConstrainedGeneticSearch(name))
    assert len(flat(search(context, PRESETS[name].batch + 4))) == PRESETS[name].batch + 4


def test_an_unknown_preset() -> None:
    with pytest.raises(ValueError):
        ConstrainedGeneticSearch("fastest")


def test_an_unsatisfiable_space_names_what_clashes() -> None:
    problem = Csp(
        (Variable("rows", range(1, 9)), Variable("bytes", range(1, 600))),
        (Prod("bytes", ("rows", 64), rule="C5"), Le("bytes", 32, rule="C5")),
    )
    sketch = ConstrainedSketch(None, problem, (), ())  # type: ignore[arg-type]
    with pytest.raises(UnsatisfiableSpaceError, match=r"rows \* 64 = bytes.*bytes <= 32"):
        SearchSpace([sketch])


def test_a_space_without_sketches() -> None:
    with pytest.raises(UnsatisfiableSpaceError, match="no sketch"):
        SearchSpace([])
