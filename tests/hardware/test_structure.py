"""A structure says what tiles a product, and refuses to say what cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heron_ms.errors import TargetError
from heron_ms.hardware import cpu_named
from heron_ms.hardware.structure import Level, positions, word

CPU = cpu_named("cascadelake")
HELD = Level("S", holds={"C": "registers"})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"axes": "T"}, "axes 'T' are not S or R"),
        ({"axes": "S", "binding": "sideways"}, "nothing binds to 'sideways'"),
        ({"axes": "S", "holds": {"D": "L1"}}, "'D' is no operand"),
        ({"axes": "S", "holds": "A"}, "holds 'A' is no table"),
        ({"axes": "S", "may_hold": "AX"}, "'X' is no operand"),
    ],
)
def test_a_level_refuses(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        Level(**fields)


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ((HELD,), "structure 'S': S and R are needed"),
        ((Level("R"),), "structure 'R': S and R are needed"),
        ((Level("S"), Level("R")), "structure 'SR': C is held once"),
        ((Level("S"), Level("R"), HELD), "structure 'SRS': C is held once"),
        ((HELD, HELD, Level("R")), "structure 'SSR': C is held once"),
        ((Level("S", holds={"C": "L9"}), Level("R")), "no memory 'L9'"),
    ],
)
def test_a_machine_refuses(levels: tuple[Level, ...], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        replace(CPU, structure=levels)


@given(st.text("SR", max_size=8))
def test_every_level_has_its_place(kinds: str) -> None:
    levels = tuple(Level(axes) for axes in kinds)
    assert word(levels) == kinds
    places = [*positions(kinds, "S"), *positions(kinds, "R")]
    assert sorted(places) == list(range(len(kinds)))


def test_that_of_a_cpu() -> None:
    assert word(CPU.structure) == "SSRSRS"
    assert CPU.structure[0].binding == "parallel"
