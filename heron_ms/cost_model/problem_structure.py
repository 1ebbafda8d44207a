"""What a problem says about its variables, whatever the program they come from.

Names differ from program to program and even from sketch to sketch (`C.L1.A.bytes` is
`C.L1.A_global.bytes` where A is staged); what a variable means, and which factors it is computed
from, does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from heron_ms.csp import TUNABLE, Constraint, Le, Problem, Prod, Sum
from heron_ms.csp.meaning import ROWS, Meaning


@dataclass(frozen=True)
class Split:
    """An axis: the factors that it is split into, and the level of the tiling that each is at."""

    block: str
    kind: str
    factors: tuple[str, ...]
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Level:
    """A sum of footprints with a capacity in bytes, as C5 emits it: registers, L1, L2."""

    name: str
    total: str
    parts: tuple[str, ...]
    capacity: int


@dataclass(frozen=True)
class Structure:
    """A problem read by its constraints alone (C1: splits, C5: levels)."""

    problem: Problem

    @cached_property
    def sources(self) -> Mapping[str, frozenset[str]]:
        """The tunable variables that each variable is computed from; of those, itself."""
        found = {v.name: frozenset([v.name]) for v in self.problem.variables if v.role == TUNABLE}
        # A variable is declared after those that it is computed from.
        for variable in self.problem.variables:
            inputs = self._inputs.get(variable.name, ())
            found.setdefault(
                variable.name, union(found[source] for source in inputs if source in found)
            )
        return found

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """The axes that a tile decision splits."""
        groups = [_factors(constraint, self.sources) for constraint in self.problem.constraints]
        return tuple(self._split(factors) for factors in groups if factors)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels of memory whose use is bounded, in the order of the rules."""
        bounds = {c.left: c.right for c in self.problem.constraints if isinstance(c, Le)}
        sums = [c for c in self.problem.constraints if isinstance(c, Sum) and c.rule == "C5"]
        levels = []
        for held in sums:
            capacity = bounds.get(held.target)
            if isinstance(held.target, str) and isinstance(capacity, int):
                parts = tuple(t for t in held.terms if isinstance(t, str))
                levels.append(Level(self.memory(held.target), held.target, parts, capacity))
        return tuple(levels)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The kind of the axis of each factor."""
        return {name: split.kind for split in self.splits for name in split.factors}

    def signature(self, name: str) -> str:
        """The kinds of axes that a variable is computed from, which also tell operands apart."""
        kinds = {self.kinds[source] for source in self.sources[name] if source in self.kinds}
        return "+".join(sorted(kinds)) or "none"

    @cached_property
    def _inputs(self) -> Mapping[str, Sequence[str]]:
        return {t: c.inputs(t) for c in reversed(self.problem.constraints) for t in c.targets()}

    @cached_property
    def meanings(self) -> Mapping[str, Meaning]:
        """Of the variables that have one."""
        variables = self.problem.variables
        return {
            variable.name: variable.meaning
            for variable in variables
            if variable.meaning is not None
        }

    def memory(self, name: str) -> str:
        """The memory that a variable counts the bytes in; its name where that is not said."""
        meaning = self.meanings.get(name)
        return name if meaning is None else meaning.memory

    def _split(self, factors: tuple[str, ...]) -> Split:
        unsaid = [Meaning(ROWS, at) for at in range(len(factors))]
        known = [self.meanings.get(f, m) for f, m in zip(factors, unsaid, strict=True)]
        return Split(block_of(factors[0]), known[0].kind, factors, tuple(m.level for m in known))


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """All members of some sets."""
    return frozenset(chain.from_iterable(sets))


def block_of(name: str) -> str:
    """The block that a variable is named after."""
    return name.split(".")[0]


def _factors(constraint: Constraint, sources: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The factors of a split of constant extent into tunable ones; () for anything else."""
    if not isinstance(constraint, Prod) or not isinstance(constraint.target, int):
        return ()
    names = tuple(factor for factor in constraint.factors if isinstance(factor, str))
    tunable = all(sources.get(name) == frozenset([name]) for name in names)
    return names if tunable and len(names) == len(constraint.factors) else ()
