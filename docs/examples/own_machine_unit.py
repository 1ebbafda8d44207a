"""What the machine of own_machine.py computes with: 4 x 4 x 4 products of bytes at a time."""

from functools import partial

from heron_ms.intrinsics import Intrinsic, Tile, describe, implement
from heron_ms.intrinsics.build import multiply_accumulate

NAME = "toy.u8s8s32.4x4x4"
SCOPES = ("shared.scratchpad", "shared.scratchpad", "local.accumulators")  # of A, B and C

sides = {"rows": 4, "lanes": 4, "depth": 4}
dtypes = {"a_dtype": "uint8", "b_dtype": "int8", "c_dtype": "int32"}
tile = Tile(**dtypes, **sides, scopes=SCOPES)
functions = {
    "description": describe(tile),
    "implementation": implement(tile, partial(multiply_accumulate, **sides)),
}
UNIT = Intrinsic(NAME, features=frozenset(), **dtypes, **sides, **functions)
