"""MetaSchedule's own rules, for a program that maps to no intrinsic; only sketches that are right.

Not the rules that the target would choose: stock's own VNNI rule makes wrong programs in silence.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, SBlock, Schedule, collect, ms, reduces
from heron_ms.space_generators.decompose import DecomposeMoved
from heron_ms.space_generators.layouts import LayOut
from heron_ms.space_generators.located import located
from heron_ms.space_generators.start_sums import StartSums

KIND = "llvm"
"""The kind of MetaSchedule's postprocessors, which are chosen before the target is known."""


def postprocessors() -> list[Any]:
    """MetaSchedule's own, and ours before its `RewriteReductionBlock`, which gets sums wrong.

    Its `RewriteLayout` is applied where the machine has a use for it, and `RewriteReductionBlock`
    where no sum starts in its first turn.
    """
    stock = ms.postproc.Postproc.create(KIND)
    postprocs = [LayOut() if isinstance(one, _Layout) else one for one in stock]
    at = next(p for p, postproc in enumerate(postprocs) if isinstance(postproc, _Rewrite))
    return [*postprocs[:at], DecomposeMoved(), StartSums(), *postprocs[at + 1 :]]


_Rewrite = ms.postproc.RewriteReductionBlock
_Layout = ms.postproc.RewriteLayout


class Fallback:
    """Makes the sketches of MetaSchedule's `PostOrderApply` for the program of a context.

    kind: whose rules of MetaSchedule's these are.
    """

    def __init__(self, context: Any, kind: str) -> None:
        self._in_place = _accumulates_in_place(context.mod)
        rules = _rules_in_place(kind) if self._in_place else kind
        self._stock = ms.space_generator.PostOrderApply(
            sch_rules=rules, postprocs=[], mutator_probs={}
        )
        self._stock._initialize_with_tune_context(context)

    def sketches(self, mod: IRModule) -> list[Schedule]:
        """At least one, for whatever MetaSchedule can schedule."""
        sketches = list(self._stock.generate_design_space(mod))
        # A cache_write stage begins with whatever is in memory and never loads the output.
        right = [
            sketch
            for sketch in sketches
            if not (self._in_place and "cache_write" in str(sketch.trace))
        ]
        return located(mod, right)


def _rules_in_place(kind: str) -> list[Any]:
    # TVM parallelises no sum without init, and a postprocessor refuses a sketch that asks for it.
    parallel = ms.schedule_rule.ParallelizeVectorizeUnroll
    rules = ms.schedule_rule.ScheduleRule.create(kind)
    return [rule for rule in rules if not isinstance(rule, parallel)]


def _accumulates_in_place(mod: IRModule) -> bool:
    blocks = [block for _, func in mod.functions_items() for block in collect(func, SBlock)]
    return any(block.init is None and any(map(reduces, block.iter_vars)) for block in blocks)
