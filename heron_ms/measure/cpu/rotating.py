"""Calls as a model makes them: what a layer reads last is warm, its weights and its output are not.

A program that is called over and over with the same arguments finds all of them in the caches. In a
model only the input is there, as the layer before has just written it; the weights were read a
whole call of the model ago, and the output goes to memory that was of use some layers ago. So there
are several copies of these, and each call gets the next ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

LOST = 16 * 2**20
"""Bytes of copies after which the first is lost: to a core's own caches (2 MiB on a server) and to
its translations of addresses (2,048 pages of 4 KiB). Not to the last cache, which is shared and
often larger than a model: what is beyond it depends on the model, and on who else is computing."""
MOST = 1024
"""Copies of what is so small that more of them would only take time to make."""


def allocation(
    ranges: dict[int, tuple[int, int]], cold: Sequence[int]
) -> Callable[..., list[list[Any]]]:
    """What makes the arguments in a worker: several lists, in which those that are cold differ.

    ranges: from where to below where the integers of some arguments lie, by their positions.
    """
    lost, most = LOST, MOST

    # A local function travels to the worker by value: it need not import heron_ms.
    def allocate(device: Any, args_info: Any, repeats: int) -> list[list[Any]]:
        import numpy as np
        import tvm
        from tvm.s_tir.meta_schedule.runner.local_runner import default_alloc_argument

        [arguments] = default_alloc_argument(device, args_info, 1)
        rng = np.random.default_rng(0)
        for at, (low, high) in ranges.items():
            _, dtype, shape = args_info[at]
            values = rng.integers(low, high, tuple(map(int, shape))).astype(str(dtype))
            arguments[at] = tvm.runtime.tensor(values, device)

        def copied() -> list[Any]:
            new = {}
            for at in cold:
                given = arguments[at]
                new[at] = given.copyto(tvm.runtime.empty(given.shape, given.dtype, device))
            return [new.get(at, argument) for at, argument in enumerate(arguments)]

        size = sum(arguments[at].numpy().nbytes for at in cold)
        copies = min(most, -(-lost // size)) if size else 1
        return [arguments, *(copied() for _ in range(copies - 1))]

    return allocate


def in_turn() -> Callable[..., list[float]]:
    """What measures in a worker: seconds of a call in each repeat, with each list in its turn."""

    # As above.
    def evaluate(library: Any, device: Any, config: Any, lists: list[list[Any]]) -> list[float]:
        from itertools import cycle, islice
        from time import perf_counter

        function, turns = library[library.entry_name], cycle(lists)

        def seconds(calls: int) -> float:
            upcoming = list(islice(turns, calls))
            begun = perf_counter()
            for arguments in upcoming:
                function(*arguments)
            return perf_counter() - begun

        seconds(1)  # it may start threads
        calls, least = 1, config.min_repeat_ms * 1e-3
        while (took := seconds(calls)) < least:
            calls = max(calls + 1, min(10 * calls, int(1.1 * calls * least / took)))
        return [seconds(calls) / calls for _ in range(config.repeat)]

    return evaluate
