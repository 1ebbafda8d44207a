"""What is read off the constraints of a problem, and that names have no part in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heron_ms.cost_model import TokenFeatures
from heron_ms.cost_model.problem_structure import Structure
from heron_ms.csp import In, Problem, Variable
from heron_ms.csp.meaning import LANES, REDUCE, ROWS
from tests.cost_model.tiled_gemm import points, tiled

sizes = st.sampled_from([16, 48, 64, 96, 256])


def test_the_kinds_of_axes() -> None:
    splits = Structure(tiled(256, 64, 128)).splits
    assert [split.kind for split in splits] == [ROWS, LANES, REDUCE]
    assert splits[2].factors == ("C.k.0", "C.k.1")


def test_what_a_variable_is_computed_from() -> None:
    structure = Structure(tiled(256, 64, 128))
    assert structure.sources["C.k.0"] == {"C.k.0"}
    assert structure.sources["C.weights.bytes"] == {"C.j.3"}
    assert structure.sources["C.registers.bytes"] == {"C.i.3", "C.j.3"}
    assert structure.signature("C.accumulators.bytes") == "lanes+rows"


def test_the_levels_of_memory() -> None:
    (level,) = Structure(tiled(256, 64, 128)).levels
    assert (level.name, level.capacity) == ("registers", 2048)
    assert level.parts == ("C.accumulators.bytes", "C.weights.bytes")


@settings(max_examples=20, deadline=None)
@given(rows=sizes, lanes=sizes, depth=sizes)
def test_factors_of_an_axis_make_up_its_extent(rows: int, lanes: int, depth: int) -> None:
    problem = tiled(rows, lanes, depth)
    features = TokenFeatures([problem])
    drawn = points(problem, 8, 0)
    matrix = features.matrix([0] * len(drawn), [assignment.row for assignment in drawn])
    for name, extent in (("rows", rows), ("lanes", lanes), ("reduce", depth)):
        column = matrix[:, features.names.index(f"{name}.0+")]
        assert np.allclose(column, np.log2(extent), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(rows=sizes, lanes=sizes, depth=sizes)
def test_names_do_not_matter(rows: int, lanes: int, depth: int) -> None:
    first = tiled(rows, lanes, depth)
    second = tiled(rows, lanes, depth, "conv2d_nhwc", ("n", "co", "rc"))
    drawn = [point.row for point in points(first, 8, 1)]
    features = TokenFeatures([first, second])
    columns = [at for at, name in enumerate(features.names) if not name.startswith("sketch.")]
    ours, theirs = (features.matrix([n] * len(drawn), drawn)[:, columns] for n in (0, 1))
    assert np.array_equal(ours, theirs)
    assert not np.isnan(ours).any()


def test_a_problem_that_is_no_tiling() -> None:
    problem = Problem(
        [Variable("unroll", (0, 16, 64), "tunable")], [In("unroll", frozenset({0, 16}))]
    )
    features = TokenFeatures([problem])
    matrix = features.matrix([0, 0], [np.array([0]), np.array([16])])
    assert features.names == ["choice.unroll", "sketch.0"]
    assert matrix[0, 0] < matrix[1, 0]


def test_a_problem_without_variables() -> None:
    features = TokenFeatures([Problem([], [])])
    assert features.matrix([0], [np.array([], np.int64)]).tolist() == [[1.0]]
