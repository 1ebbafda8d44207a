"""Which permutations are left in a model, and between what."""

from __future__ import annotations

from typing import Any

from tvm import relax

from heron_ms._tvm import IRModule
from heron_ms.models.passes import prepared
from heron_ms.models.permutations import permutations, summary

op = relax.op


def _model(body: Any, *shapes: tuple[int, ...]) -> IRModule:
    builder = relax.BlockBuilder()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    params = [relax.Var(f"x{at}", tensor(shape, "float32")) for at, shape in enumerate(shapes)]
    with builder.function("main", params):
        with builder.dataflow():
            out = builder.emit_output(builder.emit(body(builder.emit, *params)))
        builder.emit_func_output(out)
    return prepared(builder.get(), None, False)


def test_between_two_products_and_to_the_result() -> None:
    def body(emit: Any, x: Any, w: Any) -> Any:
        first = emit(op.matmul(x, w))
        turned = emit(op.permute_dims(emit(op.reshape(first, (6, 4, 8))), [1, 0, 2]))
        return op.permute_dims(emit(op.matmul(turned, turned_again(emit, turned))), [2, 0, 1])

    def turned_again(emit: Any, turned: Any) -> Any:
        return emit(op.permute_dims(turned, [0, 2, 1]))

    found = permutations(_model(body, (6, 16), (16, 32)))
    assert found[0].after.startswith("reshape") and found[0].before[0].startswith("matmul")
    assert found[-1].before == ("the result",)
    assert summary(found).startswith(f"permutations left: {len(found)}: ")
    assert all(str(one) in summary(found) for one in found)


def test_an_input_is_named() -> None:
    [found] = permutations(_model(lambda emit, x: op.permute_dims(x, [1, 0]), (6, 16)))
    assert found.after == "x0" and found.before == ("the result",)


def test_what_computes_or_keeps_the_order_is_none() -> None:
    def body(emit: Any, x: Any) -> Any:
        return op.reshape(emit(op.exp(emit(op.permute_dims(x, [1, 0])))), (96,))

    assert permutations(_model(body, (6, 16))) == []
    assert summary([]) == ""
