"""`compile_tir`: a module with the best record of each of its functions."""

from __future__ import annotations

import warnings
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target
from heron_ms.hardware import for_target, target_of
from heron_ms.measure.device import Device
from heron_ms.measure.devices import device_for
from heron_ms.measure.records import best_record
from heron_ms.normalization import normalize
from heron_ms.unmeasured import schedule_unmeasured
from heron_ms.untuned import UnmeasuredWarning


def compile_tir(
    database: Any, mod: IRModule | PrimFunc, target: Any, device: Device | None = None
) -> Any:
    """Compile TensorIR functions with the best records that a database of `tune_tir` holds.

    ``mod`` is what was handed to `tune_tir`; with several functions, all of them are in the result.
    A function without a record on this target gets a schedule that nothing was measured for
    (`heron_ms.unmeasured`); one `UnmeasuredWarning` says how many there are.

    device: where it is to be loaded; by default here, and then what `tvm.compile` returns is what
    this does. Raises `TargetError` for what is no target of LLVM's.
    """
    target = target_of(target)
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    tuned = module.clone()
    functions = [item for item in module.functions_items() if isinstance(item[1], PrimFunc)]
    ways: dict[str, str] = {}
    for name, func in functions:
        best = _best(database, func, target)
        if best is None:
            program = normalize(IRModule({"main": func}), for_target(target))["main"]
            best, how = schedule_unmeasured(program, target)
            ways[str(name.name_hint)] = how.value
        symbol = (func.attrs or {}).get("global_symbol") or str(name.name_hint)
        tuned.update_func(name, best.with_attr("global_symbol", symbol))
    if ways:
        warnings.warn(UnmeasuredWarning(ways, len(functions)), stacklevel=2)
    return (device or device_for(target)).compile(tuned, target)


def scheduled(record: Any) -> IRModule:
    """The program of a record."""
    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    return sch.mod


def _best(database: Any, func: PrimFunc, target: Target) -> PrimFunc | None:
    """The function as the best record schedules it; None without one."""
    program = normalize(IRModule({"main": func}), for_target(target))["main"]
    record = best_record(database, program, target)
    if record is None and not program.same_as(func):
        # A caller who tuned with normalize=False has records of the function as it is.
        record = best_record(database, func, target)
    if record is None:
        return None
    [(_, best)] = scheduled(record).functions_items()
    return best
