"""How deep FlexTensor splits, and what else it chooses (ASPLOS 2020, section on the space).

Splits use divisors only and depths are fixed for each kind of target. A GPU's node is split into 4
parts along a spatial loop and 3 along a reduce loop. A CPU's is split into 4 along any, and its
loops are neither fused nor reordered.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from heron_ms.errors import FlexTensorError

UNROLL_STEPS = (0, 1, 512, 1500)
"""The most statements that are unrolled automatically; of the published code."""
UNROLL_EXPLICIT = (0, 1)
"""Whether unrolled loops are written out in the program; of the published code."""


@dataclass(frozen=True)
class Template:
    """Into how many parts loops are split, and into how many groups spatial loops are fused.

    ``groups`` is also the number of positions that reordering chooses from; 0 means that there is
    no fusing and no reordering. Raises `FlexTensorError` for less than one part or
    less than no group.
    """

    spatial: int
    reduce: int
    groups: int = 0

    def __post_init__(self) -> None:
        if min(self.spatial, self.reduce) < 1 or self.groups < 0:
            raise FlexTensorError(f"{self}: loops need at least 1 part, and groups are not below 0")


GPU = Template(spatial=4, reduce=3, groups=3)
CPU = Template(spatial=4, reduce=4)


def fusions(loops: int, groups: int) -> tuple[tuple[int, ...], ...]:
    """Every way to fuse a nest into contiguous groups, as the sizes of the groups in order.

    The published code makes exactly `groups` of them, or one a loop where there are fewer loops:
    four loops in three groups are (1, 1, 2), (1, 2, 1) or (2, 1, 1). Without loops or groups there
    is one way, the empty one.
    """
    wanted = min(loops, groups)
    if wanted < 1:
        return ((),)
    cuts = ((0, *inner, loops) for inner in combinations(range(1, loops), wanted - 1))
    sizes = (tuple(b - a for a, b in pairwise(at)) for at in cuts)
    return tuple(sorted(sizes))
