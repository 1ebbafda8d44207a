"""The permutations that are left in a model: functions that only copy in another order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from heron_ms._tvm import IRModule, PrimFunc, SBlock, Var, collect, relax
from heron_ms.models.moves import moved


@dataclass(frozen=True)
class Permutation:
    """A function, between what makes its input and what reads its output.

    ``after`` and ``before`` are names of functions and operators, of the model's inputs, or "the
    result".
    """

    name: str
    after: str
    before: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}, from {self.after} to {' and '.join(self.before)}"


def permutations(fused: IRModule) -> list[Permutation]:
    """The calls of permutations in "main" of a module that `prepared` returned, in its order."""
    moving = {
        str(name.name_hint)
        for name, func in fused.functions_items()
        if isinstance(func, PrimFunc) and _only_moves(func)
    }
    calls = list(_calls(fused))
    makers = {var: name for var, name, _ in calls}
    found: list[Permutation] = []
    for var, name, given in calls:
        if name in moving:
            readers = [reader for _, reader, args in calls if var in args]
            after = next((makers.get(arg, str(arg.name)) for arg in given), "a constant")
            found.append(Permutation(name, after, tuple(readers) or ("the result",)))
    return found


def _only_moves(func: PrimFunc) -> bool:
    """Whether all blocks store what they load, one of them in another order."""
    blocks = [block for block in collect(func.body, SBlock) if block.iter_vars]
    moves = [move for move in map(moved, blocks) if move is not None]
    return len(moves) == len(blocks) and any(_permutes(store, load) for store, load in moves)


def _permutes(store: Any, load: Any) -> bool:
    """Whether the iterators index what is loaded in another order than what is stored."""
    read, written = (
        [index for index in access.indices if isinstance(index, Var)] for access in (load, store)
    )
    places = [next((p for p, at in enumerate(written) if at.same_as(v)), -1) for v in read]
    return -1 not in places and places != sorted(places)


def _calls(fused: IRModule) -> Iterator[tuple[Any, str, list[Any]]]:
    """The calls in "main": what they are bound to, what they call, the variables that they take."""
    for block in fused["main"].body.blocks:
        for binding in block.bindings:
            call = binding.value
            if isinstance(call, relax.Call):
                called, given = call.op, call.args
                if len(given) == 2 and isinstance(given[0], relax.GlobalVar):
                    called, given = given[0], given[1]
                name = str(getattr(called, "name_hint", None) or getattr(called, "name", called))
                yield binding.var, name, [arg for arg in given if isinstance(arg, relax.Var)]


def summary(found: Sequence[Permutation]) -> str:
    """How many there are and where, in a line; an empty one without any."""
    counted = Counter(map(str, found))
    parts = [
        f"{words}{f' ({times} times)' if times > 1 else ''}" for words, times in counted.items()
    ]
    return f"permutations left: {len(found)}: {'; '.join(parts)}" if parts else ""
