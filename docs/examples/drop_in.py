"""MetaSchedule's own `tune_tir` with heron_ms's search, on heron_ms's space and on its own."""

from tvm import IRModule
from tvm.s_tir import meta_schedule as ms
from tvm.target import Target

import heron_ms
from heron_ms.hardware import host
from heron_ms.measure.cpu.builder import local_builder
from heron_ms.workloads import Gemm

target = Target(host().target())
program = heron_ms.normalize(IRModule({"main": Gemm(32, 32, 32).prim_func()}))
spaces = {"ours": heron_ms.HeronSpace(), "stock": "post-order-apply"}

for name, space in spaces.items():
    builder = local_builder()  # stock's own workers first import for up to fifteen seconds
    database = ms.tune_tir(
        mod=program,
        target=target,
        work_dir=f"build/drop_in/{name}",
        max_trials_global=4,
        space=space,
        strategy=heron_ms.ConstrainedGeneticSearch(),  # or "evolutionary"
        builder=builder,
    )
    builder.close()
    best = heron_ms.best_record(database, program, target)
    print(f"space {name}: {float(best.run_secs[0]) * 1e6:.1f} microseconds")
