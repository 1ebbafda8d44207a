"""GPUs with TensorCores: tiles go from memory by way of shared memory to the fragments of warps."""

from __future__ import annotations

from heron_ms.space_generators.platforms.platform import Platform
from heron_ms.space_generators.rules.blocks_of_threads import bind_rest
from heron_ms.space_generators.rules.cooperative_fetch import fetch
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.fragments import accumulate_in_fragments, load, store
from heron_ms.space_generators.rules.s1_tensorize import tensorize_with
from heron_ms.space_generators.rules.shared_stages import copy_to_shared
from heron_ms.space_generators.rules.sketching import Sketching
from heron_ms.space_generators.rules.split_sum import add_up, split_sum
from heron_ms.space_generators.rules.tiling import tile


def tensorize(sketching: Sketching) -> None:
    """S1, with copies that threads share.

    What turns a result around reads it from memory, or is computed on the way there: fragments hold
    tiles alone.
    """
    tensorize_with(copy_to_shared, sketching)
    sketching.write_back = None


TENSORCORE = Platform(
    (split_sum, tensorize, tile, accumulate_in_fragments, fetch, load, store, finish, add_up),
    (bind_rest,),
    lays_out=False,
)
