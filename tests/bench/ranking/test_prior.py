"""The statistics of the prior, and its scores of a database that is being written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.bench.command import main
from scripts.bench.harness.benchmark import Entry
from scripts.bench.ranking import prior
from scripts.bench.ranking.ranks import NEAR, mean, ranking, spearman
from scripts.bench.ranking.records import RECORDS, scored

TIMES = st.lists(st.integers(1, 40).map(float), min_size=2, max_size=12)


@given(times=TIMES)
def test_a_perfect_score(times: list[float]) -> None:
    found = ranking([-time for time in times], times)
    assert found.prior == 1.0
    assert np.isnan(found.correlation) == (len(set(times)) == 1)
    assert np.isnan(found.correlation) or found.correlation == pytest.approx(1.0)


@given(times=TIMES, seed=st.integers(0, 99))
def test_positions(times: list[float], seed: int) -> None:
    """Every order of the measured programs finds one near the best where it first has one."""
    scores = np.random.default_rng(seed).permutation(len(times)).astype(float)
    found = ranking(list(scores), times)
    near = {p for p, time in enumerate(times) if time <= NEAR * min(times)}
    order = sorted(range(len(times)), key=lambda p: -scores[p])
    assert found.prior == 1 + min(order.index(p) for p in near)
    assert found.measured == 1 + min(near)
    shuffles = np.random.default_rng(0).permuted(np.tile(np.arange(len(times)), (4000, 1)), axis=1)
    firsts = 1 + np.argmax(np.isin(shuffles, list(near)), axis=1)
    assert found.random == pytest.approx(float(firsts.mean()), abs=0.3)


@given(times=TIMES)
def test_ties_share_their_rank(times: list[float]) -> None:
    other = list(range(len(times)))
    mirrored = spearman([-time for time in times], other)
    assert np.isnan(mirrored) or mirrored == pytest.approx(-spearman(times, other))


def test_ranks_by_hand() -> None:
    # Ranks 1 2.5 2.5 4 against 1 3 2 4: 1 - 6 * 0.5 / 60 but for the tie, which leaves 4.5 of 5.
    assert spearman([1, 2, 2, 9], [1, 3, 2, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_a_mean_leaves_out_what_has_no_correlation() -> None:
    one = mean([ranking([1, 2], [2.0, 1.0]), ranking([1, 1], [2.0, 1.0])])
    assert (one.programs, one.measured) == (4, 2.0)
    assert one.correlation == pytest.approx(1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six measured programs and a failure, in the layout of a tuned suite."""
    from heron_ms._tvm import IRModule, Target, ms
    from heron_ms.constraints import constrain
    from heron_ms.hardware import cpu_named
    from heron_ms.space_generators import generate_sketches
    from heron_ms.workloads import Gemm

    top = tmp_path_factory.mktemp("suite")
    work_dir = top / "gemm-32x64x32-packed-u8s8" / "heron_ms"
    work_dir.mkdir(parents=True)
    here = cpu_named("cascadelake").with_cores(1)
    target, mod = (
        Target(here.target(1)),
        IRModule({"main": Gemm(32, 64, 32, weight="packed").prim_func()}),
    )
    database = ms.database.JSONDatabase(work_dir=str(work_dir))
    workload = database.commit_workload(mod)
    sketch = constrain(generate_sketches(mod, target)[0], here)
    for number, assignment in enumerate(sketch.problem.sample(7, np.random.default_rng(0))):
        trace = sketch.materialize(assignment).trace
        seconds = [1e10] if number == 3 else [(9.0 - number) * 1e-6]
        database.commit_tuning_record(ms.database.TuningRecord(trace, workload, seconds, target))
    return top


def test_records_are_scored_in_the_order_of_measurement(folder: Path) -> None:
    (found,) = scored(folder)
    assert (found.operator, found.left_out) == ("gemm", 1)
    assert found.case == str(Path("gemm-32x64x32-packed-u8s8", "heron_ms"))
    assert found.seconds == pytest.approx([micros * 1e-6 for micros in (9, 8, 7, 5, 4, 3)])
    assert np.all(np.isfinite(found.scores)) and len(set(found.scores)) > 1
    (first,) = scored(folder, 2)
    assert (first.seconds, first.scores) == (found.seconds[:2], found.scores[:2])


def test_a_record_that_is_being_written_does_not_count(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (file,) = copy.rglob(RECORDS)
    file.write_text(file.read_text()[:-40])
    (found,), (whole,) = scored(copy), scored(folder)
    assert found.seconds == whole.seconds[:-1]


def test_the_tables(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["prior", "--databases", str(folder), "--out", str(tmp_path)]
    assert main(words, [Entry("prior", "on all cores", lambda: prior)]) == 0
    cases, operators = capsys.readouterr().out.split("\n\n")
    assert len(cases.splitlines()) == 3 and len(operators.splitlines()) == 4
    for table in (cases, operators):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert operators.splitlines()[2].startswith("| gemm | 1 | 6 |")
