"""Whether stock MetaSchedule 0.27 tensorizes a program, by its own rules and its own mapper."""

from __future__ import annotations

from functools import cache
from typing import Any

from tvm import IRModule
from tvm.s_tir import Schedule, TensorIntrin
from tvm.s_tir import meta_schedule as ms
from tvm.s_tir.schedule.analysis import get_auto_tensorize_mapping_info
from tvm.target import Target

from scripts.bench.claims.coverage.programs import Family

_TARGETS = {
    "u8s8": {"kind": "llvm", "mcpu": "cascadelake", "num-cores": 2},
    "s8s8": {
        "kind": "llvm",
        "mtriple": "aarch64-linux-gnu",
        "mattr": ["+v8.2a", "+dotprod"],
        "num-cores": 2,
    },
}
"""CPUs for which MetaSchedule chooses its rules with the instruction."""


def stock(func: Any, family: Family) -> str:
    """Say "yes" or "no", which says nothing of whether the tensorized program is right.

    CPUs: whether any design space of stock's rules comes out of `RewriteTensorize` with an
    intrinsic in its update. TensorCore: whether stock's mapper finds a mapping of any block.
    """
    mod = IRModule({"main": func})
    found = _mapped(mod, family) if family.dtype == "f16" else _tensorized(mod, family)
    return "yes" if found else "no"


def _tensorized(mod: Any, family: Family) -> bool:
    context = ms.TuneContext(
        mod=mod,
        target=Target(_TARGETS[family.dtype]),
        space_generator=ms.space_generator.PostOrderApply(),
        num_threads=1,
        rand_state=1,
    )
    return any(_rewritten(schedule, context) for schedule in context.generate_design_space())


def _rewritten(sch: Any, context: Any) -> bool:
    sch.enter_postproc()
    for postproc in context.space_generator.postprocs:
        if not postproc.apply(sch):
            return False
    return any(str(inst.kind.name) == "Tensorize" for inst in sch.trace.insts)


def _mapped(mod: Any, family: Family) -> bool:
    sch = Schedule(mod)
    for block in sch.get_child_blocks(sch.get_sblock("root")):
        if sch.get(block).init is not None:
            info = get_auto_tensorize_mapping_info(sch, block, _description(family.intrinsic))
            if info is not None and len(info.mappings):
                return True
    return False


@cache
def _description(intrinsic: str) -> Any:
    return TensorIntrin.get(intrinsic).desc
