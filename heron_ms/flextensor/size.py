"""How large FlexTensor's space of a node is, in closed form (ASPLOS 2020, table of YOLO's layers).

A loop of t = p1^e1 * p2^e2 * ... trips has, for each prime p, its e copies to hand out to d parts:
(e + d - 1 choose d - 1) ways. The size is the product over all loops, times the choices besides:
for the four spatial loops of a convolution on a GPU 3 ways to fuse, 3 positions and 4 x 2 ways to
unroll, 72 together. C1, with 1, 64, 224 and 224 spatial and 3, 7 and 7 reduce iterations, has

    1 * 84 * 224 * 224 * 3 * 3 * 3 * 72 = 8,193,540,096 points, published as 8.19e9.

So it is for all fifteen layers: 14 sizes are the published ones when rounded to the digits that
are printed. C3 has 4,644,864,000, published as 4.65e9; rounded to four digits first and then to
three, half up, it is 4.65e9, and that is how all fifteen come out.
"""

from __future__ import annotations

from math import comb, prod

from heron_ms.errors import FlexTensorError
from heron_ms.flextensor.analysis import Node
from heron_ms.flextensor.template import GPU, UNROLL_EXPLICIT, UNROLL_STEPS, Template


def factorizations(number: int, parts: int) -> int:
    """The number of ways to write `number` as an ordered product of `parts` positive factors.

    Raises `FlexTensorError` for a number or a count of parts below 1.
    """
    if number < 1 or parts < 1:
        raise FlexTensorError(f"cannot split {number} into {parts} parts: both must be at least 1")
    return prod(comb(power + parts - 1, parts - 1) for power in _powers(number))


def node_space_size(node: Node, template: Template = GPU) -> int:
    """The number of points of `node_space`, without making it.

    Raises `FlexTensorError` for a loop that never runs.
    """
    splits = prod(factorizations(loop.trips, template.spatial) for loop in node.spatial)
    splits *= prod(factorizations(loop.trips, template.reduce) for loop in node.reduce)
    return splits * _orders(len(node.spatial), template.groups) * _unrolls()


def _orders(loops: int, groups: int) -> int:
    """Ways to fuse, times positions: a cut between groups is one of the gaps between loops."""
    if not groups:
        return 1
    ways = comb(loops - 1, min(loops, groups) - 1) if loops else 1
    return ways * groups


def _unrolls() -> int:
    return len(UNROLL_STEPS) * len(UNROLL_EXPLICIT)


def _powers(number: int) -> list[int]:
    """The exponents of the prime factors."""
    powers, prime = list[int](), 2
    while prime * prime <= number:
        power = 0
        while number % prime == 0:
            number, power = number // prime, power + 1
        powers.append(power)
        prime += 1
    return [*powers, 1] if number > 1 else powers
