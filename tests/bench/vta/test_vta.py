"""The space of AutoTVM's knobs for VTA, and the tables that are made of searches."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from heron_ms.constraints import ConstrainedSketch
from heron_ms.errors import FaultError
from scripts.bench.harness.journal import Journal
from scripts.bench.vta import benchmark
from scripts.bench.vta.objective import Programs
from scripts.bench.vta.template import autotvm, ours
from tests.measure.vta.programs import PYNQ, workload, wrong


def counted(sketch: ConstrainedSketch, assignment: dict[str, int]) -> Counter[str] | None:
    """What a program of a GEMM moves, which has to be exact; None for one that is refused."""
    counts: Counter[str] = Counter()
    given, rng = workload("gemm", 32, 64, 32), np.random.default_rng(0)
    try:
        different, _ = wrong(given, sketch.materialize(assignment), rng, counts=counts)
    except FaultError:
        return None
    assert different == 0
    return counts


def test_a_dense_tile_loads_weights_for_each_row(rng: np.random.Generator) -> None:
    sketch, valid = autotvm(workload("gemm", 32, 64, 32), PYNQ), 0
    for found in sketch.problem.sample(20, rng):
        counts = counted(sketch, found)
        if counts is not None:
            valid += 1
            assert counts["wgt bytes"] == 32 * 64 * 32  # N x K for each of M rows
            assert counts["inp bytes"] == 32 * 64 * found["C.j.0"]
    assert 0 < valid < 20


def test_taps_are_never_split(rng: np.random.Generator) -> None:
    sketch = autotvm(workload("c2d", 1, 8, 8, 16, 16, 3, 3, 1, 1, 1), PYNQ)
    drawn = list(sketch.problem.sample(20, rng))
    assert {(found["C.kh.1"], found["C.kw.1"]) for found in drawn} == {(3, 3)}
    assert {found["vta.copies"] for found in drawn} == {1, 2, 4}


@pytest.mark.parametrize("space", [ours, autotvm])
def test_no_program_is_faster_than_its_bound(space: object, tmp_path: Path) -> None:
    sketch = (ours if space is ours else autotvm)(workload("gemm", 32, 64, 32), PYNQ)
    programs = Programs("gemm", sketch, PYNQ, Journal(tmp_path / "programs.jsonl"))
    drawn = programs.space.sample(10, np.random.default_rng(1))
    cycles = [programs.cycles(individual) for individual in drawn]
    assert all(programs.least(one) <= took for one, took in zip(drawn, cycles, strict=True))
    again = Programs("gemm", sketch, PYNQ, Journal(tmp_path / "programs.jsonl"))
    assert [again.cycles(individual) for individual in drawn] == cycles


def test_the_table(tmp_path: Path) -> None:
    parser = ArgumentParser()
    benchmark.options(parser)
    arguments = parser.parse_args(["--only", "GEMM 64", "--trials", "8", "--seeds", "1"])
    arguments.out = tmp_path
    report = benchmark.run(arguments)
    [row] = report.data["figure9"]
    assert row["case"] == "GEMM 64x64x64"
    assert 0 < float(row["AutoTVM relative"]) < 1
