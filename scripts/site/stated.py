"""What a constraint rule states of which primitives, from the sketches of two small products."""

from __future__ import annotations

import re
from functools import cache

from heron_ms import generate_sketches, normalize
from heron_ms._tvm import Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import machine
from heron_ms.workloads import Gemm
from scripts.site.marks import fenced

SKETCHES = {
    "cascadelake": (Gemm(64, 64, 64, weight="nk"), 1),
    "pynq": (Gemm.of((64, 64, 64), "s8s8"), 0),
}
"""By machine: a product of matrices, and the number of a sketch of it."""

PRIMITIVES = {
    "C1": r"split\(.*factors=\[v",
    "C2": r"fuse\(",
    "C3": r"sample_categorical\(",
    "C4": r"compute_at\(",
    "C5": r"cache_(read|write)\(|compute_at\(|unroll\(",
    "C6": r"parallel\(|sch\.tensorize\(",
}
"""What the primitives look like in a trace that each rule goes by."""

_SELDOM_SAID = re.compile(
    r", (?:preserve_unit_\w+=True|disable_predication=False|index=-1|consumer_blocks=\[\w*\]"
    r"|decision=\[?[\d, ]*\]?|max_innermost_factor=\d+)"
)
_WIDTH = 96


def stated(words: str) -> str:
    """Primitives of a trace and the constraints that a rule makes of them; "C1 on cascadelake"."""
    rule, _, name = words.partition(" on ")
    sketch = _sketch(name)
    lines = (line.strip() for line in str(sketch.sketch.trace).splitlines())
    chosen = [_short(line) for line in lines if re.search(PRIMITIVES[rule], line)]
    constraints = [str(each) for each in sketch.problem.constraints if each.rule == rule]
    return fenced("text", "\n".join([*chosen, "", *constraints]))


@cache
def _sketch(name: str) -> ConstrainedSketch:
    described = machine(name).with_cores(2)
    workload, number = SKETCHES[name]
    mod = normalize(workload.prim_func(), described)
    sketch = generate_sketches(mod, Target(described.target()))[number]
    return constrain(sketch, described)


def _short(line: str) -> str:
    line = _SELDOM_SAID.sub("", line.replace("sch.", ""))
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
