"""The blockings of a layer as a constraint satisfaction problem.

Each loop is a product of one tile factor a level (PROD); where a level has an array, the iterations
left after the spatial factor are rounded up (LE); the tiles of the three tensors (PROD, and SUM for
the halo) are together no larger than a bank of each level (SUM, LE).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from heron_ms.csp import (
    TUNABLE,
    Constraint,
    Eq,
    Le,
    Operand,
    Problem,
    Prod,
    Sum,
    Variable,
    divisors,
)
from heron_ms.hardware.accelerator import Accelerator
from heron_ms.interstellar.nest.layer import LOOPS, RELEVANT, TENSORS, Layer
from heron_ms.interstellar.published.hints import Hints


def temporal(level: int, loop: str) -> str:
    """The name of the variable that holds the temporal factor of a loop at a level."""
    return f"{loop}.{level}"


def blocking_problem(layer: Layer, machine: Accelerator, hints: Hints) -> Problem:
    """The CSP whose solutions are the blockings that fit; `temporal` names their factors.

    The domain is the published tool's: divisors of each loop a level, rounded up where an array
    takes a share. Raises `ModelError` where the hints do not suit the machine.
    """
    hints.check(machine)
    model = _Model(layer, machine, hints)
    for loop in LOOPS:
        model.split(loop)
    for level in range(len(machine.memories)):
        model.fit(level)
    return Problem(tuple(model.variables), tuple(model.constraints))


@dataclass
class _Model:
    """The problem under construction."""

    layer: Layer
    machine: Accelerator
    hints: Hints
    variables: list[Variable] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)

    def split(self, loop: str) -> None:
        """PROD: a tile factor at every level, and what is left of it in time."""
        extent = self.layer.extent(loop)
        tiles = [self._tile(level, loop) for level in range(len(self.machine.memories))]
        self.constraints.append(Prod(extent, tuple(tiles), rule="blocking"))
        for level, tile in enumerate(tiles):
            name, given = temporal(level, loop), self.hints.temporal.get((level, loop))
            if tile != name:
                self._round_up(name, tile, loop, level)
            if given is not None:
                self.constraints.append(Eq(name, given, rule="hint"))

    def fit(self, level: int) -> None:
        """SUM and LE: the tiles that a bank holds."""
        room = self.machine.words(level)
        parts = [self._words(level, tensor, room) for tensor in TENSORS]
        name = f"{self.machine.memories[level].name}.words"
        self._variable(name, range(1, 3 * room + 1))
        self.constraints += [Sum(name, tuple(parts), rule="capacity")]
        self.constraints += [Le(name, room, rule="capacity")]

    def _tile(self, level: int, loop: str) -> str:
        alone = self.hints.sides(level, loop) == 1
        name = temporal(level, loop) if alone else f"{loop}.{level}.tile"
        self._variable(name, tuple(divisors(self.layer.extent(loop))), TUNABLE)
        return name

    def _round_up(self, name: str, tile: str, loop: str, level: int) -> None:
        """LE: the least count with count x sides >= tile; no unit is there for nothing."""
        sides = self.hints.sides(level, loop)
        counts = sorted({-(-divisor // sides) for divisor in divisors(self.layer.extent(loop))})
        largest = counts[-1] * sides
        self._variable(name, tuple(counts), TUNABLE)
        self._variable(f"{name}.covered", range(1, largest + 1))
        self._variable(f"{name}.most", range(1, largest + sides))
        self.constraints += [
            Prod(f"{name}.covered", (name, sides), rule="spatial"),
            Sum(f"{name}.most", (tile, sides - 1), rule="spatial"),
            Le(min(sides, self.layer.extent(loop)), tile, rule="spatial"),
            Le(tile, f"{name}.covered", rule="spatial"),
            Le(f"{name}.covered", f"{name}.most", rule="spatial"),
        ]

    def _block(self, level: int, loop: str) -> Operand:
        """PROD: what a bank of a level covers of a loop; where it has an array, one unit's part."""
        inner: list[Operand] = [self._tile_name(v, loop) for v in range(level)]
        factors = (*inner, temporal(level, loop))
        return factors[0] if len(factors) == 1 else self._product(f"{loop}.block{level}", factors)

    def _tile_name(self, level: int, loop: str) -> str:
        alone = self.hints.sides(level, loop) == 1
        return temporal(level, loop) if alone else f"{loop}.{level}.tile"

    def _words(self, level: int, tensor: str, room: int) -> str:
        """PROD: elements of the tile of a tensor, at most what the bank holds."""
        blocks = {loop: self._block(level, loop) for loop in LOOPS}
        factors: tuple[Operand, ...] = tuple(blocks[loop] for loop in RELEVANT[tensor])
        if tensor == "I":
            width = self._reach(f"width{level}", blocks["OX"], blocks["FX"], self.layer.stride_w)
            height = self._reach(f"height{level}", blocks["OY"], blocks["FY"], self.layer.stride_h)
            factors = (width, height, blocks["IC"], blocks["ON"])
        target = f"{tensor}.words{level}"
        return self._product(target, factors, room)

    def _reach(self, name: str, plane: Operand, window: Operand, stride: int) -> str:
        """SUM: (plane - 1) x stride + window."""
        if name not in {v.name for v in self.variables}:
            step = self._product(f"{name}.step", (plane, stride))
            self._variable(name, range(1, 2**31))
            self.constraints.append(Sum(name, (step, window, -stride), rule="halo"))
        return name

    def _product(self, name: str, factors: tuple[Operand, ...], highest: int = 2**31) -> str:
        if name not in {v.name for v in self.variables}:
            self._variable(name, range(1, highest + 1))
            self.constraints.append(Prod(name, factors, rule="tile"))
        return name

    def _variable(
        self, name: str, domain: range | tuple[int, ...], role: str = "auxiliary"
    ) -> None:
        self.variables.append(Variable(name, domain, role))
