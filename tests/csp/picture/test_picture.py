"""A picture of a problem has every variable and every constraint, and none over another."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings

from heron_ms.csp import Eq, Le, Problem, Prod, Variable
from heron_ms.csp.picture.graph import DECIDED, DERIVED, LAW, nodes_of
from heron_ms.csp.picture.svg import HIGH, drawing, placed
from tests.csp.random_problems import problems

SVG = "{http://www.w3.org/2000/svg}"

SMALL = Problem(
    [
        Variable("a", range(1, 9), "tunable"),
        Variable("b", range(1, 9), "tunable"),
        Variable("c", range(1, 65)),
        Variable("d", range(1, 65)),
    ],
    [
        Prod("c", ("a", "b"), rule="C1"),
        Eq("d", "c", rule="C2"),
        Le("d", 32, rule="C5"),
        Prod(8, ("a", "b"), rule="C1"),
    ],
)


def test_columns_follow_from_each_other() -> None:
    nodes = {node.text: node for node in nodes_of(SMALL)}
    assert [(nodes[name].kind, nodes[name].column) for name in "abcd"] == [
        *((DECIDED, 0), (DECIDED, 0), (DERIVED, 1), (DERIVED, 2)),
    ]
    assert (nodes["≤ 32"].kind, nodes["≤ 32"].column, nodes["≤ 32"].inputs) == (LAW, 3, ("d",))
    assert (nodes["× = 8"].column, nodes["× = 8"].rule) == (1, "C1")
    assert nodes["c"].symbol == "×" and nodes["a"].is_tunable and not nodes["d"].is_tunable


@settings(deadline=None)
@given(problems())
def test_all_of_a_problem_is_drawn_once(problem: Problem) -> None:
    nodes = nodes_of(problem)
    variables = [node.text for node in nodes if node.kind != LAW]
    assert sorted(variables) == sorted(problem.names)
    defined = sum(node.kind == DERIVED for node in nodes)
    laws = sum(node.kind == LAW for node in nodes)
    assert defined + laws == len(problem.constraints)
    columns = {node.text: node.column for node in nodes if node.kind != LAW}
    assert all(columns[name] < node.column for node in nodes for name in node.inputs)


@settings(deadline=None)
@given(problems())
def test_no_box_lies_over_another(problem: Problem) -> None:
    boxes = placed(nodes_of(problem))
    for one, other in combinations(boxes, 2):
        beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        assert beside or abs(one.middle - other.middle) >= HIGH


def test_it_is_a_file_that_says_all_in_full() -> None:
    root = ElementTree.fromstring(drawing(SMALL, "a < b & c"))
    titles = {title.text for title in root.iter(f"{SVG}title")}
    assert {"a < b & c", "d <= 32  [C5]", "a * b = c  [C1]", "a in 1..8"} <= titles
    assert len(list(root.iter(f"{SVG}path"))) == 2 + 1 + 1 + 2
