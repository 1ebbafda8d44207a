"""An accelerator is added without an edit: all that is there of this one is in this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heron_ms
from heron_ms._tvm import IRModule, Schedule, Target
from heron_ms.cli import main
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import for_target, resolve
from heron_ms.interstellar.tir.capacity import held_bytes
from heron_ms.measure.devices import device_for
from heron_ms.sketch import sampling
from heron_ms.space_generators.plan import plan_of
from heron_ms.workloads import OPERATORS
from tests.accelerator.abacus import Abacus, register
from tests.accelerator.space_rule import BURST

CASES = [("gemm", (16, 16, 32)), ("gemm", (17, 6, 33)), ("bmm", (2, 8, 12, 16))]


@pytest.fixture(scope="module", autouse=True)
def abacus() -> Iterator[Abacus]:
    """The machine, known for as long as this module runs."""
    from heron_ms.constraints.c6_dla import ASKS
    from heron_ms.hardware import catalogue
    from heron_ms.intrinsics import INTRINSICS
    from heron_ms.measure.devices import DEVICES
    from heron_ms.space_generators.platforms import PLATFORMS

    tables: list[MutableMapping[str, Any]] = [
        *(catalogue.KINDS, PLATFORMS, ASKS, DEVICES, INTRINSICS, catalogue._added)
    ]
    before = [dict(table) for table in tables]
    yield register()
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)


def _program(operator: str, case: tuple[int, ...], weight: str = "kn") -> IRModule:
    workload = OPERATORS[operator].of(case, "u8s8", weight=weight)
    return IRModule({"main": workload.prim_func()})


def _sketches(mod: IRModule, machine: Abacus) -> list[ConstrainedSketch]:
    target = Target(machine.target())
    return [constrain(sketch, machine) for sketch in heron_ms.generate_sketches(mod, target)]


def test_its_target_is_read_back_as_it(abacus: Abacus) -> None:
    assert for_target(Target(abacus.target())) == abacus
    assert resolve("abacus") == resolve("abacus:abacus1") == resolve("abacus1") == abacus
    assert abacus.here() is None


@pytest.mark.parametrize("operator, case", CASES)
@pytest.mark.parametrize("weight", ["kn", "nk"])
def test_every_program_fits_and_is_right(
    abacus: Abacus, operator: str, case: tuple[int, ...], weight: str, rng: np.random.Generator
) -> None:
    mod = _program(operator, case, weight)
    target = Target(abacus.target())
    device = device_for(target)
    sketches = _sketches(mod, abacus)
    assert sketches
    for sketch in sketches:
        for assignment in sketch.problem.sample(4, rng):
            sch = sketch.materialize(assignment)
            _check_memories(sch, assignment, abacus)
            kernel = device.compile(sch.mod, target)
            assert heron_ms.check(kernel, mod, target).wrong == 0
            assert 0 < kernel.seconds < 1


def _check_memories(sch: Schedule, assignment: Mapping[str, int], machine: Abacus) -> None:
    """What the problem says lies in a memory is what the program keeps there, and it fits."""
    held = held_bytes(sch.mod)
    for memory in machine.memories[:-1]:
        assert held[memory.scope] == assignment[f"{memory.name}.bytes"] <= memory.capacity


def test_all_that_stands_around_the_intrinsic_is_in_the_program(abacus: Abacus) -> None:
    [sketch] = _sketches(_program("gemm", (16, 16, 32)), abacus)
    insts = [inst for inst in sketch.sketch.trace.insts if str(inst.kind.name) == "Tensorize"]
    names = [str(inst.attrs[0]) for inst in insts]
    wanted = ["abacus.load_kn", "abacus.load", "abacus.store", "abacus.zero"]
    assert sorted(names) == sorted([*wanted, "abacus.u8s8s32.4x4x4"])


def test_its_own_rules_hold_and_nothing_else_is_lost(abacus: Abacus) -> None:
    """Brute force over every decision: a program is a solution if and only if it fits."""
    mod = _program("gemm", (16, 16, 32))
    [sketch] = _sketches(mod, abacus)
    found = 0
    for choice in product(_tilings(4), _tilings(8), _tilings(4, parts=2), (1, 2, 4, 8)):
        assignment = sketch.assignment([*map(list, choice[:3]), (1, 2, 4, 8).index(choice[3])])
        rows, lanes, (chunks, depth), burst = choice
        accumulators = rows[2] * lanes[2] * 64
        scratchpad = 16 * depth * (rows[2] + lanes[2])
        fits = accumulators <= 1024 and scratchpad <= 512 and burst <= min(4, chunks)
        assert (assignment is not None) == fits
        found += fits
    assert found == sketch.problem.count()


def _tilings(extent: int, parts: int = 3) -> list[tuple[int, ...]]:
    sizes = range(1, extent + 1)
    return [tiling for tiling in product(sizes, repeat=parts) if np.prod(tiling) == extent]


def test_the_structure_is_in_the_trace(abacus: Abacus) -> None:
    [sketch] = _sketches(_program("gemm", (16, 16, 32)), abacus)
    script = sketch.materialize(sketch.problem.sample(1, np.random.default_rng(0))[0]).mod.script()
    assert '"meta_schedule.tiling_structure": "SSRSR"' in script and BURST in script
    levels = {v.name: v.meaning.level for v in sketch.problem.variables if v.meaning}
    assert [levels[f"C.i.{at}"] for at in range(3)] == [0, 1, 3]
    assert [levels[f"C.k.{at}"] for at in range(2)] == [2, 4]
    assert len(sampling(sketch.sketch.trace)) == 4


def test_explain(capfd: pytest.CaptureFixture[str]) -> None:
    assert main("explain gemm 16 16 32 --target abacus".split()) == 0
    out, _ = capfd.readouterr()
    assert "abacus.u8s8s32.4x4x4, rows <- i, lanes <- j, depth <- k" in out
    assert "scratchpad.bytes <= 512  [C5]" in out and "abacus.burst <= 4  [C6]" in out


def test_tune(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "result.json"
    line = "tune gemm 17 16 32 --target abacus:abacus1 --trials 12 --seed 0"
    assert main([*line.split(), "--work-dir", str(tmp_path / "w"), "--json", str(file)]) == 0
    out, err = capfd.readouterr()
    assert "PASS" in out and "best latency (estimated)" in out and "Traceback" not in err
    assert "limited by" not in out
    record = json.loads(file.read_text())
    assert record["pass"] and record["estimated"] and record["invalid"] == 0
    assert (record["tried"], record["machine"]) == (12, "abacus1")


def test_another_machine_of_the_kind_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("tune gemm 4 4 4 --target abacus:abacus9".split()) == 2
    said = capsys.readouterr().err
    assert "unknown target 'abacus:abacus9': of kind abacus use abacus1, or a file" in said


def test_a_structure_that_holds_an_operand_nowhere_is_told(abacus: Abacus) -> None:
    """Of A four rows are loaded at a time, from wherever the structure holds it."""
    without = [
        replace(level, holds={name: at for name, at in level.holds.items() if name != "A"})
        for level in abacus.structure
    ]
    machine = replace(abacus, structure=tuple(without))
    [left] = plan_of(_program("gemm", (16, 16, 32)), machine).blocks
    assert "A has to be copied, and no level of the structure of abacus1 holds it" in str(left)
