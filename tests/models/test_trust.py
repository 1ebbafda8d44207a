"""A winner that computes something else is named, and the next best takes its place."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from tvm import te

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target, ms
from heron_ms.hardware import host
from heron_ms.measure.measuring import Tools
from heron_ms.measure.records import best_record, seconds_of
from heron_ms.models import trust
from heron_ms.models.trust import rounds, settle
from heron_ms.testing import PlantedBuilder, PlantedRunner
from heron_ms.untuned import WrongWarning
from heron_ms.work_dir import open_database

HERE = Target(host().target(1))
OTHER = Target(
    {"kind": "llvm", "mcpu": "cortex-a72", "mtriple": "aarch64-linux-gnu", "num-cores": 1}
)
REPEATS = 3


def program(dtype: str = "int32", factor: float = 3) -> PrimFunc:
    """C = A x factor + 1, the product in a buffer of its own."""
    a = te.placeholder((64,), dtype, "A")
    b = te.compute((64,), lambda i: (a[i] * factor).astype("int32"), "B")
    c = te.compute((64,), lambda i: b[i] + 1, "C")
    return te.create_prim_func([a, c]).with_attr("global_symbol", "main")


def scheduled(func: PrimFunc, split: int, wrong: bool) -> Schedule:
    """A schedule that is told apart by its split; a wrong one keeps the product in 8 bits."""
    sch = Schedule(IRModule({"main": func}))
    sch.split(sch.get_loops(sch.get_sblock("C"))[0], [None, split])
    if wrong:
        sch.unsafe_set_dtype("B", 0, "int8")
    return sch


def planted(work_dir: Path, func: PrimFunc, wrong: list[bool], target: Target = HERE) -> None:
    """A database of programs that take 1, 2, 3 ... seconds; some of them are wrong."""
    database: Any = open_database(str(work_dir))
    mod = IRModule({"main": func})
    workload = database.commit_workload(mod)
    args = ms.arg_info.ArgInfo.from_entry_func(mod, remove_preproc=True)
    for place, is_wrong in enumerate(wrong):
        trace = scheduled(func, 2**place, is_wrong).trace
        seconds = [1.0 + place] * REPEATS
        database.commit_tuning_record(
            ms.database.TuningRecord(trace, workload, seconds, target, args)
        )


def settled(work_dir: Path, func: PrimFunc, target: Target = HERE) -> bool:
    """Whether a record changed; nothing but what is planted is measured."""
    tools = Tools(target, PlantedBuilder(lambda mod: 1.0), PlantedRunner())
    return settle(work_dir, {"scaled": func}, tools)


def winner(work_dir: Path, func: PrimFunc, target: Target = HERE) -> float | None:
    """Seconds of the best record."""
    record = best_record(open_database(str(work_dir)), func, target)
    return None if record is None else seconds_of(record.run_secs)


def test_wrong_programs_are_named_and_the_next_best_wins(tmp_path: Path) -> None:
    func = program()
    planted(tmp_path, func, [True, True, False, True])
    with pytest.warns(
        WrongWarning, match="task scaled: its program of 1 s is wrong.* in C"
    ) as heard:
        assert settled(tmp_path, func)
    assert len(heard) == 2
    assert winner(tmp_path, func) == 3.0


def test_where_all_are_wrong_none_wins(tmp_path: Path) -> None:
    func = program()
    planted(tmp_path, func, [True, True])
    with pytest.warns(WrongWarning):
        assert settled(tmp_path, func)
    assert winner(tmp_path, func) is None


def test_a_right_one_is_compared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    func = program()
    planted(tmp_path, func, [False, True])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not settled(tmp_path, func)
        monkeypatch.setattr(trust, "compared", None)
        assert not settled(tmp_path, func)
    assert winner(tmp_path, func) == 1.0


def test_for_another_machine_nothing_is_compared(tmp_path: Path) -> None:
    func = program()
    planted(tmp_path, func, [True, False], OTHER)
    assert not settled(tmp_path, func, OTHER)
    assert winner(tmp_path, func, OTHER) == 1.0


def test_one_step_of_rounding_is_no_mistake(tmp_path: Path) -> None:
    func = program("float32", 0.5)
    assert rounds(func) and not rounds(program())
    planted(tmp_path, func, [False])
    assert not settled(tmp_path, func)
    planted(tmp_path / "more", program("float32", 5e3), [True, False])
    with pytest.warns(WrongWarning):
        assert settled(tmp_path / "more", program("float32", 5e3))
