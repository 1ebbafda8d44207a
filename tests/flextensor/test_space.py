"""Sizes of FlexTensor's spaces: published, in closed form, counted by the CSP, gone through."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.csp import Prod, ordered_factorizations
from heron_ms.flextensor import (
    CPU,
    GPU,
    FlexTensorError,
    Loop,
    Node,
    Template,
    analyze,
    factorizations,
    fusions,
    node_space,
    node_space_size,
)
from heron_ms.workloads import SUITES

PUBLISHED = (
    *("8.19e9", "1.195e11", "4.65e9", "2.46e10", "3.42e9"),
    *("4.11e10", "1.05e9", "1.03e10", "1.39e9", "1.63e10"),
    *("2.68e8", "2.61e9", "3.13e9", "1.96e8", "1.96e8"),
)
"""FlexTensor (ASPLOS 2020), the sizes of the spaces of YOLO's C1 to C15 on a GPU, as printed."""

LAYERS = {f"C{at}": layer for at, layer in enumerate(SUITES["yolo"], 1)}


def convolution(layer: str) -> Node:
    """The convolution of a layer of YOLO, read from its program."""
    return analyze(LAYERS[layer].prim_func()).node("C")


def rounded(number: Decimal, digits: int) -> Decimal:
    """A number to some significant digits, half up."""
    unit = Decimal(1).scaleb(number.adjusted() - digits + 1)
    return (number / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def test_the_suite_has_the_layers() -> None:
    assert len(LAYERS) == len(PUBLISHED) == len({layer.name for layer in SUITES["yolo"]})
    outputs = [layer.c_shape[1] for layer in SUITES["yolo"]]
    assert outputs == [224, 112, 56, 56, 56, 56, 28, 28, 28, 28, 14, 14, 14, 7, 7]
    assert {layer.dtypes.name for layer in SUITES["yolo"]} == {"f32"}


@pytest.mark.parametrize(("layer", "printed"), [*zip(LAYERS, PUBLISHED, strict=True)])
def test_the_published_sizes(layer: str, printed: str) -> None:
    node = convolution(layer)
    count = node_space(node, GPU).count()
    assert count == node_space_size(node, GPU)
    digits = len(Decimal(printed).as_tuple().digits)
    exact = Decimal(node_space_size(node, GPU))
    # C3 alone needs the step over four digits: it is 4.644864e9, printed as 4.65e9.
    assert rounded(rounded(exact, 4), digits) == Decimal(printed)
    assert (rounded(exact, digits) == Decimal(printed)) == (layer != "C3")


def test_only_one_number_of_other_choices_gives_all_published_sizes() -> None:
    nodes = [convolution(layer) for layer in LAYERS]
    splits = [Decimal(node_space_size(node, GPU) // 72) for node in nodes]
    fitting = [
        choices
        for choices in range(1, 1000)
        if all(
            abs(size * choices / Decimal(printed) - 1) < Decimal("0.005")
            for size, printed in zip(splits, PUBLISHED, strict=True)
        )
    ]
    assert fitting == [72]


def test_padding_has_a_space_of_its_own() -> None:
    analysis = analyze(LAYERS["C2"].prim_func())
    pad = analysis.node("A_padded")
    assert node_space(pad, GPU).count() == node_space_size(pad, GPU)
    assert not pad.reduce


def test_only_products_constrain() -> None:
    space = node_space(convolution("C4"), GPU)
    assert len(space.constraints) == 7
    assert all(isinstance(constraint, Prod) for constraint in space.constraints)
    splits = [f"C.{axis}.{p}" for axis in ("n", "h", "w", "co") for p in range(4)]
    sums = [f"C.{axis}.{p}" for axis in ("kh", "kw", "ci") for p in range(3)]
    assert space.names == (*splits, *sums, "C.fuse", "C.reorder", "C.unroll", "C.explicit")


def test_a_cpu_splits_into_four_and_neither_fuses_nor_reorders() -> None:
    node = Node("C", (Loop("i", 12), Loop("k", 8, True)))
    space = node_space(node, CPU)
    assert {name.split(".")[1] for name in space.names} == {"i", "k", "unroll", "explicit"}
    assert space.count() == node_space_size(node, CPU) == 40 * 20 * 8


templates = st.builds(
    Template, spatial=st.integers(1, 3), reduce=st.integers(1, 3), groups=st.integers(0, 3)
)
loops = st.builds(Loop, st.sampled_from("abc"), st.integers(1, 12), st.booleans())
nodes = st.builds(Node, st.just("C"), st.lists(loops, max_size=3).map(tuple))


def gone_through(node: Node, template: Template) -> int:
    """The size by trying every tuple of factors of every loop, and every other choice."""
    splits = 1
    for loop in node.loops:
        parts = template.reduce if loop.reduces else template.spatial
        tuples = product(range(1, loop.trips + 1), repeat=parts)
        splits *= sum(prod(factors) == loop.trips for factors in tuples)
    orders = template.groups * len(fusions(len(node.spatial), template.groups))
    return splits * (orders or 1) * 4 * 2


@settings(max_examples=40, deadline=None, derandomize=True)
@given(nodes, templates)
def test_counted_is_closed_form_is_gone_through(node: Node, template: Template) -> None:
    size = gone_through(node, template)
    assert node_space_size(node, template) == size
    assert node_space(node, template).count() == size


@settings(max_examples=20, deadline=None, derandomize=True)
@given(nodes, templates)
def test_every_sample_multiplies_to_the_trip_counts(node: Node, template: Template) -> None:
    space = node_space(node, template)
    for point in space.sample(5, np.random.default_rng(0)):
        assert not space.check(point)
        splits = [split for split in space.constraints if isinstance(split, Prod)]
        factors = [prod(point[str(name)] for name in split.factors) for split in splits]
        assert factors == [loop.trips for loop in node.loops]


@given(st.integers(1, 400), st.integers(1, 5))
def test_factorisations_are_those_that_the_solver_lists(number: int, parts: int) -> None:
    assert factorizations(number, parts) == len(ordered_factorizations(number, parts))


@given(st.integers(0, 7), st.integers(0, 5))
def test_fusions_are_all_contiguous_groupings(count: int, groups: int) -> None:
    groupings = fusions(count, groups)
    wanted = min(count, groups)
    sizes = product(range(1, count + 1), repeat=wanted)
    every = {grouping for grouping in sizes if sum(grouping) == count} if wanted else {()}
    assert set(groupings) == every and len(groupings) == len(every)


def test_four_loops_in_three_groups() -> None:
    assert fusions(4, 3) == ((1, 1, 2), (1, 2, 1), (2, 1, 1))


@pytest.mark.parametrize("bad", [(0, 3, 3), (4, 0, 3), (4, 3, -1)])
def test_a_template_without_parts_is_refused(bad: tuple[int, int, int]) -> None:
    with pytest.raises(FlexTensorError, match="at least 1 part"):
        Template(*bad)


@pytest.mark.parametrize("bad", [(0, 3), (12, 0)])
def test_no_split_of_nothing(bad: tuple[int, int]) -> None:
    with pytest.raises(FlexTensorError, match="at least 1"):
        factorizations(*bad)
