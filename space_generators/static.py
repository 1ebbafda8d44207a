"""What no rule takes: loops that do not run a constant number of times."""

from __future__ import annotations

from heron_ms._tvm import For, IRModule, PrimFunc, collect, constant
from heron_ms.errors import DynamicShapeError


def require_constant_loops(mod: IRModule) -> None:
    """Raise `DynamicShapeError` for a program with such a loop.

    MetaSchedule refuses its candidates (`DisallowDynamicLoop`), wherever the loop stands.
    """
    for name, func in mod.functions_items():
        for loop in collect(func.body, For) if isinstance(func, PrimFunc) else ():
            if constant(loop.extent) is None:
                raise DynamicShapeError(
                    f"{name.name_hint}: loop {loop.loop_var.name} does not run a constant number "
                    "of times, and MetaSchedule schedules no other"
                )
