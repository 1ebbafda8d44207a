"""What a worker process does with its session on a server; each function travels there by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

HELD = "_heron_ms_session"
"""The attribute of `tvm.rpc`, in a worker, that keeps a session from one candidate to the next."""


def creation(threads: int, held: bool = False) -> Callable[[Any], Any]:
    """What opens a session whose kernels use so many threads; ``held``: once for all candidates."""
    name = HELD

    # A local function travels to the worker by value: it need not import heron_ms.
    def create(config: Any) -> Any:
        from tvm import rpc

        session = getattr(rpc, name, None) if held else None
        if session is None:
            session = config.connect_server()
            # Of one kind of cores, as many as there are: the first argument is TVM's name for that.
            session.get_function("runtime.config_threadpool")(1, threads)
        if held:
            setattr(rpc, name, session)
        return session

    return create


def allocation(ranges: dict[int, tuple[int, int]]) -> Callable[..., list[list[Any]]]:
    """What makes the arguments on a server.

    ranges: from where to below where the integers of some arguments lie, by their positions.
    """

    # As above.
    def allocate(session: Any, device: Any, args_info: Any, repeats: int) -> list[list[Any]]:
        import numpy as np
        import tvm
        from tvm.s_tir.meta_schedule.runner.rpc_runner import default_alloc_argument

        lists = default_alloc_argument(session, device, args_info, repeats)
        rng = np.random.default_rng(0)
        for at, (low, high) in ranges.items():
            _, dtype, shape = args_info[at]
            values = rng.integers(low, high, tuple(map(int, shape))).astype(str(dtype))
            for arguments in lists:
                arguments[at] = tvm.runtime.tensor(values, device)
        return [list(arguments) for arguments in lists]

    return allocate


def tidying() -> Callable[[Any, Any], None]:
    """What removes a program from a server: one that is gone has nothing to remove.

    MetaSchedule's own raises there, and hides what ended the session.
    """

    # As above.
    def tidy(session: Any, path: Any) -> None:
        from contextlib import suppress

        if session is not None and path is not None:
            with suppress(Exception):
                for name in (path, f"{path}.so"):
                    session.remove(name)

    return tidy


def warming() -> Callable[[], None]:
    """What a worker may do before its first task: import what that takes."""

    # As above.
    def warm() -> None:
        import tvm.s_tir.meta_schedule  # noqa: F401

    return warm


Evaluate = Callable[[Any, Any, Any, Any, Sequence[Any]], list[float]]
"""Seconds of each repeat, out of a session, a program in it, a device, how often, and arguments."""
