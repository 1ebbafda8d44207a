"""Every mapping of a block to the intrinsics of a machine, best first, or the reason why none.

Source of the idea: TensorIR's characteristic vectors (Feng et al., ASPLOS 2023). TVM's own mapper
takes all iterators of a vector together or gives up; here each may also stay outside, which is what
keeps a convolution free of a materialised im2col.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from heron_ms._tvm import SBlockRealize, constant
from heron_ms.hardware.memory import GLOBAL
from heron_ms.indices import among
from heron_ms.intrinsics import Intrinsic
from heron_ms.tensorize.einsum import Einsum, Vector, read_einsum
from heron_ms.tensorize.mapping import NAMES, Group, Mapping, tiles_of
from heron_ms.tensorize.reasons import NoMatch, Reason, Refused
from heron_ms.tensorize.splitting import Splits, split, splits_of
from heron_ms.tensorize.units import ADDABLE, with_unit

_FEW = 16
"""Rows for which it does not pay to pad a weight."""

_BESIDE_DOT_PRODUCT = 3.0
"""The `overhead` with which registers of their own may still beat a vector's dot product.

They multiply seven times as fast, but have more to load and store around it.
"""

_TIMES_A_VECTOR = 4.0
"""How much faster than a vector's dot product they have to multiply what is no padding.

