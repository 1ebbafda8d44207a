"""The sketches of a program for a machine that need not be here, each with what it chooses."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import IRModule, Target
from heron_ms.cli.terminal.patience import told
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.hardware import Machine
from heron_ms.sketch import Sketch
from heron_ms.space_generators.choices import Choices, Place
from heron_ms.space_generators.plan import Chosen, plan_of
from heron_ms.space_generators.space import generate_sketches
from heron_ms.space_generators.windows import Window
from heron_ms.tensorize import Mapping


@dataclass(frozen=True)
class Row:
    """A sketch with its CSP."""

    number: int
    chooses: str
    constrained: ConstrainedSketch


@told("deriving the sketches and their constraints")
def rows(mod: IRModule, machine: Machine) -> list[Row]:
    """Heron's sketches, or MetaSchedule's own where no block maps to an intrinsic."""
    # Not through a target: one that names this CPU would always be read as the host.
    made = [
        (_text(chosen), Sketch(mod, chosen.schedule.trace))
        for chosen in plan_of(mod, machine).sketches
    ]
    if not made:
        stock = generate_sketches(mod, Target(machine.target()))
        made = [("MetaSchedule's own tiling", sketch) for sketch in stock]
    return [Row(i, text, constrain(sketch, machine)) for i, (text, sketch) in enumerate(made)]


def _text(chosen: Chosen) -> str:
    texts = [_choice(*pair) for pair in chosen.blocks]
    if len(texts) == 1:
        return texts[0]
    named = zip(chosen.blocks, texts, strict=True)
    return "; ".join(f"{tiled.block}: {text}" for (tiled, _), text in named)


def _choice(tiled: Mapping | Window, choice: Choices | Place) -> str:
    if isinstance(choice, Place):
        return f"the data {choice.text}"
    assert isinstance(tiled, Mapping), "choices are of a mapping"
    return _copies(tiled, choice)


def _copies(mapping: Mapping, choice: Choices) -> str:
    padding = "no padding"
    if choice.padded != mapping.extents:
        padding = f"padded to {' x '.join(map(str, choice.padded))}"
    words = [padding, f"A {choice.a.described}", f"B {choice.b.described}"]
    if choice.parts > 1:
        words.append(f"summed up in {choice.parts} parts")
    if choice.in_blocks:
        words.append("summed up in blocks")
    if choice.swizzled:
        words.append("rows permuted")
    if choice.through_shared:
        words.append("C through shared memory")
    return "; ".join(words)
