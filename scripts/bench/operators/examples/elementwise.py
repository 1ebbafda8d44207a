"""Operators of single elements: of one argument, of two, comparisons, bits and types."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import relax
from scripts.bench.operators.examples.example import Example, called

HERE = (12, 20)
WHOLE = (HERE, "int32")
TRUTH = (HERE, "bool")

UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh erf exp floor isfinite isinf isnan log "
    "negative round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc nn.gelu nn.gelu_tanh "
    "nn.leakyrelu nn.relu nn.relu6 nn.selu nn.silu nn.softplus"
).split()
BINARY = (
    "add atan2 divide equal floor_divide floor_mod greater greater_equal less less_equal "
    "log_add_exp maximum minimum mod multiply not_equal power subtract"
).split()


def const(value: Any, dtype: str) -> Any:
    """A constant operand."""
    return relax.const(value, dtype)


EXAMPLES: dict[str, Example] = {
    **{name: called(name, HERE) for name in UNARY},
    **{name: called(name, HERE, (20,)) for name in BINARY},
    **{f"bitwise_{name}": called(f"bitwise_{name}", WHOLE, WHOLE) for name in ("and", "or", "xor")},
    **{f"logical_{name}": called(f"logical_{name}", TRUTH, TRUTH) for name in ("and", "or", "xor")},
    "bitwise_not": called("bitwise_not", WHOLE),
    "logical_not": called("logical_not", TRUTH),
    # By random numbers of bits the result would be undefined.
    "left_shift": Example(lambda op, x: op.left_shift(x, const(3, "int32")), (WHOLE,)),
    "right_shift": Example(lambda op, x: op.right_shift(x, const(3, "int32")), (WHOLE,)),
    "astype": called("astype", HERE, dtype="float16"),
    "clip": called("clip", HERE, min=-0.5, max=0.5),
    "masked_fill": Example(
        lambda op, x, m: op.masked_fill(x, m, const(7.0, "float32")), (HERE, TRUTH)
    ),
    "nn.dropout": called("nn.dropout", HERE),
    "nn.prelu": called("nn.prelu", HERE, (20,), axis=1),
    "where": called("where", TRUTH, HERE, HERE),
    "quantize": Example(
        lambda op, x: op.quantize(x, const(0.05, "float32"), const(3, "int8")), (HERE,)
    ),
    "dequantize": Example(
        lambda op, x: op.dequantize(x, const(0.05, "float32"), const(3, "int8")), ((HERE, "int8"),)
    ),
    "bucketize": called("bucketize", HERE, (7,)),
    "grad.no_grad": called("grad.no_grad", HERE),
    "grad.start_checkpoint": called("grad.start_checkpoint", HERE),
    "grad.end_checkpoint": called("grad.end_checkpoint", HERE),
}
