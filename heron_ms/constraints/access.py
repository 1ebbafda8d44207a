"""Which region of a buffer a block touches, as affine expressions of its iterators."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from heron_ms._tvm import Analyzer, SBlock, constant, detect_linear_equation


@dataclass(frozen=True)
class Affine:
    """One dimension: sum of coefficient x iterator, and ``length`` elements from there.

    ``terms`` holds (position of the iterator in the block, coefficient).
    """

    terms: tuple[tuple[int, int], ...]
    length: int


def reads(block: SBlock, buffer: Any) -> list[Affine] | None:
    """How a block reads a buffer, a dimension each; None where it is not affine."""
    return _region(block, block.reads, buffer)


def writes(block: SBlock, buffer: Any) -> list[Affine] | None:
    """How a block writes a buffer, a dimension each; None where it is not affine."""
    return _region(block, block.writes, buffer)


def wider_factor(block: SBlock) -> Any:
    """The factor that is loaded in whole vectors, where an element of the other is broadcast."""
    output = block.writes[0].source
    factors = [region for region in block.reads if not region.source.same_as(output)]
    return max(factors, key=_loaded).source


def lanes_axis(block: SBlock) -> int | None:
    """The iterator that the last dimension of the output counts; None where it is not one alone."""
    region = writes(block, block.writes[0].source)
    terms = region[-1].terms if region else ()
    return terms[0][0] if len(terms) == 1 else None


def moves(block: SBlock, buffer: Any, iterator: int) -> bool:
    """Whether an iterator of a block moves it through a buffer that it reads, if that is known."""
    region = reads(block, buffer)
    return region is None or any(p == iterator for affine in region for p, _ in affine.terms)


def _loaded(region: Any) -> int:
    return prod(constant(dimension.extent) or 1 for dimension in region.region)


def _region(block: SBlock, regions: Any, buffer: Any) -> list[Affine] | None:
    matching = [region.region for region in regions if region.source.same_as(buffer)]
    if len(matching) != 1:
        return None
    dimensions = [_affine(block, dimension) for dimension in matching[0]]
    return None if None in dimensions else [affine for affine in dimensions if affine is not None]


def _affine(block: SBlock, dimension: Any) -> Affine | None:
    iters = [iterator.var for iterator in block.iter_vars]
    length = constant(dimension.extent)
    # A transformed layout leaves (v * 16 + w) // 16, which is v once the domain of w is known.
    analyzer = Analyzer()
    for iterator in block.iter_vars:
        analyzer.bind(iterator.var, iterator.dom)
    coefficients = detect_linear_equation(analyzer.simplify(dimension.min), iters)
    if length is None or len(coefficients) != len(iters) + 1:
        return None
    values = [constant(coefficient) for coefficient in coefficients[:-1]]
    if None in values:
        return None
    terms = tuple((p, value) for p, value in enumerate(values) if value)
    return Affine(terms, length)
