"""The shapes of a model's inputs, of which none may stay open: what is given is checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from heron_ms.errors import DynamicShapeError, ModelShapeError

Dimension = int | str
"""A size, or the name of one that is open; "?" where it has none."""

Declared = Mapping[str, Sequence[Dimension] | None]
"""What a model says of each input; None where it does not even say the rank."""


def fixed(
    source: str, declared: Declared, shapes: Mapping[str, Sequence[int]] | None
) -> dict[str, tuple[int, ...]]:
    """The shape of every input: as given, or as declared.

    A name that is given a size in one input has it in every other. Raises ModelShapeError for a
    shape of no input, of another rank or that contradicts a declared size, and DynamicShapeError,
    which lists all of them, for sizes that are left open.
    """
    given = {name: tuple(int(size) for size in shape) for name, shape in (shapes or {}).items()}
    for name, shape in given.items():
        _check(source, declared, name, shape)
    sizes = _sizes(declared, given)
    resolved = {
        name: given.get(name) or _resolved(dimensions, sizes)
        for name, dimensions in declared.items()
    }
    left = {name: shape for name, shape in resolved.items() if shape is None or not _closed(shape)}
    if left:
        raise DynamicShapeError(_how_to_fix(source, left))
    return {name: _numbers(shape) for name, shape in resolved.items()}


def written(shape: Sequence[Dimension] | None) -> str:
    """A shape as a message and the command line have it: 1x3x224x224."""
    if shape is None:
        return "of no stated rank"
    return "x".join(map(str, shape)) or "a scalar"


def _check(source: str, declared: Declared, name: str, shape: tuple[int, ...]) -> None:
    if name not in declared:
        known = ", ".join(f"{other} ({written(shape)})" for other, shape in declared.items())
        raise ModelShapeError(f"{source} has no input {name!r}: its inputs are {known or 'none'}")
    dimensions = declared[name]
    if dimensions is not None and shape == tuple(dimensions):
        return
    if any(size < 1 for size in shape):
        raise ModelShapeError(f"the shape {written(shape)} of input {name!r} has a size below 1")
    if dimensions is None:
        return
    if len(dimensions) != len(shape):
        raise ModelShapeError(
            f"input {name!r} of {source} has {len(dimensions)} dimensions ({written(dimensions)}), "
            f"the shape {written(shape)} has {len(shape)}"
        )
    if any(isinstance(d, int) and d != size for d, size in zip(dimensions, shape, strict=True)):
        raise ModelShapeError(
            f"input {name!r} of {source} is {written(dimensions)}, which the shape "
            f"{written(shape)} contradicts: only dimensions with a name or ? are open"
        )


def _sizes(declared: Declared, given: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """What the given shapes say of each named size."""
    sizes: dict[str, int] = {}
    for name, shape in given.items():
        for dimension, size in zip(declared[name] or (), shape, strict=False):
            if isinstance(dimension, int) or dimension == "?":
                continue
            if sizes.setdefault(dimension, size) != size:
                raise ModelShapeError(
                    f"the shapes give {dimension} two sizes: {sizes[dimension]} and, in input "
                    f"{name!r}, {size}"
                )
    return sizes


def _resolved(
    dimensions: Sequence[Dimension] | None, sizes: Mapping[str, int]
) -> tuple[Dimension, ...] | None:
    if dimensions is None:
        return None
    return tuple(sizes.get(d, d) if isinstance(d, str) else d for d in dimensions)


def _closed(shape: Sequence[Dimension]) -> bool:
    return all(isinstance(size, int) for size in shape)


def _numbers(shape: Sequence[Dimension] | None) -> tuple[int, ...]:
    return tuple(int(size) for size in shape or ())


def _how_to_fix(source: str, left: Declared) -> str:
    listed = ", ".join(f"{name} ({written(shape)})" for name, shape in left.items())
    blanks = {
        name: ["?" if isinstance(size, str) else size for size in shape or "?"]
        for name, shape in left.items()
    }
    command = " ".join(f"--shape {name}={written(shape)}" for name, shape in blanks.items())
    python = ", ".join(
        f'"{name}": ({", ".join(map(str, shape))}{"," * (len(shape) == 1)})'
        for name, shape in blanks.items()
    )
    return (
        f"{source} has inputs of dynamic shape: {listed}; fix them with {command}, or in Python "
        f"shapes={{{python}}}, with a number for each ?"
    )
