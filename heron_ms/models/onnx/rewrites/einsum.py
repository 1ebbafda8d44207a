"""An Einsum of two tensors of halves as a product of matrices.

Before: ``Einsum(a, b)`` of ``bqhd,bkhd->bhqk``. After: a MatMul in float32 of a with its axes in
the order b, h, q, d and of b with b, h, d, k; the factors are halves again where a machine
multiplies these (`models.halves`). TVM's einsum is a function of its own, which reads float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from heron_ms._tvm import HALVES
from heron_ms.models.onnx.rewrites.halves import in_float32
from heron_ms.models.onnx.writer import Writer


def einsum(write: Writer) -> bool:
    """Of halves; in another form than that of a product, as it is, in float32."""
    dtype = write.dtype()
    if dtype is None or dtype.name not in HALVES:
        return False
    axes = _axes(write)
    sizes = None if axes is None else _sizes(write, axes[:2])
    if axes is None or sizes is None:
        return in_float32(write)
    a, b, result = axes
    both = [axis for axis in result if axis in a and axis in b]
    rows, lanes = ([axis for axis in result if axis in of and axis not in both] for of in (a, b))
    depth = [axis for axis in a if axis not in result]
    factors = (
        _moved(write, write.cast(write.input(place), "float32"), names, [both, *groups], sizes)
        for place, names, *groups in ((0, a, rows, depth), (1, b, depth, lanes))
    )
    product = write.add("MatMul", *factors)
    made = [*both, *rows, *lanes]
    apart = write.reshape(product, [sizes[axis] for axis in made])
    write.cast(_ordered(write, apart, made, result), dtype, out=write.out)
    return True


def _axes(write: Writer) -> list[str] | None:
    """The axes of both operands and of the result, by letters; None of what is no product."""
    equation = write.attributes()["equation"].decode().replace(" ", "")
    given, arrow, result = equation.partition("->")
    axes = [*given.split(","), result]
    if not arrow or "." in equation or len(axes) != 3:
        return None
    a, b, _ = axes
    is_product = (
        all(len(set(names)) == len(names) for names in axes)
        # What only one operand has is an axis of the result, and something is added up.
        and set(a) ^ set(b) <= set(result)
        and not set(a) <= set(result)
    )
    return axes if is_product else None


def _sizes(write: Writer, operands: Sequence[str]) -> dict[str, int] | None:
    """Of each axis; None where one is unknown, or has an extent of one in one operand alone."""
    sizes: dict[str, int] = {}
    for place, names in enumerate(operands):
        for axis, size in zip(names, write.shape(place) or (), strict=False):
            if sizes.setdefault(axis, size) != size:
                return None
    return sizes if sizes.keys() == set("".join(operands)) else None


def _moved(
    write: Writer, value: str, names: str, groups: Sequence[list[str]], sizes: dict[str, int]
) -> str:
    """An operand as matrices: the axes of the first group, then one for each other."""
    both, *others = groups
    ordered = _ordered(write, value, names, [axis for group in groups for axis in group])
    shape = [sizes[axis] for axis in both]
    shape += [prod(sizes[axis] for axis in group) for group in others]
    return write.reshape(ordered, shape)


def _ordered(write: Writer, value: str, names: Sequence[str], order: Sequence[str]) -> str:
    return write.transpose(value, *(list(names).index(axis) for axis in order))


EINSUM: dict[str, Callable[[Writer], bool]] = {"Einsum": einsum}
