"""Tokens: which instruction waits for which, with as few of them as there can be.

For each ordered pair of neighbours the instructions of the one that waits are walked in order. One
pops if the latest instruction of the other that it depends on is later than what was popped for
before; that one pushes. Both sides only go forward, so the k-th pop meets the k-th push, no bit is
wanted twice, and no empty instruction is needed to carry a token. The order of the program is an
execution, so it cannot hang.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heron_ms.measure.vta.instructions import Instruction
from heron_ms.measure.vta.queues import QUEUES, mark

Span = tuple[str, int, int]
"""A memory (or "dram"), the first place and the one behind the last."""

EVERYWHERE = 1 << 40


@dataclass(frozen=True)
class Step:
    """An instruction and what it reads and writes."""

    instruction: Instruction
    reads: tuple[Span, ...] = ()
    writes: tuple[Span, ...] = ()

    def follows(self, earlier: Step) -> bool:
        """Whether it has to come after another that stands before it."""
        return _meet(self.reads, earlier.writes) or _meet(
            self.writes, (*earlier.reads, *earlier.writes)
        )


def synchronise(steps: Sequence[Step]) -> None:
    """Set the tokens of a program's instructions."""
    by_module: dict[object, list[int]] = {}
    for at, step in enumerate(steps):
        by_module.setdefault(step.instruction.module, []).append(at)
    for giver, taker in QUEUES:
        _pair(steps, by_module.get(giver, []), by_module.get(taker, []))


def _pair(steps: Sequence[Step], givers: Sequence[int], takers: Sequence[int]) -> None:
    done, known = -1, 0
    for taker in takers:
        while known < len(givers) and givers[known] < taker:
            known += 1
        last = _latest(steps, givers[done + 1 : known], steps[taker])
        if last is not None:
            done += 1 + last
            giver = steps[givers[done]].instruction
            mark(giver, "push", steps[taker].instruction.module)
            mark(steps[taker].instruction, "pop", giver.module)


def _latest(steps: Sequence[Step], earlier: Sequence[int], step: Step) -> int | None:
    """The position in ``earlier`` of the last one that a step follows."""
    backwards = range(len(earlier) - 1, -1, -1)
    return next((at for at in backwards if step.follows(steps[earlier[at]])), None)


def _meet(ones: Iterable[Span], others: Sequence[Span]) -> bool:
    return any(
        one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
        for one in ones
        for other in others
    )
