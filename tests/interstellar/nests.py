"""Write a mapping out as TensorIR: its loops, and a copy of every tile at every level.

A tile is copied just inside the innermost loop of its level that moves through the tensor; an
output tile is copied back there too, and is not read the first time. Buffers have the tensor's
whole shape in every scope, so that all indices are those of the layer. Only a mapping of three
levels that covers its layer exactly can be written out.
"""

from __future__ import annotations

from typing import Any

from tvm.script import from_source

from heron_ms.interstellar.nest.layer import LOOPS, Layer
from heron_ms.interstellar.nest.mapping import Mapping

SCOPES = ("local", "shared", "global")
MOVES = {
    "I": ("FX", "FY", "OX", "OY", "IC", "ON"),
    "O": ("OX", "OY", "OC", "ON"),
    "W": ("FX", "FY", "OC", "IC"),
}
REDUCED = ("FX", "FY", "IC")


def nest(layer: Layer, mapping: Mapping) -> Any:
    """The PrimFunc of a mapping."""
    return from_source(_Writer(layer, mapping).text(), check_well_formed=False)


class _Writer:
    def __init__(self, layer: Layer, mapping: Mapping) -> None:
        self.layer, self.mapping = layer, mapping
        self.lines: list[str] = []
        self.open: list[str] = []
        self.blocks = 0

    def text(self) -> str:
        shapes = {t: ", ".join(map(str, self._extents(t, self.layer.extents))) for t in MOVES}
        arguments = ", ".join(f'{t}_global: T.Buffer(({shapes[t]}), "int16")' for t in MOVES)
        head = ["# from tvm.script import tirx as T", "@T.prim_func(s_tir=True)"]
        head += [f"def main({arguments}):"]
        for tensor, shape in shapes.items():
            for scope in SCOPES[:2]:
                made = f'T.sblock_alloc_buffer(({shape}), "int16", scope="{scope}")'
                head.append(f"    {tensor}_{scope} = {made}")
        self._emit(2, 0)
        return "\n".join(head + self.lines)

    def _emit(self, level: int, place: int) -> None:
        order = [o for o in reversed(self.mapping.order(level)) if self._count(level, o) > 1]
        here = [t for t in MOVES if level > 0 and self._last(order, t) == place]
        for tensor in here:
            self._copy(level, tensor, inward=True)
        if place < len(order):
            loop = order[place]
            self._line(f"for {loop}{level} in range({self._count(level, loop)}):")
            self.open.append(f"{loop}{level}")
            self._emit(level, place + 1)
            self.open.pop()
        elif level > 0:
            self._inner(level - 1)
        else:
            self._compute()
        if "O" in here:
            self._copy(level, "O", inward=False)

    def _inner(self, level: int) -> None:
        opened = self._threads() if level == 0 else 0
        self._emit(level, 0)
        del self.open[len(self.open) - opened :]

    def _threads(self) -> int:
        """The loops of the array, each bound to an axis of threads."""
        loops = [loop for loop in LOOPS if self.mapping.spatial(0, loop) > 1]
        for axis, loop in zip("xyz", loops, strict=False):
            sides = self.mapping.spatial(0, loop)
            self._line(f'for {loop}s in T.thread_binding({sides}, thread="threadIdx.{axis}"):')
            self.open.append(f"{loop}s")
        return len(loops)

    def _copy(self, level: int, tensor: str, inward: bool) -> None:
        """A tile, element by element; at the innermost level every unit has its own."""
        depth = len(self.open)
        if level == 1:
            self._threads()
            tile = {loop: self._count(0, loop) for loop in LOOPS}
        else:
            tile = self.mapping.inner(level, self.layer)
        outer = [name for name in self.open if int(name[2:].replace("s", "0")) >= level]
        names = [f"e{d}" for d in range(4)]
        for name, extent in zip(names, self._extents(tensor, tile), strict=True):
            self._line(f"for {name} in range({extent}):")
            self.open.append(name)
        starts = self._index(tensor, {loop: self._start(loop, level) for loop in LOOPS})
        index = ", ".join(f"{s} + {e}" for s, e in zip(starts, names, strict=True))
        far, near = f"{tensor}_{SCOPES[level]}[{index}]", f"{tensor}_{SCOPES[level - 1]}[{index}]"
        later = [f"{name} > 0" for name in outer if name[:2] in REDUCED]
        if tensor != "O" or not inward or later:
            where = f"T.where({' or '.join(later)})" if tensor == "O" and inward else ""
            self._block([where, f"{near} = {far}" if inward else f"{far} = {near}"])
        else:
            self._block(["T.where(False)", f"{near} = {far}"])
        del self.open[depth:]

    def _compute(self) -> None:
        at = {loop: self._start(loop, 0) for loop in LOOPS}
        names = {t: f"{t}_local[{', '.join(self._index(t, at))}]" for t in MOVES}
        later = [f"{name} == 0" for name in self.open if name[:2] in REDUCED]
        self._block([f"T.where({' and '.join(later)})" if later else "", f"{names['O']} = 0"])
        self._block(["", f"{names['O']} = {names['O']} + {names['I']} * {names['W']}"])

    def _start(self, loop: str, level: int) -> str:
        """The first iteration of a loop inside the open loops of a level and further out."""
        terms, size = [], 1
        for v in range(3):
            for name, count in ((f"{loop}{v}", self._count(v, loop)), *self._side(v, loop)):
                if name in self.open:
                    terms.append(f"{name} * {size}")
                size *= count
        return " + ".join(terms) or "0"

    def _side(self, level: int, loop: str) -> tuple[tuple[str, int], ...]:
        return ((f"{loop}s", self.mapping.spatial(0, loop)),) if level == 0 else ()

    def _index(self, tensor: str, at: dict[str, str]) -> list[str]:
        height = f"({at['OY']}) * {self.layer.stride_h} + {at['FY']}"
        width = f"({at['OX']}) * {self.layer.stride_w} + {at['FX']}"
        return {
            "I": [at["ON"], at["IC"], height, width],
            "O": [at["ON"], at["OC"], at["OY"], at["OX"]],
            "W": [at["OC"], at["IC"], at["FY"], at["FX"]],
        }[tensor]

    def _extents(self, tensor: str, tile: dict[str, int]) -> list[int]:
        height = (tile["OY"] - 1) * self.layer.stride_h + tile["FY"]
        width = (tile["OX"] - 1) * self.layer.stride_w + tile["FX"]
        return {
            "I": [tile["ON"], tile["IC"], height, width],
            "O": [tile["ON"], tile["OC"], tile["OY"], tile["OX"]],
            "W": [tile["OC"], tile["IC"], tile["FY"], tile["FX"]],
        }[tensor]

    def _count(self, level: int, loop: str) -> int:
        return self.mapping.temporal(level, loop)

    @staticmethod
    def _last(order: list[str], tensor: str) -> int:
        """How many loops of a level lie outside of where a tensor's copy goes."""
        return max((p + 1 for p, loop in enumerate(order) if loop in MOVES[tensor]), default=0)

    def _block(self, lines: list[str]) -> None:
        self.blocks += 1
        self._line(f'with T.sblock("b{self.blocks}"):')
        self.lines += ["    " * (len(self.open) + 2) + line for line in lines if line]

    def _line(self, text: str) -> None:
        self.lines.append("    " * (len(self.open) + 1) + text)
