"""The variables of a constraint problem, measured on the nest of a tensorized block."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from heron_ms._tvm import For, tirx
from heron_ms.constraints.c4_stage import OVER, SUMS
from heron_ms.constraints.state import base_name
from heron_ms.hardware.memory import GLOBAL
from heron_ms.hardware.structure import SPATIAL, positions
from heron_ms.intrinsics import Intrinsic
from heron_ms.testing.nest import TiledNest
from heron_ms.testing.observed import Nest, bytes_of, spans, terms, touched, used


def measured(nest: TiledNest, line: int, intrinsics: Sequence[Intrinsic]) -> dict[str, int]:
    """Values by the names of the variables.

    line: the bytes of a vector register. intrinsics: those that the program calls.
    """
    tasks = nest.main.extents[0]
    values = {**_factors(nest), f"{nest.named}.fused": tasks, f"{nest.named}.tasks": tasks}
    for part in (
        _copies(nest),
        _registers(nest, line, intrinsics),
        _level(nest, "L1"),
        _level(nest, "L2"),
    ):
        values.update(part)
    return values


def _factors(nest: TiledNest) -> dict[str, int]:
    """Tile factors, and the products of the inner ones of an axis."""
    values: dict[str, int] = {}
    for at, axis in enumerate(nest.spatial):
        further = positions(nest.kinds, SPATIAL)[2:]
        levels = (nest.walks + at, *(nest.start(level) + at for level in further))
        inner = [nest.main.extents[position] for position in levels]
        # The outermost factor is fused into the task: what is left of the axis.
        whole = nest.main.iterator_of(nest.main.loops[nest.register + at])
        values.update(_named(axis.variables, axis.name, [whole // prod(inner), *inner]))
    cut = [(at, axis) for at, axis in enumerate(nest.reductions) if axis.variables]
    for at, axis in cut:
        places = (nest.chunk - len(nest.reductions) + at, nest.sweep + at)
        values.update(_named(axis.variables, axis.name, [nest.main.extents[p] for p in places]))
    if nest.blocks:
        sizes = [nest.main.extents[nest.walks - 1], _tiles_of_a_block(nest)]
        values.update(_named(nest.blocks.variables, nest.blocks.name, sizes))
    return values


def _tiles_of_a_block(nest: TiledNest) -> int:
    """How many tiles deep a block of the reduction is: so far apart two blocks of a factor lie."""
    output = nest.main.block.writes[0]
    (over,) = used(nest.main, output.region[0].min)
    (tiles,) = {
        step // int(dimension.extent)
        for region in nest.main.block.reads
        if not region.source.same_as(output.source)
        for dimension in region.region
        if (step := terms(nest.main, dimension, ())[over])
    }
    return tiles


def _named(variables: Sequence[str], axis: str, factors: Sequence[int]) -> dict[str, int]:
    inner = {f"{axis}.{level}+": prod(factors[level:]) for level in range(len(factors))}
    return {**dict(zip(variables, factors, strict=True)), **inner}


def _copies(nest: TiledNest) -> dict[str, int]:
    """How far the iterators of stages and of the write-back run."""
    values: dict[str, int] = {}
    for name, moved in nest.moved.items():
        own = base_name(name)
        if own == nest.block:
            continue  # its own start, whose iterators would bear the names of its axes
        if own == nest.named:
            own = f"{own}.{SUMS}"
        values.update(_iterators(nest, own, moved))
        values.update(_terms_of(nest, own, moved))
        values.update(_over(nest, own, moved))
    return values


def _iterators(nest: TiledNest, name: str, moved: Nest) -> dict[str, int]:
    own = moved.loops[nest.shared(moved) :]
    values: dict[str, int] = {}
    for p, (size, tile) in enumerate(zip(spans(moved, own), _tiles(moved), strict=True)):
        values[f"{name}.ax{p}"] = size * tile
        if tile > 1:
            values[f"{name}.ax{p}.0"] = size
    if len(own) > 1 and own[-1].kind == tirx.ForKind.VECTORIZED:
        # Not an iterator but the loop over its vectors.
        values[f"{name}.ax{len(moved.iterators) - 1}.0"] = int(own[-2].extent)
    return values


def _tiles(moved: Nest) -> list[int]:
    """How far one step of each iterator goes: through a tile where an intrinsic takes it."""
    region = moved.block.writes[0].region if len(moved.block.match_buffers) else ()
    tiles = {p: int(at.extent) for at in region for p in used(moved, at.min)}
    return [tiles.get(p, 1) for p in range(len(moved.iterators))]


def _terms_of(nest: TiledNest, name: str, moved: Nest) -> dict[str, int]:
    """What each iterator of the block that a stage serves adds to an iterator of the stage."""
    served = nest.served(moved)
    if served is None:
        return {}
    inside = nest.inside(served.user, moved)
    dimensions = zip(served.own.region, served.theirs.region, strict=True)
    return {
        f"{name}.ax{p}.term{q}": share
        for own, theirs in dimensions
        for p in used(moved, own.min)
        for q, share in enumerate(terms(served.user, theirs, inside))
    }


def _over(nest: TiledNest, name: str, moved: Nest) -> dict[str, int]:
    """How far the iterators of what stores tiles run, where their sums are served further out."""
    served, output = nest.served(moved), nest.main.block.writes[0].source
    if served is None or served.user is nest.main:
        return {}
    if nest.shared(served.user) == nest.shared(moved):
        return {}
    [store] = [
        each
        for each in nest.moved.values()
        if any(region.source.same_as(output) for region in each.block.reads)
    ]
    reached = zip(spans(store, nest.inside(store, moved)), _tiles(store), strict=True)
    return {f"{name}{OVER}.ax{p}": size * tile for p, (size, tile) in enumerate(reached)}


def _registers(nest: TiledNest, line: int, intrinsics: Sequence[Intrinsic]) -> dict[str, int]:
    inside = nest.main.loops[nest.register :]
    output = nest.main.block.writes[0]
    factors = [
        region for region in nest.main.block.reads if not region.source.same_as(output.source)
    ]
    weights = max(factors, key=lambda region: prod(touched(nest.main, region, ())))
    values: dict[str, int] = {}
    for name, region in (("accumulators", output), ("weights", weights)):
        values.update(_region(nest, f"{nest.block}.{name}", region, inside))
    times = _widened([*factors, output], intrinsics)
    values[f"{nest.block}.weights.bytes"] *= times
    held = [values[f"{nest.block}.{name}.bytes"] for name in ("accumulators", "weights")]
    return {**values, f"{nest.block}.registers.bytes": sum(held) + times * line}


def _widened(regions: Sequence[Any], intrinsics: Sequence[Intrinsic]) -> int:
    """Registers that a vector of a factor takes, by the intrinsic that multiplies such types."""
    dtypes = {str(region.source.dtype) for region in regions}
    of = [it for it in intrinsics if {it.a_dtype, it.b_dtype, it.c_dtype} == dtypes]
    return max((it.widened for it in of), default=1)


def _level(nest: TiledNest, level: str) -> dict[str, int]:
    inside = nest.main.loops[nest.sweep if level == "L1" else nest.chunk :]
    values: dict[str, int] = {}
    buffers: dict[str, Any] = {}
    for region in (*nest.main.block.reads, *nest.main.block.writes):
        buffers[f"{nest.block}.{level}.{region.source.name}"] = region
    for name, region in buffers.items():
        values.update(_region(nest, name, region, inside))
    held = [name for name, region in buffers.items() if level != "L1" or _stays(nest, region)]
    return {
        **values,
        f"{nest.block}.{level}.bytes": sum(values[f"{name}.bytes"] for name in held),
    }


def _stays(nest: TiledNest, region: Any) -> bool:
    """Whether the first cache is to hold an operand: all, but beside tile registers one factor."""
    output = nest.main.block.writes[0]
    lanes = used(nest.main, output.region[-1].min)
    if str(output.source.scope()) == GLOBAL or len(lanes) != 1:
        return True  # without lanes that move, nobody knows which factor passes by
    moved = {p for dimension in region.region for p in used(nest.main, dimension.min)}
    return not region.source.same_as(output.source) and lanes[0] not in moved


def _region(nest: TiledNest, name: str, region: Any, inside: Sequence[For]) -> dict[str, int]:
    tile = touched(nest.main, region, inside)
    values = {f"{name}.dim{d}": size for d, size in enumerate(tile)}
    for d, dimension in enumerate(region.region):
        shares = enumerate(terms(nest.main, dimension, inside))
        values.update({f"{name}.dim{d}.term{q}": share for q, share in shares})
    return {**values, f"{name}.bytes": bytes_of(region.source, tile)}
