"""The same intrinsic for a program that writes its factors the other way round.

TVM compares a program with an intrinsic's description term by term, in the order of the reads; a
program that multiplies ``B[k, j] * A[i, k]`` needs a description that does so too.
"""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import Mul, PrimFunc, SBlock, TensorLoad, block_with, collect, structural_map

SUFFIX = ".swapped"


def exchange_factors(description: PrimFunc) -> PrimFunc:
    """``C += A * B`` as ``C += B * A``, with the reads in that order."""
    body = structural_map(description.body, [(Mul, _exchanged), (SBlock, _reordered)])
    return PrimFunc(description.params, body, description.ret_type, attrs=description.attrs)


def _exchanged(product: Mul) -> Mul:
    # Not a product in an index.
    loads = all(collect(side, TensorLoad) for side in (product.a, product.b))
    return Mul(product.b, product.a) if loads else product


def _reordered(block: SBlock) -> Any:
    c, *factors = block.reads
    return block_with(block, reads=[c, *reversed(factors)])
