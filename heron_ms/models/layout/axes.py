"""The order of a tensor's axes: channels second, as models come, or last, as units read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def to_last(rank: int) -> list[int]:
    """The permutation that puts channels last: [0, 2, 3, 1] for four axes."""
    return [0, *range(2, rank), 1]


def to_second(rank: int) -> list[int]:
    """The permutation that puts channels second again: [0, 3, 1, 2] for four axes."""
    return [0, rank - 1, *range(1, rank - 1)]


def in_last(axis: int, rank: int) -> int:
    """Where an axis is once channels are last."""
    return to_last(rank).index(axis % rank)


def is_kept(axes: Iterable[int], rank: int) -> bool:
    """Whether axes that are left alone come in the same order with channels last."""
    moved = [in_last(axis, rank) for axis in axes]
    return moved == sorted(moved)


def composed(first: Sequence[int], then: Sequence[int]) -> list[int]:
    """One permutation that does what two do in turn."""
    return [first[axis] for axis in then]


def layouts(rank: int) -> tuple[str, str]:
    """The letters of data with channels second and last: ("NCHW", "NHWC") for four axes."""
    spatial = "DHW"[5 - rank :]
    return f"NC{spatial}", f"N{spatial}C"


def kernels(rank: int) -> tuple[str, str]:
    """The letters of a kernel for either: ("OIHW", "HWIO") for four axes."""
    spatial = "DHW"[5 - rank :]
    return f"OI{spatial}", f"{spatial}IO"
