"""The knobs that AutoTVM had for VTA, as a space without constraints over the same lowering.

Facts, of apache/tvm before it removed VTA (vta/python/vta/top/vta_dense.py and vta_conv2d.py): axes
are split in two; virtual threads of output channels and of rows are one or two; the order is fixed.
A dense tile goes row by row, and loads its operands for each row and chunk of the reduction; a
tile of a convolution loads them for each chunk, and always all taps. Nothing that is on the chip
is kept for the next tile. A virtual thread is a copy of every tile here, where TVM interleaved the
statements of the threads; and nothing says what fits.
"""

from __future__ import annotations

from heron_ms._tvm import IRModule
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.csp import Constraint, Eq, Le, Problem
from heron_ms.hardware.vta import COPIES, RELOADS, Vta
from heron_ms.normalization import normalize
from heron_ms.sketch import Sketch
from heron_ms.space_generators.plan import plan_of
from heron_ms.space_generators.platforms import PLATFORMS, Platform
from heron_ms.space_generators.platforms.vta import accumulate
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.sketching import Nest, Sketching
from heron_ms.space_generators.rules.through_dram import tensorize_through_dram
from heron_ms.space_generators.rules.tiling import tile
from heron_ms.workloads import Workload


class Templated(Vta):
    """A VTA that is scheduled by the knobs."""

    kind = "vta-autotvm"


def autotvm(workload: Workload, machine: Vta) -> ConstrainedSketch:
    """The space of the knobs, of which any point may be refused."""
    mod = normalize(IRModule({"main": workload.prim_func()}), machine)
    [chosen] = plan_of(mod, Templated(**vars(machine))).sketches
    given = constrain(Sketch(mod, chosen.schedule.trace), machine)
    kept = [constraint for constraint in given.problem.constraints if not _limits(constraint)]
    taps = [name for name in given.problem.names if name in ("C.kh.0", "C.kw.0")]
    whole = [Eq(name, 1, rule="template") for name in taps]
    problem = Problem(given.problem.variables, (*kept, *whole))
    return ConstrainedSketch(given.sketch, problem, given.knobs, given.notes)


def ours(workload: Workload, machine: Vta) -> ConstrainedSketch:
    """The space of our rules and constraints."""
    mod = normalize(IRModule({"main": workload.prim_func()}), machine)
    [chosen] = plan_of(mod, machine).sketches
    return constrain(Sketch(mod, chosen.schedule.trace), machine)


def _limits(constraint: Constraint) -> bool:
    """Whether it says what the machine can do, and not what follows from a split."""
    return constraint.rule in ("C5", "C6") and isinstance(constraint, (Le, Eq))


def _row_by_row(sketching: Sketching) -> None:
    """The rows of a dense tile outside of its reduction."""
    nest = sketching.nest
    outer, chunks, inside, (*rows, lanes) = nest.levels
    if len(chunks) == 1 and rows:
        sketching.sch.reorder(*rows, *chunks, *inside, lanes)
        sketching.nest = Nest(nest.kinds, (outer, chunks, inside, (lanes,)), nest.factors)


def _virtual_threads(sketching: Sketching) -> None:
    """One decision: in how many copies all tiles are."""
    nest, sch = sketching.nest, sketching.sch
    most = [1, 2] if len(nest.levels[1]) == 1 else [1, 2, 4]
    copies = sch.sample_categorical(most, [1 / len(most)] * len(most))
    for level, described in enumerate(sketching.machine.structure):
        if described.holds:
            sch.annotate(nest.inside(level), COPIES, copies)
            sch.annotate(nest.inside(level), RELOADS, 1)


PLATFORMS[Templated.kind] = Platform(
    (tensorize_through_dram, tile, _row_by_row, accumulate, attach, _virtual_threads, finish)
)
