"""A call of every operator of `tvm.relax.op` that legalises to TensorIR, on small shapes."""

from __future__ import annotations

from scripts.bench.operators.examples import arranging, elementwise, images, networks
from scripts.bench.operators.examples.example import Example

EXAMPLES: dict[str, Example] = {
    **elementwise.EXAMPLES,
    **arranging.EXAMPLES,
    **networks.EXAMPLES,
    **images.EXAMPLES,
}
"""By name below `tvm.relax.op`."""

__all__ = ["EXAMPLES", "Example"]
