"""Intrinsics of which there are many: made when one is asked for, wherever a trace names it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import ArgInfo, IRModule, Schedule, Target, ms
from heron_ms.hardware import cpu_named
from heron_ms.intrinsics import AMX, INTRINSICS, MMA, UNITS, WMMA
from heron_ms.intrinsics.registry import Known
from heron_ms.intrinsics.traces import names_in
from heron_ms.space_generators.plan import plan_of
from heron_ms.workloads import Gemm

REPOSITORY = Path(__file__).parent.parent.parent
MACHINE = cpu_named("sapphirerapids")


def _said(program: str, *arguments: str) -> str:
    """What a program prints, in a process that was asked for no intrinsic."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


IMPORTED = """
import sys
import heron_ms
from heron_ms._tvm import TensorIntrin
print([name for name in sys.argv[1:] if TensorIntrin.get(name, allow_missing=True) is not None])
"""


def test_none_is_made_on_import() -> None:
    assert (
        _said(IMPORTED, *AMX, *MMA, *UNITS, *WMMA, "vnni.u8s8s32.16x4") == "['vnni.u8s8s32.16x4']"
    )


def test_one_is_made_once() -> None:
    known, made = Known(), []

    def make() -> Any:
        made.append(INTRINSICS["vnni.u8s8s32.16x4"])
        return made[-1]

    known.declare("late", make)
    assert (list(known), len(known), "late" in known, made) == (["late"], 1, True, [])
    assert known["late"] is known.get("late") is made[0]
    assert len(made) == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A database of one record, whose trace multiplies in tile registers."""
    mod = IRModule({"main": Gemm(33, 64, 48, weight="packed").prim_func()})
    tiled = next(
        chosen.schedule
        for chosen in plan_of(mod, MACHINE).sketches
        if chosen.tensorized[0][0].intrinsic.accumulators
    )
    database = ms.database.JSONDatabase(work_dir=str(tmp_path))
    database.commit_tuning_record(_record(tiled, database.commit_workload(mod)))
    return tmp_path


def _record(sch: Schedule, workload: Any) -> Any:
    target = Target(MACHINE.target(1))
    args = ArgInfo.from_prim_func(workload.mod["main"])
    return ms.database.TuningRecord(sch.trace, workload, [1.0], target, args)


READERS = {
    "our database": """
from heron_ms.work_dir import open_database
print(len(open_database(sys.argv[1]).get_all_tuning_records()))
""",
    "its text": """
import json
from pathlib import Path
from heron_ms._tvm import ms
from heron_ms.intrinsics.traces import record_of
lines = [Path(sys.argv[1], f"database_{what}.json") for what in ("workload", "tuning_record")]
workload, (_, row) = (json.loads(line.read_text()) for line in lines)
print(len([record_of(row, ms.database.Workload.from_json(workload))]))
""",
    "a database of TVM's": """
from heron_ms._tvm import ms
from heron_ms.intrinsics import INTRINSICS, make
make(INTRINSICS)
print(len(ms.database.JSONDatabase(work_dir=sys.argv[1]).get_all_tuning_records()))
""",
}


@pytest.mark.parametrize("reader", READERS)
def test_a_record_of_another_process_is_read(reader: str, folder: Path) -> None:
    text = (folder / "database_tuning_record.json").read_text()
    assert names_in(json.loads(text)[1][0]) & {*AMX}
    assert _said(f"import sys, heron_ms\n{READERS[reader]}", str(folder)) == "1"


def test_without_its_name_made_tvm_refuses_it(folder: Path) -> None:
    program = "import sys, heron_ms\nfrom heron_ms._tvm import ms\n" + (
        "ms.database.JSONDatabase(work_dir=sys.argv[1])"
    )
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "amx." in done.stderr


def _replays() -> Iterator[str]:
    """The lines outside of `traces` that have TVM replay text."""
    asks = re.compile(r"TuningRecord\.from_json|apply_json_to_schedule")
    for folder in ("heron_ms", "space_generators", "mutators", "scripts"):
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            if file.name != "traces.py" and asks.search(file.read_text(encoding="utf-8")):
                yield str(file)


def test_text_is_replayed_in_one_place() -> None:
    assert list(_replays()) == []
