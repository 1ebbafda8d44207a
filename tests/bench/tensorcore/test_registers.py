"""Which programs the study of registers asks for, and how it counts what became of them."""

from __future__ import annotations

from scripts.bench.tensorcore.registers import PROGRAMS, _row, kinds


def test_a_program_is_of_one_kind_at_most() -> None:
    every = list(kinds())
    assert len({kind.name for kind in every}) == len(every)
    assert {kind.program for kind in every} == set(PROGRAMS)
    for program in PROGRAMS:
        asked = [kind for kind in every if kind.program == program]
        found = [
            sum(kind.has(warps, held) for kind in asked)
            for warps in range(1, 33)
            for held in range(1, 305)
        ]
        assert set(found) == {0, 1}


def test_registers_are_those_of_programs_without_spills() -> None:
    compiled = [{"registers": 98, "spills": 0}, {"registers": 128, "spills": 40}]
    assert _row("f16", compiled) == ["f16", 2, "98 to 98", 1]
    assert _row("f16", compiled[1:]) == ["f16", 1, "-", 1]
