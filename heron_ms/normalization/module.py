"""`normalize`: the rewrites that a program gets before it is tuned."""

from __future__ import annotations

from heron_ms._tvm import IRModule, PrimFunc, with_functions
from heron_ms.hardware import Machine
from heron_ms.normalization.begun import begin_at_zero
from heron_ms.normalization.offsets import multiply_out
from heron_ms.normalization.partition import partition_padding
from heron_ms.normalization.polyphase import polyphase
from heron_ms.normalization.staging import stage_predicated


def normalize(mod: IRModule | PrimFunc, machine: Machine | None = None) -> IRModule:
    """The module with every TensorIR function rewritten so that less is left to compute.

    A function alone is the "main" of its module.

    The rewrites are `multiply_out`, `begin_at_zero`, `stage_predicated`, `polyphase` and
    `partition_padding`, in this order; the last not for a ``machine`` that cannot join what it has
    summed up in parts, and the first leaves factors unsigned where the machine multiplies them so.
    A function to which none applies stays as it is, and a
    module without any other is returned itself; so is one that was normalised before. Arguments and
    results of functions do not change. Never raises: what is not understood is left alone.

    A database of `tune_tir` holds the program as it was normalised for the machine: look records up
    under that one.
    """
    mod = IRModule({"main": mod}) if isinstance(mod, PrimFunc) else mod
    if machine is None or machine.joins_sums:
        return with_functions(mod, lambda func: partition_padding(_rewritten(func, machine)))
    return with_functions(mod, lambda func: _rewritten(func, machine))


def _rewritten(func: PrimFunc, machine: Machine | None) -> PrimFunc:
    return polyphase(stage_predicated(begin_at_zero(multiply_out(func, machine))))
