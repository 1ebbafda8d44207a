"""A loop over one PyTorch operator in TorchScript, so that Python is not what is timed."""

from __future__ import annotations

import warnings
from typing import Any

from scripts.bench.peers.libraries.kernel import Loop

_LOOP = """
def loop(n: int, x: Tensor, w: Tensor, s: Tensor, z: Tensor):
    y = x
    for _ in range(n):
        y = torch.ops.{call}
    return y
"""


def looped(call: str, x: Any, w: Any, s: Any, z: Any) -> Loop:
    """Calls ``torch.ops.<call>`` n times; the text uses the tensors as x, w, s and z.

    Without the optimiser, which would merge equal calls and time some of them only.
    """
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and the quickest way here
        unit = torch.jit.CompilationUnit(_LOOP.format(call=call))

    def run(count: int) -> object:
        with torch.jit.optimized_execution(False):
            return unit.loop(count, x, w, s, z)

    return run
