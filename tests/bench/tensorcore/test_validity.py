"""What random programs for TensorCores are counted as."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import constrain
from heron_ms.csp import Problem
from heron_ms.errors import ToolChainError
from heron_ms.measure.tensorcore.lowering import lower
from heron_ms.measure.tensorcore.toolchain import Binary, Resources
from scripts.bench.tensorcore import benchmark, judged
from scripts.bench.tensorcore.cases import LARGE, LIKE, OURS, SIZES, STOCK, Case, cases
from scripts.bench.tensorcore.scheduled import programs
from scripts.bench.tensorcore.together import clean_together
from tests.tensorcore.programs import needs_nvcc

GEMM = Case("a100", "gemm", "f16", OURS)


def _judge(compiled: int) -> judged.Judge:
    return judged.Judge(GEMM, np.random.default_rng(0), compiled=compiled, emulated=0)


def test_cases_have_names_of_their_own_and_programs() -> None:
    every = list(cases())
    assert len({case.name for case in every}) == len(every)
    assert {case.side for case in every} == {OURS, STOCK}
    assert all(case.workload.operations > 0 for case in every)


def test_the_h200_has_the_programs_of_the_h100() -> None:
    one, other = (replace(GEMM, gpu=gpu).machine for gpu in ("h100", "h200"))
    like = replace(
        other, name=one.name, called=one.called, source=one.source, memories=one.memories
    )
    assert like == one
    inner = [[m for m in gpu.memories if m.name not in ("L2", "DRAM")] for gpu in (one, other)]
    assert inner[0] == inner[1]
    assert _problems(replace(GEMM, gpu="h100")) == _problems(replace(GEMM, gpu="h200"))


ALIKE = [(name, one) for name in LIKE for one in LIKE[name]]


@pytest.mark.parametrize(("name", "like"), ALIKE)
def test_gpus_that_are_alike_have_the_same_programs(name: str, like: str) -> None:
    """One of whose constraints is said to be another's is not asked by itself."""
    one, other = (replace(GEMM, gpu=gpu) for gpu in (name, like))
    assert _problems(one) == _problems(other)
    sources = (
        [lower(made[0], case.machine).source for made in programs(case, 2, 0) if made is not None]
        for case in (one, other)
    )
    assert next(sources) == next(sources)


@pytest.mark.slow
@pytest.mark.parametrize("program", (*SIZES, *LARGE))
@pytest.mark.parametrize(("name", "like"), ALIKE)
def test_they_have_the_same_constraints_for_every_program(
    name: str, like: str, program: str
) -> None:
    """A GPU of more multiprocessors might split sums that another one does not."""
    one, other = (replace(GEMM, gpu=gpu, program=program) for gpu in (name, like))
    assert _problems(one) == _problems(other)


def _problems(case: Case) -> list[Problem]:
    mod, gpu = IRModule({"main": case.workload.prim_func()}), case.machine
    sketches = heron_ms.generate_sketches(mod, Target(gpu.target()))
    return [constrain(sketch, gpu).problem for sketch in sketches]


def test_programs_are_compiled_for_each_architecture_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nvccs = frozenset({75, 80, 86, 89, 90})
    monkeypatch.setattr(f"{Case.__module__}.architectures", lambda: nvccs)
    architectures = {
        gpu: [machine.arch for machine in replace(GEMM, gpu=gpu).compiled_for]
        for gpu in ("v100", "a100", "h100", "rtx3090")
    }
    assert architectures == {
        "v100": ["sm_75"], "a100": ["sm_80"], "h100": ["sm_90"], "rtx3090": ["sm_86", "sm_89"],
    }  # fmt: skip


@needs_nvcc
def test_programs_are_compiled_together_as_they_are_by_themselves() -> None:
    made = [made[0] for made in programs(GEMM, 2, 0) if made is not None]
    whole = [lower(mod, GEMM.machine).source for mod in made]
    head, _, _ = whole[0].partition("extern")
    with_stack = (
        f'{head}extern "C" __global__ void main_kernel(int* x) '
        "{ int y[64]; for (int i = 0; i < 64; ++i) y[x[i]] = i; x[0] = y[x[1]]; }"
    )
    assert clean_together([*whole, with_stack], GEMM.machine) == [True, True, False]
    assert clean_together([*whole, f"{head}no C++"], GEMM.machine) == [False] * 3
    assert clean_together([*whole, f"{head}int nothing;"], GEMM.machine) == [True, True, False]


def test_what_fails_is_counted_once_for_each_program(monkeypatch: pytest.MonkeyPatch) -> None:
    [(mod, shared)] = [made for made in programs(GEMM, 1, 0) if made is not None]
    answers = [{"k": Resources(255, 8, 0)}, {"k": Resources(32, 0, 4)}, {"k": Resources(32, 0, 0)}]

    def compiled(*_: object) -> Binary:
        if not answers:
            raise ToolChainError("why not")
        return Binary(b"", answers.pop(0))

    monkeypatch.setattr(judged, "compile_cuda", compiled)
    monkeypatch.setattr(judged, "clean_together", lambda given, _: [False] * len(given))
    judge = _judge(compiled=4)
    for said in (shared, shared, shared + 1, shared, shared):
        judge.judge(mod, said)
    judge.refuse()
    judge.finish()
    counts = {name: count for name, count in judge.counts.items() if count}
    once = dict.fromkeys(("stack", "spills", "other shared bytes", "nvcc fails", "refused"), 1)
    assert counts == {"drawn": 6, "compiled": 4} | once
    assert judge.why == "why not"


def test_what_is_made_of_a_program_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    [(mod, shared)] = [made for made in programs(GEMM, 1, 0) if made is not None]
    judge = _judge(compiled=0)
    judge.judge(mod, shared)
    assert judge.counts["refused"] == 0
    monkeypatch.setattr(judged, "_STOCKS", {"max_threads_per_block": 31})
    judge.judge(mod, shared)
    assert judge.counts["refused"] == 1


def test_rows_are_kept_and_those_of_ours_that_fail_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = dict.fromkeys(benchmark.COUNTS, 0)
    bad = {**GEMM.identity, **none, "drawn": 5, "spills": 2, "failure": ""}
    beside = {**bad, "space": STOCK, "refused": 4}

    class Kept:
        def __init__(self, *_: object) -> None:
            pass

        def all_of(self, identities: Iterable[object], seconds: float) -> list[object]:
            assert len(list(identities)) == 3 and seconds == 60
            return [bad, beside]

    monkeypatch.setattr(benchmark, "Rows", Kept)
    parser = ArgumentParser()
    benchmark.options(parser)
    words = "--drawn 5 --seconds 60 --only a100/gemm/f16/ --only a100/gemm/bf16/"
    arguments = parser.parse_args(words.split())
    arguments.out = tmp_path
    report = benchmark.run(arguments)
    assert not report.sound and "a100, gemm, f16: 2 spills" in report.text
    assert "1 rows are left: the same command goes on." in report.text
    totals = {row["programs for"]: row for row in report.data["totals"]}
    assert totals["a100, f16, heron_ms"]["spills"] == 2
    assert totals["a100, f16, stock"]["refused"] == 4
