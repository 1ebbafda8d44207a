"""The CUDA C++ that TVM makes of a scheduled module by itself, without our passes."""

from __future__ import annotations

from heron_ms._tvm import IRModule, tirx
from heron_ms.hardware.tensorcore import TensorCore
from heron_ms.measure.tensorcore.generating import source_of
from heron_ms.measure.tensorcore.lowering import compiled_for


def stock_source(mod: IRModule, gpu: TensorCore) -> str:
    """By TVM's pipeline as it is; raises TVM's errors for what it cannot lower."""
    from tvm.s_tir.pipeline import default_s_tir_pipeline, finalize_device_passes
    from tvm.tirx.build import split_host_device_mods

    target = compiled_for(gpu)
    main, _, _ = default_s_tir_pipeline()
    _, devices = split_host_device_mods(main(tirx.transform.BindTarget(target)(mod)))
    [device] = devices.values()
    return source_of(finalize_device_passes()(device), target)
