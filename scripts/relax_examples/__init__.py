"""A call of every operator of `tvm.relax.op` that legalises to TensorIR, on small shapes."""

from __future__ import annotations

from relax_examples import arranging, elementwise, images, networks
from relax_examples.example import Example

EXAMPLES: dict[str, Example] = {
    **elementwise.EXAMPLES,
    **arranging.EXAMPLES,
    **networks.EXAMPLES,
    **images.EXAMPLES,
}
"""By name below `tvm.relax.op`."""

__all__ = ["EXAMPLES", "Example"]