A tile of few rows takes as long as one of seven.
"""


def match_block(
    block: Any, intrinsics: Iterable[Intrinsic], small: Sequence[Any] = ()
) -> Mapping | NoMatch:
    """The best of the `candidates` of a block, or why there is none."""
    ranked = candidates(block, intrinsics, small)
    return ranked if isinstance(ranked, NoMatch) else ranked[0]


def candidates(
    block: Any, intrinsics: Iterable[Intrinsic], small: Sequence[Any] = ()
) -> list[Mapping] | NoMatch:
    """The mappings that waste no more than the intrinsic gains; intrinsics in their own order.

    ``block`` is a TensorIR ``SBlock``, or an ``SBlockRealize``, of which the predicate counts too.
    ``small``: the buffers that hold small bytes (`small_bytes`), which some intrinsics ask for.
    """
    inner = block.block if isinstance(block, SBlockRealize) else block
    try:
        _check_predicate(block)
        return _candidates(_with_small(read_einsum(inner), small), list(intrinsics))
    except Refused as refused:
        return NoMatch(str(inner.name_hint), refused.reason, refused.detail)


def _check_predicate(block: Any) -> None:
    # TVM's `transform_block_layout` loses it in silence.
    if isinstance(block, SBlockRealize) and constant(block.predicate) != 1:
        raise Refused(Reason.NO_EINSUM, f"it runs only where {block.predicate}")


def _with_small(einsum: Einsum, small: Sequence[Any]) -> Einsum:
    a, b = (replace(each, is_small=among(each.buffer, small)) for each in (einsum.a, einsum.b))
    return replace(einsum, a=a, b=b)


def _candidates(einsum: Einsum, intrinsics: list[Intrinsic]) -> list[Mapping]:
    fitting = [intrinsic for intrinsic in intrinsics if _takes(intrinsic, einsum)]
    if not fitting:
        a, b, c = einsum.dtypes
        raise Refused(Reason.DTYPE, f"no intrinsic of this machine takes {a} x {b} -> {c}")
    ranked = [
        (rank, mapping)
        for rank, intrinsic in zip(_ranks(fitting, einsum), fitting, strict=True)
        for mapping in _mappings(einsum, intrinsic)
    ]
    worth = [(rank, mapping) for rank, mapping in ranked if mapping.overhead <= _gain(mapping)]
    if not worth:
        least = min((mapping for _, mapping in ranked), key=lambda mapping: mapping.overhead)
        raise Refused(Reason.WASTE, _wasteful(least))
    possible = [(rank, mapping) for rank, mapping in worth if not _missing(mapping)]
    if not possible:
        raise Refused(Reason.ACCESS, _missing(worth[0][1]))
    whole = [(rank, mapping) for rank, mapping in possible if mapping.unit is None] or possible
    order = sorted(whole, key=lambda pair: (pair[0], *_cost(pair[1])))
    return _without_padding([mapping for _, mapping in order])


def _ranks(intrinsics: list[Intrinsic], einsum: Einsum) -> list[tuple[int, bool, int]]:
    """What puts the families in the order that the machine lists them in.

    Of those with registers of their own, which are as fast as each other, one that takes the
    factors as they stand comes first.
    """
    families = list(dict.fromkeys(intrinsic.family for intrinsic in intrinsics))
    first = min(
        (families.index(each.family) for each in intrinsics if each.accumulators), default=0
    )

    def rank(intrinsic: Intrinsic) -> tuple[int, bool, int]:
        own = families.index(intrinsic.family)
        if not intrinsic.accumulators:
            return own, False, own
        return first, not intrinsic.accepts(*einsum.dtypes), own

    return [rank(intrinsic) for intrinsic in intrinsics]


def _without_padding(ranked: list[Mapping]) -> list[Mapping]:
    """The mappings, first one like the best but of narrower vectors, for which B needs no padding.

    That is if it multiplies as often, or if B has few rows to serve: padding takes longer than they
    would, as what is padded is not packed ahead. To copy an element takes about a cycle, to use it
    in a vector of half as many lanes a thirty-second more.
    """
    best = ranked[0]
    if not best.pads_b:
        return ranked
    spares = [m for m in ranked if not m.pads_b and _is_alike(m, best)]
    able = [m for m in spares if best.rows < _FEW or _multiplied(m) <= _multiplied(best)][:1]
    return able + [mapping for mapping in ranked if mapping not in able]


def _is_alike(one: Mapping, other: Mapping) -> bool:
    return one.swapped == other.swapped and one.groups == other.groups


def _multiplied(mapping: Mapping) -> float:
    """How often the intrinsic is called, beside other mappings of the block."""
    intrinsic = mapping.intrinsic
    return mapping.waste / (intrinsic.rows * intrinsic.lanes * intrinsic.depth)


def _wasteful(least: Mapping) -> str:
    return (
        f"{least.intrinsic.name} would multiply {least.waste:.1f} times what is asked for, "
        f"with copies to the worth of {least.overhead - least.waste:.1f} times, and may "
        f"{_gain(least):.3g} times"
    )


def _missing(mapping: Mapping) -> str:
    """The parts of the intrinsic that no iterator plays: TVM can neither add nor pad one."""
    parts = [NAMES[vector] for vector, group in mapping.groups.items() if not group]
    return f"no iterator for the {' and '.join(parts)} of {mapping.intrinsic.name}" if parts else ""


def _gain(mapping: Mapping) -> float:
    """The largest `overhead` with which a mapping is still worth its copies.

    For each element of C an intrinsic does ``depth`` multiplications where a vector instruction
    does one, and a mapping is to promise at least a third more speed than that. Padding that costs
    nothing beside a vector instruction is allowed on top: vectors along C that are padding, which
    that would compute too; and rows that are padding, where one tile has all the rows, as each
    element of B is then loaded once, from where it lies, and these loads take the time.
    """
    if mapping.intrinsic.accumulators:
        intrinsic = mapping.intrinsic
        vector = intrinsic.lanes * intrinsic.group
        return min(_BESIDE_DOT_PRODUCT, intrinsic.rate / (_TIMES_A_VECTOR * vector))
    least = max(0.75 * mapping.intrinsic.depth, 2) * mapping.vector_waste
    return least * mapping.row_waste if mapping.loads_b_once else least


def _cost(mapping: Mapping) -> tuple[float, bool, bool, int, bool, int]:
    # A copy of A or C costs more than one of B, which is read again for every row; a program's own
    # iterators come before split ones. Where C is held in a memory of its own, what is added to it
    # there lies as it does: a bias along the lanes is loaded, one along the rows is not.
    turned = mapping.intrinsic.scopes["C"] != GLOBAL and "C" in mapping.copied
    split_ones = sum(len(parts) > 1 for parts in mapping.splits)
    fused = sum(len(group) for group in mapping.groups.values())
    time = mapping.effort / mapping.intrinsic.rate
    return time, turned, mapping.swapped, _moved(mapping), split_ones > 0, fused


def _moved(mapping: Mapping) -> int:
    return sum(mapping.copied.values())


def _takes(intrinsic: Intrinsic, einsum: Einsum) -> bool:
    return _accepts(intrinsic, einsum) or _accepts(intrinsic, einsum.swapped)


def _accepts(intrinsic: Intrinsic, einsum: Einsum) -> bool:
    """Whether an intrinsic computes an einsum with the factors as they stand."""
    is_exact = einsum.b.is_small or not intrinsic.b_is_small
    return is_exact and intrinsic.accepts(*einsum.dtypes)


def _mappings(einsum: Einsum, intrinsic: Intrinsic) -> Iterator[Mapping]:
    parts = splits_of(einsum)
    whole: Splits = tuple((extent,) for extent in einsum.extents)
    for splits in dict.fromkeys((whole, parts)):
        for swapped in (False, True):
            ordered = einsum.swapped if swapped else einsum
            if _accepts(intrinsic, ordered):
                normal, unit = _with_unit(split(ordered, splits), intrinsic)
                for groups in _groups(normal, intrinsic):
                    yield Mapping(normal, intrinsic, swapped, splits, groups, unit)


def _with_unit(einsum: Einsum, intrinsic: Intrinsic) -> tuple[Einsum, Vector | None]:
    """The einsum with an iterator for the one part that none plays, if one can be added."""
    missing = [vector for vector in tiles_of(intrinsic) if not einsum.those(vector)]
    if len(missing) == 1 and missing[0] in ADDABLE:
        return with_unit(einsum, missing[0]), missing[0]
    return einsum, None


def _groups(einsum: Einsum, intrinsic: Intrinsic) -> Iterator[dict[Vector, Group]]:
    """For each iterator of the intrinsic, in all combinations: one iterator, or the last few."""
    tiles = tiles_of(intrinsic)
    # An intrinsic without depth does what a vector instruction does, which needs no fused copies.
    fuses = intrinsic.depth > 1
    options = [_choices(einsum.those(vector), fuses=fuses) for vector in tiles]
    for chosen in product(*options):
        yield dict(zip(tiles, chosen, strict=True))


def _choices(axes: Group, *, fuses: bool) -> list[Group]:
    single = [(axis,) for axis in reversed(axes)]
    fused = [axes[start:] for start in range(len(axes) - 1)] if fuses else []
    return [*single, *fused] or [()]
