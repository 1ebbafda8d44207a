"""What only costs time gives way where no program keeps it; what makes a program wrong does not."""

from __future__ import annotations

from typing import Any

from heron_ms import generate_sketches
from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import constrain
from heron_ms.constraints.preferences import preferring
from heron_ms.csp import Eq, Le, Problem, Prod, Variable
from heron_ms.hardware import cpu_named, for_target
from heron_ms.search.search_space import SearchSpace
from heron_ms.testing import Checker, spread
from tests.space.window_programs import Depthwise

TILES, BYTES = Variable("tiles", range(1, 9)), Variable("bytes", range(1, 600))
SIZE = Prod("bytes", ("tiles", 64), rule="C5")
ONE_CORE = Target(cpu_named("cascadelake").target(1))


def _depthwise() -> IRModule:
    """1024 channels, channels first: that many tasks at least, where 256 a core are preferred."""
    return Depthwise(1024, 8, 8, 3, 1, 1).module


def test_what_some_solution_keeps_is_kept() -> None:
    roomy = Le("bytes", 128, rule="C5")
    problem, given_up = preferring(Problem((TILES, BYTES), (SIZE, roomy)), [roomy])
    assert given_up == ()
    assert problem.count() == 2


def test_what_none_keeps_is_given_up() -> None:
    tight, roomy = Le("bytes", 32, rule="C5"), Le("tiles", 4, rule="C6")
    problem, given_up = preferring(Problem((TILES, BYTES), (SIZE, tight, roomy)), [tight, roomy])
    assert given_up == (tight,)
    assert problem.count() == 4


def test_of_two_that_clash_the_last_is_given_up() -> None:
    few, many = Le("tiles", 2, rule="C6"), Eq("bytes", 512, rule="C5")
    problem, given_up = preferring(Problem((TILES, BYTES), (SIZE, few, many)), [few, many])
    assert given_up == (many,)
    assert problem.count() == 2


def test_a_law_is_not_given_up() -> None:
    law, preference = Le("bytes", 32), Le("tiles", 4)
    problem, given_up = preferring(Problem((TILES, BYTES), (SIZE, law, preference)), [preference])
    assert given_up == ()
    assert not problem.is_satisfiable()


def test_a_depthwise_convolution_of_many_tasks_has_a_space(rng: Any) -> None:
    checker = Checker(_depthwise(), ONE_CORE)
    given_up = [sketch.given_up for sketch in checker.sketches]
    assert all(given_up)
    assert all(any("tasks" in str(constraint) for constraint in some) for some in given_up)
    for sketch, assignment in spread(checker.sketches, 3, rng):
        assert checker.check(sketch, assignment).failures == ()


def test_explain_notes_what_is_given_up() -> None:
    sketch = generate_sketches(_depthwise(), ONE_CORE)[0]
    notes = constrain(sketch, for_target(ONE_CORE)).notes
    assert any("tasks <= 256" in note and "given up" in note for note in notes)


def test_sketches_that_keep_all_come_before_those_that_do_not() -> None:
    sketches = generate_sketches(_depthwise(), ONE_CORE)
    lax = constrain(sketches[0], for_target(ONE_CORE))
    many_cores = Target(cpu_named("cascadelake").target(64))
    keeps = constrain(sketches[0], for_target(many_cores))
    assert not keeps.given_up
    assert SearchSpace([lax, keeps]).sketches == [keeps]
    assert SearchSpace([lax]).sketches == [lax]
