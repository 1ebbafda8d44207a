"""Random workloads of every operator, so small that padding and edges are most of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from heron_ms.errors import InvalidDimensionError
from heron_ms.workloads import OPERATORS, Workload

MATRIX = {"b": (1, 3), "m": (1, 20), "n": (1, 40), "k": (1, 20)}
CONVOLUTION = {
    **{"n": (1, 2), "d": (2, 4), "h": (3, 7), "w": (3, 7), "ci": (1, 9), "co": (1, 20)},
    **{"c": (1, 9), "kd": (1, 2), "kh": (1, 3), "kw": (1, 3)},
    **{"stride": (1, 3), "pad": (0, 2), "dil": (1, 2), "out_pad": (0, 1), "groups": (1, 3)},
}
"""Smallest and largest size by name."""


@st.composite
def workloads(
    draw: st.DrawFn, dtypes: Sequence[str], operators: Sequence[str] = tuple(OPERATORS)
) -> Workload:
    """Any operator of some types, in any layout of data and weight."""
    operator = OPERATORS[draw(st.sampled_from(list(operators)))]
    ranges = CONVOLUTION if operator.layouts != ("",) else MATRIX
    sizes = {name: draw(st.integers(*ranges[name])) for name in operator.sizes()}
    options: dict[str, Any] = {"weight": draw(st.sampled_from(operator.weights))}
    if operator.layouts != ("",):
        options["layout"] = draw(st.sampled_from(operator.layouts))
    if "groups" in sizes:
        sizes = {**sizes, **{size: sizes[size] * sizes["groups"] for size in ("ci", "co")}}
        options["split"] = draw(st.booleans())
    return _made(operator, tuple(sizes.values()), draw(st.sampled_from(list(dtypes))), options)


def _made(
    operator: type[Workload], case: tuple[int, ...], dtype: str, options: dict[str, Any]
) -> Workload:
    try:
        return operator.of(case, dtype, **options)
    except InvalidDimensionError:
        # A kernel larger than its input, or both a stride and a dilation.
        assume(False)
        raise
