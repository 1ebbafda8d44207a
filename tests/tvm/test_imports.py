"""Versions and imports: what the wheel asks for, what imports cost, what a database opens."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule, T, ms, structural_equal
from heron_ms.database.child import CRASHED, verdicts
from tests.tvm.programs import HERE, product, scheduled

RECORD = [[[], []], [1.0], {"kind": "llvm"}, []]
"""An empty trace, a second, a target, no arguments."""


def _required() -> list[str]:
    return [line.replace(" ", "") for line in metadata.requires("apache-tvm") or []]


def test_the_wheel_asks_for_tvm_ffi_without_an_upper_bound() -> None:
    (asked,) = (line for line in _required() if line.startswith("apache-tvm-ffi"))
    assert ">=0.1.14" in asked and "<" not in asked


@pytest.mark.parametrize("package", ["psutil", "cloudpickle", "xgboost", "tornado"])
def test_what_meta_schedule_needs_is_an_extra(package: str) -> None:
    asked = [line for line in _required() if re.match(rf"{package}\b", line)]
    assert asked and all("extra==" in line for line in asked)


def test_the_parser_looks_at_the_source_of_every_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    original = inspect.getframeinfo

    def counted(frame: Any, context: int = 1) -> Any:
        looked.append(context)
        return original(frame, context)

    monkeypatch.setattr(inspect, "getframeinfo", counted)

    @T.prim_func(s_tir=True)
    def nothing(A: T.Buffer((4,), "int32")) -> None:
        A[0] = 0

    assert len(looked) > 20 and min(looked) > 0


@pytest.mark.parametrize(
    "asks",
    [
        lambda: ms.TuneContext(mod=product(), target=HERE),
        lambda: ms.builder.local_builder.default_build(scheduled(product()).mod, HERE, None),
    ],
    ids=["context", "builder"],
)
def test_who_imports_all_intrinsics(
    asks: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tvm.s_tir.tensor_intrin", None)
    # From the builder's function, the error comes through C++.
    with pytest.raises((ImportError, RuntimeError), match=r"tensor_intrin halted"):
        asks()


def _opened(folder: Path, record: str) -> str | None:
    """What opening a database of a product with this line of a record says, in another process."""
    workload = json.dumps(ms.database.Workload(IRModule({"main": product()})).as_json())
    files = [folder / name for name in ("workloads", "records")]
    for file, line in zip(files, (workload, record), strict=True):
        file.write_text(line + "\n")
    return verdicts(1, lambda _: ms.database.JSONDatabase(*map(str, files)) and None)[0]


def _record(trace: Any) -> str:
    return json.dumps([0, [trace, *RECORD[1:]]])


def test_a_line_that_names_an_unknown_intrinsic_raises(tmp_path: Path) -> None:
    tensorized = [
        ["GetSBlock", [], ["C", "main"], ["b0"]],
        ["Tensorize", ["b0"], ["nobody.registered", True], []],
    ]
    assert _opened(tmp_path, _record([[], []])) is None
    said = _opened(tmp_path, _record([tensorized, []]))
    assert said and said != CRASHED and "nobody.registered" in said


NAMELESS = _record([[["GetSBlock", [], [None, "main"], ["b0"]]], []])


@pytest.mark.parametrize("line", ["{}", "", "null", NAMELESS])
def test_a_line_that_is_none_ends_the_process(tmp_path: Path, line: str) -> None:
    assert _opened(tmp_path, line) == CRASHED


def test_the_hash_of_a_workload_is_not_compared() -> None:
    first, second = (ms.database.Workload(scheduled(product(size)).mod) for size in (8, 16))
    swapped = ms.database.Workload.from_json([first.as_json()[0], second.as_json()[1]])
    assert structural_equal(swapped.mod, second.mod)
    assert swapped.as_json()[0] == first.as_json()[0]
