"""One function for what has no record: by the prior of the machine, by loops, or as it is."""

from __future__ import annotations

import logging
from enum import Enum

from heron_ms._tvm import IRModule, PrimFunc, Target
from heron_ms.errors import is_ctrl_c, last_line
from heron_ms.hardware import Cpu, for_target
from heron_ms.unmeasured.by_loops import scheduled_by_loops
from heron_ms.unmeasured.by_prior import scheduled_by_prior

logger = logging.getLogger(__name__)

SCHEDULED = "tirx.is_scheduled"
"""The attribute by which TVM's passes know a function that is not to be scheduled again."""


class How(str, Enum):
    """How a function without a record came by its schedule."""

    PRIOR = "by the analytic model"
    LOOPS = "by its loops"
    AS_IT_IS = "as it is"

    def __str__(self) -> str:
        return self.value


def schedule_unmeasured(func: PrimFunc, target: Target) -> tuple[PrimFunc, How]:
    """The function with a schedule that no measurement chose, and how that came to be.

    The name and the other attributes stay. A function that cannot be scheduled, such as one of a
    dynamic shape, stays as it is.
    """
    machine = for_target(target)
    program = IRModule({"main": func.with_attr("global_symbol", "main")})
    try:
        made, how = scheduled_by_prior(program, target, machine), How.PRIOR
        if made is None and isinstance(machine, Cpu):
            made, how = scheduled_by_loops(program, machine), How.LOOPS
    except Exception as error:  # of ours or of TVM: the other functions are to be scheduled
        if is_ctrl_c(error):
            raise
        logger.info("a function is left as it is: %s", last_line(error))
        made = None
    if made is None:
        return func, How.AS_IT_IS
    return _as(func, made["main"]), how


def schedule_module(mod: IRModule, target: Target) -> tuple[IRModule, dict[str, str]]:
    """A module whose TensorIR functions are all scheduled, and how some came by it, by name.

    Functions that TVM marks as scheduled stay.
    """
    scheduled, ways = mod.clone(), dict[str, str]()
    for name, func in mod.functions_items():
        if isinstance(func, PrimFunc) and not (func.attrs or {}).get(SCHEDULED):
            made, how = schedule_unmeasured(func, target)
            scheduled.update_func(name, made.with_attr(SCHEDULED, True))
            ways[str(name.name_hint)] = how.value
    return scheduled, ways


def _as(func: PrimFunc, made: PrimFunc) -> PrimFunc:
    """A scheduled function under the name that the original has, if any."""
    symbol = (func.attrs or {}).get("global_symbol")
    return made.with_attr("global_symbol", symbol) if symbol else made.without_attr("global_symbol")
