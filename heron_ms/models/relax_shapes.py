"""The shapes of Relax values, of which some may be symbolic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heron_ms._tvm import IRModule, constant, tirx
from heron_ms.errors import DynamicShapeError
from heron_ms.models.shapes import Dimension, written


def refuse_open_shapes(mod: IRModule) -> None:
    """Raises DynamicShapeError, which says how to bind them, for symbolic sizes of "main"."""
    main = next((func for name, func in mod.functions_items() if name.name_hint == "main"), None)
    params = [] if main is None else main.params
    left = {
        str(param.name): declared_shape(param.ty)
        for param in params
        if any(isinstance(size, tirx.Var) for size in dimensions(param.ty))
    }
    if not left:
        return
    variables = {
        size: None for shape in left.values() for size in shape or () if isinstance(size, str)
    }
    listed = ", ".join(f"{name} ({written(shape)})" for name, shape in left.items())
    numbers = ", ".join(f'"{variable}": ?' for variable in variables)
    raise DynamicShapeError(
        f"the module takes values of dynamic shape: {listed}; bind them with "
        f"relax.transform.BindSymbolicVars({{{numbers}}})(mod), with a number for each ?"
    )


def declared_shape(kind: Any) -> list[Dimension] | None:
    """The sizes of a type, open ones by name; None where it does not even say the rank."""
    if getattr(kind, "shape", None) is None:
        return None
    return [str(size) if constant(size) is None else int(size) for size in dimensions(kind)]


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The extents of a value, if it is a tensor and they are known and constant."""
    sizes = declared_shape(value.ty)
    if sizes is None:
        return None
    known = tuple(size for size in sizes if isinstance(size, int))
    return known if len(known) == len(sizes) else None


def dimensions(kind: Any) -> Sequence[Any]:
    """The sizes of a type as expressions, none of what has no shape."""
    return list(kind.shape) if getattr(kind, "shape", None) is not None else []
