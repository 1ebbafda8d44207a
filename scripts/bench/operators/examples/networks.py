"""Sums, products, normalisations, pooling, attention and convolutions."""

from __future__ import annotations

from scripts.bench.operators.examples.elementwise import HERE
from scripts.bench.operators.examples.example import Example, called

REDUCING = "argmax argmin max mean median min prod std sum variance".split()
C1, C2, C3 = (1, 8, 18), (1, 8, 10, 11), (1, 8, 5, 6, 7)
HEADS = (2, 6, 4, 8)
"""Batch, length, heads and depth of an attention."""
LABELS = ((12,), "int64")

SUMS: dict[str, Example] = {
    **{name: called(name, HERE, axis=1) for name in REDUCING},
    "einsum": Example(
        lambda op, x, y: op.einsum((x, y), "bij,bjk->bik"), ((3, 8, 10), (3, 10, 16))
    ),
    "linear": called("linear", HERE, (32, 20), (32,)),
    "matmul": called("matmul", (2, 12, 20), (20, 32)),
    "outer": called("outer", (12,), (20,)),
    "nn.softmax": called("nn.softmax", HERE),
    "nn.log_softmax": called("nn.log_softmax", HERE),
    "nn.layer_norm": called("nn.layer_norm", HERE, (20,), (20,), axes=[-1]),
    "nn.rms_norm": called("nn.rms_norm", HERE, (20,)),
    "nn.instance_norm": called("nn.instance_norm", C2, (8,), (8,), channel_axis=1, axes=[2, 3]),
    "nn.group_norm": called(
        "nn.group_norm", C2, (8,), (8,), num_groups=2, channel_axis=1, axes=[2, 3]
    ),
    "nn.batch_norm": called("nn.batch_norm", C2, (8,), (8,), (8,), (8,), axis=1),
    "nn.cross_entropy_with_logits": called("nn.cross_entropy_with_logits", HERE, HERE),
    "nn.nll_loss": called("nn.nll_loss", HERE, LABELS, (20,)),
    "nn.attention": called("nn.attention", HEADS, HEADS, HEADS),
    "nn.attention_var_len": Example(
        lambda op, q, k, v, at, most: op.nn.attention_var_len(q, k, v, at, most),
        ((1, 6, 4, 8), (1, 6, 4, 8), (1, 6, 4, 8), ((3,), "int32"), ((), "int32")),
    ),
    "nn.attention_bias": called("nn.attention_bias", HEADS, HEADS, HEADS, (2, 4, 6, 6)),
}

POOLS: dict[str, Example] = {
    **{
        f"nn.{kind}_pool{rank}d": called(
            f"nn.{kind}_pool{rank}d", data, pool_size=(2,) * rank, strides=(2,) * rank
        )
        for kind in ("avg", "max")
        for rank, data in enumerate((C1, C2, C3), 1)
    },
    **{
        f"nn.adaptive_avg_pool{rank}d": called(
            f"nn.adaptive_avg_pool{rank}d", data, output_size=(3,) * rank
        )
        for rank, data in enumerate((C1, C2, C3), 1)
    },
}

CONVOLUTIONS: dict[str, Example] = {
    **{
        f"nn.conv{rank}d": called(
            f"nn.conv{rank}d", data, (16, 8, *(3,) * rank), padding=(1,) * rank
        )
        for rank, data in enumerate((C1, C2, C3), 1)
    },
    **{
        f"nn.conv{rank}d_transpose": called(
            f"nn.conv{rank}d_transpose", data, (8, 16, *(3,) * rank), strides=(2,) * rank
        )
        for rank, data in enumerate((C1, C2, C3), 1)
    },
}

EXAMPLES = {**SUMS, **POOLS, **CONVOLUTIONS}
