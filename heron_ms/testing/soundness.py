"""Whether an assignment of a sketch's constraint problem is the program that it claims to be.

Everything is measured on the program itself: on the schedule, on what TVM's lowering allocates and
on what it unrolls. Only `claims`, the interpreter's own view of every loop, comes from the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from math import prod
from typing import Any, TypeAlias

import tvm
from numpy.random import Generator
from tvm.ir.instrument import pass_instrument

from heron_ms._preload import preload_intrinsics
from heron_ms._tvm import IRModule, Schedule, Target, ms
from heron_ms.constraints import ConstrainedSketch, constrain
from heron_ms.constraints.interpreter import interpret
from heron_ms.constraints.state import base_name
from heron_ms.csp import Operand
from heron_ms.hardware import Machine, for_target
from heron_ms.hardware.cpu.cpu import REGISTERS
from heron_ms.hardware.memory import Memory
from heron_ms.intrinsics import Intrinsic
from heron_ms.intrinsics.registry import called
from heron_ms.sketch import Sketch
from heron_ms.space_generators import HeronSpace
from heron_ms.testing.nest import TiledNest, tiled_nests, wrong_rest
from heron_ms.testing.nest_values import measured
from heron_ms.testing.observed import (
    allocated,
    allocated_in,
    bytes_of,
    instructions,
    multiplied_tiles,
    nests,
    touched,
)

STEPS = ("materialised", "decisions", "loops", "accepted", "lowered", "memory")
"""What is asked of an assignment, in order; a step after a failed one is not reached."""

COMPACTED, UNROLLED = "s_tir.CompactBufferAllocation", "tirx.UnrollLoop"
"""The passes after which buffers have their final size, and loops their final copies."""

Claims: TypeAlias = dict[str, list[Operand | None]]
"""Block name to the extents of the loops around it, outermost first."""


@dataclass(frozen=True)
class Report:
    """How far an assignment came; ``schedule`` is what its postprocessors made of it.

    ``unmeasured`` are the variables that nothing in the program was compared with.
    """

    passed: tuple[str, ...]
    failures: tuple[str, ...]
    unmeasured: frozenset[str]
    schedule: Schedule | None

    @property
    def sound(self) -> bool:
        """Whether every step was reached and nothing was found wrong."""
        return not self.failures and len(self.passed) == len(STEPS)


class Checker:
    """Checks assignments of the sketches that a space generator makes of a program."""

    def __init__(self, mod: IRModule, target: Target, space: Any = None) -> None:
        preload_intrinsics()
        self.target = target
        self._context = ms.TuneContext(
            mod=mod,
            target=target,
            space_generator=HeronSpace() if space is None else space,
            num_threads=1,
            # Stock's sketches come with random examples, which their locations depend on.
            rand_state=1,
        )
        self._machine = for_target(target)
        spaces = self._context.generate_design_space()
        made = [Sketch(self._context.mod, sch.trace) for sch in spaces]
        self.sketches = [constrain(sketch, self._machine) for sketch in made]

    @cached_property
    def claims(self) -> list[Claims]:
        """For each sketch, what the interpreter says of every loop."""
        return [claims(constrained.sketch, self._machine) for constrained in self.sketches]

    @property
    def line(self) -> int:
        """Bytes of a vector register."""
        return self._machine.memory(REGISTERS).line

    @property
    def memories(self) -> list[Memory]:
        """Those with a scope of their own."""
        return [memory for memory in self._machine.memories if memory.is_explicit]

    @property
    def postprocs(self) -> list[Any]:
        """The postprocessors of the space."""
        return list(self._context.space_generator.postprocs or [])

    def check(self, sketch: int, assignment: Mapping[str, int]) -> Report:
        """Materialise an assignment, take it as far as code generation, and measure it."""
        trial = _Trial(self, self.sketches[sketch], self.claims[sketch], dict(assignment))
        passed: list[str] = []
        failures: list[str] = []
        for step in STEPS:
            failures += [f"{step}: {complaint}" for complaint in trial.take(step)]
            if failures:
                break
            passed.append(step)
        missing = frozenset(assignment) - trial.measured
        return Report(tuple(passed), tuple(failures), missing, trial.sch)


class _Trial:
    """One assignment on its way; every step yields what is wrong."""

    def __init__(
        self,
        checker: Checker,
        constrained: ConstrainedSketch,
        claimed: Claims,
        assignment: dict[str, int],
    ) -> None:
        self._checker, self._constrained = checker, constrained
        self._claimed, self._assignment = claimed, assignment
        self._stages: dict[str, IRModule] = {}
        self._nests: list[TiledNest] = []
        self.sch: Schedule | None = None
        self.measured: set[str] = set()

    def take(self, step: str) -> list[str]:
        """What is wrong at a step, an exception included."""
        wrong: list[str] = []
        try:
            for complaint in getattr(self, f"_{step}")():
                wrong.append(complaint)
        except Exception as error:  # whatever it is, it is a finding
            wrong.append(f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}")
        return wrong

    def _materialised(self) -> Iterator[str]:
        broken = self._constrained.problem.check(self._assignment)
        yield from (f"the assignment breaks {constraint}" for constraint in broken)
        self.sch = self._constrained.materialize(self._assignment)

    def _decisions(self) -> Iterator[str]:
        back = self._constrained.assignment_of(self._schedule.trace)
        if back != self._assignment:
            yield f"the trace stands for {back}"

    def _loops(self) -> Iterator[str]:
        yield from broken_claims(self._claimed, self._schedule.mod, self._assignment)
        self._nests = tiled_nests(self._constrained, self._schedule)
        for nest in self._nests:
            yield from nest.wrong_loops()
            yield from self._unlike(measured(nest, self._checker.line, self._called()))
        if self._nests:
            yield from wrong_rest(self._nests, self._schedule)

    def _called(self) -> list[Intrinsic]:
        """The dot products of the program."""
        insts = (it for it in self._schedule.trace.insts if str(it.kind.name) == "Tensorize")
        found = (called(str(inst.attrs[0])) for inst in insts)
        return [intrinsic for intrinsic in found if intrinsic is not None]

    def _accepted(self) -> Iterator[str]:
        self.sch = self._schedule.copy()
        self.sch.enter_postproc()
        for postproc in self._checker.postprocs:
            if not postproc.apply(self.sch):
                yield f"{type(postproc).__name__} rejects it"
                return

    def _lowered(self) -> Iterator[str]:
        self._stages = lower(self._schedule.mod, self._checker.target)
        yield from (
            f"{stage} never ran" for stage in (COMPACTED, UNROLLED) if stage not in self._stages
        )

    def _memory(self) -> Iterator[str]:
        compacted = self._stages[COMPACTED]
        yield from self._unlike(allocated(compacted))
        for memory in self._checker.memories:
            held = allocated_in(compacted, memory.scope)
            yield from self._unlike({f"{memory.name}.bytes": held} if held else {})
        yield from self._wrong_registers()
        yield from self._unlike(self._tile_registers())

    def _wrong_registers(self) -> Iterator[str]:
        """Every instruction of a block is there once for each point of its register tile."""
        wanted: Counter[int] = Counter()
        for nest in self._nests:
            tile = prod(nest.main.extents[nest.register :])
            wanted.update({i: tile * n for i, n in instructions(nest.main.block).items()})
        emitted = instructions(self._stages[UNROLLED]["main"])
        for number, count in wanted.items():
            if emitted[number] != count:
                yield f"LLVM intrinsic {number} is there {emitted[number]} times, not {count}"

    def _tile_registers(self) -> dict[str, int]:
        """What the multiplications of the one block in tile registers name."""
        named = multiplied_tiles(self._stages[UNROLLED]["main"])
        if not named or len(self._nests) != 1:
            return {}
        (nest,) = self._nests
        output = nest.main.block.writes[0]
        size = bytes_of(output.source, touched(nest.main, output, ()))
        memory = next(m for m in self._checker.memories if m.scope == str(output.source.scope()))
        free = size < memory.line  # which is for others on the thread
        held = len({number for numbers in named for number in numbers}) + free
        results = len({c for c, _, _ in named})
        return {f"{nest.block}.tiles": results, f"{nest.block}.tile registers": held}

    def _unlike(self, values: Mapping[str, int]) -> Iterator[str]:
        self.measured |= set(values)
        for name, value in values.items():
            if self._assignment.get(name, value) != value:
                yield f"{name} is {value} in the program, {self._assignment[name]} as assigned"

    @property
    def _schedule(self) -> Schedule:
        assert self.sch is not None, "not materialised"
        return self.sch


def claims(sketch: Sketch, machine: Machine) -> Claims:
    """For every block, what the rules say the extents of its loops are; None where they do not."""
    state = interpret(sketch, machine)
    known = state.loops
    return {
        name: [known.at(loop).extent if known.knows(loop) else None for loop in nest.loops]
        for name, nest in nests(state.sch.mod).items()
    }


def broken_claims(claimed: Claims, mod: IRModule, assignment: Mapping[str, int]) -> Iterator[str]:
    """Blocks whose loops are not as the rules say under an assignment.

    A block with a sampled compute location has other loops at each, so nothing is claimed of it.
    """
    present = nests(mod)
    moving = {name.removesuffix(".location") for name in assignment if name.endswith(".location")}
    names = {name for name in claimed.keys() | present.keys() if base_name(name) not in moving}
    for name in sorted(names):
        if name not in claimed or name not in present:
            yield f"block {name} is only in the {'sketch' if name in claimed else 'program'}"
            continue
        got = present[name].extents
        wanted = [
            extent if extent is None else _value(extent, assignment) for extent in claimed[name]
        ]
        same = (one in (None, other) for one, other in zip(wanted, got, strict=False))
        if len(got) != len(wanted) or not all(same):
            yield f"{name} has loops of {got}, the rules say {wanted}"


def _value(operand: Operand, assignment: Mapping[str, int]) -> int:
    return operand if isinstance(operand, int) else assignment[operand]


def lower(mod: IRModule, target: Target) -> dict[str, IRModule]:
    """TVM's lowering up to code generation; the module after each pass, by the pass's name."""
    seen: dict[str, IRModule] = {}
    with tvm.transform.PassContext(instruments=[_Recorder(seen)]):
        bound = tvm.tirx.transform.BindTarget(target.with_host(target))(mod)
        pipeline, finalize, _ = tvm.tirx.get_tir_pipeline("s_tir")
        finalize()(pipeline(bound))
    return seen


@pass_instrument
class _Recorder:
    def __init__(self, seen: dict[str, IRModule]) -> None:
        self._seen = seen

    def run_after_pass(self, mod: IRModule, info: Any) -> None:
        if str(info.name) in (COMPACTED, UNROLLED):
            self._seen[str(info.name)] = mod


def spread(
    sketches: Sequence[ConstrainedSketch], n: int, rng: Generator
) -> list[tuple[int, dict[str, int]]]:
    """Up to n random assignments, taken from the sketches in turn, as far as each has any."""
    drawn = [
        [(index, assignment) for assignment in sketch.problem.sample(n, rng)]
        for index, sketch in enumerate(sketches)
    ]
    turns = chain.from_iterable(zip_longest(*drawn))
    return [draw for draw in turns if draw is not None][:n]
