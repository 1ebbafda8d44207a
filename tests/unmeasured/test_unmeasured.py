"""Functions without a record: the schedule that they get is right, and the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import tvm
from tvm import relax, te

import heron_ms
from heron_ms._tvm import For, IRModule, PrimFunc, collect, structural_equal, tirx, tvm_compile
from heron_ms.constraints import constrain
from heron_ms.hardware import for_target, host
from heron_ms.models.passes import legalize_and_fuse
from heron_ms.space_generators import HeronSpace, generate_sketches
from heron_ms.space_generators.plan import plan_of
from heron_ms.unmeasured import How, schedule_module, schedule_unmeasured
from heron_ms.unmeasured.by_loops import one_by_loops, scheduled_by_loops
from heron_ms.unmeasured.by_prior import _apart, _others
from heron_ms.unmeasured.tails import split_tails
from heron_ms.untuned import UnmeasuredWarning
from heron_ms.work_dir import open_database
from heron_ms.workloads import Gemm

HERE = tvm.target.Target(host().target(1))
op = relax.op


def legalised(shapes: Sequence[tuple[int, ...]], body: Any, dtype: str = "float32") -> IRModule:
    """The functions of a model with some inputs and one output."""
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    params = [relax.Var(f"x{at}", tensor(shape, dtype)) for at, shape in enumerate(shapes)]
    with builder.function("main", params):
        with builder.dataflow():
            out = builder.emit_output(builder.emit(body(builder.emit, *params)))
        builder.emit_func_output(out)
    return legalize_and_fuse(builder.get())


def functions(mod: IRModule) -> list[PrimFunc]:
    return [func for _, func in mod.functions_items() if isinstance(func, PrimFunc)]


def kinds(func: PrimFunc) -> set[Any]:
    return {loop.kind for loop in collect(func.body, For)}


CASES: dict[str, Any] = {
    "softmax": ([(2, 6, 64)], lambda emit, x: op.nn.softmax(x, axis=-1)),
    "softmax of an odd length": ([(3, 5, 53)], lambda emit, x: op.nn.softmax(x, axis=-1)),
    "maximum of an odd length": ([(7, 37)], lambda emit, x: op.max(x, axis=1)),
    "softmax of channels": ([(2, 6, 32)], lambda emit, x: op.nn.softmax(x, axis=1)),
    "layer norm": (
        [(2, 9, 64), (64,), (64,)],
        lambda emit, x, g, b: op.nn.layer_norm(x, g, b, axes=[-1]),
    ),
    "max pool": (
        [(1, 4, 20, 20)],
        lambda emit, x: op.nn.max_pool2d(x, pool_size=3, strides=2, padding=1),
    ),
    "average pool": ([(1, 4, 18, 18)], lambda emit, x: op.nn.avg_pool2d(x, pool_size=3)),
    "mean": ([(1, 40, 7, 7)], lambda emit, x: op.mean(x, axis=[2, 3])),
    "sum of rows": ([(40, 64)], lambda emit, x: op.sum(x, axis=1)),
    "transpose": ([(2, 8, 5, 32)], lambda emit, x: op.permute_dims(x, [0, 2, 1, 3])),
    "concat": ([(2, 8, 32), (2, 4, 32)], lambda emit, x, y: op.concat([x, y], axis=1)),
    "gelu of a sum": ([(7, 48), (48,)], lambda emit, x, y: op.nn.gelu(emit(op.add(x, y)))),
    "a depthwise convolution": (
        [(1, 8, 14, 14), (8, 1, 3, 3)],
        lambda emit, x, w: op.nn.conv2d(x, w, padding=1, groups=8),
    ),
    "odd sizes": ([(3, 7), (3, 7)], lambda emit, x, y: op.multiply(x, y)),
    "one number": ([()], lambda emit, x: op.exp(x)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_maps_to_nothing_is_right(case: str) -> None:
    mod = legalised(*CASES[case])
    for func in functions(mod):
        made, how = schedule_unmeasured(func, HERE)
        assert how is not How.AS_IT_IS
        module = IRModule({"main": made.with_attr("global_symbol", "main")})
        named = func.with_attr("global_symbol", "main")
        assert heron_ms.check(tvm_compile(module, HERE), named, HERE, seed=0).wrong == 0


@pytest.mark.parametrize("case", ["softmax", "layer norm", "transpose", "concat", "sum of rows"])
def test_it_is_vectors(case: str) -> None:
    for func in functions(legalised(*CASES[case])):
        assert tirx.ForKind.VECTORIZED in kinds(schedule_unmeasured(func, HERE)[0])


def test_rows_are_parallel_on_several_cores_where_it_is_worth_it() -> None:
    target = tvm.target.Target(host().target(2))
    large, small = ([(8, 16, 64)], [(2, 2, 64)])
    for shapes, wanted in ((large, True), (small, False)):
        [func] = functions(legalised(shapes, lambda emit, x: op.nn.softmax(x, axis=-1)))
        made, _ = schedule_unmeasured(func, target)
        assert (tirx.ForKind.PARALLEL in kinds(made)) == wanted


def test_a_product_gets_an_intrinsic_by_the_prior_the_same_each_time() -> None:
    func = Gemm(24, 32, 48).prim_func()
    made, how = schedule_unmeasured(func, HERE)
    again, _ = schedule_unmeasured(func, HERE)
    assert how is How.PRIOR
    assert structural_equal(made, again)
    assert not structural_equal(made, func)
    module = IRModule({"main": made})
    assert heron_ms.check(tvm_compile(module, HERE), func, HERE, seed=0).wrong == 0


@pytest.mark.parametrize("length", [48, 53])
def test_a_reduction_has_vectors_of_partial_results(length: int) -> None:
    [func] = functions(legalised([(9, length)], lambda emit, x: op.sum(x, axis=1)))
    made, _ = schedule_unmeasured(func, HERE)
    vectors = [loop for loop in collect(made.body, For) if loop.kind == tirx.ForKind.VECTORIZED]
    summed = [loop for loop in vectors if "rf" in str(loop.body) and "+" in str(loop.body)]
    assert summed


def test_a_space_has_the_loops_for_what_maps_to_nothing() -> None:
    space = HeronSpace(strict=True, otherwise=one_by_loops)
    [even] = functions(legalised([(9, 48)], lambda emit, x: op.nn.softmax(x, axis=1)))
    program = IRModule({"main": even.with_attr("global_symbol", "main")})
    [sketch] = generate_sketches(program, HERE, space)
    made = constrain(sketch, for_target(HERE)).materialize({})
    assert structural_equal(made.mod, scheduled_by_loops(program, host()))
    odd = program.clone()
    odd["main"] = maxima(9, 53)
    assert one_by_loops(odd, for_target(HERE)) is None
    product = IRModule({"main": Gemm(24, 32, 48).prim_func()})
    assert len(generate_sketches(product, HERE, space)) > 1


def test_what_is_split_once_stays() -> None:
    [func] = functions(legalised([(9, 53)], lambda emit, x: op.nn.softmax(x, axis=1)))
    assert split_tails(func).same_as(func)


def maxima(rows: int, length: int) -> PrimFunc:
    """The maximum of each row, as TVM has it."""
    a, k = te.placeholder((rows, length), "float32", "A"), te.reduce_axis((0, length), "k")
    return te.create_prim_func([a, te.compute((rows,), lambda i: te.max(a[i, k], axis=k), "C")])


def test_the_sketches_that_are_drawn_from_first_are_made_first() -> None:
    program, machine = IRModule({"main": Gemm(64, 64, 64).prim_func()}), for_target(HERE)
    first, others, every = (
        [chosen.blocks for chosen in plan_of(program, machine, selection).sketches]
        for selection in (_apart, _others, list)
    )
    assert 0 < len(first) < len(every) == len(first) + len(others)


def test_without_a_prior_it_is_a_program_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.interstellar import priors

    monkeypatch.setattr(priors, "PRIORS", {})
    func = Gemm(24, 32, 48).prim_func()
    made, how = schedule_unmeasured(func, HERE)
    assert how is How.PRIOR
    assert heron_ms.check(tvm_compile(IRModule({"main": made}), HERE), func, HERE).wrong == 0


def test_a_dynamic_shape_stays_as_it_is() -> None:
    rows = te.var("rows", "int64")
    a = te.placeholder((rows, 16), "float32", "A")
    func = te.create_prim_func([a, te.compute((rows, 16), lambda i, j: a[i, j] + 1.0, "C")])
    made, how = schedule_unmeasured(func, HERE)
    assert how is How.AS_IT_IS and made.same_as(func)


def test_what_is_scheduled_stays() -> None:
    [func] = functions(legalised(*CASES["transpose"]))
    mod = IRModule({"done": func.with_attr("tirx.is_scheduled", True), "open": func})
    made, ways = schedule_module(mod, HERE)
    assert ways == {"open": "by its loops"}
    assert made["done"].same_as(mod["done"])


def test_a_model_without_a_record_is_right(tmp_path: Any) -> None:
    rng = np.random.default_rng(0)
    w1, w2 = (rng.standard_normal(s).astype("float32") for s in ((24, 64), (64, 10)))
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor((4, 24), "float32"))
    with builder.function("main", [x]):
        with builder.dataflow():
            hidden = builder.emit(op.nn.relu(builder.emit(op.matmul(x, relax.const(w1)))))
            scores = builder.emit(op.matmul(hidden, relax.const(w2)))
            out = builder.emit_output(op.nn.softmax(scores))
        builder.emit_func_output(out)
    database = open_database(str(tmp_path))
    with pytest.warns(UnmeasuredWarning, match="3 of 3 functions"):
        executable = heron_ms.compile_relax(database, builder.get(), HERE, {})
    given = rng.standard_normal((4, 24)).astype("float32")
    machine = relax.VirtualMachine(executable, tvm.cpu())
    output = machine["main"](tvm.runtime.tensor(given)).numpy()
    exponents = np.maximum(given @ w1, 0) @ w2
    powers = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    wanted = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(output, wanted, rtol=1e-3, atol=1e-5)
