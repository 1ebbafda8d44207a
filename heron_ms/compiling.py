"""`compile_tir`: a module with the best record of each of its functions."""

from __future__ import annotations

import warnings
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, Schedule, Target
from heron_ms.hardware import target_of
from heron_ms.measure.devices import device_for
from heron_ms.measure.records import best_record
from heron_ms.normalization import normalize
from heron_ms.untuned import Cause, Untuned, UntunedWarning


def compile_tir(database: Any, mod: IRModule | PrimFunc, target: Any) -> Any:
    """Compile TensorIR functions with the best records that a database of `tune_tir` holds.

    ``mod`` is what was handed to `tune_tir`; with several functions, all of them are in the result.
    A function without a record on this target is compiled as it is, with an `UntunedWarning`.

    Returns what `tvm.compile` returns. Raises `TargetError` for what is no target of LLVM's.
    """
    target = target_of(target)
    module = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    tuned = module.clone()
    for name, func in module.functions_items():
        if isinstance(func, PrimFunc):
            tuned.update_func(name, _best(database, func, target, str(name.name_hint)))
    return device_for(target).compile(tuned, target)


def scheduled(record: Any) -> IRModule:
    """The program of a record."""
    sch = Schedule(record.workload.mod)
    record.trace.apply_to_schedule(sch, remove_postproc=False)
    return sch.mod


def _best(database: Any, func: PrimFunc, target: Target, name: str) -> PrimFunc:
    """The function as the best record schedules it, under its own name; itself without one."""
    program = normalize(IRModule({"main": func}))["main"]
    record = best_record(database, program, target)
    if record is None and not program.same_as(func):
        # A caller who tuned with normalize=False has records of the function as it is.
        record = best_record(database, func, target)
    if record is None:
        untuned = Untuned(name, Cause.NO_RECORD, f"none of it that ran on {target}")
        warnings.warn(UntunedWarning(untuned), stacklevel=3)
        return func
    [(_, best)] = scheduled(record).functions_items()
    symbol = (func.attrs or {}).get("global_symbol") or name
    return best.with_attr("global_symbol", symbol)
