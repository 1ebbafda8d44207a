"""`compile_relax`: a model with the best records of a database, and schedules for the rest."""

from __future__ import annotations

import warnings
from typing import Any

from heron_ms._tvm import IRModule, PassContext, PrimFunc, Target, relax
from heron_ms.errors import TargetError
from heron_ms.hardware import for_target, target_of
from heron_ms.measure.cpu.vector_math import with_vector_math
from heron_ms.measure.devices import device_of
from heron_ms.models.halves import multiplying_halves
from heron_ms.models.passes import prepared
from heron_ms.models.prepack import has_free_constants, packed_ahead
from heron_ms.unmeasured import schedule_module
from heron_ms.untuned import UnmeasuredWarning


def compile_relax(
    database: Any,
    mod: IRModule,
    target: str | Target,
    params: dict[str, Any] | None,
    cpu_weight_prepack: bool | None = None,
) -> Any:
    """Compile a model with the best records of a database.

    A function without one gets the schedule that the machine's analytic model likes best, or loops
    that follow from its blocks: nothing is measured for it. One `UnmeasuredWarning` says how many
    there are.

    Weights that are constant are packed while compiling, unless ``cpu_weight_prepack`` is false.
    Where it is true and weights are parameters behind the first ``num_input`` of "main", call
    "main_transform_params" with a list of them once, and "main" with what it returns in their
    place; `PackingError` is raised where no weight is either.

    Raises `TargetError` for a machine that takes only the products of a model (`Device.offloads`):
    `models.offloading.offloaded` compiles for one.
    """
    target = target_of(target)
    scheduled = scheduled_model(database, mod, target, params, cpu_weight_prepack)
    # Not the default of the target: that would fuse what is scheduled, such as a packing.
    pipeline = relax.get_pipeline("default_build")
    return relax.build(scheduled, target=target, relax_pipeline=pipeline)


def scheduled_model(
    database: Any,
    mod: IRModule,
    target: Target,
    params: dict[str, Any] | None,
    cpu_weight_prepack: bool | None,
) -> IRModule:
    """What `compile_relax` builds: the model with all of its functions scheduled."""
    require_whole(target)
    mod = multiplying_halves(mod, for_target(target))
    fused = prepared(mod, params, cpu_weight_prepack)
    with target, database, PassContext(opt_level=3):
        scheduled = _scheduled(fused, target)
        packed = packed_ahead(scheduled) if has_free_constants(fused) else scheduled
        return with_vector_math(packed)


def require_whole(target: Target) -> None:
    """Raise `TargetError` for a machine that does not take a model as a whole."""
    machine = for_target(target)
    if device_of(machine).offloads:
        raise TargetError(
            f"{machine.name} takes no more than the products of a model, and nothing is built for "
            "it: heron_ms.models.offloading.offloaded(model, database, machine) has the outputs"
        )


def _scheduled(fused: IRModule, target: Target) -> IRModule:
    """Every function by its best record, or unmeasured, of which a warning tells."""
    tuned = relax.transform.MetaScheduleApplyDatabase(enable_warning=False)(fused)
    scheduled, ways = schedule_module(tuned, target)
    if ways:
        functions = sum(isinstance(func, PrimFunc) for _, func in scheduled.functions_items())
        warnings.warn(UnmeasuredWarning(ways, functions), stacklevel=4)
    return scheduled
