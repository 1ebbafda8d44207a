"""The sketches of a program for a machine that need not be here, each with what it chooses."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import IRModule, Target
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import Machine
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import Choices, Level, choices
from heron_ms.space_generators.space import (
    _is_produced,
    generate_sketches,
    matches,
    tensorized_sketches,
)
from heron_ms.tensorize import Match


@dataclass(frozen=True)
class Row:
    """A sketch with its CSP."""

    number: int
    chooses: str
    constrained: ConstrainedSketch


def rows(mod: IRModule, machine: Machine) -> list[Row]:
    """Heron's sketches, or MetaSchedule's own where no block maps to an intrinsic."""
    # Not through a target: one that names this CPU would always be read as the host.
    sketches = [Sketch(mod, sch.trace) for sch in tensorized_sketches(mod, machine)]
    texts = _texts(mod, machine)
    if not sketches:
        sketches = generate_sketches(mod, Target(machine.target()))
        texts = ["MetaSchedule's own tiling"] * len(sketches)
    made = zip(sketches, texts, strict=True)
    return [Row(i, text, constrain(each, machine)) for i, (each, text) in enumerate(made)]


def _texts(mod: IRModule, machine: Machine) -> list[str]:
    match = next((each for each in matches(mod, machine) if isinstance(each, Match)), None)
    if match is None:
        return []
    tallest = machine.vector_registers - 2
    made = choices(match, tallest, a_is_produced=_is_produced(mod, match))
    return [_text(match, each) for each in made]


def _text(match: Match, choice: Choices) -> str:
    padding = "no padding"
    if choice.padded != match.extents:
        rows_, depth, lanes = (choice.padded[p] for p in (match.rows, match.depth, match.lanes))
        padding = f"padded to {rows_} x {depth} x {lanes}"
    return f"{padding}; A {_stage(choice.a)}; B {_stage(choice.b)}"


def _stage(level: Level) -> str:
    return "read in place" if level is Level.NONE else f"copied {level.value}"
