"""`compile_tir` of any module, and `check` of what it returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tvm import te, tirx
from tvm.script import from_source

import heron_ms
from heron_ms._tvm import IRModule, PrimFunc, Target, tvm_compile
from heron_ms.errors import (
    DynamicShapeError,
    InvalidDimensionError,
    TargetError,
    UnknownFunctionError,
    WrongResultError,
)
from heron_ms.hardware import host
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.untuned import UnmeasuredWarning

HERE = Target(host().target(1))
SHAPES = {"small": (16, 16, 16), "odd": (17, 33, 20), "deep": (8, 12, 40)}


def product(m: Any, n: int, k: int, name: str) -> PrimFunc:
    """f32 [m, k] x [k, n]."""
    a, b = te.placeholder((m, k), "float32", "A"), te.placeholder((k, n), "float32", "B")
    r = te.reduce_axis((0, k), "r")
    c = te.compute((m, n), lambda i, j: te.sum(a[i, r] * b[r, j], axis=r), "C")
    return te.create_prim_func([a, b, c]).with_attr("global_symbol", name)


def multiplied(a: Any, b: Any, _: Any) -> Any:
    return a @ b


@pytest.fixture(scope="module")
def mod() -> IRModule:
    """Some functions."""
    return IRModule({name: product(*shape, name) for name, shape in SHAPES.items()})


@pytest.fixture(scope="module")
def database(mod: IRModule, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three records of each."""
    planted = {
        "builder": PlantedBuilder(lambda scheduled: 1e-3 + 1e-9 * len(str(scheduled))),
        "runner": PlantedRunner(),
    }
    folder = str(tmp_path_factory.mktemp("tuned"))
    return heron_ms.tune_tir(
        mod, HERE, folder, 9, max_trials_per_task=3, num_trials_per_iter=3, **planted
    )


def test_a_module_of_many_functions(mod: IRModule, database: Any) -> None:
    library = heron_ms.compile_tir(database, mod, HERE)
    verdict = heron_ms.check(library, mod, HERE)
    assert verdict.wrong == 0
    sizes = [m * k + k * n + m * n for m, n, k in SHAPES.values()]
    assert verdict.elements == sum(sizes)
    assert heron_ms.check(library, mod, HERE, name="odd").elements == sizes[1]


def test_it_has_the_best_records(mod: IRModule, database: Any) -> None:
    library = heron_ms.compile_tir(database, mod, HERE)
    best = heron_ms.best_record(database, mod["odd"], HERE)
    plain = tvm_compile(mod, HERE)
    assert best is not None
    assert library.mod.inspect_source("asm") != plain.mod.inspect_source("asm")


def test_one_function_with_a_numpy_reference(mod: IRModule, database: Any) -> None:
    library = heron_ms.compile_tir(database, mod["odd"], HERE)
    assert heron_ms.check(library, mod["odd"], HERE, multiplied).wrong == 0


def test_a_function_without_a_record_is_scheduled_unmeasured(database: Any) -> None:
    other = product(4, 4, 4, "other")
    with pytest.warns(UnmeasuredWarning, match="1 of 1 functions have no record") as caught:
        library = heron_ms.compile_tir(database, IRModule({"other": other}), HERE)
    [warning] = [told.message for told in caught if isinstance(told.message, UnmeasuredWarning)]
    assert warning.ways == {"other": "by the analytic model"}
    assert heron_ms.check(library, other, HERE).wrong == 0


def test_records_of_another_target_do_not_count(mod: IRModule, database: Any) -> None:
    with pytest.warns(UnmeasuredWarning):
        heron_ms.compile_tir(database, mod["odd"], {**host().target(1), "num-cores": 7})


def test_a_wrong_kernel_is_found(mod: IRModule) -> None:
    wrong = tvm_compile(product(17, 33, 19, "odd"), HERE)
    smaller = product(17, 33, 20, "odd")
    with pytest.raises(Exception, match="odd|shape|Mismatch|expect"):
        heron_ms.check(wrong, smaller, HERE)

    def off_by_one(a: Any, b: Any, c: Any) -> Any:
        right = multiplied(a, b, c)
        right[3, 5] += 1.0
        return right

    library = tvm_compile(mod["odd"], HERE)
    with pytest.raises(WrongResultError, match="odd: 1 of .* elements are wrong, in C"):
        heron_ms.check(library, mod["odd"], HERE, off_by_one)


def test_what_it_should_not_change_counts() -> None:
    library = tvm_compile(doubling_that_spoils(), HERE)
    with pytest.raises(WrongResultError, match="in A"):
        heron_ms.check(library, doubling(), HERE)


def doubling() -> PrimFunc:
    """B = 2 A."""
    a = te.placeholder((8,), "float32", "A")
    return te.create_prim_func([a, te.compute((8,), lambda i: a[i] * 2.0, "B")])


def doubling_that_spoils() -> PrimFunc:
    """B = 2 A, but A[0] is overwritten."""
    return from_source(
        """
# from tvm.script import tirx as T
@T.prim_func(s_tir=True)
def main(A: T.Buffer((8,), "float32"), B: T.Buffer((8,), "float32")):
    for i in range(8):
        with T.sblock("B"):
            v = T.axis.spatial(8, i)
            B[v] = A[v] * T.float32(2)
    for i in range(1):
        with T.sblock("A"):
            v = T.axis.spatial(1, i)
            A[v] = T.float32(7)
"""
    )


def test_indices_stay_in_bounds() -> None:
    a, at = te.placeholder((5, 8), "float32", "A"), te.placeholder((3,), "int64", "at")
    func = te.create_prim_func([a, at, te.compute((3, 8), lambda i, j: a[at[i], j], "B")])
    library = tvm_compile(func, HERE)
    for seed in range(20):
        assert heron_ms.check(library, func, HERE, seed=seed).wrong == 0


@pytest.mark.parametrize(
    ("error", "options"),
    [
        (UnknownFunctionError, {"name": "nobody"}),
        (InvalidDimensionError, {"inputs": [np.zeros((3, 3), "float32")]}),
    ],
)
def test_bad_arguments(mod: IRModule, error: type[Exception], options: dict[str, Any]) -> None:
    with pytest.raises(error):
        heron_ms.check(tvm_compile(mod, HERE), mod, HERE, **options)


def test_a_target_that_cannot_run_here_is_refused_before_it_runs(mod: IRModule) -> None:
    arm = {"kind": "llvm", "mcpu": "cortex-a72", "mtriple": "aarch64-linux-gnu", "num-cores": 1}
    with pytest.raises(TargetError, match="cannot run here"):
        heron_ms.check(None, mod, arm)


def test_a_dynamic_shape() -> None:
    func = product(tirx.Var("n", "int32"), 4, 4, "main")
    with pytest.raises(DynamicShapeError, match="A has no constant shape"):
        heron_ms.check({"main": None}, func, HERE)


def test_records_of_what_was_not_normalised(tmp_path: Path) -> None:
    func = product(16, 16, 16, "main")
    planted = {"builder": PlantedBuilder(lambda _: 1e-3), "runner": PlantedRunner()}
    database = heron_ms.tune_tir(func, HERE, str(tmp_path), 2, normalize=False, **planted)
    assert heron_ms.check(heron_ms.compile_tir(database, func, HERE), func, HERE).wrong == 0
