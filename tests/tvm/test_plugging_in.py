"""Plugging in: what MetaSchedule does with classes of ours, with databases and with errors."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tvm
from tvm import s_tir
from tvm.relax.transform import CombineParallelMatmul, FuseOps, FuseTIR, LegalizeOps
from tvm.s_tir.meta_schedule.relax_integration import extract_tasks

from heron_ms._tvm import (
    ArgInfo,
    For,
    IRModule,
    PySearchStrategy,
    PySpaceGenerator,
    T,
    Target,
    collect,
    derived_object,
    ms,
    operations,
    relax,
    structural_equal,
    te,
    tirx,
)
from tests.tvm.programs import HERE, chain, product, scheduled

METHODS = (
    "_initialize_with_tune_context pre_tuning post_tuning generate_measure_candidates "
    "notify_runner_results clone"
).split()


class _Space(PySpaceGenerator):  # type: ignore[misc]
    """The program as it is; says what was done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.clones = 0
        self.sch_rules: list[Any] = []
        self.postprocs: list[Any] = []
        self.mutator_probs: dict[Any, float] = {}

    def _initialize_with_tune_context(self, context: Any) -> None:
        """It needs nothing."""

    def generate_design_space(self, mod: IRModule) -> list[Any]:
        return [ms.tir_integration.Schedule(mod)]

    def clone(self) -> Any:
        self.clones += 1
        return SPACE()


SPACE = derived_object(_Space)


def test_a_decorated_class_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="derived_object|inherit"):
        derived_object(type("Below", (SPACE,), {}))


@pytest.mark.parametrize("missing", METHODS)
def test_a_strategy_must_override_all_six_methods(missing: str) -> None:
    def nothing(self: Any, *arguments: Any) -> None:
        """As if it were one."""

    methods = {name: nothing for name in METHODS if name != missing}
    strategy = derived_object(type("Strategy", (PySearchStrategy,), methods))()
    call = getattr(ms.search_strategy.SearchStrategy, missing)
    arguments = {
        "_initialize_with_tune_context": (ms.TuneContext(mod=product(), target=HERE),),
        "pre_tuning": (1, 1, [], None, None),
        "notify_runner_results": ([], []),
    }
    with pytest.raises(Exception, match="not implemented"):
        call(strategy, *arguments.get(missing, ()))


def test_a_context_that_is_tuned_is_a_clone() -> None:
    space = SPACE()
    context = ms.TuneContext(mod=product(), target=HERE, space_generator=space)
    context.clone()
    assert space.clones == 1


@pytest.mark.parametrize("holds", [False, True])
def test_a_context_that_a_space_holds_is_never_freed(holds: bool) -> None:
    class _Holding(_Space):
        def _initialize_with_tune_context(self, context: Any) -> None:
            self.held = context if holds else None

    space = derived_object(_Holding)()
    context = ms.TuneContext(mod=product(), target=HERE, space_generator=space)
    seen = weakref.ref(space._inst if hasattr(space, "_inst") else space)
    del space, context
    gc.collect()
    assert (seen() is not None) == holds


@pytest.mark.parametrize(("early", "late", "read"), [(1, 0, 1), (0, 1, 0)])
def test_rules_of_a_space_are_read_in_its_constructor(early: int, late: int, read: int) -> None:
    class _Ruled(_Space):
        def __init__(self) -> None:
            super().__init__()
            self.postprocs = [ms.postproc.RewriteTensorize()] * early

    space = derived_object(_Ruled)()
    space.postprocs = [ms.postproc.RewriteTensorize()] * late
    context = ms.TuneContext(mod=product(), target=HERE, space_generator=space)
    assert len(context.space_generator.postprocs) == read


def _database() -> tuple[Any, Any]:
    database = ms.database.MemoryDatabase()
    return database, database.commit_workload(scheduled(product()).mod)


def test_a_query_ignores_the_target() -> None:
    database, workload = _database()
    other = Target({"kind": "llvm", "mcpu": "cascadelake", "num-cores": 1})
    sch = scheduled(product())
    sch.get_sblock("C")
    arguments = ArgInfo.from_entry_func(workload.mod, True)
    record = ms.database.TuningRecord(sch.trace, workload, [1.0], other, arguments)
    database.commit_tuning_record(record)
    found = database.query_tuning_record(workload.mod, HERE, "main")
    assert str(found.target.attrs["mcpu"]) == "cascadelake"


def test_two_databases_on_one_folder_number_alike(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("workloads", "records")]
    first, second = (ms.database.JSONDatabase(*files) for _ in range(2))
    for database, size in ((first, 8), (second, 16)):
        workload = database.commit_workload(scheduled(product(size)).mod)
        record = ms.database.TuningRecord(scheduled(product(size)).trace, workload, [1.0], HERE, [])
        database.commit_tuning_record(record)
    numbers = [json.loads(line)[0] for line in Path(files[1]).read_text().splitlines()]
    assert numbers == [0, 0] and len(Path(files[0]).read_text().splitlines()) == 2


