"""What a problem says of itself: errors, text, conflicts, completion."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from heron_ms.csp import (
    Constraint,
    Eq,
    In,
    Le,
    Problem,
    Prod,
    Select,
    Sum,
    UnsatisfiableError,
    Variable,
)
from heron_ms.errors import AssignmentError
from tests.csp.random_problems import generator


def split_of(extent: int) -> Problem:
    """An axis split into three factors with a limit on the innermost two."""
    return Problem(
        [
            Variable("i", (extent,), "loop"),
            *(Variable(f"i.{p}", range(1, extent + 1), "tunable") for p in range(3)),
            Variable("inner", range(1, extent + 1)),
        ],
        [
            Prod("i", ("i.0", "i.1", "i.2"), "C1"),
            Prod("inner", ("i.1", "i.2"), "C4"),
            Le("inner", 8, "C5"),
        ],
    )


@pytest.mark.parametrize(
    ("domain", "message"),
    [((), "empty"), (range(3, 3), "empty"), ((2, 1), "sorted"), ((1, 1), "distinct"),
     (range(3, 0, -1), "sorted"), ((2**49,), "2^48")],
)  # fmt: skip
def test_bad_domains(domain: range | tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=f"'x'.*{message}".replace("^", r"\^")):
        Variable("x", domain)


def test_duplicate_names() -> None:
    with pytest.raises(ValueError, match="more than once: x"):
        Problem([Variable("x", (1,)), Variable("x", (2,))], [])


@pytest.mark.parametrize(
    "constraint", [Le("x", "y"), Prod("y", ("x",)), Select("x", "y", (1, 2)), In("y", frozenset())]
)
def test_unknown_variables(constraint: Constraint) -> None:
    problem = Problem([Variable("x", (1, 2))], [])
    with pytest.raises(ValueError, match="unknown variable 'y'"):
        Problem(problem.variables, [constraint])
    for ask in (problem.is_satisfiable, problem.with_constraints, problem.conflict):
        with pytest.raises(ValueError, match="unknown variable 'y'"):
            ask(constraint)
    with pytest.raises(ValueError, match="unknown variable 'y'"):
        problem.sample_each(generator(), [[constraint]])


def test_sizes_beyond_exact_arithmetic() -> None:
    wide = [Variable("x", range(2**47)), Variable("t", range(2**47))]
    with pytest.raises(ValueError, match=r"sum can pass 2\^52"):
        Problem(wide, [Sum("t", ("x",) * 64)])
    with pytest.raises(ValueError, match="product can pass"):
        Problem(wide, [Prod("t", ("x",) * 16)])
    with pytest.raises(ValueError, match="constant"):
        Problem(wide, [Le("x", 2**50)])


def test_a_product_that_would_overflow_is_not_a_solution() -> None:
    names = ["a", "b", "c"]
    values = (1, 2**22, 2**32, 2**42)
    problem = Problem(
        [*(Variable(n, values) for n in names), Variable("t", range(2**46))],
        [Prod("t", tuple(names))],
    )
    found = problem.sample(100, generator())
    assert len(found) == problem.count() == 13
    assert all(a["t"] == a["a"] * a["b"] * a["c"] for a in found)


def test_select_checks_its_index() -> None:
    with pytest.raises(ValueError, match="no choices"):
        Select("t", "u", ())
    with pytest.raises(ValueError, match="out of range"):
        Select("t", 2, ("a", "b"))


def test_text() -> None:
    assert str(Prod(1024, ("C.i.0", "C.i.1", "C.i.2"))) == "C.i.0 * C.i.1 * C.i.2 = 1024"
    assert str(Sum("t", ("a", "b"))) == "a + b = t"
    assert str(Eq("a", 3)) == "a = 3"
    assert str(Le("regs", 32)) == "regs <= 32"
    assert str(In("v", frozenset({4, 1, 2}))) == "v in {1, 2, 4}"
    assert str(In("v", range(1, 65))) == "v in 1..64"
    assert str(In("v", range(0, 65, 4))) == "v in 0..64 step 4"
    assert str(Select("t", "u", ("a", "b", "c"))) == "t = [a, b, c][u]"
    assert str(split_of(64)) == "\n".join(
        [
            "5 variables, 3 constraints",
            "loop:",
            "  i in {64}",
            "tunable:",
            "  i.0, i.1, i.2 in 1..64",
            "auxiliary:",
            "  inner in 1..64",
            "constraints:",
            "  i.0 * i.1 * i.2 = i  [C1]",
            "  i.1 * i.2 = inner  [C4]",
            "  inner <= 8  [C5]",
        ]
    )


def test_rule_does_not_make_a_difference() -> None:
    assert Le("a", 1, "C5") == Le("a", 1)
    assert split_of(64) == split_of(64)
    assert pickle.loads(pickle.dumps(split_of(64))) == split_of(64)


def test_conflict_names_what_clashes() -> None:
    problem = split_of(64)
    assert problem.conflict() == []
    clash = problem.conflict(Le(16, "inner"), In("i.0", frozenset({1, 2, 4})), Le(2, "i.1"))
    assert [str(c) for c in clash if c.rule != "domain"] in (
        ["inner <= 8", "16 <= inner"],
        ["i.0 * i.1 * i.2 = i", "i.1 * i.2 = inner", "inner <= 8", "i.0 in {1, 2, 4}"],
    )
    with pytest.raises(UnsatisfiableError, match=r"inner <= 8  \[C5\]; 16 <= inner"):
        problem.require(Le(16, "inner"))
    problem.require()


def test_conflict_names_domains() -> None:
    problem = Problem([Variable("x", (1, 2)), Variable("y", range(9))], [Eq("x", 5), Le("y", 3)])
    assert [str(c) for c in problem.conflict()] == ["x = 5", "x in {1, 2}"]


def test_check_and_complete() -> None:
    problem = split_of(64)
    full = problem.complete({"i.0": 16, "i.1": 2, "i.2": 2})
    assert full == {"i": 64, "i.0": 16, "i.1": 2, "i.2": 2, "inner": 4}
    assert problem.complete({"i.0": 16, "i.1": 2}) == full
    assert problem.complete({"i.0": 2, "i.1": 8, "i.2": 4}) is None
    with pytest.raises(ValueError, match="unknown variable 'j'"):
        problem.complete({"j": 1})
    broken = problem.check({**full, "inner": 65})
    assert [str(c) for c in broken] == ["inner in 1..64", "i.1 * i.2 = inner", "inner <= 8"]
    with pytest.raises(AssignmentError, match="inner"):
        problem.check({"i": 64, "i.0": 16, "i.1": 2, "i.2": 2})


def test_nothing_to_draw() -> None:
    problem = Problem([Variable("x", (1, 2))], [Eq("x", 3)])
    assert problem.sample(3, generator()) == []
    assert problem.sample_array(3, generator()).shape == (0, 1)
    assert problem.sample_each(generator(), [[], []]) == [None, None]
    assert problem.count() == 0 and problem.estimate_count(generator()) == 0
    assert split_of(64).sample(0, generator()) == []
    assert split_of(64).sample_each(generator(), []) == []


def test_array_is_int64_in_the_order_of_names() -> None:
    problem = split_of(64)
    rows = problem.sample_array(5, generator())
    assert rows.dtype == np.int64 and rows.shape == (5, 5)
    first = dict(zip(problem.names, rows[0].tolist(), strict=True))
    assert problem.check(first) == []
    assert problem.sample(5, generator())[0] == first
