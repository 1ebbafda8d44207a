"""`compile_relax`: a model with the best records of a database, and schedules for the rest."""

from __future__ import annotations

import warnings
from typing import Any

from heron_ms._tvm import IRModule, PassContext, PrimFunc, Target, ms, relax
from heron_ms.hardware import for_target, host, target_of
from heron_ms.measure.cpu.vector_math import with_vector_math
from heron_ms.measure.devices import device_of
from heron_ms.models.halves import multiplying_halves
from heron_ms.models.kernels import calling, kernels_of
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

    Of a machine that takes the products of a model alone (`Device.offloads`), those with a record
    are its kernels, on the GPU, emulated or simulated, as long as this process lives, and the rest
    is compiled for this CPU: call the result with tensors of the CPU.
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
    machine = for_target(target)
    device = device_of(machine)
    fused = prepared(multiplying_halves(mod, machine), params, cpu_weight_prepack)
    if not device.offloads:
        return _scheduled(fused, database, target)
    rest = calling(fused, kernels_of(fused, database, machine), device)
    here = Target(host().with_cores(1).target())
    return _scheduled(rest, ms.database.MemoryDatabase(), here)


def _scheduled(fused: IRModule, database: Any, target: Target) -> IRModule:
    """Every function by its best record, or unmeasured, of which a warning tells."""
    with target, database, PassContext(opt_level=3):
        tuned = relax.transform.MetaScheduleApplyDatabase(enable_warning=False)(fused)
        scheduled, ways = schedule_module(tuned, target)
        if ways:
            functions = sum(isinstance(func, PrimFunc) for _, func in scheduled.functions_items())
            warnings.warn(UnmeasuredWarning(ways, functions), stacklevel=4)
        packed = packed_ahead(scheduled) if has_free_constants(fused) else scheduled
        return with_vector_math(packed)
