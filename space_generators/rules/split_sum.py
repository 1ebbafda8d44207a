"""Split-K: a long sum is computed in parts, by blocks of threads of their own, and added up.

Before: ``C[m, n] += A[m, k] * B[k, n]``. After, with K = parts * K'::

    P[kb, m, n] += A[m, kb * K' + k] * B[kb * K' + k, n]
    C[m, n] += P[kb, m, n]

P lies in memory, in the type of C. The first block is tensorized as any other, with kb as one more
loop outside; the second is a kernel of its own, each thread of which adds up one element and
computes what follows it. Emits C1 and C2 (constants).
"""

from __future__ import annotations

from dataclasses import replace

from heron_ms._tvm import SBlockRV, Schedule
from heron_ms.space_generators.choices import paddings
from heron_ms.space_generators.free import is_free
from heron_ms.space_generators.rules.blocks_of_threads import bind
from heron_ms.space_generators.rules.epilogue import take_in_each
from heron_ms.space_generators.rules.s3_multi_scope import elements
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.tensorize import Mapping, NoMatch, match_block
from heron_ms.tensorize.einsum import DEPTH

_OF_A_THREAD = "local"


def split_sum(sketching: Sketching) -> None:
    """Let parts of the sum be blocks of their own, as many as the sketch chooses."""
    if sketching.choices.parts == 1:
        return
    sch, whole = sketching.sch, sketching.mapping
    [depth] = whole.groups[DEPTH]
    sketching.sums = sketching.block
    sketching.block = _parts(sch, sketching.block, depth, sketching.choices.parts)
    sketching.mapping = _mapped(sch, sketching.block, whole)
    rows = paddings(whole, sketching.tiling.tallest).index(sketching.choices.padded)
    padded = paddings(sketching.mapping, sketching.tiling.tallest)[rows]
    sketching.choices = replace(sketching.choices, padded=padded)


def add_up(sketching: Sketching) -> None:
    """Give the sum of the parts threads, which compute what follows it as well."""
    sch, total = sketching.sch, sketching.sums
    if total is None:
        return
    for crop in sch.get_producers(total):
        if is_free(sch, crop):
            sch.compute_inline(crop)
    written = sch.cache_write(total, 0, _OF_A_THREAD)
    sch.reverse_compute_at(written, bind(sch, total), preserve_unit_loops=True)
    # What crops would take the place of the condition that the last threads have no element.
    whole = elements(sch, total)
    take_in_each(sch, written, lambda reader: elements(sch, reader) == whole)


def _parts(sch: Schedule, block: SBlockRV, depth: int, parts: int) -> SBlockRV:
    """The block that computes the parts; the given one is left with their sum."""
    part, _ = sch.split(sch.get_loops(block)[depth], [parts, None])
    factored = sch.rfactor(part, 0)
    loops = sch.get_loops(factored)
    # In the order of the iterators, as blockizing takes them to be.
    sch.reorder(loops[depth], *loops[:depth], *loops[depth + 1 :])
    return factored


def _mapped(sch: Schedule, block: SBlockRV, whole: Mapping) -> Mapping:
    """How a part maps to the intrinsic that the whole maps to."""
    mapping = match_block(sch.get(block), [whole.intrinsic])
    assert not isinstance(mapping, NoMatch), f"a part of what maps does not: {mapping}"
    return mapping
