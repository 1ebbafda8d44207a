"""One task that cannot be had is a warning with a typed reason, and the others are tuned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tvm import te, tirx, topi

import heron_ms
from heron_ms._tvm import IRModule, PrimFunc, Target, ms, relax
from heron_ms.hardware import cpu_named
from heron_ms.models.passes import legalize_and_fuse
from heron_ms.testing.fakes import PlantedBuilder, PlantedRunner
from heron_ms.untuned import Cause, UntunedWarning

TARGET = Target(cpu_named("cascadelake").target(1))


def product(rows: Any, name: str) -> PrimFunc:
    """Rows x 32 times 32 x 32."""
    a, b = te.placeholder((rows, 32), "float32", "A"), te.placeholder((32, 32), "float32", "B")
    k = te.reduce_axis((0, 32), "k")
    c = te.compute((rows, 32), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), "C")
    return te.create_prim_func([a, b, c]).with_attr("global_symbol", name)


MIXED = IRModule(
    {"dynamic": product(tirx.Var("n", "int32"), "dynamic"), "fine": product(32, "fine")}
)


def planted() -> dict[str, Any]:
    """A builder and a runner that invent latencies."""
    return {"builder": PlantedBuilder(lambda _: 1e-3), "runner": PlantedRunner()}


def stock_tune(tmp_path: Path, **options: Any) -> Any:
    """MetaSchedule's own entry with our space."""
    return ms.tune_tir(
        MIXED,
        TARGET,
        str(tmp_path),
        8,
        max_trials_per_task=4,
        space=heron_ms.HeronSpace(),
        cost_model="random",
        **{"strategy": heron_ms.ConstrainedGeneticSearch(), **planted(), **options},
    )


def workloads(database: Any) -> set[str]:
    """The functions that a database has records of."""
    records = database.get_all_tuning_records()
    return {str(record.workload.mod["main"].attrs["global_symbol"]) for record in records}


@pytest.mark.parametrize("strategy", ("ours", "replay-trace"))
def test_a_dynamic_function_stops_no_other(tmp_path: Path, strategy: str) -> None:
    chosen = heron_ms.ConstrainedGeneticSearch() if strategy == "ours" else strategy
    with pytest.warns(UntunedWarning, match="task dynamic .* dynamic shape") as caught:
        database = stock_tune(tmp_path, strategy=chosen)
    assert causes(caught) == [Cause.DYNAMIC]
    assert workloads(database) == {"fine"}


def causes(caught: Any) -> list[Cause]:
    """Of the warnings that a task is left as it is."""
    told = [warning.message for warning in caught if isinstance(warning.message, UntunedWarning)]
    return [warning.untuned.cause for warning in told]


def test_nor_in_our_tune_tir(tmp_path: Path) -> None:
    with pytest.warns(UntunedWarning, match="task dynamic"):
        database = heron_ms.tune_tir(MIXED, TARGET, str(tmp_path), 4, **planted())
    assert workloads(database) == {"fine"}


def test_nor_is_a_loop_of_a_varying_number_of_turns_tuned(tmp_path: Path) -> None:
    x = te.placeholder((1, 2, 10, 11), "float32", "x")
    func = te.create_prim_func([x, topi.nn.adaptive_pool(x, (3, 3), "avg")])
    with pytest.warns(UntunedWarning, match="loop rv0 does not run a constant") as caught:
        assert len(heron_ms.tune_tir(func, TARGET, str(tmp_path), 4, **planted())) == 0
    assert causes(caught) == [Cause.DYNAMIC]


def test_an_error_of_tvm_is_such_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.space_generators import space
    from heron_ms.space_generators.plan import plan_of

    def broken(mod: IRModule, machine: Any) -> Any:
        if "fine" in str(mod["main"].attrs["global_symbol"]):
            return plan_of(mod, machine)
        raise RuntimeError("Check failed: (x) is false\nthe rule is broken")

    monkeypatch.setattr(space, "plan_of", broken)
    mod = IRModule({"odd": product(16, "odd"), "fine": product(32, "fine")})
    with pytest.warns(UntunedWarning, match=r"task odd .*an error \(the rule is broken\)"):
        database = heron_ms.tune_tir(
            mod, TARGET, str(tmp_path), 5, max_trials_per_task=4, **planted()
        )
    assert workloads(database) == {"odd", "fine"}


def test_a_sketch_without_constraints_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heron_ms.constraints import constrain
    from heron_ms.search import strategy

    seen: list[Any] = []

    def fragile(sketch: Any, machine: Any) -> Any:
        seen.append(sketch)
        if len(seen) == 1:
            raise NotImplementedError("a rule that is not there")
        return constrain(sketch, machine)

    monkeypatch.setattr(strategy, "constrain", fragile)
    database = heron_ms.tune_tir(product(32, "fine"), TARGET, str(tmp_path), 3, **planted())
    assert len(seen) > 1 and len(database) == 3


def test_functions_without_blocks_have_one_program(tmp_path: Path) -> None:
    x = te.placeholder((6, 20), "float32", "x")
    func = te.create_prim_func([x, topi.topk(x, 3, ret_type="values")])
    assert len(heron_ms.tune_tir(func, TARGET, str(tmp_path / "topk"), 4, **planted())) == 1
    assert len(heron_ms.tune_tir(_scatter(), TARGET, str(tmp_path / "s"), 4, **planted())) == 1


def _scatter() -> IRModule:
    """What Relax makes of scatter_elements: loops without blocks."""
    kind = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    shapes = (("x", (4, 5), "float32"), ("i", (2, 5), "int64"), ("u", (2, 5), "float32"))
    x, i, u = (relax.Var(name, kind(shape, dtype)) for name, shape, dtype in shapes)
    builder = relax.BlockBuilder()
    with builder.function("main", [x, i, u]):
        with builder.dataflow():
            out = builder.emit_output(builder.emit(relax.op.scatter_elements(x, i, u, 0)))
        builder.emit_func_output(out)
    mod = legalize_and_fuse(builder.get())
    [task] = ms.relax_integration.extract_tasks(mod, TARGET, {})
    return task.dispatched[0]
