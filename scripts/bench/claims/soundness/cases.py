"""The cases whose constraints `soundness.py` checks: GEMM of many shapes, then every operator.

Sizes are powers of two, their odd neighbours, one, and a prime: each size in each place.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from heron_ms.workloads import OPERATORS as KNOWN
from scripts.bench.harness.journal import Record

GEMM = (
    (64, 64, 64),
    (1024, 1024, 1024),
    (1000, 1008, 500),
    (1008, 500, 1000),
    (500, 1000, 1008),
    (17, 101, 1),
    (1, 17, 101),
    (101, 1, 17),
    (1, 1024, 1000),
    (1024, 17, 64),
    (17, 1000, 1024),
    (101, 64, 500),
)
SIGNED = ((64, 64, 64), (1000, 1008, 500), (17, 101, 1), (1, 17, 101), (101, 1, 17))
"""Shapes that are taken with a signed left operand as well."""
OPERATORS: dict[str, tuple[tuple[int, ...], ...]] = {
    "bmm": ((12, 512, 64, 512), (3, 17, 101, 50)),
    "gemv": ((1024, 256), (101, 17)),
    "scan": ((16, 512, 128), (17, 101, 50)),
    "c1d": ((1, 892, 512, 512, 3, 1, 4, 2), (2, 17, 5, 34, 3, 2, 1, 1)),
    "c2d": (
        (1, 56, 56, 64, 64, 3, 3, 1, 1, 1),
        (1, 28, 28, 128, 256, 1, 1, 2, 0, 1),
        (1, 224, 224, 3, 64, 7, 7, 2, 3, 1),
        (2, 17, 13, 5, 34, 3, 2, 2, 1, 1),
    ),
    "dil": ((1, 56, 56, 64, 64, 3, 3, 1, 1, 2), (1, 17, 13, 5, 34, 3, 3, 2, 2, 2)),
    "c3d": ((1, 8, 56, 56, 64, 64, 3, 3, 3, 1, 1, 1), (1, 5, 6, 7, 3, 34, 2, 2, 2, 1, 1, 1)),
    "t2d": ((1, 28, 28, 128, 256, 1, 1, 2, 0), (1, 7, 5, 5, 34, 3, 3, 2, 1)),
    "grp": ((1, 14, 14, 64, 128, 3, 3, 1, 1, 1, 4), (1, 7, 6, 8, 36, 3, 3, 1, 1, 1, 2)),
}
"""Depthwise convolution is not there: nothing tensorizes it."""
WEIGHTS = ("kn", "nk", "packed")
LAYOUTS = ("nhwc", "nchw")


@dataclass(frozen=True)
class Case:
    """One operator and how many assignments of it are checked, and built."""

    operator: str
    shape: tuple[int, ...]
    layout: str
    weight: str
    dtype: str
    assignments: int
    built: int
    seed: int
    mcpu: str

    @property
    def title(self) -> str:
        """As in the table."""
        words = (self.operator, " × ".join(map(str, self.shape)), self.layout, self.weight)
        return " ".join(word for word in (self.dtype, *words) if word)

    @property
    def identity(self) -> Record:
        """What a finished case is found by."""
        return {**vars(self), "shape": list(self.shape)}

    def workload(self) -> Any:
        """The workload."""
        options = {"layout": self.layout} if self.layout else {}
        return KNOWN[self.operator].of(self.shape, self.dtype, weight=self.weight, **options)


def of_record(record: Record) -> Case:
    """The case that a record is of."""
    fields = {name: record[name] for name in Case.__dataclass_fields__}
    return Case(**{**fields, "shape": tuple(record["shape"])})


def cases_of(arguments: Namespace, mcpu: str) -> list[Case]:
    """The cases that the command line asks for; GEMM first."""
    return [
        Case(*named, arguments.assignments, arguments.built, arguments.seed, mcpu)
        for operator in arguments.operator or ("gemm", *OPERATORS)
        for named in _named(operator, arguments)
    ]


def _named(
    operator: str, arguments: Namespace
) -> Iterator[tuple[str, tuple[int, ...], str, str, str]]:
    known = GEMM if operator == "gemm" else OPERATORS[operator]
    shapes = tuple(map(tuple, arguments.shape)) if arguments.shape else known
    for dtype in arguments.dtype or ("u8s8", "s8s8"):
        for shape in shapes:
            if dtype == "s8s8" and not (arguments.dtype or arguments.shape or shape in SIGNED):
                continue
            for layout in _layouts(operator, arguments):
                for weight in arguments.weight or WEIGHTS:
                    yield operator, shape, layout, weight, dtype


def _layouts(operator: str, arguments: Namespace) -> tuple[str, ...]:
    plain = operator in ("gemm", "bmm", "gemv", "scan")
    return ("",) if plain else tuple(arguments.layout or LAYOUTS)
