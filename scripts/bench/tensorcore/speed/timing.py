"""Kernels of any library timed alike on a GPU: warmed, and in a graph of launches.

What a launch costs the CPU is then no part of the time of a short kernel, of nobody's.
"""

from __future__ import annotations

import statistics
from typing import Any

from scripts.bench.peers.libraries.kernel import Run

WARM = 3
"""Calls before the graph is made; libraries choose their kernels in them."""
LAUNCHES = 20
"""Calls in a graph, one behind the other."""
ROUNDS = 25
"""Replays of a graph, each timed by events of the GPU."""


def seconds(call: Run) -> float:
    """Of one call: the median over replays of a graph."""
    import torch

    graph = _graph(call)
    graph.replay()
    return statistics.median(_milliseconds(torch, graph) for _ in range(ROUNDS)) / LAUNCHES / 1e3


def _graph(call: Run) -> Any:
    import torch
    from tvm_ffi import use_torch_stream

    with use_torch_stream(torch.cuda.stream(torch.cuda.Stream())):
        for _ in range(WARM):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with use_torch_stream(torch.cuda.graph(graph)):
        for _ in range(LAUNCHES):
            call()
    return graph


def _milliseconds(torch: Any, graph: Any) -> float:
    begun, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begun.record()
    graph.replay()
    ended.record()
    ended.synchronize()
    return float(begun.elapsed_time(ended))