ERRORS = """
import tvm_ffi
class Known(Exception): pass
class Unknown(Exception): pass
tvm_ffi.register_error("Known", Known)
for error in (Known("told"), Unknown("told"), KeyboardInterrupt()):
    def visit(node):
        raise error
    try:
        tvm_ffi.structural_walk(tvm_ffi.Array([tvm_ffi.Array([])]), (tvm_ffi.Array, visit))
    except BaseException as caught:
        print(type(caught).__name__, "told" in str(caught), str(caught) == "")
"""


def test_an_error_keeps_its_type_through_cpp_if_tvm_knows_its_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ERRORS], capture_output=True, text=True, check=True
    )
    known, unknown, interrupt = (line.split() for line in done.stdout.splitlines())
    assert known == ["Known", "True", "False"]
    assert unknown[:2] == ["RuntimeError", "True"]
    assert interrupt == ["RuntimeError", "False", "True"]


def _model() -> Any:
    """A product of matrices with two constant weights, in Relax."""
    builder = relax.BlockBuilder()
    x = relax.Var("x", relax.TensorType((4, 8), "float32"))
    weights = [relax.const(np.ones((8, 8), "float32")) for _ in range(2)]
    with builder.function("main", [x]):
        with builder.dataflow():
            products = [builder.emit(relax.op.matmul(x, weight)) for weight in weights]
            out = builder.emit_output(relax.op.add(*products))
        builder.emit_func_output(out)
    return builder.get()


def test_a_model_has_no_tasks_before_it_is_legalised() -> None:
    target = Target({"kind": "llvm", "num-cores": 1})
    mod = _model()
    assert not extract_tasks(mod, target, {})
    with target:
        legal = LegalizeOps()(mod)
    assert len(extract_tasks(legal, target, {})) > 1
    passes = [relax.transform.AnnotateTIROpPattern(), FuseOps(), FuseTIR()]
    fused = tvm.ir.transform.Sequential(passes)(legal)
    assert len(extract_tasks(fused, target, {})) < 3


def test_constant_weights_are_not_combined() -> None:
    mod = _model()
    assert structural_equal(CombineParallelMatmul()(mod), mod)


def test_operations_cannot_be_counted_with_a_let() -> None:
    @T.prim_func(s_tir=True)
    def func(A: T.Buffer((4,), "float32")) -> None:
        for i in range(4):
            with T.sblock("A"):
                vi = T.axis.spatial(4, i)
                x = T.float32()
                A[vi] = T.Let(x * x, where={x: A[vi]})

    with pytest.raises(Exception, match="Let"):
        operations(IRModule({"main": func}))


def test_bfloat16_in_a_let_is_read_as_an_integer() -> None:
    @T.prim_func(s_tir=True)
    def func(A: T.Buffer((1,), "bfloat16"), B: T.Buffer((1,), "float32")) -> None:
        with T.sblock("B"):
            x = T.float32()
            B[0] = T.Let(x, where={x: T.Cast("float32", A[0])})

    one = np.ones(1, ml_dtypes.bfloat16)
    got = tvm.runtime.tensor(np.zeros(1, "float32"))
    tvm.compile(IRModule({"main": func}), target=HERE)(tvm.runtime.tensor(one), got)
    assert got.numpy() == one.view("uint16")


def test_arrays_of_bfloat16_in_between_cannot_be_legalized_twice() -> None:
    x = te.placeholder((4,), "bfloat16", "x")
    between = te.compute((4,), lambda i: x[i] + x[i], "between")
    mod = IRModule(
        {"main": te.create_prim_func([x, te.compute((4,), lambda i: between[i] * x[i])])}
    )
    tvm.compile(mod, target=HERE)
    with pytest.raises(Exception, match="Invalid bitcast"):
        tvm.compile(tirx.transform.BF16ComputeLegalize()(mod), target=HERE)


def test_a_vector_loop_over_nearbyint_becomes_serial() -> None:
    def has_loop(rounded: Any) -> bool:
        sch = scheduled(chain(rounded))
        sch.vectorize(sch.get_loops(sch.get_sblock("S0"))[0])
        opaque = s_tir.transform.ConvertBlocksToOpaque()(sch.mod)
        lowered = s_tir.transform.LowerOpaqueBlock()(opaque)
        bound = tirx.transform.BindTarget(HERE)(tirx.transform.FlattenBuffer()(lowered))
        mod = tirx.transform.VectorizeLoop()(bound)
        return bool(collect(mod["main"].body, For))

    assert has_loop(te.nearbyint)
    assert not has_loop(lambda x: tirx.call_llvm_pure_intrin("float32", "llvm.nearbyint", x))


@pytest.mark.parametrize("name", ["sinh", "cosh"])
def test_vectors_of_sinh_and_cosh_are_not_compiled(name: str) -> None:
    sch = scheduled(chain(lambda x: getattr(te, name)(x)))
    tvm.compile(sch.mod, target=HERE)
    sch.vectorize(sch.get_loops(sch.get_sblock("S0"))[0])
    with pytest.raises(Exception, match="unknown intrinsic"):
        tvm.compile(sch.mod, target=HERE)
